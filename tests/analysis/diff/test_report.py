"""What two sessions' report says of their clients, agents and sums, and where they part."""

from typing import Any

from analysis.diff.document import document
from analysis.diff.report import report
from tests.support.factories import MODEL
from tests.support.side_by_side import fork, newer, older
from tests.support.talks import Talk, body, said, system, tool, user


def shown(left: Talk, right: Talk) -> dict[str, Any]:
    return document(report(left.sessions[0], right.sessions[0]))


def parts(found: dict[str, Any], group: str) -> list[tuple[str, str, str]]:
    return [
        (part["where"], part["change"], part["kind"]) for part in found["prompt"]["parts"] if part["group"] == group
    ]


def test_tools_are_compared_by_name() -> None:
    found = shown(older(), newer())
    assert parts(found, "tools") == [
        ("tool Bash", "same", ""),
        ("tool Edit", "same", ""),
        ("tool Glob", "removed", ""),
        ("tool Read", "changed", "tool description"),
        ("tool Task", "added", ""),
    ]
    assert found["prompt"]["reordered_tools"]
    for part in found["prompt"]["parts"]:
        assert (part["left"] is None) == (part["change"] == "added")
        assert (part["right"] is None) == (part["change"] == "removed")


def test_blocks_of_the_system_prompt_say_what_differs_in_them() -> None:
    found = shown(older(), newer())
    assert parts(found, "system") == [
        ("system block 1", "changed", "billing header"),
        ("system block 2", "changed", "system text"),
        ("system block 3", "changed", "git status"),
    ]
    assert parts(found, "reminders") == [("message 1, reminder", "changed", "reminder changed")]
    [swift] = [part for part in found["prompt"]["parts"] if part["where"] == "system block 2"]
    assert (swift["before"][:22], swift["after"][:20]) == ("You are a careful agen", "You are a swift agen")


def test_a_block_that_is_put_before_the_others_changes_none_of_them() -> None:
    more = [{"type": "text", "text": "Be brief."}, *system()]
    found = shown(Talk().ask(body(user("Go")), said("So")), Talk().ask(body(user("Go"), system=more), said("So")))
    assert [change for _, change, _ in parts(found, "system")] == ["added", "same", "same", "same"]


def test_each_side_is_named_with_its_client_and_model() -> None:
    found = shown(older(), newer())
    assert (found["left"]["programs"], found["right"]["programs"]) == (["claude-cli/2.1.330"], ["claude-cli/2.1.332"])
    assert found["left"]["models"] == [MODEL]


def test_sums_are_compared_where_both_are_known() -> None:
    sums = shown(older(), newer())["sums"]
    assert (sums["turns"]["left"], sums["turns"]["right"], sums["turns"]["difference"]) == (3, 4, 1)
    assert (sums["waiting"]["left"], sums["waiting"]["right"], sums["waiting"]["difference"]) == (3.0, 4.0, 1.0)
    assert (sums["output_tokens"]["left"], sums["output_tokens"]["right"]) == (None, 36)
    assert sums["output_tokens"]["difference"] is None
    assert sums["output_tokens"]["left_unknown"] == 3


def test_the_first_divergence_is_shown_from_both_sides() -> None:
    assert shown(older(), older())["divergence"] is None
    found = shown(older(), newer())["divergence"]
    assert (found["left_turn"], found["right_turn"], found["match"]) == (1, 1, "answer")
    assert found["left"].endswith('{"file_path":"/src/test.py"}')
    assert found["right"].endswith('{"file_path":"/src/conftest.py"}')
    forked = shown(older(), fork())["divergence"]
    assert (forked["left"], forked["right"]) == ("assistant: It is fixed now.", "assistant: I'd rather not.")
    longer = shown(
        Talk().ask(body(user("Go")), said("So")), Talk().ask(body(user("Go"), said("So"), user("On")), said("."))
    )
    assert longer["divergence"]["match"] in ("question", "right", "left")


def test_what_both_prompts_begin_with_is_counted() -> None:
    found = shown(older(), fork())
    [row] = [row for row in found["turns"] if row["match"] == "answer"]
    assert row["shared_tokens"] == found["prompt"]["shared_tokens"] == row["left_input_tokens"]
    assert shown(older(), newer())["prompt"]["shared_tokens"] < 60
    assert {row["shared_tokens"] for row in found["turns"] if row["match"] == "right_history"} == {None}


def test_subagents_that_were_asked_the_same_correspond() -> None:
    def talk(*tasks: str) -> Talk:
        found = Talk().ask(body(user("Go")), said("So"))
        for number, task in enumerate(tasks):
            found.ask(body(user(task), system=[], tools=[tool("Read")]), said(f"{task} it is."), agent=f"a{number}")
        return found

    rows = shown(talk("Search", "Count"), talk("Count", "Write"))["turns"]
    assert [(row["left_turn"], row["right_turn"], row["match"]) for row in rows] == [
        (1, 1, "same"),
        (2, None, "left"),
        (3, 2, "same"),
        (None, 3, "right"),
    ]


def test_a_session_without_a_turn_that_was_served_is_shown_all_the_same() -> None:
    found = shown(Talk().ask(body(user("Go")), said(""), status=500), older())
    assert found["prompt"]["parts"] == []
    assert [row["match"] for row in found["turns"]] == ["right"] * 3
