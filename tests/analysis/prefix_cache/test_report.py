"""The rows: what each turn reused, needed and wasted, and how fast it was prefilled."""

import pytest

from analysis.prefix_cache.totals import sums
from tests.support import talks
from tests.support.breaks import QUESTION, changing_header, rows_of
from tests.support.talks import ANSWERED, Body, Talk, body, said, system, tool, user

TURNED = [tool(name) for name in talks.TOOLS[::-1]]


def test_every_token_of_a_request_is_reused_or_needed_or_wasted() -> None:
    for row in rows_of(changing_header(tools=TURNED)):
        assert row.reused + row.needed + row.wasted == row.total
        assert row.prefilled == row.needed + row.wasted
        assert row.wasted == sum(one.wasted for one in row.breaks)


def test_seconds_are_those_of_the_turns_own_prefill_speed() -> None:
    usage = {"input_tokens": 500, "cache_read_input_tokens": 0}
    last = rows_of(changing_header(ttft=2.0, usage=usage))[-1]
    assert (last.speed, last.estimated) == (250.0, False)
    assert last.seconds(last.wasted) == last.wasted / 250


def test_a_turn_without_a_time_has_the_median_speed() -> None:
    talk = changing_header(usage={"input_tokens": 500, "cache_read_input_tokens": 0}).ask(
        body(QUESTION), ANSWERED, ttft=None
    )
    last = rows_of(talk)[-1]
    assert (last.speed, last.estimated) == (500.0, True)


def test_the_speed_is_an_estimate_where_the_server_says_nothing_of_its_cache() -> None:
    first = rows_of(changing_header(usage={"input_tokens": 600}))[0]
    assert first.estimated
    assert first.speed == first.prefilled


def test_tokens_are_the_servers_where_it_says_how_many_there_were() -> None:
    total = rows_of(changing_header())[0].total
    doubled = rows_of(changing_header(usage={"input_tokens": total * 3 // 2, "cache_read_input_tokens": 0}))
    assert [row.total for row in doubled] == [total * 3 // 2] * 3
    assert all(row.reused + row.needed + row.wasted == row.total for row in doubled)


def test_a_placeholder_is_no_count() -> None:
    assert rows_of(changing_header(usage={"input_tokens": 1}))[0].total == rows_of(changing_header())[0].total


def test_a_placeholder_says_nothing_of_the_cache() -> None:
    talk = changing_header(usage={"input_tokens": 1, "cache_read_input_tokens": 0})
    assert [row.cached for row in rows_of(talk)] == [None, None, None]
    assert sums(rows_of(talk)).cached is None


def test_sessions_share_one_server() -> None:
    other = "5e551011-0000-4000-8000-000000000002"
    talk = (
        Talk()
        .ask(body(QUESTION), ANSWERED)
        .ask(body(user("Something else."), tools=[]), said("Yes."), session=other)
        .ask(body(QUESTION, ANSWERED, user("Go on.")), ANSWERED)
    )
    first, second, third = rows_of(talk)
    assert [first.session, second.session, third.session] == [talks.SESSION, other, talks.SESSION]
    [one] = third.breaks
    assert (one.cause.kind, one.displaced_by) == ("other-agent", 1)
    assert f"of session {other}," in one.cause.where
    assert not rows_of(talk, slots=2)[-1].breaks


def test_a_refused_request_is_no_row() -> None:
    talk = Talk().ask(body(QUESTION), ANSWERED).ask(body(QUESTION), said(""), status=529).ask(body(QUESTION), ANSWERED)
    assert [row.number for row in rows_of(talk)] == [1, 3]


@pytest.mark.parametrize("changed", [{}, {"tools": TURNED}])
def test_a_session_that_begins_as_another_did_is_compared_with_it(changed: Body) -> None:
    other = "5e551011-0000-4000-8000-000000000002"
    talk = Talk().ask(body(QUESTION), ANSWERED)
    talk.ask(body(user("Else."), system=system("cch=2"), **changed), ANSWERED, session=other)
    kinds = [one.cause.kind for one in rows_of(talk)[-1].breaks]
    assert kinds == [*(["tools-reordered"] if changed else []), "billing-header"]
