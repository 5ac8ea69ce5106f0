"""Recorded sessions -> scripts: which turn waits for which, how long its agent paused, and what is sent."""

from dataclasses import replace
from pathlib import Path

import pytest

from replay.errors import TranslationError
from replay.load.marks import PLACEHOLDER
from replay.load.plan import LoadPlan
from replay.load.script import NothingToPlay, Script, dialects_in, prepare_all
from replay.request import Options, Target
from tests.support import synthetic, talks
from tests.support.talks import Talk, called, result, said, user
from traces import jsonio
from traces.sessions import lookup
from traces.sessions.model import Session

TARGET = Target("http://localhost:8080", "llamacpp")
PLAN = LoadPlan()


def sessions(talk: Talk, folder: Path) -> dict[str, Session]:
    synthetic.write_all(talk.traces, folder)
    [found] = lookup.find(str(folder), [])
    return {"s": found}


def script(talk: Talk, folder: Path, plan: LoadPlan = PLAN, target: Target = TARGET) -> Script:
    made = prepare_all(sessions(talk, folder), {"anthropic": target}, "m", plan, Options(settings=plan.settings))
    return made.scripts[0]


def a_talk() -> Talk:
    """Three turns, ten seconds apart, each answered after two."""
    talk, messages = Talk(), [user("What?")]
    for number in range(3):
        talk.ask(talks.body(*messages, max_tokens=50), said(f"A fox {number}."))
        messages += [said(f"A fox {number}."), user("And now?")]
    return talk


def test_a_turn_waits_for_the_one_it_continues_as_long_as_its_agent_paused(tmp_path: Path) -> None:
    turns = script(a_talk(), tmp_path).turns
    assert [(turn.number, turn.after, turn.pause, turn.follows) for turn in turns] == [
        (1, (), 0.0, None),
        (2, (1,), 8.0, 1),
        (3, (2,), 8.0, 2),
    ]


def test_subagents_wait_for_who_started_them_and_not_for_one_another(tmp_path: Path) -> None:
    talk = Talk(step=5.0)
    talk.ask(talks.body(user("Look.")), called("Agent", "t1"))
    for name in ("a", "b"):
        talk.ask(talks.body(user(f"Task of {name}.")), called("Read", f"r{name}"), agent=name)
    for name in ("a", "b"):
        history = [user(f"Task of {name}."), called("Read", f"r{name}"), result(f"r{name}", "plum")]
        talk.ask(talks.body(*history), said("Plum."), agent=name)
    talk.ask(talks.body(user("Look."), called("Agent", "t1"), result("t1", "Plum.")), said("It is plum."))
    turns = script(talk, tmp_path).turns
    waits = {turn.number: turn.after for turn in turns}
    assert (waits[2], waits[3], waits[4], waits[5]) == ((1,), (1,), (2,), (3,))
    assert 5 in waits[6]
    assert {turn.agent for turn in turns} == {"main", "a", "b"}


def test_requests_are_ready_but_for_the_marker_of_a_copy(tmp_path: Path) -> None:
    for turn in script(a_talk(), tmp_path).turns:
        body = jsonio.loads(turn.prepared.body)
        assert isinstance(body, dict)
        assert (body["model"], body["stream"]) == ("m", True)
        assert body["messages"][0]["content"][0] == {"type": "text", "text": f"[{PLACEHOLDER}]"}
        assert turn.prepared.body.count(PLACEHOLDER.encode()) == 1


def test_an_answer_is_judged_by_the_recorded_tools_and_answer_which_equal_turns_share(tmp_path: Path) -> None:
    first, second, _ = script(a_talk(), tmp_path).turns
    assert isinstance(first.asked, dict)
    assert [tool["name"] for tool in first.asked["tools"]] == list(talks.TOOLS)
    assert "messages" not in first.asked
    assert first.asked is second.asked
    assert isinstance(first.recorded, dict)
    assert first.recorded["content"] == said("A fox 0.")["content"]


def test_a_limit_and_settings_change_what_is_sent_and_what_is_cut_off_is_no_mistake(tmp_path: Path) -> None:
    plan = LoadPlan(max_tokens=8, settings={"temperature": 0})
    turn = script(a_talk(), tmp_path, plan).turns[0]
    body = jsonio.loads(turn.prepared.body)
    assert isinstance(body, dict)
    assert (body["max_tokens"], body["temperature"]) == (8, 0)
    assert turn.prepared.settings["max_tokens"] == 8  # so that the verdict knows that the user shortened it


def test_the_same_is_sent_in_the_api_format_that_the_server_takes(tmp_path: Path) -> None:
    turn = script(a_talk(), tmp_path, PLAN, replace(TARGET, dialect="chat")).turns[1]
    body = jsonio.loads(turn.prepared.body)
    assert isinstance(body, dict)
    assert turn.prepared.path == "/v1/chat/completions"
    assert [message["role"] for message in body["messages"]] == ["system", "user", "assistant", "user"]
    assert PLACEHOLDER in jsonio.dumps(body["messages"][1]).decode()


def test_a_fix_is_applied_to_every_request(tmp_path: Path) -> None:
    kept, fixed = (script(a_talk(), tmp_path, LoadPlan(fixes=names)).turns[0] for names in ((), ("attribution",)))
    assert b"x-anthropic-billing-header" in kept.prepared.body
    assert b"x-anthropic-billing-header" not in fixed.prepared.body


def test_what_is_left_out_and_what_isn_t_known_is_told(tmp_path: Path) -> None:
    talk = a_talk()
    untimed = [replace(each, timing=replace(each.timing, total=None)) for each in talk.traces[:1]]
    talk.traces[:1] = untimed
    made = prepare_all(sessions(talk, tmp_path), {"anthropic": TARGET}, "m", PLAN, Options())
    assert "Session s: pauses not known, and so not made: 1." in made.notes
    assert made.turns_of == {"s": 3}


def test_a_session_without_a_request_to_send_can_t_be_played(tmp_path: Path) -> None:
    talk = Talk()
    talk.ask({"model": "m", "messages": [user("Hi")]}, said("Hello."))
    talk.traces[0] = replace(talk.traces[0], request=replace(talk.traces[0].request, body=None))
    with pytest.raises(NothingToPlay):
        prepare_all(sessions(talk, tmp_path), {"anthropic": TARGET}, "m", PLAN, Options())


def test_a_request_without_a_place_for_a_marker_says_what_to_do(tmp_path: Path) -> None:
    talk = Talk().ask(talks.body({"role": "assistant", "content": "Hello"}), said("Hm."))
    found = sessions(talk, tmp_path)
    with pytest.raises(TranslationError, match="--shared all"):
        prepare_all(found, {"anthropic": TARGET}, "m", PLAN, Options())
    assert prepare_all(found, {"anthropic": TARGET}, "m", LoadPlan(shared="all"), Options()).turns_of == {"s": 1}


def test_the_api_formats_of_all_that_is_sent_are_known_before(tmp_path: Path) -> None:
    assert dialects_in(list(sessions(a_talk(), tmp_path).values())) == ["anthropic"]
