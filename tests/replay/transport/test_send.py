"""Requests over real sockets to a scripted server: when each chunk arrived, progress, timeouts."""

import asyncio
import socket
import time
from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from replay.exchange import Progress, Sent
from replay.run.metrics import measure
from replay.transport import door
from replay.transport.send import GRACE, send
from tests.support.scripted import FOREVER, Step, serving, stream
from tests.support.sending import BODY, HELLO, exchange, prepared, seconds, texts
from traces.metrics import content_chunks

ROLE_ONLY = b'data: {"choices":[{"index":0,"delta":{"role":"assistant"}}]}\n\n'


def test_every_chunk_is_stamped_when_it_arrives() -> None:
    """The server sends the second only when a look has seen the first, and its end when one has seen the second."""
    seen: dict[int, float] = {}

    came = exchange(
        [*HELLO[:4], lambda: 1 in seen, HELLO[4], lambda: 2 in seen, *HELLO[5:]],
        on_progress=lambda progress: seen.setdefault(progress.chunks, progress.elapsed),
    )

    assert came.error is None
    first, second = content_chunks(came.events)
    assert 0 < seconds(came.headers_at) <= seconds(first.at) <= seen[1]
    assert seen[1] < seconds(second.at) <= seen[2] < seconds(came.total)
    assert (texts(came.message), came.status) == ("Hello", 200)


def test_progress_is_reported_while_the_answer_comes() -> None:
    progresses: list[Progress] = []

    exchange([*HELLO[:4], lambda: progresses and progresses[-1].chunks, *HELLO[4:]], on_progress=progresses.append)

    assert (1, 2) in [(progress.chunks, progress.characters) for progress in progresses]


class Noting(asyncio.SelectorEventLoop):
    """A loop that notes for how long timers are set, and by whom."""

    def __init__(self) -> None:
        super().__init__()
        self.timers: dict[object, float] = {}

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Any, *arguments: Any, **more: Any
    ) -> asyncio.TimerHandle:
        self.timers.setdefault(getattr(callback, "__self__", None), delay)
        return super().call_later(delay, callback, *arguments, **more)


def test_streams_that_begin_at_once_are_not_looked_at_at_once() -> None:
    """What a look takes would delay the stamps of all others."""

    async def four(url: str) -> None:
        await asyncio.gather(*(send(prepared(url)) for _ in range(4)))

    loop = Noting()
    with serving([stream(HELLO)]) as server, asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(four(server.url))

    looks = sorted(delay for whose, delay in loop.timers.items() if type(whose).__module__ == send.__module__)
    assert len(looks) == 4
    assert min(later - earlier for earlier, later in pairwise(looks)) > 0.01


def test_what_goes_wrong_in_showing_progress_is_not_swallowed() -> None:
    def show(progress: Progress) -> None:
        raise BrokenPipeError("nobody looks any more")

    with pytest.raises(BrokenPipeError):
        exchange([*HELLO[:4], FOREVER], on_progress=show)


def test_an_end_that_is_noticed_later_has_the_time_at_which_it_came() -> None:
    """Its last bytes come one by one, so nothing but a look can tell that they were the last."""

    now = 0.0

    async def talk() -> Sent:
        served = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal now
            await reader.readuntil(b"\r\n\r\n" + BODY)
            body = b"".join(HELLO)
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0" % (len(body), body))
            for byte in (b"\r", b"\n", b"\r", b"\n"):
                await asyncio.sleep(0.01)
                now += 0.1
                writer.write(byte)
            await asyncio.sleep(0.01)  # both ends run in one loop: by now the client has read it
            now += 1
            await reader.read()  # until the client leaves
            writer.close()
            served.set()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            came = await send(prepared(f"http://127.0.0.1:{port}"), clock=lambda: now)
            await served.wait()
            return came

    came = asyncio.run(talk())
    assert came.error is None
    assert seconds(came.total) < 0.5


def test_a_request_that_is_given_up_before_it_goes_out_leaves_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[asyncio.Event] = []

    async def wait() -> None:
        waits.append(asyncio.Event())
        await waits[-1].wait()

    async def give_up(url: str) -> list[object]:
        loop = asyncio.get_running_loop()
        made: list[asyncio.BaseTransport] = []
        create = loop.create_connection

        async def remember(*given: Any, **more: Any) -> Any:
            transport, protocol = await create(*given, **more)
            made.append(transport)
            return transport, protocol

        monkeypatch.setattr(loop, "create_connection", remember)
        task = asyncio.create_task(send(prepared(url)))
        while not waits:
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return [transport.is_closing() for transport in made]

    monkeypatch.setattr(door, "wait", wait)
    with socket.create_server(("127.0.0.1", 0)) as listening:  # the system accepts for it, and it leaves nothing behind
        assert asyncio.run(give_up(f"http://127.0.0.1:{listening.getsockname()[1]}")) == [True]


def test_a_client_that_was_kept_from_reading_knows_it() -> None:
    blocking = exchange([*HELLO[:4], 0.7, *HELLO[4:]], on_progress=lambda progress: time.sleep(0.5))

    assert blocking.load.late > 0.15
    assert any("late" in doubt for doubt in measure(blocking).doubts)


def test_headers_and_a_role_are_no_content_to_wait_for_less() -> None:
    came = exchange([FOREVER], "chat", timeout=0.2, stall_timeout=0.01)

    assert came.error is not None
    assert (came.error.kind, came.error.message) == ("timeout", "no content within 0.2 s (--timeout)")


def test_silence_before_the_first_content_is_no_stall() -> None:
    now, looks = 0.0, 0

    def looked(_: Progress) -> None:
        nonlocal looks
        looks += 1

    def a_minute_later() -> bool:
        nonlocal now
        now = 60.0
        return True

    def looked_again(before: list[int]) -> bool:
        before.append(looks)
        return looks > before[0]

    steps: list[Step] = [*HELLO[:2], a_minute_later, partial(looked_again, []), *HELLO[2:]]
    came = exchange(steps, clock=lambda: now, timeout=90.0, stall_timeout=30.0, on_progress=looked)
    assert came.error is None


def test_silence_in_mid_stream_is_a_stall() -> None:
    came = exchange([*HELLO[:4], FOREVER], stall_timeout=0.2)

    assert came.error is not None
    assert came.error.kind == "stalled"
    assert texts(came.message) == "He"


@pytest.mark.parametrize(
    "steps",
    [
        [b"data: Number of choices is 0.\n\n"],
        [b"Number of choices is 0."],
        [*HELLO[:4], b"data: Number of choices is 0.\n"],
    ],
)
def test_a_text_in_a_stream_that_stays_open_is_an_error_soon(steps: list[Step]) -> None:
    came = exchange([*steps, FOREVER], timeout=FOREVER, patience=0.1)

    assert came.error is not None
    assert (came.error.kind, came.error.message) == ("stream_error", "Number of choices is 0.")
    assert seconds(came.total) < FOREVER / 2


def test_a_connection_that_stays_open_after_the_closing_event_is_left() -> None:
    begun = time.perf_counter()
    came = exchange([*HELLO, FOREVER])
    until_left = time.perf_counter() - begun

    assert came.error is None
    assert GRACE < until_left < FOREVER
    assert seconds(came.total) <= until_left - GRACE
