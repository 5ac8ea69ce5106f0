"""Conversations whose second turn breaks the prefix of the first, each in one way."""

from typing import Any

from analysis.prefix_cache.cache import Server
from analysis.prefix_cache.report import Row, rows
from analysis.prefix_cache.templates import ORDERS
from tests.support import talks
from tests.support.talks import ANSWERED, Body, Talk, body, called, reminder, result, said, system, tool, user

ASKED = user(reminder("As you answer, mind this. " * 20), "Fix the test. " * 20)
ANSWER = said("I read the file first. " * 20)
NEXT = user("Go on, please. " * 5)
IMAGE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGVsbG8="}}


def second(*messages: Body, **changed: Any) -> Body:
    return body(*(messages or (ASKED, ANSWER, NEXT)), **changed)


def rows_of(talk: Talk, by_model: bool = False, order: str = "anthropic", slots: int = 1) -> list[Row]:
    return rows(talk.sessions, talks.words, Server(slots, by_model=by_model), ORDERS[order])


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


QUESTION = user("Fix the test. " * 20)


def changing_header(*, ttft: float | None = 1.0, usage: dict[str, int] | None = None, **then: Any) -> Talk:
    """Return three turns: the header changes with the second and third, and so do the `then` fields of the third."""
    history: list[Body] = [QUESTION, ANSWERED, user("Go on.")]
    return (
        Talk()
        .ask(body(QUESTION), ANSWERED, ttft=ttft, usage=usage)
        .ask(body(*history, system=system("cch=2")), ANSWERED, ttft=ttft, usage=usage)
        .ask(body(*history, ANSWERED, user("On."), system=system("cch=3"), **then), ANSWERED, ttft=ttft, usage=usage)
    )
