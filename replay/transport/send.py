"""Sends a request and measures its answer, or asks a server a short question."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count

from replay.exchange import Load, Progress, ReplayError, Reply, Sent
from replay.request import Prepared, Target
from replay.transport import door
from replay.transport.answer import Answer
from replay.transport.connection import Clock, connect, failure, reader
from traces import jsonio
from traces.dialects import FORMATS
from traces.http1 import NotHttp, ResponseReader
from traces.model import Json

TICK = 0.25
"""Seconds between two checks of the answer and of the timeouts; each also measures how late the event loop is."""

GRACE = 2.0
"""Seconds that a connection may stay open after the answer's closing event, until the answer is taken as whole."""

PATIENCE = 3.0
"""Seconds of silence after plain text where an event is expected, until that text is taken for an error."""


async def send(
    prepared: Prepared,
    clock: Clock = time.perf_counter,
    timeout: float = 600.0,
    stall_timeout: float = 300.0,
    on_progress: Callable[[Progress], None] | None = None,
    cpu_clock: Clock = time.process_time,
    on_sent: Callable[[], None] | None = None,
    patience: float = PATIENCE,
) -> Sent:
    """Send the request and read its answer to the end. An error is the result's `error`."""
    started = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    before = clock()
    try:
        request = reader(prepared.target, "POST", prepared.path, prepared.body, prepared.headers)
        connection = await connect(prepared.target, clock, timeout)
    except (NotHttp, OSError) as error:
        return Sent(prepared, started, error=failure(error, timeout))
    answer, connected = Answer(prepared, request), clock() - before

    def check() -> None:
        """Read what has arrived, and end what takes too long."""
        elapsed = clock() - start
        if not on_progress and elapsed < timeout and elapsed - connection.last_at < TICK:
            return  # nobody waits for it, and more is coming
        connection.deliver()
        progress = answer.progress(elapsed)
        _check_timeouts(answer, progress, timeout, stall_timeout, patience)
        if answer.finished:
            connection.end()
        elif on_progress:
            on_progress(progress)

    try:
        await door.wait()
        watch = _Watch(check, connection.over, clock, cpu_clock)
        try:
            start = connection.request(request.request, answer)
            if on_sent:
                on_sent()
            await connection.over
            return answer.result(started, connected, watch.load())
        finally:
            watch.stop()
    finally:
        connection.transport.abort()


def _check_timeouts(answer: Answer, now: Progress, timeout: float, stall_timeout: float, patience: float) -> None:
    """End an answer that takes too long. Pings and headers are no content: until that comes, the model still reads."""
    silent = now.elapsed - (answer.last_at or 0.0)
    if answer.closed_by_event and silent >= GRACE:
        answer.finish()
    elif silent >= patience and (words := answer.body.possible_error()) is not None:
        answer.fail("stream_error", words, now.elapsed)
    elif not now.chunks and now.elapsed >= timeout:
        answer.fail("timeout", f"no content within {timeout:g} s (--timeout)", now.elapsed)
    elif now.chunks and silent >= stall_timeout:
        answer.fail("stalled", f"nothing more came for {stall_timeout:g} s (--stall-timeout)", now.elapsed)


_PHASES = (number * 0.618034 % 1 for number in count(1))
"""When each watch makes its first check, as a share of TICK: many streams that begin at once are checked one after the
other, since a check delays the times of all. Multiples of the golden ratio are spread evenly, however many they are."""


class _Watch:
    """Calls a check every TICK, and measures how busy this process is and how late its event loop.

    It uses a timer, since waking a task for each check takes longer than the check.
    """

    def __init__(self, check: Callable[[], None], over: "asyncio.Future[None]", clock: Clock, cpu_clock: Clock) -> None:
        self._check = check
        self._over = over
        self._clock = clock
        self._cpu_clock = cpu_clock
        self._loop = asyncio.get_running_loop()
        self._start, self._cpu = clock(), cpu_clock()
        self._late = 0.0
        self._plan(TICK * next(_PHASES))

    def _plan(self, wait: float = TICK) -> None:
        self._due = self._clock() + wait
        self._timer = self._loop.call_later(wait, self._tick)

    def _tick(self) -> None:
        self._late = max(self._late, self._clock() - self._due)
        self._plan()
        try:
            self._check()
        except Exception as error:
            if not self._over.done():
                self._over.set_exception(error)

    def load(self) -> Load:
        now = self._clock()
        elapsed = now - self._start
        cpu = (self._cpu_clock() - self._cpu) / elapsed if elapsed else 0.0
        return Load(cpu, max(self._late, now - self._due))

    def stop(self) -> None:
        self._timer.cancel()


HEADERS = {
    "content-type": "application/json",
    **{k: v for each in FORMATS.values() for k, v in each.headers({}).items()},
}


async def ask(target: Target, method: str, path: str, body: Json = None, timeout: float = 10.0) -> Reply:
    """Ask a server a short question, and return its reply. An error is the reply's `error`."""
    data = b"" if body is None else jsonio.dumps(body)
    try:
        sink = _ShortAnswer(reader(target, method, path, data, HEADERS))
        async with asyncio.timeout(timeout):
            connection = await connect(target, time.perf_counter, timeout)
            try:
                connection.request(sink.reader.request, sink)
                await connection.over
            finally:
                connection.transport.abort()
    except TimeoutError:
        return Reply(error=ReplayError("timeout", f"no answer within {timeout:g} s"))
    except (NotHttp, OSError) as error:
        return Reply(error=failure(error, timeout))
    return sink.reply()


class _ShortAnswer:
    """Reads a short answer in one piece."""

    def __init__(self, reader: ResponseReader) -> None:
        self.reader = reader
        self.finished = False
        self.may_batch = False
        self._body: list[bytes] = []
        self._error: ReplayError | None = None

    def take(self, at: float, data: bytes) -> None:
        try:
            self._body.append(self.reader.feed(data))
            self.finished = self.reader.ended
        except NotHttp as error:
            self.finished, self._error = True, ReplayError("malformed", str(error))

    def close(self, at: float, error: Exception | None) -> None:
        self.finished = True
        if not self.reader.close():
            self._error = self._error or ReplayError(
                "server_disconnected", str(error or "the server closed the connection")
            )

    def reply(self) -> Reply:
        came, text = b"".join(self._body), ""
        try:
            body = jsonio.loads(came)
        except ValueError:
            body, text = None, came.decode("utf-8", "replace")
        return Reply(None if self._error else self.reader.status, self.reader.headers, body, self._error, text)
