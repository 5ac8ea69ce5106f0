"""What `cache` puts together from sessions that were read."""

import pytest

from analysis.prefix_cache.view import View, view
from tests.support.talks import ANSWERED, Body, Talk, body, result, user

ASKED = user("Fix the test. " * 20)


def of(*usages: dict[str, int] | None, leave_out: str) -> View:
    talk = Talk()
    for number, usage in enumerate(usages):
        talk.ask(body(ASKED, *[ANSWERED, user("Go on.")] * number), ANSWERED, usage=usage)
    return view(talk.sessions, leave_out=[leave_out])


@pytest.mark.parametrize("left_out", ["Glob", "system:2"])
def test_what_is_left_out_is_saved_also_where_the_server_reports_a_total(left_out: str) -> None:
    """The total that it reports is with what is left out."""
    plain = of(None, None, leave_out=left_out)
    usages = [{"input_tokens": row.total * 3 // 2, "cache_read_input_tokens": 0} for row in plain.rows]
    scaled = of(*usages, leave_out=left_out)
    assert plain.saving is not None
    assert scaled.saving is not None
    assert plain.saving.tokens > plain.saving.prefilled > 20
    assert scaled.saving.tokens == pytest.approx(1.5 * plain.saving.tokens, abs=2)
    assert scaled.saving.prefilled == pytest.approx(1.5 * plain.saving.prefilled, abs=2)


MARKED: Body = {
    "model": "claude-sonnet-4-5",
    "tools": [],
    "system": [{"type": "text", "text": "Mind this. " * 1000, "cache_control": {"type": "ephemeral"}}],
}


@pytest.mark.parametrize(("step", "kinds"), [(200, []), (400, ["expired"])])
def test_what_expired_is_wasted_and_named(step: float, kinds: list[str]) -> None:
    talk = Talk("claude", step).ask(body(ASKED, **MARKED), ANSWERED)
    found = view(talk.ask(body(ASKED, ANSWERED, user("Go on."), **MARKED), ANSWERED).sessions)
    second, predicted = found.rows[1], found.anthropic[1]
    assert [one.cause.kind for one in second.breaks] == kinds
    assert predicted is not None
    assert second.wasted == predicted.expired == sum(one.wasted for one in second.breaks)
    assert second.reused + second.needed + second.wasted == second.total
    assert (second.reused == 0) == bool(kinds)


def test_only_what_anthropics_own_cache_answered_is_predicted_by_its_rules() -> None:
    theirs, ours = Talk("claude").ask(body(ASKED, **MARKED), ANSWERED), Talk("lmstudio", 15)
    ours.ask(body(ASKED), ANSWERED).ask(body(ASKED, **MARKED), ANSWERED)
    talk = Talk(traces=[*theirs.traces, *ours.traces])
    found = view(talk.sessions)
    assert [(row.turn.mode, one is not None) for row, one in zip(found.rows, found.anthropic, strict=True)] == [
        *(("claude", True), ("lmstudio", False), ("lmstudio", False))
    ]


def test_a_tool_that_a_search_loads_breaks_nothing() -> None:
    later = {"name": "Later", "description": "Looks up. " * 50, "input_schema": {}, "defer_loading": True}
    loaded = result("t", [{"type": "tool_reference", "tool_name": "Later"}])
    talk = Talk().ask(body(ASKED, tools=[later]), ANSWERED)
    first, second = view(talk.ask(body(ASKED, ANSWERED, loaded, tools=[later]), ANSWERED).sessions).rows
    assert not second.breaks
    assert second.reused >= first.total - 1
    assert second.needed > 100
