"""One exchange on the bridge: the client's request is changed and sent, and the answer changed back as it comes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

from mitmproxy.http import HTTPFlow, Request
from mitmproxy.net.http import url

from addons.bridge.loopback import Reply
from addons.bridge.plan import Plan
from addons.bridge.record import Record
from addons.bridge.upstream import Clock, NoAnswer, TlsSettings, Upstream
from addons.bridge.ways import Way, passed_on
from traces import jsonio, repairs
from traces.errors import TranslationError
from traces.repairs import Outgoing
from traces.storage import upstream

Say = Callable[[str], None]


class Exchange:
    """One exchange. `answer` is cancelled when the client leaves; `settle` is called when all is over."""

    def __init__(self, flow: HTTPFlow, plan: Plan, clock: Clock, tls: TlsSettings) -> None:
        self._flow = flow
        self._request: Request = flow.request
        self._plan = plan
        self._clock = clock
        self._tls = tls
        self._changes: list[str] = []
        self._record: Record | None = None

    async def answer(self, reply: Reply) -> None:
        """Ask the model server, and answer mitmproxy."""
        self._flow.request = self._request  # mitmproxy has sent what leads here: it shows the client's own again
        try:
            await self._relay(self._plan.way(self._changes.append), reply)
        except TranslationError as error:
            await _refuse(reply, 400, "invalid_request_error", str(error))
        except NoAnswer as error:
            if not reply.has_begun:  # else mitmproxy and the client see it break off, as they would without us
                await _refuse(reply, 502, "api_error", f"The model server gave no answer: {error}")

    def settle(self) -> None:
        """Put what went on at the server's side into the client's flow."""
        self._flow.request = self._request
        record = self._record
        if record is None:
            return
        if record.ended is None:  # the recorder ends the exchange before its answer is whole
            failed = self._flow.error
            record.fail("client_disconnected" if failed else "proxy_stopped", failed.msg if failed else "")
        upstream.store_in(self._flow, record.flow(self._clock()), self._changes)

    async def _relay(self, way: Way, reply: Reply) -> None:
        outgoing = Outgoing(self._request.path, passed_on(self._request.headers), self._body())
        outgoing, notes = repairs.repair(outgoing, self._plan.repairs)
        self._changes += notes
        sending = self._send(way.request(outgoing))
        waiting = asyncio.ensure_future(way.keep_alive(reply))
        try:
            async with sending as answer:
                await way.relay(answer, reply)
        finally:
            waiting.cancel()

    def _body(self) -> dict[str, object]:
        try:
            body = jsonio.loads(self._request.content or b"")
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            raise TranslationError("The request's body isn't a JSON object.")
        return body

    def _send(self, outgoing: Outgoing) -> "_Answer":
        request = self._request
        place = url.unparse(request.scheme, request.host, request.port, outgoing.path)
        unfit = ("host", "content-encoding", "expect")
        headers = {name.lower(): value for name, value in outgoing.headers.items() if name.lower() not in unfit}
        self._record = Record(place, headers, jsonio.dumps(outgoing.body))
        return _Answer(self._record, Upstream(self._clock, self._tls), self._clock)


class _Answer:
    """The model server's answer, and the record of it. As a context, it is asked for, and left where it isn't whole."""

    def __init__(self, record: Record, connection: Upstream, clock: Clock) -> None:
        self._record = record
        self._connection = connection
        self._clock = clock
        self.status = 0
        self.headers: Mapping[str, str] = {}

    async def __aenter__(self) -> "_Answer":
        record, connection = self._record, self._connection
        try:
            await connection.send(record.url, record.headers, record.body)
        except NoAnswer as error:
            self._fail(error)
            raise
        finally:
            record.sent = connection.sent
        record.begin(connection)
        self.status, self.headers = connection.status, connection.headers
        return self

    async def __aexit__(self, *_: object) -> None:
        self._connection.close()

    async def chunks(self) -> AsyncIterator[bytes]:
        try:
            async for at, data in self._connection.chunks():
                self._record.add(at, data)
                yield data
        except NoAnswer as error:
            self._fail(error)
            raise
        self._record.ended = self._clock()

    async def read(self) -> bytes:
        return b"".join([data async for data in self.chunks()])

    def _fail(self, error: NoAnswer) -> None:
        self._record.fail(error.kind, str(error))
        self._record.ended = self._clock()


async def _refuse(reply: Reply, status: int, kind: str, message: str) -> None:
    """Answer with an error that clients of Anthropic's API and of OpenAI's both read."""
    error = {"type": "error", "error": {"type": kind, "message": message}}
    await reply.send(status, {"content-type": "application/json"}, jsonio.dumps(error))
