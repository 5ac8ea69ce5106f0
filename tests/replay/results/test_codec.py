"""A result and its JSON document."""

import json
from pathlib import Path
from typing import Any

import pytest

from replay.errors import ResultError
from replay.exchange import Load, ReplayError
from replay.request import Run, Target, TraceRef
from replay.result import Gaps, Metrics, ReplayResult, ServerTimes, Verdict
from replay.results import codec
from traces.metrics import InputUsage, Speed
from traces.model import Event, Timing

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
    """FULL, as it is read from its file."""
    return {**json.loads(json.dumps(codec.encode(FULL, "0.1.0"))), **changes}


def test_every_field_comes_back() -> None:
    assert codec.decode(document(), SOURCE) == FULL


def test_what_a_later_version_adds_is_left_out() -> None:
    assert codec.decode(document(colour="red"), SOURCE) == FULL


def test_what_is_missing_takes_its_default() -> None:
    short = {
        name: value for name, value in document().items() if name in ("schema_version", "run", "target", "started")
    }
    assert codec.decode(short, SOURCE) == ReplayResult(FULL.run, FULL.target, FULL.started)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"run": None}, "run: expected an object, found 'None'."),
        ({"run": {"model": "m"}}, "run.trace is missing."),
        ({"started": 5}, "started: expected str, found '5'."),
        ({"chunks": [[1, 2]]}, "chunks[0]: expected [seconds, kind, content, characters], found '[1, 2]'."),
        ({"chunks": {}}, "chunks: expected a list, found '{}'."),
        ({"metrics": {"output": "12"}}, "metrics.output: expected int, found '12'."),
        ({"metrics": {"output": True}}, "metrics.output: expected int, found 'True'."),
        ({"metrics": {"timing": {"ttft": "fast"}}}, "metrics.timing.ttft: expected float, found 'fast'."),
        ({"settings": []}, "settings: expected Mapping, found '[]'."),
        ({"target": {"url": "", "name": "", "dialect": "x"}}, "target.dialect: expected one of anthropic, chat"),
    ],
)
def test_a_complaint_names_the_place(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ResultError) as raised:
        codec.decode(document(**changes), SOURCE)
    assert str(raised.value).startswith(f"x.json: {complaint}")


def test_a_key_in_a_document_is_not_taken_for_one() -> None:
    assert codec.decode(document(target={"url": "u", "name": "n", "key": "k"}), SOURCE).target.key is None
