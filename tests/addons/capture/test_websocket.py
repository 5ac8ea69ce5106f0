"""Exchanges over a WebSocket, through a real mitmdump: each request in it is a trace like any other."""

import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.support import websockets
from tests.support.patience import eventually
from tests.support.proxy import recording
from tests.support.scripted import serving, whole
from tests.support.websockets import Talk
from traces.content.answers import kind_of
from traces.model import Trace
from traces.storage import flowfile

ASKED = {"type": "response.create", "model": "m", "input": [{"role": "user", "content": "Hi"}], "store": False}


def by_number(frame: Any) -> list[Any] | None:
    """Answer with the number that is asked for; hang up in mid-answer where it is none."""
    if frame["type"] != "response.create":
        return []
    asked = frame["input"][0]["content"]
    return websockets.answer(f"You said {asked}.", f"resp_{asked}")


def asked(text: str, **more: Any) -> Any:
    return {**ASKED, "input": [{"role": "user", "content": text}], **more}


def shape(trace: Trace) -> Any:
    body: Any = trace.request.body
    answer: Any = trace.message
    text = answer and answer["output"] and answer["output"][0]["content"][0]["text"]
    return trace.state, trace.request.method, body["input"][0]["content"], text


def test_each_request_and_its_answer_are_a_trace(tmp_path: Path) -> None:
    flows = tmp_path / "all.flow"
    with websockets.serving(by_number) as server, recording(server.url, tmp_path, "-w", str(flows)) as proxy:
        talk = Talk(proxy.url, "/v1/responses", **{"session-id": "s-1", "authorization": "Bearer hush"})
        for number in ("1", "2", "3"):
            talk.send(asked(number))
            assert [frame["type"] for frame in talk.receive("response.completed")][-1] == "response.completed"
            talk.send({"type": "response.processed", "response_id": f"resp_{number}"})
        talk.close()
        assert eventually(lambda: len(proxy.traces()) == 3)
        proxy.stop()
        live = proxy.traces()
    assert [shape(trace) for trace in live] == [("complete", "POST", n, f"You said {n}.") for n in ("1", "2", "3")]
    assert [frame["type"] for frame in server.frames].count("response.processed") == 3
    for trace in live:
        assert (trace.ids.session, trace.request.headers["authorization"]) == ("s-1", "[redacted]")
        assert (trace.marks, trace.odd, kind_of(trace)) == ((), None, "TEXT_GENERATION")
        assert trace.events[0].kind == "response.created"
        times = [event.at for event in trace.events]
        assert None not in times
        assert trace.timing.ttft is not None
        assert "type" not in (trace.request.body if isinstance(trace.request.body, dict) else {"type": 1})
    read = list(flowfile.read(flows))
    assert [shape(trace) for trace in read] == [shape(trace) for trace in live]
    assert [trace.message for trace in read] == [trace.message for trace in live]
    assert all(trace.timing.ttft is not None for trace in read)


@pytest.mark.parametrize("who", ["server", "client"])
def test_a_connection_that_breaks_leaves_what_had_come(tmp_path: Path, who: str) -> None:
    flows = tmp_path / "all.flow"

    def script(frame: Any) -> list[Any] | None:
        events = by_number(frame)
        assert events is not None
        return events[:4] if frame["input"][0]["content"] == "half" else None if who == "server" else []

    with websockets.serving(script) as server, recording(server.url, tmp_path, "-w", str(flows)) as proxy:
        talk = Talk(proxy.url, "/v1/responses")
        talk.send(asked("half"))
        talk.receive("response.output_text.delta")
        talk.send(asked("none"))
        if who == "client":
            assert eventually(lambda: len(server.frames) == 2)
        else:
            talk.receive("never")
        talk.hang_up()
        assert eventually(lambda: all(trace.error for trace in proxy.traces()))
        proxy.stop()
        live = proxy.traces()
    kind = f"{who}_disconnected"
    for traces in (live, list(flowfile.read(flows))):
        assert [trace.error and trace.error.kind for trace in traces] == [kind, kind]
        assert [shape(trace) for trace in traces] == [
            ("incomplete", "POST", "half", "You said half."),
            ("incomplete", "POST", "none", None),
        ]


def test_an_error_frame_ends_the_exchange(tmp_path: Path) -> None:
    error = {"type": "error", "status": 400, "error": {"code": "previous_response_not_found", "message": "Gone."}}
    with websockets.serving(lambda frame: [error]) as server, recording(server.url, tmp_path) as proxy:
        talk = Talk(proxy.url, "/v1/responses")
        talk.send(asked("x", previous_response_id="resp_0"))
        assert talk.receive("error") == [error]
        talk.close()
        proxy.stop()
        [trace] = proxy.traces()
    assert trace.error is not None
    assert (trace.error.kind, trace.error.message) == ("stream_error", "Gone.")


def test_other_websockets_pass_by(tmp_path: Path) -> None:
    with websockets.serving(lambda frame: [{"type": "pong"}]) as server, recording(server.url, tmp_path) as proxy:
        for path in ("/v1/realtime", "/v1/responses"):
            talk = Talk(proxy.url, path)
            talk.send({"type": "ping"})
            assert talk.receive("pong") == [{"type": "pong"}]
            talk.close()
        proxy.stop()
        assert proxy.traces() == []
        assert "rror" not in proxy.log.read_text()


def test_a_warm_up_that_asks_for_no_content_is_no_failure(tmp_path: Path) -> None:
    def script(frame: Any) -> list[Any]:
        events = by_number(frame) or []
        nothing = {**events[-1]["response"], "output": []}
        return [events[0], {"type": "response.completed", "response": nothing}]

    with websockets.serving(script) as server, recording(server.url, tmp_path) as proxy:
        talk = Talk(proxy.url, "/v1/responses")
        for generate in (False, True):
            talk.send(asked("x", generate=generate))
            talk.receive("response.completed")
        talk.close()
        proxy.stop()
        warm, turn = proxy.traces()
    assert (warm.state, turn.error and turn.error.kind) == ("complete", "empty")


def test_a_history_is_shortened_over_http_in_one_piece(tmp_path: Path) -> None:
    body = {"model": "m", "input": [{"role": "user", "content": "Hi"}]}
    answer = {
        "id": "resp_1",
        "object": "response.compaction",
        "output": [{"type": "compaction", "encrypted_content": "x"}],
    }
    with serving([whole(answer)]) as server, recording(server.url, tmp_path) as proxy:
        sent = urllib.request.Request(f"{proxy.url}/v1/responses/compact", json.dumps(body).encode())
        with urllib.request.urlopen(sent) as got:
            assert json.load(got) == answer
        proxy.stop()
        [trace] = proxy.traces()
    assert (trace.state, trace.message) == ("complete", answer)
