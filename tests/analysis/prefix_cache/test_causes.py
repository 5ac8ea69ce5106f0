"""Planted breaks, each with its cause; and none where nothing breaks."""

from typing import Any

import pytest

from analysis.prefix_cache.causes import KINDS, Difference, advice, causes_of
from analysis.prefix_cache.totals import remedies
from tests.support.breaks import ANSWER, ASKED, ASKED_ANEW, NEW, PLANTED, planted, rows_of, second
from tests.support.talks import body, system
from traces.clients.claude_code.fixes import FIXES, start_fixes
from traces.content.parts import parts


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_break_is_named(name: str) -> None:
    kind, talk = PLANTED[name]
    last = rows_of(talk)[-1]
    assert [one.cause.kind for one in last.breaks] == [kind]
    assert last.needed == NEW.get(name, ASKED_ANEW)
    assert last.wasted == last.total - last.reused - last.needed == sum(one.wasted for one in last.breaks)
    assert (last.wasted > 0) == (kind != "compaction")
    assert kind in KINDS


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
