"""A session's rows and sums, counted in words: a tool is 3, the system prompt 5."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from analysis.prefix_cache.cache import Server
from analysis.session.report import SessionReport, report
from analysis.session.text import notes, turn_row
from tests.support.factories import SESSION, call, exchange, read, result
from traces.content.parts import Part
from traces.metrics import Sum
from traces.model import Ids, Odd, Timing, Trace
from traces.sessions.grouping import sessions

LOOKING, SEEKING = Ids(SESSION, "a1"), Ids(SESSION, "a2")
READING = [call("Read", path="/x")]


def words(parts: Sequence[Part]) -> list[int]:
    return [len(part.text.split()) for part in parts]


def report_of(*traces: Trace, slots: int = 1) -> SessionReport:
    [session] = sessions(read(*traces))
    return report(session, words, Server(slots), "chatml")


def test_new_is_what_the_turn_before_neither_sent_nor_generated() -> None:
    rows = report_of(
        exchange(0, "What is the word?", answer=READING),
        exchange(3, "What is the word?", READING, [result("It is plum.")], answer="plum"),
    ).rows
    assert [(row.input, row.new) for row in rows] == [(12, 12), (16, 3)]


def test_a_repeated_part_is_new_again() -> None:
    rows = report_of(exchange(0, "Go on now", answer="so"), exchange(9, "Go on now", "so", "Go on now")).rows
    assert [row.new for row in rows] == [11, 3]


def test_a_change_at_the_front_adds_few_new_tokens_but_leaves_nothing_to_reuse() -> None:
    first = exchange(0, "What is the word?", answer="plum", prompt="Monday: be careful.")
    second = exchange(9, "What is the word?", "plum", "Sure?", prompt="Tuesday: be careful.")
    row = report_of(first, second).rows[1]
    assert (row.new, row.reusable, row.reusable_percent) == (4, 0, 0.0)


def test_all_but_what_is_new_can_be_reused_where_nothing_changes() -> None:
    row = report_of(exchange(0, "Hi", answer="hello"), exchange(9, "Hi", "hello", "And now?")).rows[1]
    assert (row.input, row.new, row.reusable) == (12, 2, 10)
    assert row.reusable_percent == 83.3


@pytest.mark.parametrize(("slots", "reusable"), [(1, 0), (2, 10), (0, 10)])
def test_another_agents_turn_takes_the_only_slot(slots: int, reusable: int) -> None:
    first, second = exchange(0, "Hi", answer="hello"), exchange(20, "Hi", "hello", "And now?")
    between = exchange(9, "Find the word", ids=LOOKING, prompt="Seek.", tools=(), answer="plum")
    assert report_of(first, between, second, slots=slots).rows[2].reusable == reusable


def test_figures_are_scaled_to_the_servers_own_count() -> None:
    usage = {"input_tokens": 20, "cache_read_input_tokens": 100, "output_tokens": 7}
    row = report_of(
        exchange(0, "Hi", answer="hello"), exchange(9, "Hi", "hello", "And now?", answer="no", usage=usage)
    ).rows[1]
    assert (row.counted, row.input, row.new, row.reusable, row.cached) == (12, 120, 20, 100, 100)
    assert row.turn.output_tokens == 7


def test_a_placeholder_is_neither_an_input_count_nor_a_cache_count() -> None:
    usage = {"input_tokens": 1, "cache_read_input_tokens": 0}
    [row] = report_of(exchange(0, "Hi", answer="hello", usage=usage)).rows
    assert (row.input, row.cached) == (9, None)


def test_a_header_that_the_server_rewrites_can_be_reused() -> None:
    heads = [f"x-anthropic-billing-header: cc_version=2.1; cch={number:05x};" for number in range(2)]
    traces = exchange(0, "Hi", answer="hello", prompt=heads[0]), exchange(9, "Hi", "hello", "And?", prompt=heads[1])
    [session] = sessions(read(*traces))
    reusable = [report(session, words, Server(rewrites_header=one), "chatml").rows[1].reusable for one in (True, False)]
    assert reusable == [8, 3]


def test_what_the_server_refused_has_neither_new_nor_reusable_tokens_and_is_in_no_sum() -> None:
    refused = exchange(0, "Hi", failed="http_error", timing=Timing(total=0.5))
    found = report_of(refused, exchange(2, "Hi", answer="hello"))
    assert [(row.new, row.reusable) for row in found.rows] == [(None, None), (9, 0)]
    assert (found.total.turns, found.total.input, found.total.new) == (2, (9, 0), (9, 0))


def test_agents_have_sums_that_add_up_to_all() -> None:
    found = report_of(
        exchange(0, "Go", answer=[call("Agent"), call("Agent", "t2")]),
        exchange(3, "Find it", ids=LOOKING, answer=READING),
        exchange(4, "Find it", ids=SEEKING, answer="plum"),
        exchange(9, "Go", [call("Agent"), call("Agent", "t2")], [result("plum")], answer="plum"),
    )
    assert [(name, sums.turns, sums.tool_calls) for _, name, sums in found.agents] == [
        ("main", 2, 2),
        ("subagent", 1, 1),
        ("subagent 2", 1, 0),
    ]
    for figure in ("turns", "input", "new", "reusable", "output", "waiting", "writing", "tool_calls"):
        of_agents = [getattr(sums, figure) for _, _, sums in found.agents]
        assert sum(_known(one) for one in of_agents) == _known(getattr(found.total, figure))
    assert (found.total.waiting, found.total.writing) == ((4.0, 0), (4.0, 0))


def _known(figure: int | Sum) -> float:
    return figure if isinstance(figure, int) else figure.known or 0


ANSWERED = {"input_tokens": 9, "output_tokens": 7}

SUMS = {
    "all are known": ([{"usage": ANSWERED}, {"usage": ANSWERED}], (14, 0), (2.0, 0)),
    "one count isn't reported": ([{"usage": ANSWERED}, {}], (7, 1), (2.0, 0)),
    "none is reported": ([{}, {}], (None, 2), (2.0, 0)),
    "one failed before anything came": (
        [{"usage": ANSWERED}, {"failed": "http_error", "timing": Timing(total=0.5)}],
        (7, 0),
        (1.5, 0),
    ),
    "one was broken off while it was written": (
        [{"usage": ANSWERED}, {"failed": "client_disconnected", "timing": Timing(ttft=2.0, total=3.0)}],
        (7, 1),
        (3.0, 0),
    ),
    "one has no times": ([{"usage": ANSWERED}, {"usage": ANSWERED, "timing": Timing()}], (14, 0), (1.0, 1)),
    "none has times": ([{"usage": ANSWERED, "timing": Timing()}], (7, 0), (None, 1)),
}  # fmt: skip


@pytest.mark.parametrize(("turns", "output", "waiting"), SUMS.values(), ids=SUMS)
def test_a_sum_says_how_many_of_its_members_are_unknown(turns: Any, output: Any, waiting: Any) -> None:
    asked = [exchange(9 * number, f"Hi {number}", answer="hello", **turn) for number, turn in enumerate(turns)]
    assert (report_of(*asked).total.output, report_of(*asked).total.waiting) == (output, waiting)


def test_the_input_of_a_turn_that_nobody_counted_makes_a_sum_the_least_it_can_be() -> None:
    counted = exchange(0, "Hi", answer="hello", usage=ANSWERED | {"input_tokens": 9})
    unknown = replace(exchange(9, "Hi", answer="hello"), marks=("system_unknown",))
    total = report_of(counted, unknown).total
    assert (total.input, total.new.unknown, total.reusable.unknown) == ((9, 1), 1, 1)
    assert report_of(unknown).total.input == (None, 1)


def test_agents_are_named_by_their_type() -> None:
    hint = {"x_claude_code_agent_type": "Explore"}
    found = report_of(exchange(0, "Find", ids=LOOKING, **hint), exchange(1, "Find", ids=SEEKING, **hint))  # type: ignore[arg-type]
    assert [row.agent for row in found.rows] == ["Explore", "Explore 2"]


@pytest.mark.parametrize(("count", "note"), [(0, ""), (1, "1 odd event"), (2, "2 odd events")])
def test_a_turns_note_counts_the_events_that_could_not_be_read(count: int, note: str) -> None:
    odd = Odd(count, "{") if count else None
    [row] = report_of(replace(exchange(0, "Go"), odd=odd)).rows
    assert turn_row(row)["note"] == note


def test_cached_tokens_that_are_counted_within_the_input_are_counted_once() -> None:
    usage = {"input_tokens": 12, "cache_read_input_tokens": 8, "output_tokens": 1}
    found = report_of(exchange(0, "What is the word?", answer="plum", usage=usage))
    [row] = found.rows
    assert (row.input, row.cached) == (12, 8)
    assert any("counted once" in note for note in notes(found, "words"))
