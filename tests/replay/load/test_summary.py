"""Rows of a level -> its figures, and whether they can be trusted."""

from dataclasses import replace

import pytest

from replay.compare import stats
from replay.load import objectives, table
from replay.load.plan import LoadPlan
from replay.load.rows import Row
from replay.load.summary import Summary, by_level, summarize
from tests.support import load_rows
from tests.support.load_rows import failed, level, row

PLAN = LoadPlan(duration=60.0, objectives=objectives.parse("ttft=1s"))
SESSIONS = {"5e551011": 5}


def summary(rows: list[Row], plan: LoadPlan = PLAN, *troubles: str) -> Summary:
    return summarize(rows, plan, SESSIONS, troubles)


def test_percentiles_are_of_all_turns_and_none_is_told_that_too_few_can_show() -> None:
    found = summary(level(4, turns=40, ttft=lambda n: (n + 1) / 100)).ttft
    assert found is not None
    assert (found.n, found.p99) == (40, None)
    assert [found.p50, found.p90] == pytest.approx([0.205, 0.361])


def test_runs_of_a_level_are_put_together_before_a_percentile_is_taken() -> None:
    fast, slow = level(4, 50, lambda n: 0.1, run=1), level(4, 50, lambda n: 0.9, run=2)
    found = summary(fast + slow)
    assert found.ttft is not None
    assert (found.runs, found.ttft.p99) == (2, 0.9)
    assert found.ttft.p50 == pytest.approx(0.5)
    assert found.seconds == pytest.approx(2 * 60.0, rel=0.05)
    assert found.requests_per_minute == pytest.approx(50, rel=0.1)


def test_goodput_is_the_share_and_rate_of_turns_within_the_objectives_failures_are_not() -> None:
    late, bad = level(4, turns=10, ttft=lambda n: 2.0 if n < 3 else 0.5), failed(due=30.0)
    found = summary([*late, bad])
    assert found.good is not None
    assert (found.good.count, found.good.of) == (7, 11)
    assert (found.good.low, found.good.high) == stats.wilson(7, 11)
    assert found.good_per_minute == pytest.approx(60 * 7 / found.seconds)
    assert (found.failed, found.errors) == (1, {"http_error": 1})


def test_turns_of_the_warm_up_count_in_nothing_but_what_ends_after_it() -> None:
    plan = replace(PLAN, warmup=20.0)
    early = row(due=19.0, warmup=True, ttft=50.0, total=5.0)
    found = summary([early, *(row(due=float(at), ttft=0.5, total=1.0) for at in range(20, 60))], plan)
    assert found.ttft is not None
    assert (found.turns, found.ttft.p50, found.seconds) == (40, 0.5, 40.0)
    assert found.requests_per_minute == pytest.approx(60 * 40 / 40, rel=0.05)


def test_what_ends_after_the_level_is_measured_but_is_no_throughput() -> None:
    found = summary([row(due=1.0, total=2.0, output=60), row(due=59.0, total=30.0, output=1000)])
    assert found.turns == 2
    assert (found.requests_per_minute, found.output_per_second) == (1.0, 1.0)


def test_the_cache_s_share_is_of_tokens_and_of_the_turns_where_the_server_tells() -> None:
    rows = [row(input=1000, cached=0, predicted=500), row(input=3000, cached=3000, predicted=3000), row(cached=None)]
    found = summary([replace(one, lane=lane) for lane, one in enumerate(rows)])
    assert [found.cached, found.predicted] == pytest.approx([0.75, 23_000 / 24_000])
    assert summary([row(), row(lane=2, history="live", predicted=None)]).predicted is None


def test_a_session_s_time_is_what_its_agent_waited_for_its_next_actions() -> None:
    def session(visit: int, turns: int, **given: object) -> list[Row]:
        return [row(visit=visit, turn=n, due=float(n), first_tool_call=1.5, **given) for n in range(1, turns + 1)]

    unfinished, broken = session(2, 4), [*session(3, 4), failed(visit=3, turn=5)]
    found = summary([*session(1, 5), *unfinished, *broken])
    assert found.session_action is not None
    assert (found.session_action.n, found.session_action.p50) == (1, 7.5)


def test_requests_at_once_are_the_seconds_that_the_server_had_them_over_the_time() -> None:
    assert summary([row(due=0.0, sent=0.0, total=60.0), row(due=30.0, sent=30.0, total=60.0)]).at_once == 1.5


def test_failures_are_not_judged_and_an_unknown_correctness_is_left_out() -> None:
    correct = [row(correct=True), row(correct=False), row(correct=None), failed(correct=False)]
    found = summary(correct).correct
    assert found is not None
    assert (found.count, found.of) == (1, 2)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"sent": 31.0}, "went out 999 ms"),
        ({"cpu": 0.95}, "95% of a core"),
        ({"late": 0.2}, "up to 200 ms late"),
        ({"total": 90.0}, "a longer --duration"),
    ],
)
def test_where_the_client_fell_behind_a_level_is_not_trusted(given: dict[str, float], reason: str) -> None:
    rows = [row(due=30.0, connect=0.001, lane=lane, **given) for lane in range(10)]
    [doubt] = summary(rows).doubts
    assert reason in doubt


def test_one_late_answer_among_many_is_no_reason_for_doubt() -> None:
    assert summary([*level(4, turns=40), row(due=30.0, late=0.2, cpu=1.0)]).doubts == ()


def test_troubles_that_no_row_shows_are_doubts_too() -> None:
    assert summary(level(4), PLAN, "process 2 of 2 was killed").doubts == ("process 2 of 2 was killed",)


def test_a_level_without_a_counted_turn_says_so() -> None:
    found = summary([row(warmup=True)], replace(PLAN, warmup=20.0))
    assert found.doubts == ("no turn was sent after the warm-up",)
    assert (found.ttft, found.good) == (None, None)
    assert table.sentences([found], PLAN.objectives) == [
        "8 agents: no turn was measured. Not to be trusted: no turn was sent after the warm-up."
    ]


def test_levels_keep_the_order_in_which_they_were_played() -> None:
    rows = [*level(8, run=2), *level(1, run=1), *level(8, run=3)]
    found = by_level(rows)
    assert list(found) == ["1 agent", "8 agents"]
    assert len(found["8 agents"]) == 80


def test_each_level_is_one_plain_sentence() -> None:
    found = summary([*level(8, turns=50, ttft=lambda n: 2.0 if n < 2 else 0.5), failed(due=30.0)])
    assert table.sentences([found], PLAN.objectives) == [
        "8 agents: 94% [84, 98] of 51 turns: first token within 1 s; first token after 0.50 s in half of them, "
        f"0.50 s at most in 9 of 10; {found.requests_per_minute:.1f} turns/min; failed: 1 http_error."
    ]


def test_a_table_s_columns_are_all_in_its_rows() -> None:
    found = table.row(summary(load_rows.level(8)))
    assert [column.key for column in table.columns() if column.key not in found] == []
    assert all(isinstance(value, str | int | float | None) for value in found.values())
