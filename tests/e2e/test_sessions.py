"""A long session of the real Claude Code, captured by the proxy, and what `sessions` and `session` make of it.

A scripted model lets it happen: a failed try, a tool, `--continue`, subagents of which one starts another, `/compact`,
and `--fork-session`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

from tests.support import answers
from tests.support.analyzer import Analyzer
from tests.support.answers import Block, text, tool
from tests.support.client import Client
from tests.support.proxy import recording
from tests.support.scripted import Answer, Received, Script, serving, stream, whole

ALLOWED = ("--allowedTools", "Read,Agent")
PREFILL = 0.05
OVERLOADED = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}


def agent(id: str, task: str, type: str) -> Block:
    return tool("Agent", id, description=task, prompt=task, subagent_type=type)


def script() -> Script:
    """The main agent says this, in this order, then "Fine."; a subagent does what its task says."""
    numbers = count(1)
    mine: Iterator[Answer | list[Block]] = iter(
        [
            whole(OVERLOADED, 529),
            [tool("Read", file_path="notes.txt")],
            [text("It is plum.")],
            [agent("toolu_a", "Look it up.", "Explore"), agent("toolu_b", "Let somebody look.", "general-purpose")],
            [text("I wait.")],
        ]
    )

    def answer(request: Received) -> Answer:
        if request.header("x-claude-code-agent-id"):
            said = subagent(request.json["messages"])
        elif "Your task is to create a detailed summary" in json.dumps(request.json["messages"][-1]):
            said = [text("<summary>They found the word plum.</summary>")]
        else:
            next_one = next(mine, [text("Fine.")])
            if isinstance(next_one, Answer):
                return next_one
            said = next_one
        return stream([PREFILL, *answers.events(*said, id=f"msg_{next(numbers)}")])

    return answer


def subagent(messages: list[Any]) -> list[Block]:
    if len(messages) > 2:
        return [text("It is plum.")]
    if "Let somebody look." in json.dumps(messages[0]):
        return [agent("toolu_c", "Look it up, too.", "Explore")]
    return [tool("Read", file_path="notes.txt")]


@dataclass(frozen=True)
class Captured:
    """`types`: whether the client was asked to tell of which type its subagents are."""

    analyzer: Analyzer
    types: bool
    ids: list[str]

    def session(self, name: str) -> dict[str, Any]:
        shown = self.analyzer("session", name, "--format", "json")
        assert shown.exit_code == 0, shown.stderr
        [session] = json.loads(shown.stdout)
        return dict(session)


@pytest.fixture(scope="module", params=[False, True], ids=["as it is", "with hints"])
def captured(request: pytest.FixtureRequest, claude_program: Any, tmp_path_factory: pytest.TempPathFactory) -> Captured:
    folder = tmp_path_factory.mktemp("sessions")
    client = Client(claude_program, folder / "home")
    (client.project / "notes.txt").write_text("The word is plum.\n")
    hints = {"CLAUDE_CODE_GATEWAY_HINT_HEADERS": "1"} if request.param else {}
    asks = [
        ("What is the word?",),
        ("Let two others look.", "--continue"),
        ("/compact", "--continue"),
        ("And now?", "--continue"),
        ("And elsewhere?", "--continue", "--fork-session"),
    ]
    with serving(script()) as server, recording(server.url, folder) as proxy:
        outcomes = [client.ask(proxy.url, *ask, *ALLOWED, **hints) for ask in asks]
    ids = list(dict.fromkeys(outcome.printed["session_id"] for outcome in outcomes))
    return Captured(Analyzer(folder), request.param, ids)


def whys(session: dict[str, Any], agent: str) -> list[str]:
    return [turn["why"] for turn in session["turns"] if turn["agent"] == agent]


def test_each_id_is_listed_once(captured: Captured) -> None:
    rows = json.loads(captured.analyzer("sessions", "--format", "json").stdout)
    assert [row["session"] for row in rows] == captured.ids[::-1]
    assert [(row["agents"], row["side_requests"], row["failed"]) for row in rows] == [(1, 0, 0), (4, 1, 1)]


def test_the_main_agents_turns_carry_one_another_on(captured: Captured) -> None:
    session = captured.session(captured.ids[0][:6])
    told = whys(session, "main")
    assert told[:5] == ["first", "retry", "continued", "continued", "continued"]
    waiting_for_agents = told[5:-2]
    assert set(waiting_for_agents) <= {"continued"}
    assert told[-2:] == ["side", "compacted"]
    follows = [turn["follows"] for turn in session["turns"] if turn["agent"] == "main"]
    numbers = [turn["number"] for turn in session["turns"] if turn["agent"] == "main"]
    assert follows[:-1] == [None, *numbers[:-2]]
    assert follows[-1] == numbers[-3]  # not the request for a summary, but what that summed up


def test_a_fork_is_shown_with_the_session_that_it_carries_on(captured: Captured) -> None:
    assert len(captured.ids) == 2
    session = captured.session("latest")
    assert session["ids"] == captured.ids
    assert whys(session, "main")[-2:] == ["compacted", "continued"]


def test_subagents_stand_below_those_that_started_them(captured: Captured) -> None:
    session = captured.session(captured.ids[0])
    agents = {agent["key"]: agent for agent in session["agents"]}
    tree = sorted((agent["depth"], agents[agent["parent"]]["depth"]) for agent in agents.values() if agent["parent"])
    assert tree == [(1, 0), (1, 0), (2, 1)]
    types = sorted(agent["type"] or "" for agent in agents.values())
    assert types == (["", "Explore", "Explore", "general-purpose"] if captured.types else [""] * 4)
    for agent in agents.values():
        if agent["parent"]:
            assert whys(session, agent["name"]) == ["first", "continued"] + ["continued"] * (agent["turns"] - 2)


def test_what_a_turn_has_that_is_new_is_little(captured: Captured) -> None:
    """The client changes what it had said before only where it must: nearly all of each turn was in the one before."""
    for turn in captured.session(captured.ids[0])["turns"]:
        if turn["why"] in ("continued", "side") and turn["new_tokens"] is not None:
            assert turn["new_tokens"] <= 0.35 * turn["input_tokens"]


def test_the_time_adds_up_and_nobody_waited_longer_than_the_agents_together(captured: Captured) -> None:
    session = captured.session(captured.ids[0])
    time = session["time"]
    assert time["unknown"] == pytest.approx(0, abs=1e-3)
    assert time["retries"] > 0.2
    assert time["tools"] > 0
    assert time["person"] > 0
    assert PREFILL < time["waiting"] <= session["total"]["waiting"]
    assert session["total"]["turns"] == sum(agent["turns"] for agent in session["agents"]) == len(session["turns"])


def test_the_page_has_a_row_for_each_turn_and_each_agent(captured: Captured) -> None:
    shown = captured.analyzer("session", captured.ids[0]).stdout
    turns = shown.partition("\n\n")[2].partition("\n\n")[0].splitlines()[2:]
    assert len(turns) == len(captured.session(captured.ids[0])["turns"])
    assert "\nAGENTS\n" in shown
    assert "\nWHERE THE TIME WENT\n" in shown


def test_a_fork_is_compared_with_the_session_that_it_was_forked_from(captured: Captured) -> None:
    shown = captured.analyzer("diff", *captured.ids, "--format", "json")
    assert shown.exit_code == 0, shown.stderr
    found = json.loads(shown.stdout)
    assert [found[side]["session"] for side in ("left", "right")] == captured.ids
    assert found["left"]["programs"] == found["right"]["programs"]
    assert found["left"]["programs"][0].startswith("claude-cli/")
    assert found["sums"]["turns"]["right"] == 1
    [row] = [row for row in found["turns"] if row["right_turn"] is not None and row["match"] not in ("right_history",)]
    assert row["match"] in ("question", "right")  # "And elsewhere?" was asked of the fork alone
    assert any(part["change"] == "same" for part in found["prompt"]["parts"])
