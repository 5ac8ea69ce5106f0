"""The sums: what was wasted, what it cost, and what would save how much."""

from typing import Any

import pytest

from analysis.prefix_cache.cache import Server
from analysis.prefix_cache.report import Row, rows
from analysis.prefix_cache.templates import ORDERS
from analysis.prefix_cache.totals import losses, remedies, sums
from tests.support import talks
from tests.support.talks import ANSWERED, Body, Talk, body, said, system, tool, user

ASKED = user("Fix the test. " * 20)
TURNED = [tool(name) for name in talks.TOOLS[::-1]]


def of(talk: Talk, server: Server | None = None) -> list[Row]:
    return rows(talk.sessions, talks.words, server or Server(), ORDERS["anthropic"])


def headers(*, ttft: float | None = 1.0, usage: dict[str, int] | None = None, **then: Any) -> Talk:
    """Three turns; the header changes with the second, and with the third the tools are turned round as well."""
    history: list[Body] = [ASKED, ANSWERED, user("Go on.")]
    return (
        Talk()
        .ask(body(ASKED), ANSWERED, ttft=ttft, usage=usage)
        .ask(body(*history, system=system("cch=2")), ANSWERED, ttft=ttft, usage=usage)
        .ask(body(*history, ANSWERED, user("On."), system=system("cch=3"), **then), ANSWERED, ttft=ttft, usage=usage)
    )


def test_every_token_of_a_request_is_reused_or_needed_or_wasted() -> None:
    for row in of(headers(tools=TURNED)):
        assert row.reused + row.needed + row.wasted == row.total
        assert row.prefilled == row.needed + row.wasted
        assert row.wasted == sum(one.wasted for one in row.breaks)


def test_a_loss_is_summed_over_the_turns_that_had_it() -> None:
    found = losses(of(headers()))
    assert {kind: loss.turns for kind, loss in found.items()} == {"billing-header": 2}
    assert found["billing-header"].tokens == sum(row.wasted for row in of(headers()))
    assert found["billing-header"].example.number == 3


def test_a_fix_saves_only_what_no_break_before_it_loses() -> None:
    turned = of(headers(tools=TURNED))
    by_name = {one.name: one.tokens for one in remedies(turned)}
    assert set(by_name) == {"attribution", "tool-order"}
    assert sum(by_name.values()) == sum(row.wasted for row in turned)
    first, *_ = remedies(turned)
    second = turned[1].wasted
    assert first.tokens >= second, "what the second turn lost to its header alone"
    header = next(one for one in turned[2].breaks if one.cause.kind == "billing-header")
    assert by_name["attribution"] in (second, second + header.wasted)


def test_a_remedy_says_how() -> None:
    [one] = remedies(of(headers()))
    assert "CLAUDE_CODE_ATTRIBUTION_HEADER=0" in one.how


def test_seconds_are_those_of_the_turns_own_prefill_speed() -> None:
    usage = {"input_tokens": 500, "cache_read_input_tokens": 0}
    last = of(headers(ttft=2.0, usage=usage))[-1]
    assert (last.speed, last.estimated) == (250.0, False)
    assert last.seconds(last.wasted) == last.wasted / 250


def test_a_turn_without_a_time_has_the_speed_of_the_middle_one() -> None:
    talk = headers(usage={"input_tokens": 500, "cache_read_input_tokens": 0}).ask(body(ASKED), ANSWERED, ttft=None)
    last = of(talk)[-1]
    assert (last.speed, last.estimated) == (500.0, True)


def test_a_server_that_says_nothing_of_its_cache_leaves_an_estimate() -> None:
    first = of(headers(usage={"input_tokens": 600}))[0]
    assert first.estimated
    assert first.speed == first.prefilled


@pytest.mark.parametrize(("cache_read", "estimated"), [({"cache_read_input_tokens": 0}, False), ({}, True)])
def test_a_time_is_an_estimate_where_the_speed_of_one_of_its_turns_is(
    cache_read: dict[str, int], estimated: bool
) -> None:
    found = of(headers(usage={"input_tokens": 600, **cache_read}))
    loss, remedy, all = losses(found)["billing-header"], remedies(found)[0], sums(found)
    assert loss.seconds_estimated == remedy.seconds_estimated == all.prefill_seconds_estimated == estimated
    assert all.estimated == estimated


def test_the_prefill_time_is_an_estimate_also_where_nothing_was_wasted() -> None:
    found = sums(of(Talk().ask(body(ASKED), ANSWERED, ttft=1.0)))
    assert (found.wasted, found.estimated, found.prefill_seconds_estimated) == (0, False, True)


def test_without_any_time_there_are_no_seconds() -> None:
    found = of(headers(ttft=None))
    assert all(row.seconds(row.wasted) is None for row in found)
    assert losses(found)["billing-header"].seconds is None
    assert remedies(found)[0].seconds is None


def test_tokens_are_the_servers_where_it_says_how_many_there_were() -> None:
    total = of(headers())[0].total
    doubled = of(headers(usage={"input_tokens": total * 3 // 2, "cache_read_input_tokens": 0}))
    assert [row.total for row in doubled] == [total * 3 // 2] * 3
    assert all(row.reused + row.needed + row.wasted == row.total for row in doubled)


def test_a_placeholder_is_no_count() -> None:
    assert of(headers(usage={"input_tokens": 1}))[0].total == of(headers())[0].total


def test_a_placeholder_is_no_word_of_the_cache() -> None:
    talk = headers(usage={"input_tokens": 1, "cache_read_input_tokens": 0})
    assert [row.cached for row in of(talk)] == [None, None, None]
    assert sums(of(talk)).cached is None


def test_sessions_share_one_server() -> None:
    other = "5e551011-0000-4000-8000-000000000002"
    talk = (
        Talk()
        .ask(body(ASKED), ANSWERED)
        .ask(body(user("Something else."), tools=[]), said("Yes."), session=other)
        .ask(body(ASKED, ANSWERED, user("Go on.")), ANSWERED)
    )
    first, second, third = of(talk)
    assert [first.session, second.session, third.session] == [talks.SESSION, other, talks.SESSION]
    [one] = third.breaks
    assert (one.cause.kind, one.displaced_by) == ("other-agent", 1)
    assert f"of session {other}," in one.cause.where
    assert not of(talk, Server(slots=2))[-1].breaks


def test_a_refused_request_is_no_row() -> None:
    talk = Talk().ask(body(ASKED), ANSWERED).ask(body(ASKED), said(""), status=529).ask(body(ASKED), ANSWERED)
    assert [row.number for row in of(talk)] == [1, 3]


@pytest.mark.parametrize("changed", [{}, {"tools": TURNED}])
def test_a_session_that_begins_as_another_did_is_compared_with_it(changed: Body) -> None:
    other = "5e551011-0000-4000-8000-000000000002"
    talk = Talk().ask(body(ASKED), ANSWERED)
    talk.ask(body(user("Else."), system=system("cch=2"), **changed), ANSWERED, session=other)
    kinds = [one.cause.kind for one in of(talk)[-1].breaks]
    assert kinds == [*(["tools-reordered"] if changed else []), "billing-header"]
