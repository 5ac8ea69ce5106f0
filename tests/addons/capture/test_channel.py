"""Both channels to the writer: calls are made in order, and reported in the event loop."""

import asyncio
import json
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mitmproxy import http

from addons.capture.channel import Channel, ProcessChannel, ThreadChannel
from addons.capture.writer import Ended, Report
from traces.storage import store
from traces.storage.flowfile import ProxyRecord

Way = Callable[[Report], Channel]
WAYS = [ProcessChannel, ThreadChannel]


def request(text: str = "Hello") -> Any:
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": text}]}).encode()
    made = http.Request.make("POST", "http://localhost:1234/v1/messages", body, http.Headers())
    made.timestamp_start = made.timestamp_end = time.time()
    return made.get_state()


def answer() -> Ended:
    made = http.Response.make(
        200, b'{"content": [{"type": "text", "text": "Hi"}]}', {"content-type": "application/json"}
    )
    return Ended(made.get_state(), None, ProxyRecord(), (None, None))


class Reports:
    """What the writer has reported, and a way to wait for it."""

    def __init__(self) -> None:
        self.all: list[tuple[str, str, str]] = []

    def __call__(self, kind: str, key: str, text: str) -> None:
        self.all.append((kind, key, text))

    @property
    def kinds(self) -> list[tuple[str, str]]:
        return [(kind, key) for kind, key, _ in self.all]

    async def until(self, kind: str) -> None:
        async with asyncio.timeout(20):
            while kind not in [row[0] for row in self.all]:
                await asyncio.sleep(0.01)


@pytest.mark.parametrize("way", WAYS)
def test_a_request_is_on_disk_when_that_is_reported_and_the_whole_after_its_end(way: Way, tmp_path: Path) -> None:
    async def story() -> None:
        reports = Reports()
        channel = way(reports)
        channel.call("begin", "one", request(), str(tmp_path), "")
        await reports.until("begun")
        assert [trace.response for trace in store.read_all(tmp_path)] == [None]

        channel.call("end", "one", answer())
        await reports.until("saved")
        [trace] = store.read_all(tmp_path)
        assert trace.state == "complete"
        path, comment = reports.all[-1][2].split("\n")
        assert path == str(trace.source)
        assert comment.startswith("TEXT_GENERATION")
        channel.close()

    asyncio.run(story())


@pytest.mark.parametrize("way", WAYS)
def test_closing_waits_for_all_calls_and_reports_them(way: Way, tmp_path: Path) -> None:
    """More than any buffer takes at once, so that some of it is still unsent."""

    async def story() -> None:
        reports = Reports()
        channel = way(reports)
        for number in range(10):
            channel.call("begin", str(number), request("x" * 2_000_000), str(tmp_path), "")
            channel.call("end", str(number), answer())
        channel.close()

        assert reports.kinds == [(kind, str(number)) for number in range(10) for kind in ("begun", "saved")]
        assert len(list(store.read_all(tmp_path))) == 10

    asyncio.run(story())


@pytest.mark.parametrize("way", WAYS)
def test_what_cannot_be_written_is_warned_of_once_and_counted_at_the_end(way: Way, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    async def story() -> list[tuple[str, str, str]]:
        reports = Reports()
        channel = way(reports)
        for key in ("one", "two"):
            channel.call("begin", key, request(), str(tmp_path / "file"), "")
            channel.call("end", key, answer())
        channel.close()
        return reports.all

    news = asyncio.run(story())
    warnings = [text for kind, _, text in news if kind == "warning"]
    assert warnings[0].startswith("Traces can't be written, the client goes on without.")
    assert str(tmp_path / "file") in warnings[0]
    assert warnings[1:] == ["2 traces could not be written whole."]
    assert [key for kind, key, _ in news if kind == "lost"] == ["one", "two"]


@pytest.mark.parametrize("way", WAYS)
def test_a_folder_that_is_removed_in_mid_exchange_is_made_again(way: Way, tmp_path: Path) -> None:
    async def story() -> None:
        reports = Reports()
        channel = way(reports)
        channel.call("begin", "one", request(), str(tmp_path / "traces"), "")
        await reports.until("begun")
        shutil.rmtree(tmp_path / "traces")
        channel.call("end", "one", answer())
        channel.close()

        assert [kind for kind, _ in reports.kinds] == ["begun", "saved"]
        assert [trace.state for trace in store.read_all(tmp_path)] == ["complete"]

    asyncio.run(story())


def test_a_writer_that_is_killed_is_reported_once_and_what_comes_after_is_lost_at_once(tmp_path: Path) -> None:
    async def story() -> None:
        reports = Reports()
        channel = ProcessChannel(reports)
        channel._process.send_signal(signal.SIGKILL)
        await reports.until("gone")
        channel.call("begin", "one", request(), str(tmp_path), "")
        assert reports.kinds == [("gone", ""), ("lost", "one")]
        channel.close()

    asyncio.run(story())
