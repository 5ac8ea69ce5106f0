"""Which results are compared with which, and how their differences are found."""

import random
from dataclasses import replace
from typing import Any

import pytest

from replay.compare.compare import Comparison, across, compare, value_of
from replay.request import Run, Target, TraceRef
from replay.result import ReplayResult
from tests.support import replays
from traces.metrics import InputUsage

OTHER = TraceRef("another", "beef")


def only(results: list[ReplayResult]) -> Comparison:
    (comparison,) = compare(results)
    return comparison


def around(middle: float, n: int, seed: int = 1) -> list[float]:
    chance = random.Random(seed)
    return [chance.gauss(middle, middle / 100) for _ in range(n)]


def test_runs_of_one_model_are_one_contender() -> None:
    (model,) = only(replays.runs("a", [1.0, 3.0, 2.0])).contenders
    assert (model.label, len(model.runs), model.median("ttft")) == ("a", 3, 2.0)


def test_only_what_answered_the_same_request_is_compared() -> None:
    results = [replays.result("a"), replays.result("a", trace=OTHER), replays.result("b", trace=OTHER)]
    assert [(each.request, len(each.contenders)) for each in compare(results)] == [
        ("simple-tool-call", 1),
        ("another", 2),
    ]


def test_warm_ups_do_not_count() -> None:
    (model,) = only([replays.result("a", 0, ttft=9.0), *replays.runs("a", [1.0])]).contenders
    assert model.values("ttft") == [1.0]


def test_a_try_that_was_followed_by_another_is_no_run_of_its_own() -> None:
    def tried(attempt: int, made: ReplayResult) -> ReplayResult:
        return replace(made, run=replace(made.run, attempt=attempt))

    busy, good, gone = replays.failed("a"), replays.result("a"), replays.failed("a", 2)
    (model,) = only([tried(1, busy), tried(2, busy), tried(3, good), tried(1, gone), tried(2, gone)]).contenders
    assert (len(model.runs), len(model.good), [result.run.round for result in model.failed]) == (2, 1, [2])


def test_failed_runs_are_counted_but_not_measured() -> None:
    (model,) = only([replays.result("a", 1, ttft=1.0), replays.failed("a", 2)]).contenders
    assert (len(model.good), len(model.failed), model.values("ttft")) == (1, 1, [1.0])


@pytest.mark.parametrize(
    ("others", "labels"),
    [
        ({"run": Run(replays.SIMPLE, "a", cache="cold")}, ["a (as-is)", "a (cold)"]),
        ({"target": Target("http://localhost:11434", "ollama")}, ["a @lmstudio", "a @ollama"]),
        (
            {"target": Target("http://box:1234", "lmstudio")},
            ["a @http://localhost:1234", "a @http://box:1234"],
        ),
        (
            {"target": Target("http://box:99", "http://box:99")},
            ["a @lmstudio", "a @http://box:99"],
        ),
        ({"target": replace(replays.TARGET, dialect="chat")}, ["a anthropic", "a chat"]),
        ({"settings": {"temperature": 0}}, ["a", "a temperature=0"]),
    ],
    ids=["cache", "server", "address", "server without a name", "dialect", "settings"],
)
def test_a_label_names_what_differs_and_no_more(others: dict[str, Any], labels: list[str]) -> None:
    results = [replays.result("a"), replays.result("a", **others)]
    assert [each.label for each in only(results).contenders] == labels


def test_the_difference_from_the_best_is_looked_into_in_pairs() -> None:
    slow, fast = replays.runs("slow", around(60.0, 8, 1)), replays.runs("fast", around(2.4, 8, 2))
    found = only([*slow, *fast]).differences["ttft"]["slow"]
    assert (found.shown, found.paired, found.n, found.more) == (True, True, 8, 1.0)
    assert found.low < 57.6 < found.high


def test_models_that_took_no_turns_are_no_pairs() -> None:
    """Each was replayed on its own, the other model being loaded by hand in between."""
    slow = [replays.result("slow", n, ttft=60.0 + n, run=Run(replays.SIMPLE, "slow", n, seed=1)) for n in range(1, 9)]
    found = only([*slow, *replays.runs("fast", around(2.4, 8))]).differences["ttft"]["slow"]
    assert (found.shown, found.paired) == (True, False)


def test_another_models_name_needs_no_server_beside_it() -> None:
    elsewhere = Target("http://localhost:11434", "ollama")
    assert [each.label for each in only([replays.result("a"), replays.result("b", target=elsewhere)]).contenders] == [
        "a",
        "b",
    ]


def test_more_tokens_per_second_are_better() -> None:
    results = [replays.result("slow", decode=16.9), replays.result("fast", decode=65.3)]
    assert [each.label for each in only(results).ranked("decode")] == ["fast", "slow"]
    assert [each.label for each in only(results).ranked("tokens")] == ["slow", "fast"]


def test_two_equal_models_show_no_difference() -> None:
    results = [*replays.runs("a", around(2.4, 10, 1)), *replays.runs("b", around(2.4, 10, 2))]
    assert not any(each.shown for found in only(results).differences.values() for each in found.values())


@pytest.mark.parametrize(
    ("usage", "cache", "speed"),
    [
        (InputUsage(1_000, 0, None), "as-is", 500.0),
        (InputUsage(1_000, None, None), "as-is", None),
        (InputUsage(1_000, None, None), "cold", 500.0),
        (InputUsage(1, 11_999, 0), "as-is", None),
        (None, "cold", None),
    ],
    ids=["said", "not said", "kept out by a marker", "one token", "no usage"],
)
def test_a_prefill_speed_is_compared_only_where_it_is_known_what_was_read(
    usage: InputUsage | None, cache: Any, speed: float | None
) -> None:
    run = Run(replays.SIMPLE, "a", cache=cache)
    assert value_of("prefill")(replays.result("a", ttft=2.0, usage=usage, run=run)) == speed


def test_single_runs_have_no_difference() -> None:
    assert only([replays.result("a"), replays.result("b", ttft=60.0)]).differences["ttft"] == {}


def test_two_models_on_several_requests_are_compared_in_pairs_over_all() -> None:
    requests = [TraceRef(f"request-{number}", f"hash-{number}") for number in range(6)]
    results = [
        replays.result(model, ttft=factor * (1 + number), trace=trace)
        for number, trace in enumerate(requests)
        for model, factor in (("a", 1.0), ("b", 1.5))
    ]
    found = {each.measure: each for each in across(compare(results))}
    assert (found["ttft"].one, found["ttft"].other, found["ttft"].difference.n) == ("a", "b", 6)
    assert found["ttft"].difference.shown
    assert found["ttft"].difference.ratio == pytest.approx(1 / 1.5)


@pytest.mark.parametrize("models", [["a"], ["a", "b", "c"]])
def test_over_all_requests_only_two_models_make_pairs(models: list[str]) -> None:
    results = [replays.result(model, trace=trace) for model in models for trace in (replays.SIMPLE, OTHER)]
    assert across(compare(results)) == []


def test_old_files_without_a_hash_are_distinguished_by_name() -> None:
    results = [replays.result("a", trace=TraceRef(name, "")) for name in ("one", "two", "one")]
    assert [each.request for each in compare(results)] == ["one", "two"]


@pytest.mark.parametrize(
    ("right", "wrong", "is_correct"), [(0, 0, True), (1, 0, True), (2, 1, True), (1, 1, False), (0, 1, False)]
)
def test_a_model_is_correct_if_most_of_its_answers_were(right: int, wrong: int, is_correct: bool) -> None:
    verdicts = [replays.RIGHT] * right + [replays.wrong()] * wrong or [()]
    results = [replays.result("a", number, verdicts=each) for number, each in enumerate(verdicts, 1)]
    assert only(results).contenders[0].is_correct is is_correct
