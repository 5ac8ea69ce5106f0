"""A result and its JSON document."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from replay.errors import ResultError
from replay.exchange import Load, ReplayError
from replay.request import Run, Target, TraceRef
from replay.result import Gaps, Metrics, ReplayResult, ServerTimes, Verdict
from replay.results import codec
from traces.errors import TraceFormatError
from traces.metrics import InputUsage, Speed
from traces.model import Event, Exchange, Odd, Request, Response, Timing
from traces.storage import store

SOURCE = Path("x.json")

FULL = ReplayResult(
    run=Run(TraceRef("simple", "c0ffee", "claude", 3, 16), "m@4bit", 2, "cold", 7, 3),
    target=Target("http://localhost:1234", "lmstudio", "chat", "lmstudio", "0.4.2"),
    started="2025-10-26T14:23:45.123Z",
    model_answered="m",
    settings={"temperature": 0, "thinking": {"type": "disabled"}},
    notes=("thinking: dropped",),
    metrics=Metrics(
        timing=Timing(0.01, 0.5, 0.6, 0.7, 0.8, 0.9),
        connect=0.001,
        output=12,
        output_by="server",
        decode=Speed(40.0, estimated=True),
        gaps=Gaps(11, 0.02, 0.03, 0.04, 0.05),
        input=InputUsage(100, 7, None),
        server=ServerTimes(100, 0.4, 12, 0.3),
        doubts=("late",),
    ),
    chunks=(Event(0.5, "chunk:content", "text", 4), Event(None, "chunk", None)),
    usage={"prompt_tokens": 107},
    message={"choices": [{"message": {"content": "Hi"}}]},
    stop_reason="stop",
    verdicts=(Verdict("whole", True), Verdict("same_tool", None), Verdict("in_order", False, "oops")),
    error=ReplayError("http_error", "429: later", 429, 3.5),
    load=Load(0.5, 0.002),
    machine={"cpus": 2},
)


def document(**changes: Any) -> Any:
    """FULL, as it is in its file."""
    return {**json.loads(codec.encode(FULL, "0.1.0")), **changes}


def read(document: Any) -> ReplayResult:
    return codec.decode(json.dumps(document).encode(), SOURCE)


def test_every_field_comes_back() -> None:
    assert read(document()) == FULL


EXCHANGE = Exchange(
    "2025-10-26T14:23:45.123Z",
    "lmstudio",
    Request(
        "POST", "http://localhost:1234/v1/messages", {"accept": "text/event-stream"}, {"model": "m", "messages": []}
    ),
    Response(200, {"content-type": "text/event-stream"}, {"content": [{"type": "text", "text": "Hi"}]}),
    timing=Timing(0.01, 0.5, 0.5, None, 0.5, 0.6),
    events=(Event(0.4, "message_start"), Event(0.5, "content_block_delta:text_delta", "text", 2)),
    marks=("odd_events",),
    odd=Odd(1, "{"),
)
SENT = replace(FULL, exchange=EXCHANGE, chunks=EXCHANGE.events[1:], error=None)


def test_an_exchange_comes_back_with_its_result() -> None:
    assert codec.decode(codec.encode(SENT, "0.1.0"), SOURCE) == SENT


def test_a_result_is_read_like_any_trace(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_bytes(codec.encode(SENT, "0.1.0"))

    trace = store.load(file)

    assert trace.replayed
    assert {name: getattr(trace, name) for name in Exchange.__dataclass_fields__} == {
        name: getattr(EXCHANGE, name) for name in Exchange.__dataclass_fields__
    }
    assert store.load(file, events=False) == replace(trace, events=())
    assert (store.peek(file).model, store.peek(file).ttft, store.peek(file).marks) == ("m", 0.5, ("odd_events",))


def test_a_result_without_an_exchange_is_no_trace(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_bytes(codec.encode(FULL, "0.1.0"))

    with pytest.raises(TraceFormatError, match=r"x\.json: A replay's result that holds no request"):
        store.load(file)


def test_a_failed_result_that_was_sent_keeps_its_error_whole() -> None:
    failed = replace(SENT, error=FULL.error, exchange=replace(EXCHANGE, error=FULL.error))

    assert codec.decode(codec.encode(failed, "0.1.0"), SOURCE) == failed


def test_secrets_stay_out_of_the_exchange() -> None:
    key = "sk-made-up-key-0123456789"
    body = {"model": "m", "messages": [{"role": "user", "content": f"My key is {key}"}]}
    mine = replace(
        SENT,
        target=replace(SENT.target, key=key),
        exchange=replace(EXCHANGE, request=replace(EXCHANGE.request, body=body)),
    )

    assert key.encode() not in codec.encode(mine, "0.1.0")


@pytest.mark.parametrize(
    ("word", "kind"), [("reset", "server_disconnected"), ("cut", "stream_cut"), ("refused", "refused")]
)
def test_a_document_of_version_1_loads_with_the_words_of_its_time(word: str, kind: str) -> None:
    old = document(schema_version=1, error={"kind": word, "message": "x", "status": None, "retry_after": None})

    assert read(old) == replace(FULL, error=ReplayError(kind, "x"))


def test_what_a_later_version_adds_is_left_out() -> None:
    assert read(document(colour="red")) == FULL


def test_what_is_missing_takes_its_default() -> None:
    short = {
        name: value for name, value in document().items() if name in ("schema_version", "run", "target", "started")
    }
    assert read(short) == ReplayResult(FULL.run, FULL.target, FULL.started)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"run": None}, "run: expected an object, found null."),
        ({"run": {"model": "m"}}, "run.trace is missing."),
        ({"started": 5}, "started: expected text, found a whole number."),
        ({"chunks": [[1, 2]]}, "chunks[0]: expected [seconds, kind, content, characters], found a list."),
        ({"chunks": {}}, "chunks: expected a list, found an object."),
        ({"metrics": {"output": "12"}}, "metrics.output: expected a whole number, found text."),
        ({"metrics": {"output": True}}, "metrics.output: expected a whole number, found true or false."),
        ({"metrics": {"timing": {"ttft": "fast"}}}, "metrics.timing.ttft: expected a number, found text."),
        ({"settings": []}, "settings: expected an object, found a list."),
        ({"target": {"url": "", "name": "", "dialect": "x"}}, "target.dialect: expected one of anthropic, chat"),
    ],
)
def test_a_complaint_names_the_place(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ResultError) as raised:
        read(document(**changes))
    assert str(raised.value).startswith(f"x.json: {complaint}")


def test_a_key_in_a_document_is_not_taken_for_one() -> None:
    assert read(document(target={"url": "u", "name": "n", "key": "k"})).target.key is None
