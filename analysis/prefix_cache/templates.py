"""The order in which chat templates write tools, system prompt and messages, and what they leave out.

A server reads what its model's template writes, so that decides which change comes first. A new template is one row in
`ORDERS`, and one in `_MODELS` where a model's name implies it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from analysis.tokens.models import claude_version
from traces.content.part import Part, Section
from traces.servers import kind_of

Thinking = Literal["all", "none", "since the user spoke"]


class Order(NamedTuple):
    """The order of a template's sections.

    late_tools    whether the tools come right before the user's last message, so that they move with each of these
    thinking      which earlier thinking is written: all, none, or what came after the user's last message
    """

    sections: tuple[Section, ...]
    late_tools: bool = False
    thinking: Thinking = "none"


_SYSTEM_FIRST = Order(("system", "tools", "messages"))
_TOOLS_FIRST = Order(("tools", "system", "messages"))
_SINCE_USER: Thinking = "since the user spoke"

ORDERS: Mapping[str, Order] = {
    "anthropic": _TOOLS_FIRST._replace(thinking="all"),
    "chatml": _SYSTEM_FIRST,
    "qwen": _SYSTEM_FIRST._replace(thinking=_SINCE_USER),
    "qwen3.5": _TOOLS_FIRST._replace(thinking=_SINCE_USER),
    "hermes": _SYSTEM_FIRST,
    "llama3": _SYSTEM_FIRST,
    "gpt-oss": _SYSTEM_FIRST._replace(thinking=_SINCE_USER),
    "deepseek": _SYSTEM_FIRST,
    "minimax": _SYSTEM_FIRST._replace(thinking=_SINCE_USER),
    "granite": _SYSTEM_FIRST,
    "gemma": _SYSTEM_FIRST,
    "glm": _TOOLS_FIRST._replace(thinking=_SINCE_USER),
    "kimi": _TOOLS_FIRST._replace(thinking=_SINCE_USER),
    "mistral": Order(("system", "messages"), late_tools=True),
}
"""The order of each template, by its name."""

DEFAULT = "chatml"
"""What most templates do, and what llama.cpp does for templates without tools."""

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
"""The template, by what the model's name contains. The first that fits counts."""


def template_of(mode: str, models: Iterable[str | None]) -> str:
    """Return the template that a server of this kind most likely uses: that of the first model which is known.

    A local server answers to Claude's names with whatever model it has loaded: of those nothing is known.
    """
    names = [model.lower() for model in models if model]
    if kind_of(mode).cache.markers and any(map(claude_version, names)):
        return "anthropic"
    return next((template for name in names for held, template in _MODELS.items() if held in name), DEFAULT)


def arrange(parts: Sequence[Part], order: Order) -> Sequence[Part]:
    """Return the parts as the template writes them; those of one section keep their order."""
    by_section: dict[Section, list[Part]] = {"tools": [], "system": [], "messages": []}
    for part in parts:
        by_section[part.section].append(part)
    messages = by_section["messages"]
    last = _last_user_message(messages)
    if order.thinking != "all":
        since = len(messages) if order.thinking == "none" else last
        messages = [part for at, part in enumerate(messages) if part.kind != "thinking" or at > since]
        last = _last_user_message(messages)
    by_section["messages"] = (
        [*messages[:last], *by_section["tools"], *messages[last:]] if order.late_tools else messages
    )
    return [part for section in order.sections for part in by_section[section]]


def _last_user_message(messages: Sequence[Part]) -> int:
    """Return the index at which the user's last message begins; that of the end where there is none."""
    last = next((part.index for part in reversed(messages) if part.kind == "user"), None)
    if last is None:
        return len(messages)
    return next(at for at, part in enumerate(messages) if part.index == last)
