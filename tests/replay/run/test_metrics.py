"""Whether each figure is what its name says, also where other tools measure wrongly. All times are known."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from replay.exchange import Load, Sent
from replay.request import Prepared, Target
from replay.result import Metrics
from replay.run.metrics import measure
from replay.transport.answer import Answer
from tests.support import answers
from traces.dialects import Dialect
from traces.http1 import ResponseReader
from traces.metrics import prefill_speed

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"

Moment = tuple[float, bytes]


def exchange(dialect: Dialect, arrivals: Sequence[Moment], load: Load = Load()) -> Sent:  # noqa: B008 - frozen
    """Return an answer whose pieces arrive at these times; the headers at 0.01 s, the end with the last piece."""
    prepared = Prepared(Target("http://x", "x", dialect), "/", {}, b"", "m", dialect)
    answer = Answer(prepared, ResponseReader("POST", "/", [("host", "x"), ("content-length", "0")], b""))
    answer.take(0.01, HEAD)
    for at, data in arrivals:
        answer.take(at, data)
    answer.close(arrivals[-1][0], None)
    return answer.result("2025-10-26T14:23:45.123Z", 0.001, load)


def measured(dialect: Dialect, arrivals: Sequence[Moment], error: str | None = None) -> Metrics:
    came = exchange(dialect, arrivals)
    assert (came.error and came.error.kind) == error
    return measure(came)


def chunk(delta: dict[str, Any] | None = None, finish: str | None = None, **fields: Any) -> bytes:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    return f"data: {json.dumps({'choices': choices, **fields})}\n\n".encode()


def words(text: str) -> bytes:
    return chunk({"content": text})


ROLE = chunk({"role": "assistant", "content": ""})
FINISH = chunk({}, "stop")
DONE = b"data: [DONE]\n\n"


def usage(prompt: int, output: int, **more: Any) -> bytes:
    return chunk(usage={"prompt_tokens": prompt, "completion_tokens": output}, **more)


def call(arguments: str, name: str | None = None) -> bytes:
    function = {"name": name, "arguments": arguments} if name else {"arguments": arguments}
    part = {"index": 0, **({"id": "call_1", "type": "function"} if name else {}), "function": function}
    return chunk({"tool_calls": [part]})


@dataclass(frozen=True)
class Case:
    """What arrives when, and what must be measured of it."""

    arrivals: Sequence[Moment]
    expected: dict[str, Any]
    dialect: Dialect = "chat"
    error: str | None = None


def delta(text: str, kind: str = "text") -> bytes:
    return answers.event("content_block_delta", index=0, delta={"type": f"{kind}_delta", kind: text})


def begun(input: int, output: int = 0) -> bytes:
    message = {**answers.message(), "stop_reason": None, "usage": {"input_tokens": input, "output_tokens": output}}
    block = {"type": "text", "text": ""}
    start = answers.event("message_start", message=message)
    return start + answers.event("content_block_start", index=0, content_block=block)


def ended(**usage: int) -> bytes:
    stop = answers.event("content_block_stop", index=0)
    return stop + answers.event("message_delta", delta={"stop_reason": "end_turn"}, usage=usage) + ENDING


ENDING = answers.event("message_stop")
FOUR_A_CHUNK = [(1 + n * 0.1, words("four tokens come ")) for n in range(25)]

TIMINGS = {"prompt_n": 9, "prompt_ms": 990.5, "predicted_n": 2, "predicted_ms": 499}

CASES = {
    "a role-only chunk before prefill is no token": Case(
        [
            (0.02, ROLE), (10.0, words("one")), (10.1, words(" two")),
            (10.1, FINISH + usage(1120, 2, timings={"cache_n": 0}) + DONE),
        ],
        {"timing.ttft": 10.0, "prefill_speed": 112.0, "output": 2, "decode": 10.0},
    ),
    "only a tool call, no text": Case(
        [
            (0.02, ROLE), (2.0, call("", "Read")), (2.5, call('{"a":')), (3.0, call("1}")),
            (3.5, chunk({}, "tool_calls") + usage(10, 12) + DONE),
        ],
        {"timing.ttft": 2.0, "timing.first_answer": 2.0, "timing.first_tool_call": 3.5, "generation": 1.5},
    ),
    "thinking comes first": Case(
        [
            (1.0, chunk({"reasoning_content": "Hm"})), (2.0, chunk({"reasoning_content": "so"})), (3.0, words("42")),
            (3.0, FINISH + usage(10, 3) + DONE),
        ],
        {"timing.ttft": 1.0, "timing.first_answer": 3.0, "decode": 1.0},
    ),
    "four tokens a chunk": Case(
        [*FOUR_A_CHUNK, (3.4, FINISH + usage(10, 100) + DONE)],
        {"decode": 40.0, "estimated": True, "gaps.count": 24, "gaps.p50": 0.1},
    ),
    "usage in a chunk of its own, after the finish": Case(
        [(1.0, words("a")), (1.5, words("b")), (1.5, FINISH), (1.6, usage(10, 3)), (1.7, DONE)],
        {"output": 3, "output_by": "server", "timing.last_content": 1.5, "timing.total": 1.7},
    ),
    "one token in all": Case(
        [(1.0, words("yes")), (1.2, FINISH + usage(10, 1) + DONE)],
        {"decode": None, "gaps": None, "end_to_end": 1 / 1.2, "output": 1},
    ),
    "the last content and the finish share a chunk": Case(
        [(1.0, words("a")), (2.0, chunk({"content": "b"}, "stop") + usage(10, 2) + DONE)],
        {"timing.last_content": 2.0, "decode": 1.0, "estimated": False},
    ),
    "a finish without content": Case(
        [(1.0, words("a")), (1.5, words("b")), (4.0, FINISH + usage(10, 2) + DONE)],
        {"timing.last_content": 1.5, "decode": 2.0, "generation": 3.0},
    ),
    "nothing but an end": Case(
        [(1.0, ROLE + FINISH + usage(10, 0) + DONE)],
        {"timing.ttft": None, "decode": None, "prefill_speed": None, "generation": None, "output": 0},
        error="empty",
    ),
    "no usage at all is estimated, and said to be": Case(
        [(1.0, words("x" * 40)), (2.0, words("y" * 40)), (2.0, FINISH + DONE)],
        {"output": 20, "output_by": "estimate", "input": None, "prefill_speed": None, "decode": 10.0},
    ),
    "an estimate is none of a chunk, though there are as many chunks": Case(
        [(1.0, words("four")), (2.0, words("more")), (2.0, FINISH + DONE)],
        {"output": 2, "output_by": "estimate", "decode": 1.0, "estimated": True},
    ),
    "a cached prompt isn't prefilled": Case(
        [
            (2.0, words("a")), (2.0, FINISH + DONE.join([usage(1000, 1, timings={"cache_n": 950}), b""])),
        ],
        {"prefill_speed": 25.0, "input.cache_read": 950, "input.total": 1000},
    ),
    "a first usage of zeros": Case(
        [
            (0.5, begun(0)), (1.0, delta("a")), (1.5, delta("b")),
            (1.5, ended(input_tokens=100, cache_read_input_tokens=0, output_tokens=2)),
        ],
        {"input.uncached": 100, "output": 2, "prefill_speed": 100.0, "timing.ttft": 1.0},
        "anthropic",
    ),
    "usage split over start and end": Case(
        [(0.5, begun(50)), (0.6, answers.event("ping")), (2.0, delta("a")), (2.0, ended(output_tokens=1))],
        {"input.uncached": 50, "prefill_speed": None, "timing.ttft": 2.0, "input.cache_read": None},
        "anthropic",
    ),
    "the server's own times": Case(
        [
            (1.0, words("a")), (1.5, words("b") + FINISH),
            (1.5, usage(9, 2, timings=TIMINGS) + DONE),
        ],
        {"server.prefill": 0.9905, "server.decode": 0.499, "server.prefill_tokens": 9},
    ),
}  # fmt: skip


def value_of(metrics: Metrics, name: str) -> Any:
    """Return a figure by its name; `decode` is the speed, `estimated` whether that is an estimate."""
    if name in ("decode", "estimated"):
        return metrics.decode.tokens_per_second if name == "decode" else metrics.decode.estimated
    if name == "prefill_speed":
        return prefill_speed(metrics.input, metrics.timing.ttft)
    value: Any = metrics
    for part in name.split("."):
        value = getattr(value, part)
    return value


@pytest.mark.parametrize("name", CASES)
def test_a_figure_is_what_it_is_called(name: str) -> None:
    case = CASES[name]
    metrics = measured(case.dialect, case.arrivals, case.error)

    assert {key: value_of(metrics, key) for key in case.expected} == {
        key: pytest.approx(value) if isinstance(value, float) else value for key, value in case.expected.items()
    }


ONE_SECOND = [(1.0, words("a")), (2.0, words("b") + FINISH + usage(10, 2) + DONE)]


@pytest.mark.parametrize(
    ("load", "doubt"),
    [
        (Load(cpu=0.3, late=0.015), None),
        (Load(cpu=0.93), "used 93% of a core"),
        (Load(late=0.06), "up to 60 ms late"),
    ],
)
def test_a_client_that_fell_behind_makes_its_figures_doubtful(load: Load, doubt: str | None) -> None:
    doubts = measure(exchange("chat", ONE_SECOND, load)).doubts

    assert [doubt in said for said in doubts if doubt] == ([True] if doubt else [])
    assert bool(doubts) == bool(doubt)


def test_events_that_could_not_be_read_are_counted() -> None:
    came = exchange("chat", [(0.5, b"data: {oops\n\n"), *ONE_SECOND])

    assert came.error is None
    assert measure(came).doubts == ("1 event of the stream couldn't be read",)


def test_gaps_are_between_chunks_and_know_their_slowest() -> None:
    arrivals = [(1.0, words("a")), (1.1, words("b")), (1.2, words("c")), (2.2, words("d") + FINISH + DONE)]
    gaps = measured("chat", arrivals).gaps

    assert gaps is not None
    assert gaps.count == 3
    assert [gaps.p50, gaps.p90, gaps.longest] == pytest.approx([0.1, 0.82, 1.0])
