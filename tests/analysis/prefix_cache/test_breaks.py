"""Where a prefix doesn't break, and what one server's cache can't hold for another model."""

from typing import Any

import pytest

from analysis.prefix_cache.cache import Server
from analysis.prefix_cache.report import rows
from analysis.prefix_cache.templates import ORDERS
from tests.support import talks
from tests.support.breaks import ANSWER, ASKED, NEXT, PLANTED, planted, rows_of, second, tools
from tests.support.talks import Talk, body, called, result, said, system, user


def test_another_model_has_another_cache_where_each_has_its_own() -> None:
    talk = planted(body(ASKED), ANSWER, second(model="qwen3-small"))
    assert not rows_of(talk)[-1].breaks
    [one] = rows_of(talk, by_model=True)[-1].breaks
    assert (one.cause.kind, one.cause.before, one.cause.after) == ("other-model", "qwen3-coder", "qwen3-small")


def cached(content: Any) -> Any:
    return [{**block, "cache_control": {"type": "ephemeral"}} for block in content]


HARMLESS: dict[str, Talk] = {
    "the turn goes on": planted(body(ASKED), ANSWER, second()),
    "cache markers move": planted(
        body({"role": "user", "content": cached(ASKED["content"])}), ANSWER, second(system=cached(system()))
    ),
    "a string for a list of one block": planted(
        body(user("Fix it.")), ANSWER, second({"role": "user", "content": "Fix it."}, ANSWER, NEXT)
    ),
    "ids of calls differ": planted(
        body(ASKED),
        called("Read", "t1", file_path="/a"),
        second(ASKED, called("Read", "t2", file_path="/a"), result("t2", "It.")),
    ),
    "the same again": planted(body(ASKED), ANSWER, body(ASKED)),
    "the answer was cut off": planted(body(ASKED), said(""), second()),
    "the user takes the last question back": Talk()
    .ask(body(ASKED), ANSWER)
    .ask(second(), said("Done."))
    .ask(second(ASKED, ANSWER, user("No, this.")), said("Done.")),
    "another conversation": planted(body(ASKED), ANSWER, body(user("Something else."))),
    "a subagent with its own prompt": Talk()
    .ask(body(ASKED), ANSWER)
    .ask(body(user("Search."), system=[], tools=tools("Grep")), said("Found."), agent="a1"),
    "max_tokens and temperature": planted(body(ASKED, max_tokens=100), ANSWER, second(max_tokens=200, temperature=1)),
}


@pytest.mark.parametrize("talk", HARMLESS.values(), ids=HARMLESS)
def test_where_nothing_breaks_nothing_is_named(talk: Talk) -> None:
    if talk is HARMLESS["another conversation"]:
        talk = Talk(traces=[talk.traces[0]]).ask(
            body(user("Something else.")), said("Done."), session="5e551011-0000-4000-8000-000000000002"
        )
    last = rows_of(talk)[-1]
    assert (last.breaks, last.wasted) == ((), 0)


def test_newer_llama_cpp_makes_what_changes_in_the_header_the_same() -> None:
    talk = PLANTED["billing header"][1]
    last = rows(talk.sessions, talks.words, Server(rewrites_header=True), ORDERS["anthropic"])[-1]
    assert not last.breaks


def test_a_summary_asked_for_without_the_tools_is_the_compactions_cost_and_no_change_of_tools() -> None:
    asks = user("Your task is to create a detailed summary of the conversation. " * 5)
    talk = planted(body(ASKED), ANSWER, second())
    talk.ask(body(ASKED, ANSWER, NEXT, said("Done."), asks, tools=tools("Read")), said("A summary."))
    talk.ask(body(ASKED, ANSWER, NEXT, said("Done."), user("And now? " * 5)), said("Done."))

    [*_, summary, after] = rows_of(talk)

    assert (summary.turn.kind, after.turn.kind) == ("COMPACTION", "TEXT_GENERATION")
    assert {one.cause.kind for one in (*summary.breaks, *after.breaks)} == {"compaction"}
    assert summary.wasted > 0 < after.wasted
