"""The sums: what was wasted by which cause, what it cost, and what would save how much."""

import pytest

from analysis.prefix_cache.totals import losses, remedies, sums
from tests.support import talks
from tests.support.breaks import QUESTION, changing_header, rows_of
from tests.support.talks import ANSWERED, Talk, body, tool

TURNED = [tool(name) for name in talks.TOOLS[::-1]]


def test_a_loss_is_summed_over_the_turns_that_had_it() -> None:
    found = losses(rows_of(changing_header()))
    assert {kind: loss.turns for kind, loss in found.items()} == {"billing-header": 2}
    assert found["billing-header"].tokens == sum(row.wasted for row in rows_of(changing_header()))
    assert found["billing-header"].example.number == 3


def test_a_fix_saves_only_what_no_break_before_it_loses() -> None:
    turned = rows_of(changing_header(tools=TURNED))
    by_name = {one.name: one.tokens for one in remedies(turned)}
    assert set(by_name) == {"attribution", "tool-order"}
    assert sum(by_name.values()) == sum(row.wasted for row in turned)
    first, *_ = remedies(turned)
    second = turned[1].wasted
    assert first.tokens >= second, "what the second turn lost to its header alone"
    header = next(one for one in turned[2].breaks if one.cause.kind == "billing-header")
    assert by_name["attribution"] in (second, second + header.wasted)


def test_a_remedy_says_how() -> None:
    [one] = remedies(rows_of(changing_header()))
    assert "CLAUDE_CODE_ATTRIBUTION_HEADER=0" in one.how


@pytest.mark.parametrize(("cache_read", "estimated"), [({"cache_read_input_tokens": 0}, False), ({}, True)])
def test_a_time_is_an_estimate_where_the_speed_of_one_of_its_turns_is(
    cache_read: dict[str, int], estimated: bool
) -> None:
    found = rows_of(changing_header(usage={"input_tokens": 600, **cache_read}))
    loss, remedy, all = losses(found)["billing-header"], remedies(found)[0], sums(found)
    assert loss.seconds_estimated == remedy.seconds_estimated == all.prefill_seconds_estimated == estimated
    assert all.estimated == estimated


def test_the_prefill_time_is_an_estimate_also_where_nothing_was_wasted() -> None:
    found = sums(rows_of(Talk().ask(body(QUESTION), ANSWERED, ttft=1.0)))
    assert (found.wasted, found.estimated, found.prefill_seconds_estimated) == (0, False, True)


def test_without_any_time_there_are_no_seconds() -> None:
    found = rows_of(changing_header(ttft=None))
    assert all(row.seconds(row.wasted) is None for row in found)
    assert losses(found)["billing-header"].seconds is None
    assert remedies(found)[0].seconds is None
