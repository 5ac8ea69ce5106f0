"""The way of an exchange whose server speaks another API format: the request is translated, and the answer back."""

import asyncio
import codecs
import time
import uuid
from collections.abc import AsyncIterator, Callable, Mapping

from addons.bridge.choice import MISSING, MISSING_IN_WORDS
from addons.bridge.loopback import Reply
from addons.bridge.ways import JSON, Answer, credentials
from traces import jsonio
from traces.dialects import DEFAULT, FORMATS, Dialect, problems
from traces.dialects.base import DONE
from traces.dialects.sse import ServerEvent, SseParser
from traces.dialects.translation.answer import NOTHING, AnswerTranslator, encode, translate_answer, translate_stream
from traces.dialects.translation.answer.errors import translate_error
from traces.dialects.translation.names import ToolNames
from traces.dialects.translation.request import translate_request
from traces.model import Json
from traces.repairs import Outgoing

PING = 15.0
"""Seconds of silence after which the client is told to wait. Claude Code gives up after 300."""

STREAM = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"}

LONGEST_UNREAD = 2000
"""Characters that are kept of an answer of which nothing can be read, to say what it is."""

OF_ANTHROPIC = ("anthropic-", "x-stainless-", "x-api-key")
"""How the names of headers begin that only servers of Anthropic's API read. Others may be a gateway's own."""


class Translate:
    """Translates one exchange. `note` takes what isn't carried over as it came."""

    def __init__(
        self, to: Dialect, note: Callable[[str], None], how_to_load: str = "", ping: float = PING, **written: str
    ) -> None:
        """Begin with an exchange. `written` says what the model writes as text: see `AnswerTranslator`."""
        self._to = to
        self._note = note
        self._how_to_load = how_to_load
        self._ping = ping
        self._written = written
        self._body: Mapping[str, Json] = {}  # of a request whose answer comes whole
        self._names = ToolNames()
        self._ident = uuid.uuid4().hex[:24]
        self._translator: AnswerTranslator | None = None  # of a streamed answer

    def request(self, outgoing: Outgoing) -> Outgoing:
        """Return the request to send. Raises TranslationError."""
        translated = translate_request(outgoing.body, to=self._to)
        for line in translated.notes:
            self._note(line)
        body, self._names = outgoing.body, translated.names
        if body.get("stream"):
            self._translator = AnswerTranslator(self._to, body, self._names, ident=self._ident, **self._written)
        else:
            self._body = body
        prefix = outgoing.path.partition("?")[0].rstrip("/").removesuffix(FORMATS[DEFAULT].path)
        accepted = {"accept": "text/event-stream" if self._translator else "application/json"}
        named = {name.lower(): value for name, value in outgoing.headers.items()}
        kept = {name: value for name, value in named.items() if not name.startswith(OF_ANTHROPIC)}
        headers = {**kept, **JSON, **accepted, "accept-encoding": "identity", **credentials(named)}
        return Outgoing(prefix + translated.path, headers, translated.body)

    async def keep_alive(self, reply: Reply) -> None:
        while self._translator and not reply.is_whole:
            await asyncio.sleep(self._ping - reply.silence)
            if reply.silence >= self._ping and not self._translator.ended:
                await self._write(reply, self._translator.ping())

    async def relay(self, answer: Answer, reply: Reply) -> None:
        if answer.status >= 300:
            await self._refused(answer, await answer.read(), reply)
        elif self._translator:
            try:
                await self._stream(self._translator, answer, reply)
            finally:
                for line in self._translator.notes:
                    self._note(line)
        else:
            await self._whole(answer, reply)

    async def _refused(self, answer: Answer, body: bytes, reply: Reply) -> None:
        """Answer with what the server says instead of an answer; what the client would misread is said in our words."""
        words = body
        if answer.status < 400 and "location" in answer.headers:
            place = answer.headers["location"]
            words = f"the model server is elsewhere ({answer.status}): name {place} as the backend".encode()
        elif MISSING_IN_WORDS in body or (answer.status in MISSING and b"model" not in body.lower()):
            lacks = f"the model server has no {FORMATS[self._to].path} ({answer.status})"
            words = f"{lacks}: anyclaude --translate auto asks what it has".encode()
        status = answer.status if words is body else 400  # of a 404, Claude Code blames the model
        await self._fail(status, answer.headers, words, reply)

    async def _stream(self, translator: AnswerTranslator, answer: Answer, reply: Reply) -> None:
        unread = ""  # how an answer begins of which nothing can be read
        async for event in _events(answer.decoded()):
            if isinstance(event, bytes):
                await self._document(translator, answer, event, reply)
                return
            events = translator.feed(event)
            if not events and not reply.has_begun:
                unread = f"{unread}{event.data}\n"[:LONGEST_UNREAD]
            if translator.ended and not reply.has_begun and events[-1][0] == "error":
                await self._refused(answer, event.data.encode(), reply)
                return
            await self._write(reply, events)
        events = translator.end()
        if events and not reply.has_begun and events[-1][0] == "error":
            await self._fail(502, answer.headers, _shown(unread), reply)
            return
        await self._write(reply, events)
        await reply.finish()

    async def _document(self, translator: AnswerTranslator, answer: Answer, data: bytes, reply: Reply) -> None:
        """Answer with the stream of an answer that came whole."""
        body = _json(data)
        if problems.error_words(body) is not None:
            await self._refused(answer, data, reply)
            return
        events = translator.whole(body)
        if not reply.has_begun and events[-1][0] == "error":
            await self._fail(502, answer.headers, _shown(data[:LONGEST_UNREAD].decode(errors="replace")), reply)
            return
        await self._write(reply, events)
        await reply.finish()

    async def _whole(self, answer: Answer, reply: Reply) -> None:
        data = await answer.read()
        body = _json(data)
        if problems.error_words(body) is not None:
            await self._refused(answer, data, reply)
            return
        options = {"ident": self._ident, **self._written}
        if isinstance(body, dict | list):
            message, notes = translate_answer(body, self._to, self._body, self._names, **options)
        else:  # some servers stream though they weren't asked to
            parser = SseParser(strays=True)
            events = [*parser.feed(data), *parser.close()]
            message, notes = translate_stream(events, self._to, self._body, self._names, **options)
        for line in notes:
            self._note(line)
        if (words := problems.error_words(message)) is not None:
            if words == NOTHING:
                await self._fail(502, answer.headers, _shown(data[:LONGEST_UNREAD].decode(errors="replace")), reply)
            else:
                await self._fail(answer.status, answer.headers, jsonio.dumps(message), reply)
            return
        await reply.send(200, JSON, jsonio.dumps(message))

    async def _fail(self, status: int, headers: Mapping[str, str], body: bytes, reply: Reply) -> None:
        """Answer with an error of the server's: as an event, where the client was told to wait already."""
        status, headers, body = translate_error(status, headers, body, how_to_load=self._how_to_load, now=time.time())
        if not reply.has_begun:
            await reply.send(status, headers, body)
            return
        await reply.write(b"event: error\ndata: %b\n\n" % body)
        await reply.finish()

    async def _write(self, reply: Reply, events: list[tuple[str, dict[str, Json]]]) -> None:
        if events and not reply.has_begun:
            reply.begin(200, STREAM)
        await reply.write(encode(events))


def _shown(unread: str) -> bytes:
    """Return how an answer begins of which nothing can be read; or that it is empty."""
    words = unread.strip().removesuffix(DONE).strip().removesuffix("data:").strip()
    return (words or NOTHING).encode(errors="replace")


def _json(data: bytes) -> Json:
    """Return the JSON document that this is; None where it is something else."""
    try:
        return jsonio.loads(data)
    except (ValueError, RecursionError):
        return None


async def _events(chunks: AsyncIterator[bytes]) -> AsyncIterator[ServerEvent | bytes]:
    """Yield the events of a stream; a whole JSON document in its place as it is."""
    start = b""
    async for data in chunks:
        start += data
        if start.strip():
            break
    parser = SseParser(strays=True)
    if start.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in (b"{", b"["):
        document = b"".join([start, *[data async for data in chunks]])
        if _json(document) is not None:
            yield document
            return
        start = document  # several, perhaps: a line each
    for event in parser.feed(start):
        yield event
    async for data in chunks:
        for event in parser.feed(data):
            yield event
    for event in parser.close():
        yield event
