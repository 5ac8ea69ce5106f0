"""The hooks in mitmproxy's own test context: what they keep of an exchange, with a clock that the test sets."""

import asyncio
import gc
import sqlite3
import weakref
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from mitmproxy import ctx, exceptions, flow, http
from mitmproxy.proxy import server
from mitmproxy.test import taddons, tflow

from addons.capture.handover import Begun, Body, Ended
from addons.capture.recorder import Recorder
from addons.capture.writer import Report, Work, write
from tests.support import answers
from traces import jsonio
from traces.model import Json, Trace
from traces.storage import store
from traces.storage.index import database
from traces.stream_reader import LARGEST_BODY

BODY: Json = {"model": "some-model", "stream": True, "messages": [{"role": "user", "content": "Read /x"}]}
SAID = (answers.thinking("Hm, a file."), answers.text("Let me look."), answers.tool("Read", file_path="/x"))
EVENTS = answers.events(*SAID)
STREAM = {"content-type": "text/event-stream"}


class Directly:
    """A channel to a writer in this very process: each call is made at once."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._work: dict[str, Work] = {}

    def begin(self, key: str, begun: Begun, body: Body) -> None:
        self._work[key] = Work(key, begun, body)
        write(self._work[key], self._note)

    def end(self, key: str, ended: Ended, body: Body) -> None:
        write(replace(self._work[key], ended=ended, response=body), self._note)

    def close(self) -> None:
        pass

    def _note(self, kind: str, key: str, text: str) -> None:
        if kind == "named":
            self._work[key] = replace(self._work[key], path=Path(text))
        self._report(kind, key, text)


@dataclass
class Proxy:
    """A substitute for mitmproxy: it calls the recorder's hooks as an exchange goes on."""

    context: taddons.context
    recorder: Recorder
    folder: Path
    now: list[float] = field(default_factory=lambda: [0.0])

    def flow(self, path: str = "/v1/messages?beta=true", method: str = "POST", body: bytes | None = None) -> Any:
        content = jsonio.dumps(BODY) if body is None else body
        headers = http.Headers(content_type="application/json")
        return tflow.tflow(req=http.Request.make(method, f"http://127.0.0.1:9000{path}", content, headers))

    async def begin(self, exchange: Any, status: int = 200, headers: Any = STREAM) -> Callable[[bytes], Any]:
        """Send the request and the headers of the response; return what takes the response's chunks."""
        self.recorder.request(exchange)
        exchange.response = http.Response.make(status, b"", headers)
        exchange.response.data.content = None
        self.recorder.responseheaders(exchange)
        stream = exchange.response.stream
        return stream if callable(stream) else bytes

    async def through(self, exchange: Any, *chunks: bytes, **head: Any) -> Any:
        """Play a whole exchange; each chunk arrives a second after the one before it."""
        take = await self.begin(exchange, **head)
        for chunk in chunks:
            self.now[0] += 1
            assert take(chunk) == chunk
        take(b"")
        self.recorder.response(exchange)
        return exchange

    def traces(self) -> list[Trace]:
        return [store.load(file) for file in store.files(self.folder)] if self.folder.exists() else []

    def trace(self) -> Trace:
        (trace,) = self.traces()
        return trace


Story = Callable[[Proxy], Awaitable[None]]
Run = Callable[..., Proxy]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return what runs a story in an event loop of its own, between a proxy's start and its end."""

    def run(story: Story, **options: str) -> Proxy:
        async def play() -> Proxy:
            now = [0.0]
            recorder = Recorder(Directly, lambda: now[0])
            with taddons.context(recorder) as context:
                context.options.add_option("connection_strategy", str, "eager", "mitmproxy's own, of an addon")
                context.configure(recorder, anyclaude_dir=str(tmp_path / "traces"), **options)
                recorder.running()
                proxy = Proxy(context, recorder, tmp_path / "traces", now)
                await story(proxy)
                recorder.done()
            return proxy

        return asyncio.run(play())

    return run


@pytest.fixture(autouse=True)
def tcp_timeout() -> Iterator[None]:
    """Restore mitmproxy 11's constant, which the recorder raises."""
    before = getattr(server, "TCP_TIMEOUT", None)
    yield
    if before is not None:
        server.TCP_TIMEOUT = before


def test_every_event_is_stamped_when_its_bytes_arrive(run: Run) -> None:
    async def story(proxy: Proxy) -> None:
        await proxy.through(proxy.flow(), *EVENTS)

    trace = run(story).trace()

    assert trace.state == "complete"
    assert trace.request.body == BODY
    assert trace.response is not None
    assert trace.response.body == answers.message(*SAID)
    stamps = [event.at for event in trace.events if event.content != "tool_end" or event.kind == "content_block_stop"]
    assert stamps == [float(number) for number in range(1, len(EVENTS) + 1)]
    first = next(number for number, event in enumerate(EVENTS, start=1) if b"thinking_delta" in event)
    assert (trace.timing.headers, trace.timing.ttft, trace.timing.total) == (0.0, float(first), float(len(EVENTS)))
    assert trace.marks == ()


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_a_stream_is_the_same_message_however_it_is_cut(run: Run, size: int) -> None:
    body = b"".join(EVENTS)

    async def story(proxy: Proxy) -> None:
        await proxy.through(proxy.flow(), *(body[at : at + size] for at in range(0, len(body), size)))

    trace = run(story).trace()

    assert trace.response is not None
    assert trace.response.body == answers.message(*SAID)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/messages",
        "/v1/messages/count_tokens?beta=true",
        "/v1/chat/completions",
        "/v1/responses",
        "/api/anthropic/v1/messages",
    ],
)
def test_requests_to_a_model_are_recorded_under_any_prefix(run: Run, path: str) -> None:
    async def story(proxy: Proxy) -> None:
        await proxy.through(proxy.flow(path), b'{"input_tokens": 5}', headers={"content-type": "application/json"})

    assert run(story).trace().request.url == f"http://127.0.0.1:9000{path}"


def test_everything_else_passes_and_leaves_nothing(run: Run) -> None:
    async def story(proxy: Proxy) -> None:
        for method, path in (("GET", "/v1/models"), ("GET", "/v1/messages"), ("POST", "/v1/embeddings"), ("PUT", "/")):
            exchange = await proxy.through(proxy.flow(path, method), b"{}")
            assert exchange.response.stream is False

    assert run(story).traces() == []


ERROR = answers.event("error", error={"type": "overloaded_error", "message": "Overloaded"})
AS_JSON = {"content-type": "application/json"}

FAULTS: dict[str, tuple[int, dict[str, str], list[bytes], str, str]] = {
    "an error": (400, AS_JSON, [b'{"error": {"message": "no such model"}}'], "error", "http_error"),
    "overload": (529, AS_JSON, [b'{"error": {"message": "Overloaded"}}'], "error", "http_error"),
    "an error in the stream": (200, STREAM, [*EVENTS[:4], ERROR], "error", "stream_error"),
    "a stream without its end": (200, STREAM, EVENTS[:6], "incomplete", "stream_cut"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_of_the_server_is_a_trace_that_says_which(run: Run, fault: str) -> None:
    status, headers, chunks, state, kind = FAULTS[fault]

    async def story(proxy: Proxy) -> None:
        await proxy.through(proxy.flow(), *chunks, status=status, headers=headers)

    trace = run(story).trace()

    assert (trace.state, trace.error and trace.error.kind) == (state, kind)
    assert trace.response is not None
    assert trace.response.status == status
    assert trace.timing.total == len(chunks)


def test_an_answer_that_is_not_streamed_is_kept_as_it_is(run: Run) -> None:
    async def story(proxy: Proxy) -> None:
        await proxy.through(proxy.flow(), jsonio.dumps(answers.message(*SAID)), headers=AS_JSON)

    trace = run(story).trace()

    assert trace.response is not None
    assert trace.response.body == answers.message(*SAID)
    assert (trace.events, trace.timing.ttft) == ((), None)


def test_the_request_is_on_disk_before_the_response_begins(run: Run) -> None:
    async def story(proxy: Proxy) -> None:
        await proxy.begin(proxy.flow())
        assert [(trace.request.body, trace.response) for trace in proxy.traces()] == [(BODY, None)]

    run(story)


def test_what_is_open_when_the_proxy_stops_is_kept_as_far_as_it_came(run: Run) -> None:
    async def story(proxy: Proxy) -> None:
        take = await proxy.begin(proxy.flow())
        for event in EVENTS[:6]:
            take(event)

    trace = run(story).trace()

    assert (trace.state, trace.error and trace.error.kind) == ("incomplete", "proxy_stopped")
    assert trace.response is not None
    assert trace.events


def test_what_had_arrived_before_a_break_is_kept(run: Run) -> None:
    cut = next(number for number, event in enumerate(EVENTS) if b"input_json_delta" in event) + 1

    async def story(proxy: Proxy) -> None:
        exchange = proxy.flow()
        take = await proxy.begin(exchange)
        for event in EVENTS[:cut]:
            take(event)
        exchange.error = flow.Error("the connection was reset")
        proxy.recorder.error(exchange)

    trace = run(story).trace()

    assert trace.state == "incomplete"
    assert trace.response is not None
    body: Any = trace.response.body
    assert [block["type"] for block in body["content"]] == ["thinking", "text", "tool_use"]
    whole = jsonio.dumps({"file_path": "/x"}).decode()
    assert body["content"][2]["input"].replace(" ", "") in whole
    assert body["content"][2]["input_partial"] is True


def test_what_mitmweb_and_w_show_holds_the_stream_and_no_secret(run: Run) -> None:
    async def story(proxy: Proxy) -> None:
        exchange = proxy.flow("/v1/messages?key=geheim-query-0004")
        exchange.request.headers["x-api-key"] = "geheim-header-0001"
        await proxy.through(exchange, *EVENTS)
        assert exchange.response.content == b"".join(EVENTS)
        assert "geheim" not in f"{exchange.request.path} {exchange.request.headers}"
        assert exchange.comment.startswith("TOOL_CALL Read")

    proxy = run(story)

    assert "geheim" not in next(proxy.folder.rglob("2*.json")).read_text()


def test_a_flow_that_has_ended_is_given_back_before_its_trace_is_written(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the writer is slow, the spool holds what it needs, and the proxy's memory needn't hold it, too."""

    async def story(proxy: Proxy) -> None:
        exchange = await proxy.through(proxy.flow(), *EVENTS)
        held = weakref.ref(exchange)
        del exchange
        gc.collect()
        assert held() is None

    monkeypatch.setattr(Directly, "end", lambda *_: None)  # it is never reported as saved
    run(story)


def test_bodies_over_the_limit_pass_whole_and_are_marked(run: Run) -> None:
    text = "x" * (LARGEST_BODY + 1000)
    long = answers.event("content_block_delta", index=0, delta={"type": "text_delta", "text": text})
    events = [*answers.events(answers.text(""))[:3], long, *answers.events()[-2:]]

    async def story(proxy: Proxy) -> None:
        body = jsonio.dumps({"model": "m", "messages": [{"role": "user", "content": text}]})
        await proxy.through(proxy.flow(body=body), *events)

    proxy = run(story)

    assert proxy.trace().marks[:2] == ("request_body_too_large", "response_body_too_large")
    assert proxy.trace().request.body is None
    assert next(proxy.folder.rglob("2*.json")).stat().st_size < 10_000_000


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("anyclaude_dir", "{file}", "anyclaude_dir: {file} is a file, not a folder."),
        ("anyclaude_mode", "../up", "anyclaude_mode: '../up' can't name a folder: use lower-case letters"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused_in_one_line(
    run: Run, tmp_path: Path, name: str, value: str, complaint: str
) -> None:
    file = tmp_path / "file"
    file.touch()

    async def story(proxy: Proxy) -> None:
        with pytest.raises(exceptions.OptionsError) as raised:
            proxy.context.configure(proxy.recorder, **{name: value.format(file=file)})
        assert str(raised.value).startswith(complaint.format(file=file))

    run(story)


def test_the_mode_names_the_folder(run: Run) -> None:
    async def story(proxy: Proxy) -> None:
        await proxy.through(proxy.flow(), *EVENTS)

    proxy = run(story, anyclaude_mode="my-server")

    assert proxy.trace().mode == "my-server"
    assert (proxy.folder / "my-server" / "latest.json").resolve().suffix == ".json"


def test_what_is_recorded_is_in_the_index_at_once(run: Run) -> None:
    async def story(proxy: Proxy) -> None:
        await proxy.through(proxy.flow(), *EVENTS)

    proxy = run(story)

    with closing(sqlite3.connect(database.path_of(proxy.folder))) as index:
        assert index.execute("SELECT count(*) FROM texts WHERE text LIKE 'Let me look.'").fetchone() == (1,)
        [(path,)] = index.execute("SELECT path FROM files WHERE texts_read")
    assert [proxy.folder / path] == store.files(proxy.folder)


def test_a_prefill_may_last_more_than_an_hour(run: Run) -> None:
    """The limit is an option of mitmproxy 12, and a constant of 11."""

    async def story(_: Proxy) -> None:
        limit = ctx.options.tcp_timeout if "tcp_timeout" in ctx.options else server.TCP_TIMEOUT
        assert limit > 3600

    run(story)
