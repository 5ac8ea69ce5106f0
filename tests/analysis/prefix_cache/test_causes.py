"""Planted breaks, each with its cause; and none where nothing breaks."""

from typing import Any

import pytest

from analysis.prefix_cache.cache import Server
from analysis.prefix_cache.causes import KINDS, Difference, advice, causes_of
from analysis.prefix_cache.report import Row, rows
from analysis.prefix_cache.templates import ORDERS
from analysis.prefix_cache.totals import remedies
from tests.support import talks
from tests.support.talks import Body, Talk, body, called, reminder, result, said, system, tool, user
from traces.clients.claude_code.fixes import FIXES, start_fixes
from traces.content.parts import parts

ASKED = user(reminder("As you answer, mind this. " * 20), "Fix the test. " * 20)
ANSWER = said("I read the file first. " * 20)
NEXT = user("Go on, please. " * 5)
IMAGE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGVsbG8="}}


def second(*messages: Body, **changed: Any) -> Body:
    return body(*(messages or (ASKED, ANSWER, NEXT)), **changed)


def rows_of(talk: Talk, by_model: bool = False, order: str = "anthropic") -> list[Row]:
    return rows(talk.sessions, talks.words, Server(by_model=by_model), ORDERS[order])


def planted(first: Body, answer: Body, then: Body) -> Talk:
    return Talk().ask(first, answer).ask(then, said("Done."))


def tools(*names: str) -> list[Body]:
    return [tool(name) for name in names]


def environment(old: str, new: str) -> Any:
    assert old in talks.ENVIRONMENT
    return system(environment=talks.ENVIRONMENT.replace(old, new) + "\n" + "More of it. " * 20)


THOUGHT = said("I read the file first. " * 20, thought="What could it be? " * 10)
MARKED = user(reminder("Today's date is 2026-11-20.\n\n" + "Mind this. " * 20), "Fix the test. " * 20)
MEMORY = "Contents of /src/CLAUDE.md (project instructions):\n\nUse tabs.\n"
REMEMBERED = user(reminder(f"# claudeMd\n{MEMORY}\n# currentDate\n{'Mind this. ' * 20}"), "Fix the test. " * 20)
SHOT = user("Look at this. " * 20)
TAKEN = called("Read", "t1", file_path="/a")

PLANTED: dict[str, tuple[str, Talk]] = {
    "billing header": ("billing-header", planted(body(ASKED), ANSWER, second(system=system("cch=22222;")))),
    "date in the system prompt": (
        "date",
        planted(
            body(ASKED, system=system(environment="Today's date: 2026-11-20\n" + "More. " * 20)),
            ANSWER,
            second(system=system(environment="Today's date: 2026-11-21\n" + "More. " * 20)),
        ),
    ),
    **{
        f"date as {old}": (
            "date",
            planted(
                body(ASKED, system=system(environment=f"It is {old}.\n" + "More. " * 20)),
                ANSWER,
                second(system=system(environment=f"It is {new}.\n" + "More. " * 20)),
            ),
        )
        for old, new in (
            ("Monday, 3 November 2026", "Tuesday, 4 November 2026"),
            ("2026/11/20", "2026/11/21"),
            ("Nov 3, 2026", "Dec 12, 2026"),
        )
    },
    "date in a reminder": (
        "date",
        planted(
            body(MARKED),
            ANSWER,
            second(user(MARKED["content"][0]["text"].replace("-20", "-21"), "Fix the test. " * 20), ANSWER, NEXT),
        ),
    ),
    "working directory": (
        "environment",
        planted(
            body(ASKED, system=environment("/src", "/src")),
            ANSWER,
            second(system=environment("/src", "/src/deeper")),
        ),
    ),
    "git status": (
        "git-status",
        planted(
            body(ASKED, system=environment("clean", "clean")),
            ANSWER,
            second(system=environment("clean", " M a.py")),
        ),
    ),
    "branch": (
        "git-status",
        planted(
            body(ASKED, system=environment("main", "main")),
            ANSWER,
            second(system=environment("main", "topic")),
        ),
    ),
    "tool added": (
        "tool-added",
        planted(body(ASKED), ANSWER, second(tools=tools("Bash", "mcp__x__y", *talks.TOOLS[1:]))),
    ),
    "tool added last": ("tool-added", planted(body(ASKED), ANSWER, second(tools=tools(*talks.TOOLS, "mcp__x__y")))),
    "tool removed": ("tool-removed", planted(body(ASKED), ANSWER, second(tools=tools("Bash", "Glob", "Read")))),
    "tools reordered": (
        "tools-reordered",
        planted(body(ASKED), ANSWER, second(tools=tools("Bash", "Read", "Edit", "Glob"))),
    ),
    "tools turned round": ("tools-reordered", planted(body(ASKED), ANSWER, second(tools=tools(*talks.TOOLS[::-1])))),
    "tool description": (
        "tool-changed",
        planted(body(ASKED), ANSWER, second(tools=[tool("Bash", "Runs it in /tmp/1."), *tools(*talks.TOOLS[1:])])),
    ),
    "system text": ("system-changed", planted(body(ASKED), ANSWER, second(system=system(intro="You are in a hurry.")))),
    "CLAUDE.md": (
        "claude-md",
        planted(
            body(REMEMBERED),
            ANSWER,
            second(
                user(REMEMBERED["content"][0]["text"].replace("tabs", "four spaces"), "Fix the test. " * 20),
                ANSWER,
                NEXT,
            ),
        ),
    ),
    "reminder moved to the end": (
        "reminder-moved",
        planted(
            body(ASKED),
            ANSWER,
            second(user("Fix the test. " * 20), ANSWER, user(ASKED["content"][0]["text"], "Go on.")),
        ),
    ),
    "reminder changed": (
        "reminder-changed",
        planted(body(ASKED), ANSWER, second(user(reminder("Mind that. " * 20), "Fix the test. " * 20), ANSWER, NEXT)),
    ),
    "message edited": (
        "history-edited",
        planted(body(ASKED), ANSWER, second(ASKED, said("I read it. " * 9), NEXT, ANSWER, NEXT)),
    ),
    "tool result cleared": (
        "history-edited",
        Talk()
        .ask(body(ASKED), TAKEN)
        .ask(body(ASKED, TAKEN, result("t1", "It is long. " * 50)), ANSWER)
        .ask(body(ASKED, TAKEN, result("t1", "[Old tool result content cleared]"), ANSWER, NEXT), said("Done.")),
    ),
    "thinking dropped": ("thinking-dropped", planted(body(ASKED), THOUGHT, second())),
    "image taken out": (
        "image",
        planted(
            body({"role": "user", "content": [IMAGE, *SHOT["content"]]}),
            ANSWER,
            second({"role": "user", "content": SHOT["content"]}, ANSWER, NEXT),
        ),
    ),
    "compaction": (
        "compaction",
        planted(body(ASKED), ANSWER, body(user("This session is continued: " + "all that was said. " * 20))),
    ),
    "another agent": (
        "other-agent",
        Talk()
        .ask(body(ASKED), ANSWER)
        .ask(body(user("Search."), system=[], tools=tools("Grep")), said("Found."), agent="a1")
        .ask(second(), said("Done.")),
    ),
    "title on the side": (
        "side-request",
        Talk()
        .ask(body(ASKED), ANSWER)
        .ask(
            body(user("Fix"), tools=[], system=[{"type": "text", "text": "Is it a new conversation topic?"}]),
            said("{}"),
        )
        .ask(second(), said("Done.")),
    ),
}


ASKED_ANEW = 15
"""Words of the next question; the changed ones are added to these."""

NEW = {
    "date in the system prompt": ASKED_ANEW + 1,
    "date as Monday, 3 November 2026": ASKED_ANEW + 2,
    "date as 2026/11/20": ASKED_ANEW + 1,
    "date as Nov 3, 2026": ASKED_ANEW + 2,
    "date in a reminder": ASKED_ANEW + 1,
    "working directory": ASKED_ANEW + 1,
    "git status": ASKED_ANEW + 2,
    "branch": ASKED_ANEW + 1,
    "tool added": ASKED_ANEW + 60,
    "tool added last": ASKED_ANEW + 61,  # a word of the last tool is cut at its end
    "tool description": ASKED_ANEW + 3,
    "system text": ASKED_ANEW + 3,
    "CLAUDE.md": ASKED_ANEW + 2,
    "reminder moved to the end": 104,  # also the reminder, which is said again
    "reminder changed": ASKED_ANEW + 40,
    "message edited": 55,
    "tool result cleared": ASKED_ANEW + 5,
    "compaction": 84,
}
"""Words that no earlier turn had, where it isn't the next question alone."""


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_break_is_named(name: str) -> None:
    kind, talk = PLANTED[name]
    last = rows_of(talk)[-1]
    assert [one.cause.kind for one in last.breaks] == [kind]
    assert last.needed == NEW.get(name, ASKED_ANEW)
    assert last.wasted == last.total - last.reused - last.needed == sum(one.wasted for one in last.breaks)
    assert (last.wasted > 0) == (kind != "compaction")
    assert kind in KINDS


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


def test_no_word_is_taken_for_a_month() -> None:
    first, then = (system(environment=f"You {word} all of it.\n") for word in ("decide", "declare"))
    [one] = rows_of(planted(body(ASKED, system=first), ANSWER, second(system=then)))[-1].breaks
    assert one.cause.kind == "system-changed"


FIXED: dict[str, tuple[str, str]] = {
    "date": ("Today's date: 2026-11-20", "Today's date: 2026-11-21"),
    "time": ("Current time: 10:31", "Current time: 10:32"),
    "model": (
        "# Environment\nYou are powered by the model a.\n\n# More",
        "# Environment\nYou are powered by the model b.\n\n# More",
    ),
    "date of nobody's": ("Printed on 2026-11-20", "Printed on 2026-11-21"),
    "working directory of nobody's": ("The working directory: /a", "The working directory: /b"),
}


@pytest.mark.parametrize(("old", "new"), FIXED.values(), ids=FIXED)
def test_no_fix_is_promised_what_it_does_not_do(old: str, new: str) -> None:
    """The same session, with the fixes that were promised."""
    first, then = (system(environment=f"{text}\n" + "More of it. " * 20) for text in (old, new))
    asked: list[Any] = [body(ASKED, system=first), second(system=then)]
    [remedy] = remedies(rows_of(planted(asked[0], ANSWER, asked[1])))
    fix: Any = start_fixes([remedy.name] if remedy.name in FIXES else [])
    left = rows_of(planted(fix(asked[0]), ANSWER, fix(asked[1])))[-1].wasted
    assert left == (0 if remedy.name in FIXES else remedy.tokens)
    assert remedy.how


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


@pytest.mark.parametrize("unnamed", [{"type": "web_search", "external_web_access": False}, {"odd": 1}])
def test_a_tool_without_a_name_that_changed_is_a_changed_tool(unnamed: dict[str, Any]) -> None:
    before, after = (
        [part for part in parts({"tools": [tool]}) if part.section == "tools"]
        for tool in ({**unnamed, "more": 1}, {**unnamed, "more": 2})
    )
    (cause,) = causes_of(Difference(before, after, before, after))
    assert cause.kind == "tool-changed"
    assert (cause.before[-2:], cause.after[-2:]) == ("1}", "2}")


def test_another_clients_file_of_instructions_is_called_by_its_name() -> None:
    before, after = (
        parts({"input": [{"role": "user", "content": f"# AGENTS.md instructions for /src\n\nBe {manner}."}]})
        for manner in ("brief", "wordy")
    )
    (cause,) = causes_of(Difference(before, after, (), ()))
    assert (cause.kind, cause.where) == ("agents-md", "message 1, agents md of /src/AGENTS.md")
    assert KINDS[cause.kind].label == "AGENTS.md"


@pytest.mark.parametrize("client", ["codex", "opencode", ""])
@pytest.mark.parametrize("kind", [kind for kind, row in KINDS.items() if row.advice])
def test_advice_to_another_client_names_neither_claude_code_nor_its_files(kind: str, client: str) -> None:
    words = advice(kind, client)
    assert words
    assert "{" not in words
    assert not any(own in words for own in ("Claude", "CLAUDE", "claude", "append-system-prompt", "ENABLE_"))
