"""The order of runs."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from replay.request import Options, Run, TraceRef
from replay.run.schedule import ref_of, schedule
from tests.support import synthetic
from traces.model import Request, Response

ONE = TraceRef("one", "1")
TWO = TraceRef("two", "2")


def order(options: Options, *traces: TraceRef) -> list[tuple[int, str, str]]:
    return [(run.round, run.trace.name, run.model) for run in schedule(traces or [ONE], ["a", "b"], options)]


def test_once_each_goes_in_the_order_that_was_asked_for() -> None:
    assert order(Options(), ONE, TWO) == [(1, "one", "a"), (1, "one", "b"), (1, "two", "a"), (1, "two", "b")]


def test_models_take_turns_so_that_a_slow_minute_hits_all_of_them() -> None:
    runs = order(Options(runs=5, seed=3))

    assert [round for round, _, _ in runs] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert all({model for number, _, model in runs if number == round} == {"a", "b"} for round in range(1, 6))


def test_the_order_within_a_round_is_drawn_by_the_seed() -> None:
    drawn = {seed: tuple(order(Options(runs=8, seed=seed))) for seed in range(5)}

    assert drawn[0] == tuple(order(Options(runs=8, seed=0)))
    assert len(set(drawn.values())) > 1
    assert {model for round, _, model in drawn[0][::2]} == {"a", "b"}


def test_a_single_round_keeps_its_order_whatever_the_seed() -> None:
    assert {tuple(order(Options(seed=seed), ONE, TWO)) for seed in range(9)} == {tuple(order(Options(), ONE, TWO))}


def test_warm_ups_come_first_and_do_not_count() -> None:
    runs = schedule([ONE], ["a"], Options(runs=2, warmup=2))

    assert [(run.round, run.warmup) for run in runs] == [(-1, True), (0, True), (1, False), (2, False)]


def test_what_is_saved_is_not_run_again() -> None:
    options = Options(runs=2, warmup=1)

    def left(saved: Callable[[Run], bool]) -> list[tuple[int, str]]:
        return sorted((run.round, run.model) for run in schedule([ONE], ["a", "b"], options, saved))

    assert left(lambda run: run.model == "a") == [(0, "b"), (1, "b"), (2, "b")]
    assert left(lambda run: run.round == 1) == [(0, "a"), (0, "b"), (2, "a"), (2, "b")]


def test_a_trace_is_known_by_what_it_asks_not_by_whom() -> None:
    trace = synthetic.tool_call()
    body = trace.request.body
    assert isinstance(body, dict)

    def asking(**changes: object) -> TraceRef:
        return ref_of(replace(trace, request=Request("POST", trace.request.url, {}, {**body, **changes})))

    assert asking(model="another").hash == asking(stream=True).hash == ref_of(trace).hash
    assert asking(max_tokens=1).hash != ref_of(trace).hash


def test_a_trace_is_named_by_its_file() -> None:
    trace = synthetic.tool_call()

    assert ref_of(replace(trace, source=Path("/x/simple.json"))).name == "simple"
    assert ref_of(trace).name == "2025-10-26T14-23-45-123"
    assert (ref_of(trace).messages, ref_of(trace).tools) == (3, 4)


def test_a_control_is_one_more_model_of_its_own_trace_unless_it_is_asked_for_anyway() -> None:
    other = replace(ONE, name="two", hash="2")
    runs = schedule([ONE, other], ["a"], Options(), controls={ONE: "recorded", other: "a"})
    assert [(run.trace.name, run.model) for run in runs] == [(ONE.name, "a"), (ONE.name, "recorded"), ("two", "a")]


def test_the_model_that_answered_is_known_beside_the_one_that_was_asked() -> None:
    trace = synthetic.tool_call()
    message: dict[str, object] = {"model": "qwen3", "content": []}
    assert ref_of(replace(trace, response=Response(200, {}, message))).answered == "qwen3"
    assert ref_of(replace(trace, response=None)).answered is None
