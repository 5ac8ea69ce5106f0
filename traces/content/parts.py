"""A request's body -> the parts that a model is given, in the order it reads them.

Anthropic's messages, OpenAI's chat completions and OpenAI's responses are told apart by shape alone, field by field.
Nothing here raises, whatever a body holds.
"""

from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from typing import NamedTuple

from traces.content.blocks import Blocks, State, listed
from traces.content.part import Kind as Kind
from traces.content.part import Part as Part
from traces.content.part import Section as Section
from traces.content.part import mcp_server as mcp_server
from traces.content.tools import as_json
from traces.dialects import readable
from traces.model import Json
from traces.servers import ANY, ServerKind


def parts(body: Json, served: ServerKind = ANY) -> list[Part]:
    """Return tools, then system, then messages. Each text in them is in one part; ids and cache markers are in none.

    `served` is the kind of server that was asked. A deferred tool is in none either until a reference loads it: then it
    is a part of the message with the reference.
    """
    return PartsReader().read(body, served)


class PartsReader:
    """The parts of one request after another.

    What a request shares with the one before it isn't taken apart again: in a session that is nearly all of it, and
    comparing it takes a quarter of the time. (To Python, JSON's `true` equals 1: these two may stand for one another.)
    """

    def __init__(self) -> None:
        self._before: list[_Step] = []
        self._served = ANY
        self._blocks = Blocks()

    def read(self, body: Json, served: ServerKind = ANY) -> list[Part]:
        """Return the same as `parts(body, served)`."""
        if served != self._served:
            self._served, self._before = served, []
        self._blocks = blocks = Blocks(served.defers)
        body = readable(body)
        if not isinstance(body, dict):
            return [] if body is None else [Part("messages", "other", as_json(body))]
        steps: list[_Step] = []
        same = True  # what an item is read by is what it was read by before
        for item, before in zip(_items(body, served), chain(self._before, repeat(None)), strict=False):
            if before is not None and same and before.item == item:
                blocks.follow(before.made)
                steps.append(before)
                continue
            steps.append(_Step(item, blocks.read(*item), blocks.made))
            same = same and before is not None and before.made == blocks.made
        self._before = steps
        return [part for step in steps for part in step.parts]

    def read_answer(self, items: Sequence[Json], index: int) -> list[Part]:
        """Return the parts of an answer to the request that was read last, as the next request will carry them.

        `index` is the place of the first of its messages.
        """
        return [part for at, item in enumerate(items, index) for part in self._blocks.read("messages", at, item)]


_Item = tuple[Section, int, Json]


class _Step(NamedTuple):
    """An item of a request, the parts in it, and what it adds to what later items are read by."""

    item: _Item
    parts: list[Part]
    made: State


def _items(body: dict[str, Json], served: ServerKind) -> Iterator[_Item]:
    """Each tool, each block of the system prompt and each message, with its place in its section."""
    for index, tool in enumerate(listed(body.get("tools")) + listed(body.get("functions"))):
        yield "tools", index, tool
    messages = listed(body.get("messages")) + listed(body.get("input"))
    begin = next((at for at, item in enumerate(messages) if not _is_system(item)), len(messages))
    prompts = [body.get("system"), body.get("instructions"), *map(_content, messages[:begin])]
    blocks = list(chain.from_iterable(map(listed, prompts)))
    for index, block in enumerate([*blocks, *_beside(body, served)]):
        yield "system", index, block
    for index, message in enumerate(messages[begin:], begin):
        yield "messages", index, message


_FORMATS = (("response_format", ""), ("output_format", ""), ("output_config", "format"), ("text", "format"))
"""Where a request asks for an answer of a certain form: the field, and the field in it."""


_BESIDE = ("prompt", "documents")
"""Fields that a server puts into the prompt by its template: variables of one that it keeps, texts to go by."""


def _beside(body: dict[str, Json], served: ServerKind) -> Iterator[Json]:
    """What a model is told behind the system prompt: the schema of its answer, and what else is in no message."""
    for outer, inner in _FORMATS:
        held = body.get(outer)
        asked = held.get(inner) if inner and isinstance(held, dict) else held
        if served.shows_form and isinstance(asked, dict) and asked.get("type") == "json_schema":
            yield asked
    for name in _BESIDE:
        if isinstance(held := body.get(name), str | list | dict) and held:
            yield {"type": name, name: held}


def _is_system(item: Json) -> bool:
    """Chat completions begin with the system prompt as messages; Anthropic's system messages come later."""
    return isinstance(item, dict) and item.get("role") in ("system", "developer") and "content" in item


def _content(item: Json) -> Json:
    return item.get("content") if isinstance(item, dict) else None
