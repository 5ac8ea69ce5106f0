"""The addon in a real mitmdump, before a scripted server: what passes, and what is left on disk."""

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from tests.support import answers, proxy
from tests.support.one_request import BODY, EVENTS, SAID, ask, asking, wait_for, wait_for_request
from tests.support.patience import PATIENCE, eventually
from tests.support.proxy import Proxy
from tests.support.scripted import Answer, Cut, Received, ScriptedServer, Step, cut, serving, stream, whole
from traces.storage import store

GAP = 0.05


def wait_for_log(started: Proxy, text: str, times: int = 1) -> None:
    """Wait until the proxy has logged a text so many times, and not more often."""
    until = time.monotonic() + PATIENCE
    while started.log.read_text().count(text) < times:
        assert time.monotonic() < until, started.log.read_text()
        time.sleep(0.01)
    assert started.log.read_text().count(text) == times


def slowly(events: list[bytes], gap: float = GAP) -> list[Step]:
    return [step for event in events for step in (gap, event)]


@pytest.fixture(scope="module")
def answer() -> list[Answer]:
    """Return what the module's server answers next: a test puts its answer in."""
    return []


@pytest.fixture(scope="module")
def backend(answer: list[Answer]) -> Iterator[ScriptedServer]:
    with serving(lambda request: answer[-1]) as server:
        yield server


@pytest.fixture(scope="module")
def running(backend: ScriptedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with proxy.recording(backend.url, tmp_path_factory.mktemp("proxy")) as started:
        yield started


@pytest.fixture
def through(running: Proxy) -> Proxy:
    """Return the module's proxy, without the traces of other tests."""
    shutil.rmtree(running.folder, ignore_errors=True)
    return running


@pytest.mark.parametrize("encoding", [None, "gzip", "br", "zstd"])
def test_a_stream_passes_byte_for_byte_and_becomes_one_message(
    answer: list[Answer], backend: ScriptedServer, through: Proxy, encoding: str | None
) -> None:
    answer.append(stream(EVENTS, encoding=encoding))
    with (
        asking(backend.url, accept_encoding="gzip, br, zstd") as direct,
        asking(through.url, accept_encoding="gzip, br, zstd") as proxied,
    ):
        assert proxied.read() == direct.read()
        assert proxied.getheaders() == direct.getheaders()

    seen_direct, seen_proxied = backend.posts[-2:]
    assert seen_proxied.body == seen_direct.body
    assert [h for h in seen_proxied.headers if h[0].lower() != "host"] == [
        h for h in seen_direct.headers if h[0].lower() != "host"
    ]

    trace = wait_for(through, "complete")
    assert trace.response is not None
    assert trace.response.body == answers.message(*SAID)
    assert trace.request.body == BODY
    assert trace.ids.session == "0b9e8f3a-5a4c-4e0f-9a51-2f9e5a8d7c10"
    assert trace.mode == "local"
    assert trace.marks == ()


def test_events_are_passed_on_at_once(answer: list[Answer], through: Proxy) -> None:
    """The server sends an event only when the client has read the one before it."""
    read: list[bytes] = []

    def has_read(number: int) -> bool:
        return len(read) >= number

    answer.append(stream([step for number, event in enumerate(EVENTS) for step in (partial(has_read, number), event)]))
    with asking(through.url) as response:
        while line := response.readline():
            if line == b"\n":
                read.append(line)

    trace = wait_for(through, "complete")
    stamps = [event.at or 0.0 for event in trace.events]
    assert stamps == sorted(stamps)
    assert len(set(stamps)) == len(read) == len(EVENTS)
    assert 0 < (trace.timing.headers or 0) <= stamps[0]
    assert stamps[-1] <= (trace.timing.total or 0)


FAULTS: list[tuple[str, Answer, str, str, int | None]] = [
    ("a reset in the stream", stream([*EVENTS[:6], 0.1, Cut.RESET]), "incomplete", "server_disconnected", 200),
    ("a hang-up in the stream", stream([*EVENTS[:6], 0.1, Cut.HANG_UP]), "incomplete", "server_disconnected", 200),
    ("a reset before anything", cut(Cut.RESET), "incomplete", "server_disconnected", None),
]  # fmt: skip


@pytest.mark.parametrize(("_", "fault", "state", "kind", "status"), FAULTS, ids=[row[0] for row in FAULTS])
def test_every_fault_of_the_server_is_a_trace_that_says_which(
    answer: list[Answer], through: Proxy, _: str, fault: Answer, state: str, kind: str, status: int | None
) -> None:
    answer.append(fault)
    with suppress(http.client.IncompleteRead):  # what a client sees of a break-off
        ask(through.url)

    trace = wait_for(through, state)
    assert trace.error is not None
    assert trace.error.kind == kind
    assert trace.error.message
    assert trace.request.body == BODY
    assert (trace.response and trace.response.status) == status
    assert trace.timing.total is not None


def test_a_client_that_leaves_is_distinguished_from_a_server_that_does(answer: list[Answer], through: Proxy) -> None:
    answer.append(stream([*EVENTS[:6], 30.0]))
    with asking(through.url) as response:
        response.readline()

    trace = wait_for(through, "incomplete")
    assert trace.error is not None
    assert trace.error.kind == "client_disconnected"


SECRETS = {
    "x_api_key": "geheim-header-0001",
    "authorization": "Bearer geheim-bearer-0002",
    "cookie": "sid=geheim-cookie-0003",
    "referer": "https://me:geheim-user-0006@host/?token=geheim-referer-7",
    "x_harmless": "sk-ant-api03-geheim0008",
}
REPEATED = (
    "geheim-header-0001, sk-ant-api03-geheim0005, Bearer geheim-bearer-0002, geheim-cookie-0003, geheim-query-0004"
)


def saying(text: str, size: int) -> list[bytes]:
    """Return the events of an answer that brings a text in pieces of this size, and calls a tool with a password."""
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    deltas = [
        answers.event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece}) for piece in pieces
    ]
    whole_answer = answers.events(answers.text(""), answers.tool("login", password="geheim 0009"))
    first = next(at for at, event in enumerate(whole_answer) if b"content_block_stop" in event)
    return [*whole_answer[:first], *deltas, *whole_answer[first:]]


def test_secrets_reach_neither_a_trace_nor_the_log_nor_the_saved_flow_nor_what_is_made_of_it(tmp_path: Path) -> None:
    body = {**BODY, "messages": [{"role": "user", "content": f"my key:\n{REPEATED}"}]}
    reply = saying(f"You said {REPEATED}.", 7)
    refused = whole({"error": {"message": f"wrong: {REPEATED}"}}, 401, set_cookie="sid=geheim-set-0010")
    saved, page = tmp_path / "saved.flow", tmp_path / "page.html"
    path = "/v1/messages?key=geheim-query-0004&page=sk-ant-api03-geheim0011&beta=true"

    def script(request: Received) -> Answer:
        return stream(reply) if "messages" in request.path and b"stream" in request.body else refused

    with (
        serving(script) as server,
        proxy.recording(server.url, tmp_path, "-w", str(saved)) as started,
    ):
        streamed = ask(started.url, path, json.dumps(body).encode(), **SECRETS)
        wait_for(started, "complete")
        others = [
            ask(started.url, path, b'{"a": "geheim-header-0001"}', **SECRETS),
            ask(started.url, "/v1/models?key=geheim-query-0004", b"", "GET", **SECRETS),
            ask(
                started.url,
                "/api/event_logging?key=geheim-query-0004",
                json.dumps({"said": REPEATED}).encode(),
                **SECRETS,
            ),
        ]
        started.stop()

        assert streamed == b"".join(reply)
        assert all(REPEATED.encode() in other for other in others)
        assert server.posts[0].header("x-api-key") == "geheim-header-0001"
        assert server.posts[0].path == path
        assert server.posts[0].json == body
        written = "".join(file.read_text() for file in started.folder.rglob("2*.json"))
        assert "geheim" not in written
        assert "[redacted]" in written
        assert not [line for line in started.log.read_text().splitlines() if "Trace saved" in line and "geheim" in line]
    flows = saved.read_bytes()
    assert b"message_stop" in flows
    assert b"/api/event_logging" in flows
    assert not re.findall(rb".{0,40}geheim.{0,20}", flows)
    assert [trace.request.body for trace in store.read(saved)] == [trace.request.body for trace in started.traces()]
    assert [trace.response and trace.response.body for trace in store.read(saved)] == [
        trace.response and trace.response.body for trace in started.traces()
    ]
    for arguments in (["analyze", str(saved), "-x", "1"], ["report", str(saved), "-x", "1", "-o", str(page)]):
        ran = subprocess.run(
            [sys.executable, "-m", "analysis", *arguments],
            cwd=proxy.REPOSITORY,
            capture_output=True,
            text=True,
            check=True,
        )
        assert "geheim" not in ran.stdout + ran.stderr
    assert "[redacted]" in page.read_text()
    assert "geheim" not in page.read_text()


def test_what_a_proxy_that_prints_nothing_writes_at_its_end_holds_no_secret_either(tmp_path: Path) -> None:
    saved, har = tmp_path / "saved.flow", tmp_path / "saved.har"
    body = json.dumps({**BODY, "metadata": {"said": REPEATED}}).encode()
    answer = saying(REPEATED, 7)
    path = "/v1/messages?key=geheim-query-0004"
    options = ("--set", "flow_detail=0", "-w", str(saved), "--set", f"hardump={har}")
    with (
        serving([stream(answer), stream([*answer[:-4], 30.0])]) as server,
        proxy.recording(server.url, tmp_path, *options) as started,
    ):
        ask(started.url, path, body, **SECRETS)
        wait_for(started, "complete")
        with asking(started.url, path, body, **SECRETS) as under_way:
            under_way.readline()
            started.stop()

    assert "geheim" not in har.read_text()
    assert "[redacted]" in har.read_text()
    assert [trace.state for trace in store.read(saved)] == ["complete", "incomplete"]
    assert b"geheim" not in saved.read_bytes()


def test_a_flow_saved_by_the_proxy_is_the_same_trace_as_the_one_it_wrote(tmp_path: Path) -> None:
    saved = tmp_path / "saved.flow"
    with (
        serving([stream(slowly(EVENTS, 0.01))]) as server,
        proxy.recording(server.url, tmp_path, "-w", str(saved)) as started,
    ):
        ask(started.url)
        written = wait_for(started, "complete")
        started.stop()

    [read] = store.read(saved)
    assert read == written


def test_killed_in_mid_stream_the_proxy_leaves_a_trace_with_its_request(tmp_path: Path) -> None:
    with serving([stream([*EVENTS[:6], 30.0])]) as server, proxy.recording(server.url, tmp_path) as started:
        with asking(started.url) as response:
            response.readline()
            started.kill()

        trace = wait_for_request(started)
        assert (trace.state, trace.response, trace.request.body) == ("incomplete", None, BODY)


def test_the_request_is_written_while_its_response_is_on_its_way(tmp_path: Path) -> None:
    with (
        serving([stream([*EVENTS[:2], 30.0])]) as server,
        proxy.recording(server.url, tmp_path) as started,
        asking(started.url),
    ):
        assert wait_for_request(started).request.body == BODY


def test_a_writer_that_hangs_is_none_of_the_times_of_an_exchange(tmp_path: Path) -> None:
    with serving([stream(EVENTS)]) as server, proxy.recording(server.url, tmp_path) as started:
        writer = writer_of(started)
        os.kill(writer, signal.SIGSTOP)
        before = time.monotonic()
        assert ask(started.url) == b"".join(EVENTS)  # and not only when the writer goes on
        asked = time.monotonic() - before
        os.kill(writer, signal.SIGCONT)

        trace = wait_for(started, "complete")
        assert trace.timing.ttft is not None
        assert trace.timing.total is not None
        assert trace.timing.ttft <= trace.timing.total <= asked


def test_a_clean_stop_leaves_what_had_arrived(tmp_path: Path) -> None:
    with serving([stream([*EVENTS[:6], 30.0])]) as server, proxy.recording(server.url, tmp_path) as started:
        with asking(started.url) as response:
            while b"content_block_delta" not in response.readline():
                pass
            started.stop()

        [trace] = started.traces()
        assert trace.error is not None
        assert (trace.state, trace.error.kind) == ("incomplete", "proxy_stopped")
        assert trace.response is not None
        assert trace.events


def test_a_server_that_is_not_there_is_a_trace_too(tmp_path: Path) -> None:
    with proxy.recording("http://127.0.0.1:9", tmp_path) as started:
        with asking(started.url) as response:
            assert response.status == 502

        trace = wait_for(started, "error")
        assert trace.error is not None
        assert trace.error.kind == "refused"
        assert "127.0.0.1" in trace.error.message


def test_a_folder_that_cannot_be_written_costs_one_warning_and_no_request(tmp_path: Path) -> None:
    with serving([stream(EVENTS)]) as server, proxy.recording(server.url, tmp_path) as started:
        started.folder.write_text("a file where the folder should be, made after the proxy had looked")
        for _ in range(3):
            assert ask(started.url) == b"".join(EVENTS)
        started.stop()

    log = started.log.read_text()
    assert log.count("Traces can't be written") == 1
    assert "3 traces could not be written whole." in log
    assert str(started.folder) in log
    assert "Traceback" not in log


def test_the_user_is_told_when_recording_goes_on_and_when_it_fails_again(tmp_path: Path) -> None:
    with serving([stream(EVENTS)]) as server, proxy.recording(server.url, tmp_path) as started:
        for times in (1, 2):
            started.folder.write_text("a file where the folder should be")
            ask(started.url)
            wait_for_log(started, "Traces can't be written", times)
            started.folder.unlink()
            ask(started.url)
            wait_for_log(started, "recording goes on; 1 trace is missing", times)
            shutil.rmtree(started.folder)


def test_a_writer_that_was_killed_costs_one_warning_and_no_trace(tmp_path: Path) -> None:
    """It is killed in mid-stream, when it has written the request."""
    killed = threading.Event()
    halves = stream([*EVENTS[:6], killed.is_set, *EVENTS[6:]])
    with serving([halves, stream(EVENTS)]) as server, proxy.recording(server.url, tmp_path) as started:
        with asking(started.url) as response:
            wait_for_request(started)
            os.kill(writer_of(started), signal.SIGKILL)
            killed.set()
            assert response.read() == b"".join(EVENTS)
        for _ in range(3):
            assert ask(started.url) == b"".join(EVENTS)
        started.stop()
        assert [trace.state for trace in started.traces()] == ["complete"] * 4

    log = started.log.read_text()
    assert log.count("The process that writes traces ended unexpectedly.") == 1
    assert "Traceback" not in log


def test_words_of_a_server_that_no_log_can_take_are_no_error_of_ours(answer: list[Answer], through: Proxy) -> None:
    answer.append(whole({"error": {"message": "\x1b[2J\ud800"}}, 400))
    ask(through.url)

    trace = wait_for(through, "error")
    assert trace.error is not None
    assert trace.error.message == "\x1b[2J\ud800"
    wait_for_log(through, "http_error 400: �[2J�")
    assert "Traceback" not in through.log.read_text()


UNPICKLABLE = """
import threading

def request(flow):
    flow.metadata["theirs"] = threading.Lock()
"""


def test_what_other_addons_keep_in_a_flow_does_not_matter(tmp_path: Path) -> None:
    script = tmp_path / "theirs.py"
    script.write_text(UNPICKLABLE)
    with serving([stream(EVENTS)]) as server, proxy.recording(server.url, tmp_path, "-s", str(script)) as started:
        ask(started.url)

        wait_for(started, "complete")
        assert "Traceback" not in started.log.read_text()


@pytest.mark.parametrize(
    ("option", "complaint"),
    [
        ("anyclaude_dir={file}", "anyclaude_dir: {file} is a file, not a folder."),
        ("anyclaude_mode=../up", "anyclaude_mode: '../up' can't name a folder: use lower-case letters"),
        ("anyclaude_translate=messages", "anyclaude_translate: 'messages' is none of chat, responses, auto, off."),
        ("anyclaude_repair=all", "anyclaude_repair: 'all' is no repair: known are system-role"),
    ],
)
def test_an_option_that_makes_no_sense_ends_the_proxy_with_one_line(
    tmp_path: Path, option: str, complaint: str
) -> None:
    file = tmp_path / "file"
    file.touch()
    mitmdump = Path(sys.executable).with_name("mitmdump")
    listen = ("-p", "0", "--listen-host", "127.0.0.1")
    argv = [str(mitmdump), "-s", str(proxy.SCRIPT), *listen, "--set", option.format(file=file)]

    ended = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE)

    assert ended.returncode == 1
    assert complaint.format(file=file) in ended.stdout
    assert "Traceback" not in ended.stdout + ended.stderr


def test_the_script_runs_in_any_folder_and_where_nothing_of_ours_is_installed(tmp_path: Path) -> None:
    """The standard library and mitmproxy must be enough: what else we depend on is hidden from the proxy."""
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    names = ("orjson", "toktok", "tiktoken", "pandas", "tabulate")
    for name in names:
        (hidden / f"{name}.py").write_text("raise ImportError(__name__)\n")
    copy = tmp_path / "elsewhere"
    for room in ("addons", "traces"):
        shutil.copytree(proxy.REPOSITORY / room, copy / room, ignore=shutil.ignore_patterns("__pycache__"))
    with serving([stream(EVENTS)]) as server:
        os.environ["PYTHONPATH"], before = str(hidden), os.environ.get("PYTHONPATH")
        try:
            with proxy.recording(server.url, tmp_path, script=copy / "addons" / "anyclaude_trace.py") as started:
                ask(started.url)
                trace = wait_for(started, "complete")
        finally:
            os.environ.pop("PYTHONPATH")
            if before is not None:
                os.environ["PYTHONPATH"] = before

    assert trace.response is not None
    assert trace.response.body == answers.message(*SAID)


def writer_of(started: Proxy) -> int:
    """Return the process that writes, once the proxy has started it."""
    found: list[bytes] = []

    def is_there() -> bool:
        found[:] = subprocess.run(["pgrep", "-P", str(started.process.pid)], stdout=subprocess.PIPE).stdout.split()
        return bool(found)

    assert eventually(is_there)
    return int(found[0])
