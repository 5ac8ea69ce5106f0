"""The table of a session's passes: seconds per turn before and after, and in all."""

from dataclasses import replace

import pytest

from replay.result import Metrics, ReplayResult
from replay.session.steps import plan
from replay.session.table import Outcome, columns, conclusions, line, rows
from replay.session.turn import Variant
from tests.support import replays
from tests.support.planned import Sent, session
from traces.metrics import InputUsage
from ui.tables import render

STEPS = plan(session(Sent(0, 1), Sent(5, 1, follows=1), Sent(9, 1, "a1", kind="TOOL_CALL")))
AS_RECORDED, FIXED = Variant(), Variant(("attribution",))


def run(ttft: float, cached: int | None, total: int = 1000) -> ReplayResult:
    return replays.result(ttft=ttft, usage=InputUsage(total - (cached or 0), cached, None))


RESULTS = {
    ("none", 1): [run(8, 0), run(9, 0), run(30, 0)],
    ("none", 2): [run(8, 20), run(8, 20), run(8, 20)],
    ("none", 3): [run(4, 0), run(4, 0), run(4, 0)],
    ("attribution", 1): [run(9, 0), run(9, 0), run(9, 0)],
    ("attribution", 2): [run(0.5, 950), run(0.5, 950), run(0.6, 950)],
    ("attribution", 3): [run(4, 0), run(4, 0), run(4, 0)],
}
OUTCOME = Outcome(STEPS, (AS_RECORDED, FIXED), RESULTS)


def test_a_row_has_the_medians_of_each_variant_and_their_ratio() -> None:
    *turns, _ = rows(OUTCOME)
    assert turns[1] == {
        "turn": 2,
        "agent": "main",
        "kind": "TEXT_GENERATION",
        "input": 1000,
        "ttft_none": 8,
        "cached_none": 20,
        "ttft_attribution": 0.5,
        "cached_attribution": 950,
        "times_attribution": 16,
    }
    assert (turns[0]["ttft_none"], turns[0]["times_attribution"]) == (9, 1)


def test_the_last_row_is_the_sum_and_is_put_into_words_with_the_permanent_fix() -> None:
    *_, total = rows(OUTCOME)
    assert (total["turn"], total["ttft_none"], total["ttft_attribution"]) == ("all", 21, 13.5)
    reported, fix = conclusions(OUTCOME)
    assert reported == "To the first tokens of 3 turns: 21.00 s with none, 13.50 s with attribution: 1.6 times as fast."
    assert "CLAUDE_CODE_ATTRIBUTION_HEADER=0" in fix


def test_a_turn_that_failed_in_one_variant_counts_in_no_sum() -> None:
    results = RESULTS | {("attribution", 2): [replays.failed()]}
    *turns, total = rows(Outcome(STEPS, (AS_RECORDED, FIXED), results))
    assert (turns[1]["ttft_attribution"], turns[1]["times_attribution"]) == (None, None)
    assert turns[1]["error"] == "attribution: 404: model 'gone' not found"
    assert (total["ttft_none"], total["ttft_attribution"]) == (13, 13)


def test_sums_of_no_answers_are_unknown() -> None:
    *_, total = rows(Outcome(STEPS, (AS_RECORDED,), {("none", 1): [replays.failed()]}))
    assert (total["input"], total["ttft_none"], total["cached_none"]) == (None, None, None)


def test_what_was_broken_off_shows_what_is_finished() -> None:
    outcome = Outcome(STEPS, (AS_RECORDED, FIXED), {("none", 1): [run(8, 0)]})
    first, total = rows(outcome)
    assert (first["ttft_none"], first["ttft_attribution"]) == (8, None)
    assert (total["ttft_none"], total["times_attribution"]) == (None, None)
    assert conclusions(outcome) == []


def test_what_a_server_does_not_say_of_its_cache_is_unknown_in_rows_sums_and_words() -> None:
    silent = {**RESULTS, ("none", 2): [run(8, None)]}
    *turns, total = rows(Outcome(STEPS, (AS_RECORDED, FIXED), silent))
    assert turns[1]["cached_none"] is None
    assert (total["cached_none"], total["cached_none_unknown"]) == (0, 1)
    assert (total["cached_attribution"], total["cached_attribution_unknown"]) == (950, 0)
    never = {("none", step.number): [run(8, None)] for step in STEPS}
    *_, total = rows(Outcome(STEPS, (AS_RECORDED,), never))
    assert (total["input"], total["cached_none"]) == (3000, None)
    assert line(STEPS[0], run(4, None)) == "turn   1  main  1,000 tokens, cached: unknown, first token after 4.00 s"


@pytest.mark.parametrize("style", ["table", "json", "csv", "markdown"])
def test_the_table_can_be_printed_in_every_format(style: str) -> None:
    assert "attribution" in render(rows(OUTCOME), columns(OUTCOME), style)


def test_one_variant_alone_is_compared_with_nothing() -> None:
    outcome = Outcome(STEPS, (FIXED,), RESULTS)
    assert [column.title for column in columns(outcome)][-3:] == ["TTFT attribution", "Cached", "Error"]
    assert conclusions(outcome) == []


def test_a_turn_just_replayed_is_one_line() -> None:
    assert line(STEPS[2], run(4, 300)) == "turn   3  a1  1,000 tokens, 300 of them cached, first token after 4.00 s"
    silent = replace(run(1, 0), metrics=Metrics(input=InputUsage(1000, 0, None)))
    assert line(STEPS[0], silent) == "turn   1  main  1,000 tokens, 0 of them cached, no content came"
    assert line(STEPS[0], replays.failed()) == "turn   1  main  ✗ 404: model 'gone' not found"


def test_a_server_that_reuses_nothing_is_named_with_the_likely_cause() -> None:
    results = {("none", number): [run(8, 0)] for number in (1, 2, 3)}
    kept = {("none", 2): 0.9, ("none", 3): 0.9}
    (reported,) = conclusions(Outcome(STEPS, (AS_RECORDED,), results, kept))
    assert reported.startswith(
        "With none, the server reused nothing in 2 turns that began as the ones before them. Likely"
    )
    assert "sliding window" in reported
    assert conclusions(Outcome(STEPS, (AS_RECORDED,), results | {("none", 3): [run(8, 900)]}, kept)) == []
