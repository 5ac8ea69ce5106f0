"""Both channels to the writer: what is handed over is written, and reported in the event loop."""

import asyncio
import gzip
import json
import shutil
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from mitmproxy import http
from mitmproxy.test import tflow

from addons.capture import thread_channel
from addons.capture.channel import Channel
from addons.capture.handover import Begun, Ended
from addons.capture.process_channel import ProcessChannel
from addons.capture.thread_channel import ThreadChannel
from addons.capture.writer import LARGE, Report, Work, write
from tests.support.patience import PATIENCE
from traces.money.bill import Bill
from traces.storage import store
from traces.storage.flowfile import ProxyRecord

Way = Callable[[Report], Channel]
WAYS = [ProcessChannel, ThreadChannel]

ANSWER = b'{"content": [{"type": "text", "text": "Hi"}]}'


def begin(channel: Channel, key: str, folder: Path, text: str = "Hello", packed: bool = False) -> None:
    """Hand over a request that says `text`."""
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": text}]}).encode()
    body = gzip.compress(body) if packed else body
    headers = http.Headers(content_encoding="gzip") if packed else http.Headers()
    request = http.Request.make("POST", "http://localhost:1234/v1/messages", body, headers)
    request.timestamp_start = request.timestamp_end = time.time()
    channel.begin(key, Begun.of(tflow.tflow(req=request), str(folder), ""), body)


def end(channel: Channel, key: str) -> None:
    """Hand over the answer."""
    flow = tflow.tflow(resp=http.Response.make(200, ANSWER, {"content-type": "application/json"}))
    channel.end(key, Ended.of(flow, ProxyRecord()), ANSWER)


class Reports:
    """What has been reported, and a way to wait for it."""

    def __init__(self) -> None:
        self.all: list[tuple[str, str, str]] = []

    def __call__(self, kind: str, key: str, text: str) -> None:
        self.all.append((kind, key, text))

    def keys(self, kind: str) -> list[str]:
        return [key for what, key, _ in self.all if what == kind]

    async def until(self, kind: str, count: int = 1) -> None:
        async with asyncio.timeout(60):
            while len(self.keys(kind)) < count:
                await asyncio.sleep(0.01)


async def until_on_disk(folder: Path, count: int) -> None:
    async with asyncio.timeout(60):
        while not folder.exists() or len(store.files(folder)) < count:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("way", WAYS)
def test_a_request_is_written_while_its_answer_is_under_way_and_the_whole_after_its_end(
    way: Way, tmp_path: Path
) -> None:
    async def story() -> None:
        reports = Reports()
        channel = way(reports)
        begin(channel, "one", tmp_path)
        await until_on_disk(tmp_path, 1)
        assert [trace.response for trace in store.read_all(tmp_path)] == [None]

        end(channel, "one")
        await reports.until("saved")
        [trace] = store.read_all(tmp_path)
        assert trace.state == "complete"
        path, bill, comment = reports.all[-1][2].split("\n")
        assert Bill.from_line(bill) == Bill.of(trace)
        assert path == str(trace.source)
        assert comment.startswith("TEXT_GENERATION")
        channel.close()

    asyncio.run(story())


@pytest.mark.parametrize("way", WAYS)
def test_closing_waits_for_all_that_was_handed_over(way: Way, tmp_path: Path) -> None:
    async def story() -> None:
        reports = Reports()
        channel = way(reports)
        for number in range(10):
            begin(channel, str(number), tmp_path, "x" * 2_000_000)
            end(channel, str(number))
        channel.close()

        assert sorted(reports.keys("saved")) == [str(number) for number in range(10)]
        assert [trace.state for trace in store.read_all(tmp_path)] == ["complete"] * 10

    asyncio.run(story())


@pytest.mark.parametrize("way", WAYS)
def test_what_cannot_be_written_is_reported_with_the_reason(way: Way, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    async def story() -> list[tuple[str, str, str]]:
        reports = Reports()
        channel = way(reports)
        for key in ("one", "two"):
            begin(channel, key, tmp_path / "file")
            end(channel, key)
        channel.close()
        return reports.all

    reported = asyncio.run(story())
    assert [key for kind, key, _ in reported if kind == "lost"] == ["one", "two"]
    assert all(str(tmp_path / "file") in text for kind, _, text in reported)


@pytest.mark.parametrize("way", WAYS)
def test_a_folder_that_is_removed_in_mid_exchange_is_made_again(way: Way, tmp_path: Path) -> None:
    async def story() -> None:
        reports = Reports()
        channel = way(reports)
        begin(channel, "one", tmp_path / "traces")
        await until_on_disk(tmp_path / "traces", 1)
        shutil.rmtree(tmp_path / "traces")
        end(channel, "one")
        channel.close()

        assert reports.keys("saved") == ["one"]
        assert [trace.state for trace in store.read_all(tmp_path)] == ["complete"]

    asyncio.run(story())


def test_another_writer_goes_on_with_what_one_that_was_killed_left(tmp_path: Path) -> None:
    """One exchange is open and its request on disk, one has ended and isn't written, as the writer is stopped."""

    async def story() -> None:
        reports = Reports()
        channel = ProcessChannel(reports)
        begin(channel, "open", tmp_path)
        await until_on_disk(tmp_path, 1)
        channel._process.send_signal(signal.SIGSTOP)
        begin(channel, "ended", tmp_path)
        end(channel, "ended")
        channel._process.send_signal(signal.SIGKILL)
        await reports.until("gone")
        end(channel, "open")
        await reports.until("saved", 2)

        assert reports.keys("gone") == [""]
        assert [trace.state for trace in store.read_all(tmp_path)] == ["complete", "complete"]
        channel.close()

    asyncio.run(story())


def test_a_writer_that_dies_while_the_proxy_waits_for_its_end_is_replaced(tmp_path: Path) -> None:
    async def story() -> None:
        reports = Reports()
        channel = ProcessChannel(reports)
        channel._process.send_signal(signal.SIGSTOP)
        begin(channel, "one", tmp_path)
        end(channel, "one")
        channel._process.send_signal(signal.SIGKILL)
        channel.close()

        assert reports.keys("saved") == ["one"]

    asyncio.run(story())
    assert [trace.state for trace in store.read_all(tmp_path)] == ["complete"]


def test_where_no_writer_can_be_started_that_is_reported_once_and_each_exchange_as_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("addons.capture.process_channel.PROGRAM", "raise SystemExit(1)")

    async def story() -> None:
        reports = Reports()
        channel = ProcessChannel(reports)
        await reports.until("failed")
        begin(channel, "one", tmp_path)
        end(channel, "one")
        channel.close()
        assert [(kind, key) for kind, key, _ in reports.all] == [("failed", ""), ("lost", "one")]

    asyncio.run(story())


GATED = """
import pathlib, sys, time
sys.path.insert(0, sys.argv[1])
from addons.capture import aside, writer_process
write = aside.write
def when_open(work, report):
    while not pathlib.Path({gate!r}).exists():
        time.sleep(0.01)
    write(work, report)
aside.write = when_open
writer_process.main()
"""


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("way", WAYS)
def test_an_exchange_that_is_large_to_write_delays_no_other(
    way: Way, packed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The large one isn't written until the others are."""
    gate, opened = tmp_path / "gate", threading.Event()

    def when_open(work: Work, report: Report) -> None:
        if work.key == "large":
            opened.wait(PATIENCE)
        write(work, report)

    monkeypatch.setattr("addons.capture.process_channel.PROGRAM", GATED.format(gate=str(gate)))
    monkeypatch.setattr(thread_channel, "write", when_open)

    async def story() -> None:
        reports = Reports()
        channel = way(reports)
        for key, text in (("large", "x" * LARGE), ("small", "x"), ("another", "x")):
            begin(channel, key, tmp_path / "traces", text, packed)
            end(channel, key)
        await reports.until("saved", 2)
        assert reports.keys("saved") == ["small", "another"]

        gate.touch()
        opened.set()
        await reports.until("saved", 3)
        assert [trace.state for trace in store.read_all(tmp_path / "traces")] == ["complete"] * 3
        channel.close()

    asyncio.run(story())


def test_the_end_does_not_wait_for_a_large_exchange_and_it_is_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = tmp_path / "gate"
    monkeypatch.setattr("addons.capture.process_channel.PROGRAM", GATED.format(gate=str(gate)))
    monkeypatch.setattr("addons.capture.process_channel.CLOSE_TIMEOUT", PATIENCE)
    monkeypatch.setattr("addons.capture.process_channel.LARGE_TIMEOUT", 0.5)

    async def story() -> None:
        reports = Reports()
        channel = ProcessChannel(reports)
        begin(channel, "large", tmp_path / "traces", "x" * LARGE)
        end(channel, "large")
        channel.close()
        assert reports.all == [("unfinished", "", "1")]

        gate.touch()
        channel._process.wait(PATIENCE)

    asyncio.run(story())
    assert [trace.state for trace in store.read_all(tmp_path / "traces")] == ["complete"]
