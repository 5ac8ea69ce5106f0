"""One turn of a session, sent to a server that stores requests: what is sent, and the result where that fails."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from replay.exchange import Progress
from replay.request import Options, Target
from replay.result import ReplayResult
from replay.session.steps import Step, plan
from replay.session.turn import PassSetup, Sender, Variant, limit_answer, parse_variants, warm_up
from tests.support import answers, synthetic, talks
from tests.support.scripted import ScriptedServer, serving, stream
from traces.clients.claude_code.fixes import FIXES

HELLO = stream(answers.events(answers.text("Hello")))

HEADERS = ("cch=11111;", "cch=22222;")


@pytest.fixture
def steps(tmp_path: Path) -> list[Step]:
    """Two turns of a session, on the disk; of the second only the billing header differs."""
    talk = talks.Talk()
    for header in HEADERS:
        talk.ask(talks.body(talks.user("Hi"), system=talks.system(header), max_tokens=99), talks.said("Hello"))
    files = synthetic.write_all(talk.traces, tmp_path)
    (session,) = talk.sessions
    turns = tuple(replace(turn, file=file) for turn, file in zip(session.turns, files, strict=True))
    return plan(replace(session, turns=turns))


def sent(steps: list[Step], server: ScriptedServer, variant: Variant, **asked: Any) -> list[ReplayResult]:
    """All of them in one pass."""
    to = PassSetup(Target(server.url, "x"), "m", Options(cache="cold"), **asked)
    sender = Sender(to, variant, 1, lambda step, progress: None)

    async def play() -> list[ReplayResult]:
        return [await sender.send(step) for step in steps]

    return asyncio.run(play())


def bodies(server: ScriptedServer) -> list[Any]:
    return [received.json for received in server.posts if "system" in received.json]


def test_one_marker_makes_a_whole_pass_cold_and_the_next_pass_has_another(steps: list[Step]) -> None:
    with serving([HELLO]) as server:
        sent(steps, server, Variant(("attribution",)))
        sent(steps, server, Variant(("attribution",)))
        first, second, third, fourth = bodies(server)
    assert first == second
    assert third == fourth
    assert first["system"][0] != third["system"][0]
    assert first["system"][1:] == third["system"][1:]


def test_without_a_fix_the_requests_differ_as_they_were_recorded(steps: list[Step]) -> None:
    with serving([HELLO]) as server:
        results = sent(steps, server, Variant())
        first, second = bodies(server)
    assert [body["system"][0]["text"].rpartition(" ")[2] for body in (first, second)] == list(HEADERS)
    assert (first["model"], first["max_tokens"]) == ("m", 99)
    assert all(result.success for result in results)
    assert results[0].run.trace.hash != results[1].run.trace.hash


def test_a_fixed_request_is_another_request_to_those_who_compare_results(steps: list[Step]) -> None:
    with serving([HELLO]) as server:
        as_it_was, fixed = (sent(steps, server, variant)[0] for variant in (Variant(), Variant(("attribution",))))
    assert as_it_was.run.trace.hash != fixed.run.trace.hash
    assert "fix: attribution" in fixed.notes


def test_how_much_of_the_turn_before_is_kept_is_known(steps: list[Step]) -> None:
    with serving([HELLO]) as server:
        to = PassSetup(Target(server.url, "x"), "m", Options(cache="cold"))
        kept = {}
        for variant in (Variant(), Variant(("attribution",))):
            sender = Sender(to, variant, 1, lambda step, progress: None)
            for step in steps:
                asyncio.run(sender.send(step))
            kept[variant.name] = sender.prefixes.kept
    assert kept["none"][2] < 0.5
    assert kept["attribution"] == {2: 1.0}


def test_a_trace_that_is_gone_is_a_result_and_the_next_turn_is_sent(steps: list[Step]) -> None:
    lost = steps[0].turn.file
    assert lost is not None
    lost.unlink()
    with serving([HELLO]) as server:
        gone, there = sent(steps, server, Variant())
    assert gone.error is not None
    assert "No such file" in gone.error.message
    assert there.success


def test_it_is_reported_when_a_request_is_on_the_wire(steps: list[Step]) -> None:
    """Before anything of the answer is there."""
    reported: list[str] = []
    with serving([stream([0.6, *answers.events(answers.text("Hello"))])]) as server:
        to = PassSetup(Target(server.url, "x"), "m", Options())
        sender = Sender(to, Variant(), 1, lambda *what: reported.append("progress"))
        asyncio.run(sender.send(steps[1], lambda: reported.append("sent")))
    assert reported[0] == "sent"
    assert reported.count("sent") == 1


def test_progress_is_reported_with_its_turn(steps: list[Step]) -> None:
    reported: list[tuple[Step, Progress]] = []
    with serving([stream([0.6, *answers.events(answers.text("Hello"))])]) as server:
        to = PassSetup(Target(server.url, "x"), "m", Options())
        asyncio.run(Sender(to, Variant(), 1, lambda *what: reported.append(what)).send(steps[1]))
    assert reported
    assert {step.number for step, _ in reported} == {2}


def test_a_server_is_warmed_up_with_a_question_of_its_own() -> None:
    with serving([HELLO]) as server:
        asyncio.run(warm_up(PassSetup(Target(server.url, "x"), "m", Options())))
        (question,) = [json.loads(received.body) for received in server.posts]
    assert (question["model"], question["max_tokens"]) == ("m", 1)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"max_tokens": 32_000}, {"max_tokens": 8}),
        ({"max_tokens": 2}, {"max_tokens": 2}),
        ({"max_completion_tokens": 100}, {"max_completion_tokens": 8}),
        ({}, {"max_tokens": 8}),
        ("no request", "no request"),
    ],
)
def test_a_limit_may_make_an_answer_shorter_but_never_longer(body: Any, expected: Any) -> None:
    assert limit_answer(body, 8) == expected
    assert limit_answer(body, None) == body


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("none", [()]),
        ("none,attribution", [(), ("attribution",)]),
        ("attribution+date, tools", [("attribution", "date"), ("tools",)]),
        ("all", [("attribution", "date", "environment", "tool-order", "tools")]),
    ],
)
def test_variants_are_separated_by_commas_and_their_fixes_by_plus(text: str, expected: list[tuple[str, ...]]) -> None:
    assert [variant.fixes for variant in parse_variants(text)] == expected
    assert parse_variants(text)[0].name in (text.partition(",")[0], "+".join(expected[0]))


@pytest.mark.parametrize(
    ("text", "hint"), [("slots", FIXES["slots"].how), ("no such", "none, attribution"), ("", "all")]
)
def test_what_cannot_be_fixed_in_a_request_is_refused_with_a_hint(text: str, hint: str) -> None:
    with pytest.raises(ValueError, match="isn't one of") as refused:
        parse_variants(text)
    assert hint in str(refused.value)


@pytest.mark.parametrize("text", ["none,none", "attribution+date,none,date+attribution"])
def test_a_variant_is_named_once(text: str) -> None:
    with pytest.raises(ValueError, match="is named twice"):
        parse_variants(text)
