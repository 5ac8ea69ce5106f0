"""A request's body -> the parts that a model is given, in the order it reads them.

Anthropic's messages, OpenAI's chat completions and OpenAI's responses are distinguished by shape alone, field by field.
Nothing here raises, whatever a body holds.
"""

from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from typing import NamedTuple

from traces.content.blocks import Blocks, State, as_list
from traces.content.part import Kind as Kind
from traces.content.part import Part as Part
from traces.content.part import Section as Section
from traces.content.part import mcp_server as mcp_server
from traces.content.tools import as_json
from traces.dialects import readable
from traces.model import Json
from traces.servers import ANY, ServerKind


def parts(body: Json, server: ServerKind = ANY) -> list[Part]:
    """Return tools, then system, then messages. Each text in them is in one part; ids and cache markers are in none.

    A deferred tool is in no part until a reference loads it: then it is a part of the message with the reference.
    """
    return PartsReader().read(body, server)


class PartsReader:
    """Reads the parts of one request after another.

    What a request shares with the one before it isn't taken apart again: in a session that is nearly all of it, and
    comparing it takes a quarter of the time. (To Python, JSON's `true` equals 1: one may be taken for the other.)
    """

    def __init__(self) -> None:
        self._before: list[_Step] = []
        self._server = ANY
        self._blocks = Blocks()

    def read(self, body: Json, server: ServerKind = ANY) -> list[Part]:
        """Return the same as `parts(body, server)`."""
        if server != self._server:
            self._server, self._before = server, []
        self._blocks = blocks = Blocks(server.defers_tools)
        body = readable(body)
        if not isinstance(body, dict):
            return [] if body is None else [Part("messages", "other", as_json(body))]
        steps: list[_Step] = []
        same = True  # the state before an item is what it was in the request before
        for item, before in zip(_items(body, server), chain(self._before, repeat(None)), strict=False):
            if before is not None and same and before.item == item:
                blocks.follow(before.added)
                steps.append(before)
                continue
            steps.append(_Step(item, blocks.read(*item), blocks.added))
            same = same and before is not None and before.added == blocks.added
        self._before = steps
        return [part for step in steps for part in step.parts]

    def read_answer(self, items: Sequence[Json], index: int) -> list[Part]:
        """Return the parts of an answer to the request that was read last, as the next request will carry them.

        `index` is the place of the first of its messages.
        """
        return [part for at, item in enumerate(items, index) for part in self._blocks.read("messages", at, item)]


_Item = tuple[Section, int, Json]


class _Step(NamedTuple):
    """An item of a request, the parts in it, and what it adds to the state."""

    item: _Item
    parts: list[Part]
    added: State


def _items(body: dict[str, Json], server: ServerKind) -> Iterator[_Item]:
    """Yield each tool, each block of the system prompt and each message, with its place in its section."""
    for index, tool in enumerate(as_list(body.get("tools")) + as_list(body.get("functions"))):
        yield "tools", index, tool
    messages = as_list(body.get("messages")) + as_list(body.get("input"))
    first = next((at for at, item in enumerate(messages) if not _is_system(item)), len(messages))
    prompts = [body.get("system"), body.get("instructions"), *map(_content, messages[:first])]
    blocks = list(chain.from_iterable(map(as_list, prompts)))
    for index, block in enumerate([*blocks, *_after_system(body, server)]):
        yield "system", index, block
    for index, message in enumerate(messages[first:], first):
        yield "messages", index, message


_SCHEMA_FIELDS = (("response_format", ""), ("output_format", ""), ("output_config", "format"), ("text", "format"))
"""Where a request demands a schema of its answer: the field, and the field in it."""


_PROMPT_FIELDS = ("prompt", "documents")
"""Fields that a server's template puts into the prompt: the variables of a stored prompt, and documents."""


def _after_system(body: dict[str, Json], server: ServerKind) -> Iterator[Json]:
    """Yield what follows the system prompt: the schema of the answer, and other fields that aren't messages."""
    for outer, inner in _SCHEMA_FIELDS:
        held = body.get(outer)
        schema = held.get(inner) if inner and isinstance(held, dict) else held
        if server.shows_schema and isinstance(schema, dict) and schema.get("type") == "json_schema":
            yield schema
    for name in _PROMPT_FIELDS:
        if isinstance(held := body.get(name), str | list | dict) and held:
            yield {"type": name, name: held}


def _is_system(item: Json) -> bool:
    """Return whether a message may be of the system prompt, as at the start of a chat completion."""
    return isinstance(item, dict) and item.get("role") in ("system", "developer") and "content" in item


def _content(item: Json) -> Json:
    return item.get("content") if isinstance(item, dict) else None
