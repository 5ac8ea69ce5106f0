"""In which order a chat template writes tools, system prompt and messages, and what it leaves out: a small table.

A server reads what its model's template writes, so that decides which change comes first. A new template is one row in
`ORDERS`, and one in `_MODELS` where a model's name tells it. Knows nothing of tokens and of servers.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from analysis.tokens.models import claude_version
from traces.content.parts import Part, Section
from traces.servers import kind_of

Thinking = Literal["all", "none", "since the user spoke"]


class Order(NamedTuple):
    """
    late_tools    the tools stand before the last thing that the user said, so they move with every turn of his
    thinking      which earlier thinking is written: all, none, or what came after the last thing that the user said
    """

    sections: tuple[Section, ...]
    late_tools: bool = False
    thinking: Thinking = "none"


_SYSTEM_FIRST = Order(("system", "tools", "messages"))
_TOOLS_FIRST = Order(("tools", "system", "messages"))
_FORGETFUL: Thinking = "since the user spoke"

ORDERS: Mapping[str, Order] = {
    "anthropic": _TOOLS_FIRST._replace(thinking="all"),
    "chatml": _SYSTEM_FIRST,
    "qwen": _SYSTEM_FIRST._replace(thinking=_FORGETFUL),
    "qwen3.5": _TOOLS_FIRST._replace(thinking=_FORGETFUL),
    "hermes": _SYSTEM_FIRST,
    "llama3": _SYSTEM_FIRST,
    "gpt-oss": _SYSTEM_FIRST._replace(thinking=_FORGETFUL),
    "deepseek": _SYSTEM_FIRST,
    "minimax": _SYSTEM_FIRST._replace(thinking=_FORGETFUL),
    "granite": _SYSTEM_FIRST,
    "gemma": _SYSTEM_FIRST,
    "glm": _TOOLS_FIRST._replace(thinking=_FORGETFUL),
    "kimi": _TOOLS_FIRST._replace(thinking=_FORGETFUL),
    "mistral": Order(("system", "messages"), late_tools=True),
}
"""Name of a template -> its order."""

DEFAULT = "chatml"
"""What most templates do, and llama.cpp for those that don't know of tools."""

_MODELS: Mapping[str, str] = {
    "qwen3.5": "qwen3.5",
    "qwen3.6": "qwen3.5",
    "qwen": "qwen",
    "hermes": "hermes",
    "llama-3": "llama3",
    "llama3": "llama3",
    "gpt-oss": "gpt-oss",
    "deepseek": "deepseek",
    "minimax": "minimax",
    "granite": "granite",
    "gemma": "gemma",
    "glm": "glm",
    "kimi": "kimi",
    "devstral": "mistral",
    "codestral": "mistral",
    "ministral": "mistral",
    "magistral": "mistral",
    "mistral": "mistral",
}
"""What a model's name holds -> its template. The first that fits counts."""


def template_of(mode: str, models: Iterable[str | None]) -> str:
    """The template that a server of this kind most likely uses for these models, the first that is known.

    A local server answers to Claude's names with whatever model it has loaded: of those nothing is known.
    """
    names = [model.lower() for model in models if model]
    if kind_of(mode).cache.markers and any(map(claude_version, names)):
        return "anthropic"
    return next((template for name in names for held, template in _MODELS.items() if held in name), DEFAULT)


def arranged(parts: Sequence[Part], order: Order) -> Sequence[Part]:
    """The parts as the template writes them; those of one section keep their order."""
    by_section: dict[Section, list[Part]] = {"tools": [], "system": [], "messages": []}
    for part in parts:
        by_section[part.section].append(part)
    said = by_section["messages"]
    last = _last_said(said)
    if order.thinking != "all":
        since = len(said) if order.thinking == "none" else last
        said = [part for at, part in enumerate(said) if part.kind != "thinking" or at > since]
        last = _last_said(said)
    by_section["messages"] = [*said[:last], *by_section["tools"], *said[last:]] if order.late_tools else said
    return [part for section in order.sections for part in by_section[section]]


def _last_said(messages: Sequence[Part]) -> int:
    """Where the last message begins that the user wrote; at the end where he wrote none."""
    last = next((part.index for part in reversed(messages) if part.kind == "user"), None)
    if last is None:
        return len(messages)
    return next(at for at, part in enumerate(messages) if part.index == last)
