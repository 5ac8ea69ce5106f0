"""A server's answer as Anthropic's: its stream event by event, or the whole of it."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from traces import jsonio
from traces.dialects import FORMATS, Dialect
from traces.dialects.anthropic import AnthropicStream
from traces.dialects.base import DONE, LONGEST_SAMPLE, MALFORMED
from traces.dialects.openai_chat import REASONING_TEXTS
from traces.dialects.pieces import Piece
from traces.dialects.sse import ServerEvent
from traces.dialects.translation.answer import stops
from traces.dialects.translation.answer.blocks import Blocks, Events, Fields
from traces.dialects.translation.answer.errors import describe, parse_error
from traces.dialects.translation.names import ToolNames
from traces.dialects.translation.notes import Notes
from traces.dialects.translation.signatures import WITHIN_TEXT, sign
from traces.dialects.translation.written import THINKING, TOOL_PARSERS
from traces.dialects.translation.written.reader import TextReader
from traces.model import Json

CUT = "the server's stream ended before its answer did"
NOTHING = "the server's answer is empty"

COUNTS = "chunk:usage"
"""The kind of an event that holds nothing but counts: they come behind an answer."""

HOLDERS = ("choices", "message", "delta")
"""The fields that hold a whole answer of a chat."""

UNENDED = "the server doesn't say that its answer has ended: taken as whole"
UNKNOWN_REASON = "the server ended its answer for a reason of its own, {}: passed on as end_turn"
CUT_OFF = "an answer as long as its limit, which the server calls complete: passed on as cut off"


class AnswerTranslator:
    """Translates one streamed answer. It raises nothing, whatever the server sends.

    notes   what wasn't passed on as it came
    """

    def __init__(
        self,
        of: Dialect,
        request: Json,
        names: ToolNames | None = None,
        *,
        ident: str = "",
        thinking: str = "",
        tool_parser: str = "",
    ) -> None:
        """Begin an answer to a client's request. `names` are those that its translation returned.

        Nothing of the request is kept but what an answer is made with: it may be a thousand times as large.
        `ident` is a text that no other answer has: ids that the server leaves out are made of it. `thinking`, one of
        `written.THINKING`, and `tool_parser`, one of `written.TOOL_PARSERS`, say what the model writes into its text.
        """
        self._format = FORMATS[of]
        self._stream = self._format.stream()
        given: Fields = request if isinstance(request, dict) else {}
        tools = [tool for tool in given.get("tools") or () if "name" in tool]
        self._names = names or ToolNames()
        self._ident = ident or hashlib.sha256(_json(given)).hexdigest()[:24]
        self._model = str(given.get("model") or "")
        self._stops = given.get("stop_sequences")
        self._most_tokens = given.get("max_tokens")
        self._used = _ids(given)
        self._offered = [str(tool["name"]) for tool in tools]
        self._notes = Notes()
        self._blocks = Blocks(self._call_id, self._tool, self._signature, self._notes)
        self._thinks_in_text = bool(thinking)
        self._readers: list[TextReader] = [THINKING[thinking]()] if thinking else []
        if tool_parser and self._offered:
            self._readers.append(TOOL_PARSERS[tool_parser](_schemas(tools, self._names)))
        self._began = self._ended = False
        self._is_empty = True  # nothing came that could be read
        self._unread = ""  # the last event, if nothing in it could be read
        self._is_last = False  # the last event is one that nothing follows

    @property
    def notes(self) -> tuple[str, ...]:
        odd = self._stream.odd
        marks = () if odd is None else (f"events that aren't as their format defines them: {odd.count}, {odd.sample}",)
        return (*self._notes.lines(), *marks)

    @property
    def ended(self) -> bool:
        """Whether the client's answer is whole, or has ended with an error: nothing more is sent."""
        return self._ended

    def feed(self, event: ServerEvent) -> Events:
        """Take an event of the server's stream; return the events to send, each with its name."""
        self._stream.feed(event, None)
        if self._ended:
            if any(piece.text.strip() for piece in self._stream.pieces):
                self._notes.add_dropped("content after the answer's end")
            return []
        self._is_empty = self._is_empty and self._stream.message() is None
        last = self._stream.events[-1].kind if self._stream.events else ""
        self._is_last = last in (COUNTS, DONE)
        self._unread = event.data[:LONGEST_SAMPLE] if last == MALFORMED else ""
        events = [*self._start(), *self._add(self._stream.pieces)] if self._stream.pieces else []
        if self._stream.error is not None:
            return [*events, *self._start(), *self._fail(self._stream.error, parse_error(event.data.encode()))]
        if self._is_empty:
            return []
        if self._stream.ended and (last == DONE or self._has_usage(event)):
            events += [*self._start(), *self._finish()]  # the usage may come behind the finish, and [DONE] never
        return events

    def ping(self) -> Events:
        """Return what keeps the client waiting while the server sends nothing."""
        return [] if self._ended else [*self._start(), ("ping", {"type": "ping"})]

    def end(self, failure: str | None = None, *, is_whole: bool = False) -> Events:
        """Take the end of the server's stream, or what cut it off; return the events to send.

        With `is_whole`, the answer came in one document, which can't be cut off.
        """
        if self._ended:
            return []
        if failure is None and not self._is_empty and (self._stream.ended or is_whole or self._can_end_here()):
            if not self._stream.ended:
                self._notes.add(UNENDED)
            return [*self._start(), *self._finish()]
        cut = f"{CUT}: {self._unread}" if self._unread else CUT
        return [*self._start(), *self._fail(failure or (NOTHING if self._is_empty else cut))]

    def whole(self, body: Json) -> Events:
        """Take an answer that isn't streamed, or a list of a stream's events; return the events to send."""
        documents = body if isinstance(body, list) else [body]
        if isinstance(body, dict) and self._format.name == "responses":
            is_answer = isinstance(body.get("output"), list)  # an empty one is an answer, too
            documents = [{"type": "response.completed", "response": body}] if is_answer else []
        elif isinstance(body, dict) and not any(body.get(name) for name in HOLDERS):
            documents = []
        events = [each for document in documents for each in self.feed(ServerEvent(None, _json(document).decode()))]
        return [*events, *self.end(is_whole=len(documents) == 1)]

    def _can_end_here(self) -> bool:
        """Return whether a stream that doesn't say that its answer has ended was whole all the same.

        Then its counts came behind the content, or its last content is a call whose arguments are whole. (Cerebras has
        ended streams so.)
        """
        return self._is_last or self._blocks.ends_with_a_call

    def _add(self, pieces: Iterable[Piece]) -> Events:
        """Add what the server sent, its text as the readers read it, one after another."""
        for reader in self._readers:
            pieces = [new for piece in pieces for new in _read(reader, piece)]
        return [event for piece in pieces for event in self._blocks.add(piece)]

    def _end_blocks(self) -> Events:
        events: Events = []
        for number, reader in enumerate(self._readers):
            left: Iterable[Piece] = reader.end()
            for later in self._readers[number + 1 :]:
                left = [new for piece in left for new in _read(later, piece)]
            events += [event for piece in left for event in self._blocks.add(piece)]
        return events + self._blocks.end()

    def _start(self) -> Events:
        if self._began:
            return []
        self._began = True
        answer = self._message()
        model = answer.get("model")
        message: Fields = {
            "id": f"msg_{self._ident}",
            "type": "message",
            "role": "assistant",
            "model": model if isinstance(model, str) and model else self._model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {"input_tokens": 0, "output_tokens": 0, **self._usage()},
        }
        return [("message_start", {"type": "message_start", "message": message})]

    def _finish(self) -> Events:
        ended = self._end_blocks()
        self._ended = True
        message = self._message()
        reason = self._format.stop_reason(message)
        stop = stops.read(reason, message, self._stops, self._blocks.has_calls)
        if not stops.is_known(reason):
            self._notes.add(UNKNOWN_REASON.format(reason))
        usage = self._usage()
        most = self._most_tokens
        is_longest = isinstance(most, int) and usage.get("output_tokens", 0) >= most
        if is_longest and stop.reason != "max_tokens" and (reason == "completed" or self._blocks.has_broken_call):
            self._notes.add(CUT_OFF)  # llama.cpp calls every response complete, vLLM every answer with a call
            stop = stops.Stop("max_tokens")
        if not usage:
            self._notes.add("the server reports no usage: the client is told that there were 0 tokens")
        delta: Fields = {
            "type": "message_delta",
            "delta": {"stop_reason": stop.reason, "stop_sequence": stop.sequence},
            "usage": {"output_tokens": 0, **usage},
        }
        return [*ended, ("message_delta", delta), ("message_stop", {"type": "message_stop"})]

    def _fail(self, message: str, body: Json = None) -> Events:
        self._ended = True
        return [("error", describe(message, body=body).as_json())]

    def _message(self) -> Mapping[str, Any]:
        message = self._stream.message()
        return message if isinstance(message, dict) else {}

    def _has_usage(self, event: ServerEvent) -> bool:
        return "usage" in event.data and bool(self._format.usage(self._message()).output)  # some send zeros first

    def _usage(self) -> dict[str, int]:
        """Return the counts that the server reports, as Anthropic counts: its input is what came from no cache."""
        found = self._format.usage(self._message())
        counts = {
            "input_tokens": found.uncached,
            "cache_creation_input_tokens": found.cache_written,
            "cache_read_input_tokens": found.cache_read,
            "output_tokens": found.output,
        }
        return {name: count for name, count in counts.items() if count is not None}

    def _call_id(self, given: str) -> str:
        """Return the server's id of a call, or a new one where it has none, or one that the conversation has."""
        ident = given
        number = len(self._used)
        while not ident or ident in self._used:
            ident = f"toolu_{self._ident}_{number}"
            number += 1
        self._used.add(ident)
        return ident

    def _signature(self) -> str:
        """Return the signature of thinking, by the field that the server sends it in."""
        choices = self._message().get("choices") or [{}]
        fields = choices[0].get("message") or {}
        named = next((name for name in REASONING_TEXTS if fields.get(name)), None)
        return sign(named or (WITHIN_TEXT if self._thinks_in_text else ""))

    def _tool(self, name: str, is_whole: bool) -> str | None:
        """Return the client's name of a tool; None while it may be the beginning of another's."""
        known = self._names.of_client(name)
        longer = any(each.startswith(known) and each != known for each in self._offered)
        if known in self._offered and (is_whole or not longer):
            return known
        return self._meant(known) if is_whole else None

    def _meant(self, name: str) -> str:
        """Return the tool that a name stands for which is none of the client's; the name itself where none is alike.

        Models write a group before it (`functions.Read`), what belongs to their template behind it, or other capitals.
        """
        plain = name.partition("<|")[0].strip()
        forms = [self._names.of_client(form) for form in (plain, re.split(r"[.:/]", plain)[-1])]
        alike = [each for each in self._offered if each.lower() in (form.lower() for form in forms)]
        meant = next((form for form in forms if form in self._offered), alike[0] if len(alike) == 1 else name)
        if meant != name:
            self._notes.add(f"a call of {name}, which is no tool of the client's: passed on as {meant}")
        return meant


def translate_answer(
    body: Json, of: Dialect, request: Json, names: ToolNames | None = None, **options: str
) -> tuple[Json, tuple[str, ...]]:
    """Return a whole answer as Anthropic's, and the notes of its translation. For `options` see `AnswerTranslator`."""
    translator = AnswerTranslator(of, request, names, **options)
    return assemble(translator.whole(body)), translator.notes


def translate_stream(
    events: Iterable[ServerEvent], of: Dialect, request: Json, names: ToolNames | None = None, **options: str
) -> tuple[Json, tuple[str, ...]]:
    """Return the same of an answer that came as a stream: the message, or the error that ended it."""
    translator = AnswerTranslator(of, request, names, **options)
    sent = [each for event in events for each in translator.feed(event)]
    return assemble([*sent, *translator.end()]), translator.notes


def _read(reader: TextReader, piece: Piece) -> list[Piece]:
    """Return what a piece of text holds. Other content ends what was being read."""
    return reader.feed(piece.text) if piece.content == "text" else [*reader.end(), piece]


def assemble(events: Iterable[tuple[str, Fields]]) -> Json:
    """Return the message, or the error, that these events of Anthropic's are the stream of."""
    stream = AnthropicStream()
    for name, data in events:
        if name == "error":
            return data
        stream.feed(ServerEvent(name, _json(data).decode()), None)
    return stream.message()


def encode(events: Iterable[tuple[str, Fields]]) -> bytes:
    """Return the events as a client reads them from a stream."""
    return b"".join(b"event: %s\ndata: %s\n\n" % (name.encode(), _json(data)) for name, data in events)


def _json(value: Json) -> bytes:
    return jsonio.dumps(value)


def _schemas(tools: Iterable[Fields], names: ToolNames) -> dict[str, Any]:
    """Return the tools by their names at the server, with their inputs' schemas."""
    to_server = {client: server for server, client in names.renamed.items()}
    return {to_server.get(name := str(tool["name"]), name): tool.get("input_schema") for tool in tools}


def _ids(request: Mapping[str, Any]) -> set[str]:
    """Return the ids of all calls in a conversation."""
    contents = [message.get("content") for message in request.get("messages") or () if isinstance(message, dict)]
    blocks = [block for content in contents if isinstance(content, list) for block in content]
    return {str(block.get("id")) for block in blocks if isinstance(block, dict) and block.get("type") == "tool_use"}
