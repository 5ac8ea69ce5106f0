"""A request's body -> the parts that a model is given, in the order it reads them.

Anthropic's messages, OpenAI's chat completions and OpenAI's responses are told apart by shape alone, field by field.
Knows nothing of tokens, of files and of who sent the request. Nothing here raises, whatever a body holds.
"""

from collections.abc import Iterator
from itertools import chain, repeat
from typing import NamedTuple

from traces.content.blocks import Blocks, as_json, listed
from traces.content.part import Kind as Kind
from traces.content.part import Part as Part
from traces.content.part import Section as Section
from traces.model import Json


def parts(body: Json) -> list[Part]:
    """Tools, then system, then messages. Each text in them is in one part; ids, cache markers and what is encrypted
    (a thinking's signature) are in none."""
    return PartsReader().read(body)


def mcp_server(tool: str) -> str | None:
    """`mcp__github__search` -> `github`; None for a tool that no MCP server offers."""
    prefix, _, rest = tool.partition("__")
    server, found, _ = rest.partition("__")
    return server if prefix == "mcp" and found and server else None


class PartsReader:
    """The parts of one request after another.

    What a request shares with the one before it isn't taken apart again: in a session that is nearly all of it, and
    comparing it takes a quarter of the time. (To Python, JSON's `true` equals 1: these two may stand for one another.)
    """

    def __init__(self) -> None:
        self._before: list[_Step] = []

    def read(self, body: Json) -> list[Part]:
        """The same as `parts(body)`."""
        if not isinstance(body, dict):
            return [] if body is None else [Part("messages", "other", as_json(body))]
        blocks = Blocks()
        steps: list[_Step] = []
        same_calls = True  # a result takes its name from a call before it
        for item, before in zip(_items(body), chain(self._before, repeat(None)), strict=False):
            if before is not None and same_calls and before.item == item:
                blocks.calls |= before.calls
                steps.append(before)
                continue
            steps.append(_Step(item, blocks.read(*item), blocks.made))
            same_calls = same_calls and before is not None and before.calls == blocks.made
        self._before = steps
        return [part for step in steps for part in step.parts]


_Item = tuple[Section, int, Json]


class _Step(NamedTuple):
    """An item of a request, the parts in it and the calls that it made."""

    item: _Item
    parts: list[Part]
    calls: dict[str, str]


def _items(body: dict[str, Json]) -> Iterator[_Item]:
    """Each tool, each block of the system prompt and each message, with its place in its section."""
    for index, tool in enumerate(listed(body.get("tools")) + listed(body.get("functions"))):
        yield "tools", index, tool
    messages = listed(body.get("messages")) + listed(body.get("input"))
    begin = next((at for at, item in enumerate(messages) if not _is_system(item)), len(messages))
    prompts = [body.get("system"), body.get("instructions"), *map(_content, messages[:begin])]
    for index, block in enumerate(chain.from_iterable(map(listed, prompts))):
        yield "system", index, block
    for index, message in enumerate(messages[begin:], begin):
        yield "messages", index, message


def _is_system(item: Json) -> bool:
    """Chat completions begin with the system prompt as messages; Anthropic's system messages come later."""
    return isinstance(item, dict) and item.get("role") in ("system", "developer")


def _content(item: Json) -> Json:
    return item.get("content") if isinstance(item, dict) else None
