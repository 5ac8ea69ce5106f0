"""One exchange on the bridge: the client's request is changed and sent, and the answer changed back as it comes."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from mitmproxy.http import HTTPFlow, Request

from addons.bridge.answer import RecordedAnswer
from addons.bridge.connections import Connections
from addons.bridge.count import count
from addons.bridge.hints import short, words_of
from addons.bridge.loopback import Reply
from addons.bridge.plan import Plan
from addons.bridge.record import Record
from addons.bridge.upstream import Clock, NoAnswer, Upstream, url_at
from addons.bridge.ways import JSON, Way, credentials, passed_on
from addons.capture import garbage
from traces import jsonio, repairs
from traces.dialects import FORMATS, asks_for_an_answer
from traces.dialects.translation import counting
from traces.errors import TranslationError
from traces.model import Json
from traces.repairs import Learned, Outgoing, Trial
from traces.repairs.drop import PREFIX
from traces.repairs.learn import FAILED
from traces.storage import flowfile, upstream

UNFIT = ("host", "content-encoding", "expect")
"""Headers of the client that aren't true of what is sent in its request's place."""


class Exchange:
    """One exchange. `answer` is cancelled when the client leaves; `settle` is called when all is over.

    reply       the answer to mitmproxy, which may begin before mitmproxy asks for it
    began       when `answer` was called, on `clock`; None until then
    answering   what runs `answer`, for who began it
    """

    def __init__(
        self,
        flow: HTTPFlow,
        plan: Plan,
        learned: Learned,
        on_learned: Callable[[tuple[str, ...]], None],
        clock: Clock,
        connections: Connections,
    ) -> None:
        """`on_learned` is called with the names of repairs that made the server accept the request."""
        self._flow = flow
        self._request: Request = flow.request
        self._plan = plan
        self._learned = learned
        self._on_learned = on_learned
        self._clock = clock
        self._connections = connections
        self._clean = flowfile.cleaner_for(flow)
        self._refusals: list[str] = []
        self._changes: list[str] = []
        self._record: Record | None = None
        self.reply = Reply()
        self.began: float | None = None
        self.answering: asyncio.Task[None] | None = None

    def connect(self, writer: asyncio.StreamWriter) -> None:
        """Answer mitmproxy over this connection."""
        self._flow.request = self._request  # mitmproxy has sent what leads here: it shows the client's own again
        self.reply.connect(writer)

    async def answer(self) -> None:
        """Ask the model server, and answer mitmproxy."""
        self.began = self._clock()
        reply = self.reply
        try:
            if self._plan.translates and not asks_for_an_answer(self._request.path):
                await self._count(self._given(), reply)
                return
            trial = Trial(self._learned)
            while not await self._try(trial, reply):
                pass
        except TranslationError as error:
            await refuse(reply, 400, "invalid_request_error", str(error))
        except NoAnswer as error:
            if not reply.has_begun:  # else mitmproxy and the client see it break off, as they would without us
                await refuse(reply, 502, "api_error", f"The model server gave no answer: {error}")

    def settle(self) -> None:
        """Put what went on at the server's side into the client's flow."""
        self._flow.request = self._request
        if self.answering and not self.reply.is_connected:
            self.answering.cancel()  # else the connection's end does
        record = self._record
        if record is None:
            return
        if record.ended is None:  # the recorder ends the exchange before its answer is whole
            failed = self._flow.error
            record.fail("client_disconnected" if failed else "proxy_stopped", failed.msg if failed else "")
        upstream.store_in(self._flow, record.state(self._clock()), [*self._refusals, *self._changes])

    async def _try(self, trial: Trial, reply: Reply) -> bool:
        """Send the request, and pass the answer on; return False where the request is to be sent again instead."""
        self._changes = []
        way = self._plan.way(self._changes.append)
        with garbage.paused():
            record = self._outgoing(way, trial)
        waiting = asyncio.ensure_future(way.keep_alive(reply))
        try:
            async with self._send(record) as answer:
                if answer.status in FAILED:
                    words = await answer.read()
                    if trial.refused(answer.status, words, _sent(record)):
                        told = self._clean.text(short(words_of(words)))
                        self._refusals.append(f"refused ({answer.status}: {told}): sent again, repaired")
                        return False
                if answer.status < 300 and (found := trial.accepted()):
                    self._on_learned(found)
                await way.relay(answer, reply)
        finally:
            waiting.cancel()
        return True

    def _outgoing(self, way: Way, trial: Trial) -> Record:
        """Return the request to send.

        Only its bytes are kept: of its thousands of values, which each collection of garbage would look through for as
        long as the answer takes, none is needed unless the server refuses it.
        """
        sent = way.request(self._repaired(self._given(), trial.names))
        if self._plan.translates:  # what the server refused to take of the translation
            sent = self._repaired(sent, [name for name in trial.names if name.startswith(PREFIX)])
        return self._recorded(sent)

    def _repaired(self, outgoing: Outgoing, names: Sequence[str]) -> Outgoing:
        repaired, notes = repairs.repair(outgoing, names)
        self._changes += notes
        return repaired

    async def _count(self, given: Outgoing, reply: Reply) -> None:
        """Answer with the number of a request's tokens."""
        prefix = given.path.partition("?")[0].removesuffix(FORMATS[self._plan.of].counting_path)

        async def ask(path: str, body: Mapping[str, Any]) -> Json:
            asked = Outgoing(prefix + path, {**JSON, **credentials(given.headers)}, dict(body))
            async with self._send(self._recorded(asked)) as answer:
                data = await answer.read()
            try:
                return jsonio.loads(data) if answer.status < 300 else None
            except ValueError:
                return None

        tokens, note = await count(given.body, self._plan.to, ask)
        self._changes.append(note)
        await reply.send(200, JSON, jsonio.dumps(counting.answer(tokens)))

    def _given(self) -> Outgoing:
        """Return the client's request."""
        body = body_of(self._request)
        if body is None:
            raise TranslationError("The request's body isn't a JSON object.")
        return Outgoing(self._request.path, passed_on(self._request.headers), body)

    def _recorded(self, outgoing: Outgoing) -> Record:
        place = url_at(self._request, outgoing.path)
        headers = {name.lower(): value for name, value in outgoing.headers.items() if name.lower() not in UNFIT}
        body, halves = jsonio.dumps_whole(outgoing.body) if self._plan.translates else (jsonio.dumps(outgoing.body), 0)
        if halves:
            self._changes.append("half of a character: replaced by U+FFFD" + f" ({halves} times)" * (halves > 1))
        return Record(place, headers, body)

    def _send(self, record: Record) -> RecordedAnswer:
        self._record = record
        return RecordedAnswer(record, Upstream(self._clock, self._connections), self._clock)


def _sent(record: Record) -> Outgoing:
    """Return what was sent, to find in it what the server refused."""
    body = jsonio.loads(record.body)
    assert isinstance(body, dict)
    return Outgoing(urlsplit(record.url).path, record.headers, body)


def body_of(request: Request) -> dict[str, Any] | None:
    """Return a request's body; None where it isn't a JSON object."""
    try:
        body = jsonio.loads(request.content or b"")
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


async def refuse(reply: Reply, status: int, kind: str, message: str) -> None:
    """Answer with an error that clients of Anthropic's API and of OpenAI's both read."""
    error = {"type": "error", "error": {"type": kind, "message": message}}
    await reply.send(status, JSON, jsonio.dumps(error))
