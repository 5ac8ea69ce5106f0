"""Flows that mitmproxy record itself, without our addon, and what becomes of them."""

import json
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from mitmproxy import http, io
from mitmproxy.flow import Error
from mitmproxy.test import tflow

from tests.support import answers, proxy
from tests.support.one_request import BODY, EVENTS, SAID, ask
from tests.support.scripted import serving, stream, whole
from traces.errors import TraceFormatError
from traces.model import Trace
from traces.storage import store
from traces.stream_reader import LARGEST_BODY


def record(tmp_path: Path, *options: str) -> list[Trace]:
    """Return what a mitmdump without the addon saved of one stream and one request that isn't for a model."""
    saved = tmp_path / "saved.flow"
    with (
        serving([stream(EVENTS, encoding="gzip"), whole({})]) as server,
        proxy.recording(server.url, tmp_path, "-w", str(saved), *options, script=None) as started,
    ):
        ask(started.url)
        ask(started.url, "/v1/embeddings")
        started.stop()
    return list(store.read(saved))


def test_a_flow_that_mitmproxy_buffered_is_a_trace_with_all_but_the_times_of_its_events(tmp_path: Path) -> None:
    [trace] = record(tmp_path)

    assert trace.response is not None
    assert trace.response.body == answers.message(*SAID)
    assert (trace.state, trace.mode, trace.request.body, trace.marks) == ("complete", "local", BODY, ())
    assert {event.at for event in trace.events} == {None}
    assert trace.timing.ttft is None
    assert trace.timing.total is not None
    assert trace.source == tmp_path / "saved.flow"


def test_a_flow_whose_body_was_streamed_past_says_so(tmp_path: Path) -> None:
    [trace] = record(tmp_path, "--set", "stream_large_bodies=1")

    assert trace.marks == ("request_body_not_stored", "response_body_not_stored")
    assert trace.request.body is None
    assert trace.response is not None
    assert trace.response.body is None


@pytest.mark.skipif(version("mitmproxy") < "12", reason="mitmproxy 11 can't store streamed bodies")
def test_a_flow_whose_body_was_streamed_and_stored_is_whole(tmp_path: Path) -> None:
    [trace] = record(tmp_path, "--set", "stream_large_bodies=1", "--set", "store_streamed_bodies=true")

    assert trace.response is not None
    assert (trace.request.body, trace.response.body, trace.marks) == (BODY, answers.message(*SAID), ())


def flow_of(body: bytes = b"", reply: bytes = b"{}", **headers: str) -> http.HTTPFlow:
    flow = tflow.tflow(resp=True)
    assert flow.response is not None
    sent = http.Headers([(name.encode(), value.encode()) for name, value in headers.items()])
    flow.request = http.Request.make("POST", "http://localhost:11434/v1/messages?key=geheim123", body, sent)
    flow.response = http.Response.make(200, reply, {"content-type": "application/json"})
    return flow


def saved(path: Path, *flows: Any) -> Path:
    with path.open("wb") as file:
        writer = io.FlowWriter(file)
        for flow in flows:
            writer.add(flow)
    return path


def test_every_exchange_with_a_model_in_a_file_is_a_trace_and_nothing_else_is(tmp_path: Path) -> None:
    ours = [flow_of(json.dumps({"model": name, "messages": []}).encode()) for name in ("one", "two")]
    path = saved(tmp_path / "x.flow", ours[0], tflow.ttcpflow(), tflow.tflow(), tflow.twebsocketflow(), ours[1])

    assert [(trace.model, trace.mode) for trace in store.read(path)] == [("one", "ollama"), ("two", "ollama")]


def test_secrets_are_removed_from_flows_that_mitmproxy_recorded_itself(tmp_path: Path) -> None:
    body = json.dumps({"messages": ["geheim-header"], "hidden": "x"}).replace("x", r"\u0073k-ant-geheim000000000001")
    reply = b'{"error": "Bearer of geheim-header"}'
    flow = flow_of(body.encode(), reply, **{"x-api-key": "geheim-header", "x-mine": "sk-ant-geheim000000000002"})
    flow.request.path = "/sk-ant-geheim000000000003" + flow.request.path
    assert flow.response is not None
    flow.response.headers["x-echo"] = "geheim-header"

    [trace] = store.read(saved(tmp_path / "x.flow", flow))

    assert "geheim" not in repr(trace)
    assert trace.request.body == {"messages": ["[redacted]"], "hidden": "[redacted]"}
    assert trace.request.url.endswith("?key=[redacted]")


CUTS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("half", lambda data: data[: len(data) * 3 // 4]),
    ("no flow at all", lambda data: b"this is no flow file"),
]


@pytest.mark.parametrize(("_", "broken"), CUTS, ids=[row[0] for row in CUTS])
def test_a_flow_file_that_is_broken_is_named_after_what_could_be_read(
    tmp_path: Path, _: str, broken: Callable[[bytes], bytes]
) -> None:
    path = saved(tmp_path / "x.flow", flow_of(b'{"messages": []}'), flow_of(b'{"messages": []}'))
    path.write_bytes(broken(path.read_bytes()))
    seen: list[Trace] = []

    with pytest.raises(TraceFormatError, match=r"x\.flow: Not a mitmproxy flow file, or cut short"):
        seen.extend(store.read(path))


def test_a_flow_file_cut_short_still_gives_the_exchanges_before_the_cut(tmp_path: Path) -> None:
    path = saved(tmp_path / "x.flow", flow_of(b'{"messages": []}'), flow_of(b'{"messages": []}'))
    path.write_bytes(path.read_bytes()[:-10])

    found = store.read(path)

    assert next(found).request.body == {"messages": []}
    with pytest.raises(TraceFormatError):
        next(found)


BODIES: list[tuple[bytes, Any]] = [
    (b"", None),
    (b"not json", "not json"),
    (b'{"a": 1', '{"a": 1'),
    (b"\xff\xfe", "��"),
    (b'"text"', "text"),
]


@pytest.mark.parametrize(("raw", "kept"), BODIES)
def test_a_body_that_is_no_json_is_kept_as_text(tmp_path: Path, raw: bytes, kept: Any) -> None:
    [trace] = store.read(saved(tmp_path / "x.flow", flow_of(raw, raw)))

    assert trace.response is not None
    assert (trace.request.body, trace.response.body) == (kept, kept)


def test_a_request_that_is_compressed_is_read(tmp_path: Path) -> None:
    flow = flow_of(b'{"model": "m"}')
    flow.request.encode("gzip")

    [trace] = store.read(saved(tmp_path / "x.flow", flow))

    assert trace.request.body == {"model": "m"}


def test_a_request_that_is_too_large_once_unpacked_is_marked(tmp_path: Path) -> None:
    flow = flow_of(b" " * (LARGEST_BODY + 1))
    flow.request.encode("gzip")

    [trace] = store.read(saved(tmp_path / "x.flow", flow))

    assert (trace.request.body, trace.marks) == (None, ("request_body_too_large",))


@pytest.mark.parametrize(
    ("scheme", "tcp", "tls", "kind"),
    [
        ("http", None, None, "unreachable"),
        ("http", 1.0, None, "server_disconnected"),
        ("https", 1.0, None, "unreachable"),  # what answers speaks no TLS, or has no certificate that we trust
        ("https", 1.0, 2.0, "server_disconnected"),
    ],
)
def test_a_server_to_which_no_connection_opened_differs_from_one_that_hung_up(
    tmp_path: Path, scheme: str, tcp: float | None, tls: float | None, kind: str
) -> None:
    flow = flow_of()
    flow.response, flow.error, flow.request.scheme = None, Error("It failed."), scheme
    flow.server_conn.timestamp_tcp_setup, flow.server_conn.timestamp_tls_setup = tcp, tls

    [trace] = store.read(saved(tmp_path / "x.flow", flow))

    assert trace.error is not None
    assert trace.error.kind == kind


def test_a_response_that_is_not_what_its_encoding_says_is_kept_so_far_and_marked(tmp_path: Path) -> None:
    flow = flow_of(b"{}")
    assert flow.response is not None
    flow.response.headers["content-encoding"] = "gzip"

    [trace] = store.read(saved(tmp_path / "x.flow", flow))

    assert trace.marks == ("response_body_undecodable",)
