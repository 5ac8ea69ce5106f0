"""Several changes in one request: what each of them lost, and what fixes save."""

import pytest

from analysis.prefix_cache.totals import remedies
from tests.support import talks
from tests.support.breaks import (
    ANSWER,
    ASKED,
    MARKED,
    NEXT,
    PLANTED,
    REMEMBERED,
    TAKEN,
    planted,
    rows_of,
    second,
    tools,
)
from tests.support.talks import Talk, body, result, said, system, tool, user

LONG = talks.ENVIRONMENT + "\nclean\n" + "More of it. " * 20
TWO_DATED = system(environment="Today's date: 2026-11-20\n" + LONG)
ONE_TEXT = "x-anthropic-billing-header: cch=1;\nYou are careful.\nToday's date: 2026-11-20\n" + "Mind this. " * 20
OTHERS = tools("Read", *talks.TOOLS[1:3], "Bash")

SEVERAL: dict[str, tuple[Talk, list[tuple[str, int]], list[tuple[str, int]]]] = {
    "date and git status in one block": (
        planted(
            body(ASKED, system=TWO_DATED),
            ANSWER,
            second(system=system(environment=TWO_DATED[2]["text"].replace("-20", "-21").replace("clean", "M a.py", 1))),
        ),
        [("date", 13), ("git-status", 322)],
        [("date", 13), ("environment", 322)],
    ),
    "header and date in one text": (
        planted(
            body(ASKED, system=ONE_TEXT),
            ANSWER,
            second(system=ONE_TEXT.replace("cch=1", "cch=2").replace("-20", "-21")),
        ),
        [("billing-header", 7), ("date", 299)],
        [("attribution", 7), ("date", 299)],
    ),
    "tools turned round, and one described otherwise": (
        planted(body(ASKED), ANSWER, second(tools=[OTHERS[0], tool("Edit", "Edits in /tmp/1."), *OTHERS[2:]])),
        [("tools-reordered", 0), ("tool-changed", 60), ("tools-reordered", 0), ("tool-changed", 506)],
        [("tools", 566)],
    ),
    "tool replaced": (
        planted(body(ASKED), ANSWER, second(tools=tools("Bash", "Edit", "New", "Read"))),
        [("tool-added", 0), ("tool-removed", 445)],
        [("tools", 445)],
    ),
    "date in the system prompt and in a reminder, and CLAUDE.md between them": (
        planted(
            body(REMEMBERED, MARKED, system=TWO_DATED),
            ANSWER,
            second(
                user(REMEMBERED["content"][0]["text"].replace("tabs", "spaces"), "Fix the test. " * 20),
                user(MARKED["content"][0]["text"].replace("-20", "-21"), "Fix the test. " * 20),
                ANSWER,
                NEXT,
                system=system(environment=TWO_DATED[2]["text"].replace("-20", "-21")),
            ),
        ),
        [("date", 83), ("claude-md", 108), ("date", 200)],
        [("date", 83), ("claude-md", 308)],
    ),
}
"""Talk -> what each of its changes lost, and what fixes save."""


@pytest.mark.parametrize(("talk", "lost", "saved"), SEVERAL.values(), ids=SEVERAL)
def test_of_several_changes_each_is_named_with_what_it_lost(
    talk: Talk, lost: list[tuple[str, int]], saved: list[tuple[str, int]]
) -> None:
    found = rows_of(talk)
    assert [(one.cause.kind, one.wasted) for one in found[-1].breaks] == lost
    assert [(one.name, one.tokens) for one in remedies(found)] == saved


def test_a_compaction_is_named_by_its_summary_and_blocks_no_fix_of_what_is_before_it() -> None:
    summary = body(user("This session is continued: " + "all that was said. " * 20), system=system("cch=2;"))
    found = rows_of(planted(body(ASKED), ANSWER, summary))
    header, compaction = found[-1].breaks
    assert (header.cause.kind, header.wasted) == ("billing-header", 119)
    assert (compaction.cause.kind, compaction.cause.where) == ("compaction", "message 1, user")
    assert compaction.at == found[-1].total - 84
    assert [(one.name, one.tokens) for one in remedies(found)] == [("attribution", 119)]


def test_the_tools_that_are_named_are_those_that_it_happened_to() -> None:
    talk = planted(body(ASKED), ANSWER, second(tools=tools("Bash", "Edit", "New", "Read")))
    assert [one.cause.where for one in rows_of(talk)[-1].breaks] == ["tool New", "tool Glob"]


LATE: dict[str, tuple[Talk, list[tuple[str, int]]]] = {
    "the turn goes on": (PLANTED["title on the side"][1], [("side-request", 122), ("tools-moved", 506)]),
    "a third turn": (
        planted(body(ASKED), ANSWER, second()).ask(second(ASKED, ANSWER, NEXT, said("Done."), NEXT), said("Done.")),
        [("tools-moved", 260)],
    ),
    "tools are called": (
        Talk().ask(body(ASKED), TAKEN).ask(body(ASKED, TAKEN, result("t1", "It.")), said("Done.")),
        [],
    ),
    "header": (PLANTED["billing header"][1], [("billing-header", 119), ("tools-moved", 506)]),
    "tool description": (PLANTED["tool description"][1], [("tools-moved", 0), ("tool-changed", 445)]),
    "CLAUDE.md": (PLANTED["CLAUDE.md"][1], [("tools-moved", 9), ("claude-md", 447)]),
    "thinking dropped": (PLANTED["thinking dropped"][1], [("tools-moved", 162), ("thinking-dropped", 344)]),
}
"""Planted under a template that writes the tools before the user's last words."""


@pytest.mark.parametrize(("talk", "lost"), LATE.values(), ids=LATE)
def test_tools_that_the_template_moves_are_a_cause(talk: Talk, lost: list[tuple[str, int]]) -> None:
    last = rows_of(talk, order="mistral")[-1]
    assert [(one.cause.kind, one.wasted) for one in last.breaks] == lost
    assert last.needed <= 20
    assert last.wasted == last.total - last.reused - last.needed == sum(one.wasted for one in last.breaks)
