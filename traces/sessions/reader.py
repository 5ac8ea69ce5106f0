"""Traces -> turns: what a session needs of each exchange, without the bodies."""

from array import array
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import Any

from traces import counts
from traces.clients import client_of, generic, ids_of
from traces.clients.base import lower, program_of, text_at
from traces.content import answers
from traces.content.blocks import Blocks, as_list
from traces.content.parts import Part, PartsReader
from traces.content.tools import as_json
from traces.dialects import dialect_of, format_of, readable
from traces.metrics import UNDEFINED
from traces.model import TEXT_REMOVED, TIMES_UNKNOWN, Json, Trace
from traces.money.billed import billed
from traces.servers import identify
from traces.sessions.model import Marker, Turn

CONVERSATIONS = 16
"""How many conversations are read by comparing with the request before; each keeps a whole request in memory."""

_PARTS_FIELDS = frozenset(
    ("tools", "functions", "system", "instructions", "messages", "input", "contents", "systemInstruction")
)
"""The fields of a request that `traces.content.parts` reads."""

_MARK = "cache_control"
_NOTHING: dict[str, Any] = {}


class TurnReader:
    """Reads one trace after another. Equal parts become the same object, in all turns of one reader."""

    def __init__(self) -> None:
        self._interned: dict[Part, Part] = {}
        self._readers: dict[tuple[str | None, str | None], PartsReader] = {}

    def read(self, trace: Trace, place: int = 1) -> Turn:
        """Return a trace as a turn. `place` is the trace's in its file, from 1."""
        body, response = trace.request.body, trace.response
        message = response.body if response else None
        headers = lower(trace.request.headers)
        client = client_of(headers, body)
        ids = trace.ids if trace.ids.session else ids_of(headers, body)
        reader = self._reader((ids.session, ids.agent))
        parts = reader.read(body, identify(trace.mode, response.headers if response else {}))
        answer = reader.read_answer(_answer_items(message), _messages(body))
        output = counts.output(message, trace.events)
        return Turn(
            file=trace.source,
            place=place,
            timestamp=trace.timestamp,
            mode=trace.mode,
            model=trace.model,
            dialect=dialect_of(trace.request.url),
            kind=answers.kind_of(trace),
            ids=ids,
            agent_type=client.agent_type(headers, body),
            state=trace.state,
            status=response.status if response else None,
            parts=self._intern(parts),
            answer=self._intern(answer),
            markers=tuple(_markers(body, parts)),
            tools_used=tuple(part.name for part in answer if part.kind == "tool_input" and part.name),
            timing=trace.timing,
            usage=counts.credible_input(message, body),
            output_tokens=output.known,
            decode=counts.decode(message, trace.events, output) if output.known is not None else UNDEFINED,
            digest=b"" if TEXT_REMOVED in trace.marks or trace.unknown_sections else _digest(body, parts),
            client=client.name,
            program=program_of(headers),
            answer_id=text_at(message, "id"),
            previous=text_at(body, "previous_response_id"),
            conversation=generic.conversation_of(body),
            odd_events=trace.odd.count if trace.odd else 0,
            billed=billed(trace),
            unknown=trace.unknown_sections,
            times_unknown=TIMES_UNKNOWN in trace.marks,
        )

    def _intern(self, parts: list[Part]) -> tuple[Part, ...]:
        interned = self._interned
        return tuple([interned.setdefault(part, part) for part in parts])

    def _reader(self, agent: tuple[str | None, str | None]) -> PartsReader:
        """Return the reader that read this agent's last request. The least recently used ones are dropped."""
        reader = self._readers.pop(agent, None) or PartsReader()
        self._readers[agent] = reader
        if len(self._readers) > CONVERSATIONS:
            del self._readers[next(iter(self._readers))]
        return reader


def _digest(body: Json, parts: Sequence[Part]) -> bytes:
    """Return a digest of a request: of its options as JSON, and of its parts by their Python hashes.

    So a session's whole history isn't written as JSON again for each of its turns.
    """
    if body is None:
        return b""
    options = {name: value for name, value in _object(body).items() if name not in _PARTS_FIELDS}
    return blake2b(as_json(options).encode() + array("q", map(hash, parts)).tobytes(), digest_size=16).digest()


def _messages(body: Json) -> int:
    """Return how many messages a request has: the index of the next one."""
    seen = readable(body)
    return len(as_list(seen.get("messages")) + as_list(seen.get("input"))) if isinstance(seen, dict) else 0


def _answer_items(message: Json) -> list[Json]:
    """Return an assembled answer as a client sends it back: one message, or the items of a response."""
    found = format_of(message)
    return found.as_messages(message) if found and isinstance(message, dict) else []


def _markers(body: Json, parts: Sequence[Part]) -> Iterator[Marker]:
    """Yield where Anthropic's `cache_control` is. One without a part before it marks nothing."""
    if not isinstance(body, dict):
        return
    for section in ("tools", "system"):
        for index, item in enumerate(as_list(body.get(section))):
            if (mark := _object(item).get(_MARK)) and (at := _last_of(section, index, parts)) is not None:
                yield Marker(at, _ttl(mark))
    for index, message in enumerate(as_list(body.get("messages"))):
        blocks = as_list(_object(message).get("content"))
        for number, block in enumerate(blocks, 1):
            if (mark := _object(block).get(_MARK)) and (at := _last_of("messages", index, parts)) is not None:
                behind = Blocks().read("messages", index, {"role": "user", "content": blocks[number:]})
                yield Marker(at - len(behind), _ttl(mark))
    if parts and (mark := body.get(_MARK)):
        yield Marker(len(parts) - 1, _ttl(mark))


def _last_of(section: str, index: int, parts: Sequence[Part]) -> int | None:
    """Return the place of the last part of a tool, a system block or a message."""
    places = range(len(parts) - 1, -1, -1)
    return next((at for at in places if parts[at].index == index and parts[at].section == section), None)


def _object(value: Json) -> dict[str, Any]:
    return value if isinstance(value, dict) else _NOTHING


def _ttl(mark: Json) -> int:
    """Return a marker's time to live in seconds: the shorter one where it gives none."""
    return 3600 if _object(mark).get("ttl") == "1h" else 300
