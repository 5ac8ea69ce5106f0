"""Whether an answer is correct, question by question."""

from dataclasses import replace
from typing import Any

import pytest

from replay.exchange import ReplayError, Sent
from replay.request import Prepared, Target
from replay.result import Verdict
from replay.run import verdict
from tests.support import answers, scripted, synthetic
from traces.model import Event, Odd

REQUEST = synthetic.tool_call().request.body
RECORDED = answers.message(answers.tool("Read", file_path="/etc/hosts"))
IN_TEXT = answers.message(answers.text("It says hello."))


def exchange(message: Any, events: tuple[Event, ...] = (), error: ReplayError | None = None, **settings: Any) -> Sent:
    prepared = Prepared(Target("http://localhost", "x"), "/v1/messages", {}, b"", "m", "anthropic", settings=settings)
    return Sent(prepared, "2025-10-26T14:23:45.123Z", message=message, events=events, error=error)


def chat(*calls: tuple[str, str], finish: str = "tool_calls", **more: Any) -> dict[str, Any]:
    """Return a chat completion with these calls: (name, arguments as text)."""
    made = [{"type": "function", "function": {"name": name, "arguments": words}, **more} for name, words in calls]
    return {"choices": [{"index": 0, "message": {"content": None, "tool_calls": made}, "finish_reason": finish}]}


def asked(message: Any, recorded: Any = RECORDED, request: Any = REQUEST) -> dict[str, Verdict]:
    return {each.name: each for each in verdict.judge_answer(request, recorded, exchange(message))}


def wrong(found: dict[str, Verdict]) -> dict[str, str]:
    return {name: each.detail for name, each in found.items() if each.passed is False}


@pytest.mark.parametrize(
    "message",
    [
        answers.message(answers.tool("Read", file_path="/etc/motd")),
        answers.message(answers.text("Let me see."), answers.tool("Read", file_path="/etc/motd")),
        chat(("Read", '{"file_path": "/etc/motd"}')),
        chat(("Read", '{"file_path": "/a"}'), ("Read", '{"file_path": "/b"}')),
    ],
    ids=["anthropic", "after text", "chat", "in parallel"],
)
def test_an_answer_that_calls_what_the_recording_called_is_correct(message: Any) -> None:
    found = asked(message)
    assert wrong(found) == {}
    assert [found[name].passed for name in ("calls_a_tool", "same_tool", "known_tool", "arguments_fit")] == [True] * 4


CUT = {**answers.message(), "stop_reason": "max_tokens"}
PARTIAL = {"type": "tool_use", "name": "Read", "input": '{"file_pa', "input_partial": True}


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (IN_TEXT, {"calls_a_tool": "called no tool; the recording called Read"}),
        (
            answers.message(answers.tool("Bash", command="ls")),
            {"same_tool": "called Bash; the recording called Read"},
        ),
        (
            answers.message(answers.tool("Look", file_path="/x")),
            {
                "same_tool": "called Look; the recording called Read",
                "known_tool": "Look: the request offers no such tool",
            },
        ),
        (
            answers.message(answers.tool("Read", path="/x")),
            {"arguments_fit": "Read: 'file_path' is a required property"},
        ),
        (
            answers.message(answers.tool("Read", file_path=["/x"])),
            {"arguments_fit": "Read: file_path: ['/x'] is not of type 'string'"},
        ),
        (chat(("Read", '{"file_path"')), {"arguments_parse": "Read: the arguments are not whole JSON"}),
        (
            {**CUT, "content": [PARTIAL]},
            {
                "arguments_parse": "Read: the arguments are not whole JSON",
                "whole": "was cut off (max_tokens)",
            },
        ),
        (chat(("Read", '{"file_path": "/x"}'), finish="length"), {"whole": "was cut off (length)"}),
        (chat(("Read", "")), {"arguments_fit": "Read: 'file_path' is a required property"}),
        (chat(("Read", '"/x"')), {"arguments_fit": "Read: '/x' is not of type 'object'"}),
        (None, {"calls_a_tool": "called no tool; the recording called Read", "whole": "there was no answer"}),
    ],
    ids=[
        "text",
        "other tool",
        "unknown",
        "missing",
        "type",
        "cut json",
        "cut off",
        "length",
        "empty",
        "string",
        "none",
    ],
)
def test_what_is_wrong_is_put_into_words(message: Any, expected: dict[str, str]) -> None:
    assert wrong(asked(message)) == expected


@pytest.mark.parametrize(
    "message",
    [
        answers.message(),
        answers.message(answers.text(" \n")),
        answers.message(answers.thinking("Hm.")),
        {"choices": [{"index": 0, "message": {"content": None, "reasoning": "Hm."}, "finish_reason": "stop"}]},
    ],
    ids=["nothing", "blank", "only a thought", "only a thought in chat"],
)
def test_an_empty_answer_is_no_answer_however_fast(message: Any) -> None:
    assert wrong(asked(message, recorded=IN_TEXT)) == {"whole": "the answer is empty"}


@pytest.mark.parametrize(
    ("settings", "whole"),
    [({"max_tokens": 20}, None), ({"max_completion_tokens": 20}, None), ({"max_tokens": 9999}, False), ({}, False)],
    ids=["lowered", "lowered in chat", "raised", "as recorded"],
)
def test_an_answer_that_the_user_had_cut_off_is_not_wrong_for_that(settings: Any, whole: bool | None) -> None:
    for content, recorded in (([answers.text("It")], IN_TEXT), ([PARTIAL], RECORDED)):
        judged = verdict.judge_answer(REQUEST, recorded, exchange({**CUT, "content": content}, **settings))
        found = {each.name: each.passed for each in judged}
        assert found["whole"] is whole
        assert (False in found.values()) is (whole is False)


def test_an_answer_that_called_no_tool_within_what_the_user_allows_is_wrong() -> None:
    judged = verdict.judge_answer(REQUEST, RECORDED, exchange({**CUT, "content": [answers.text("It")]}, max_tokens=20))
    assert [each.name for each in judged if each.passed is False] == ["calls_a_tool"]


def test_a_tool_where_the_recording_answered_in_text_is_another_way() -> None:
    found = asked(answers.message(answers.tool("Read", file_path="/x")), recorded=IN_TEXT)
    assert wrong(found) == {"calls_a_tool": "called Read; the recording called no tool"}


def test_without_a_recorded_answer_nothing_is_compared_with_it() -> None:
    found = asked(answers.message(answers.tool("Bash", command="ls")), recorded=None)
    assert (found["calls_a_tool"].passed, found["same_tool"].passed, found["arguments_fit"].passed) == (
        None,
        None,
        True,
    )


def test_a_text_for_a_text_is_correct_and_has_no_arguments_to_judge() -> None:
    found = asked(IN_TEXT, recorded=IN_TEXT)
    assert wrong(found) == {}
    assert (found["calls_a_tool"].passed, found["arguments_parse"].passed) == (True, None)


def offering(schema: Any) -> dict[str, Any]:
    return {"tools": [{"type": "function", "function": {"name": "Read", "parameters": schema}}]}


@pytest.mark.parametrize("schema", [None, True], ids=["none", "anything"])
def test_a_tool_that_takes_anything_leaves_nothing_to_ask(schema: Any) -> None:
    found = asked(chat(("Read", "{}")), request=offering(schema))
    assert (found["arguments_fit"], wrong(found)) == (Verdict("arguments_fit", None), {})


@pytest.mark.parametrize(
    ("schema", "detail"),
    [
        ({"type": "nonsense"}, "Read: not judged by type: nonsense"),
        ({"$ref": "http://127.0.0.1:9/schema.json"}, "Read: not judged by $ref: http://127.0.0.1:9/schema.json"),
        ({"$ref": "#"}, "Read: not judged by $ref: #"),
        ("{}", "Read: not judged by a schema that reads {}"),
    ],
    ids=["no type", "on the network", "itself", "a text"],
)
def test_where_no_rule_can_be_judged_by_it_is_unknown_whether_an_answer_is_correct(schema: Any, detail: str) -> None:
    found = asked(chat(("Read", "{}")), request=offering(schema))
    assert found["arguments_fit"] == Verdict("arguments_fit", None, detail)
    assert verdict.is_correct(list(found.values())) is None
    assert verdict.is_unknown(list(found.values()))
    assert verdict.unjudged(list(found.values())) == [found["arguments_fit"]]


ODD = {"type": "object", "properties": {"path": {"type": "string", "format": "path"}, "n": {"type": "int"}}}


@pytest.mark.parametrize(
    ("given", "passed", "detail"),
    [
        ('{"path": "/a", "n": 1}', True, "Read: not judged by type: int"),
        ('{"path": "/a"}', True, ""),
        ('{"path": 5, "n": 1}', False, "Read: path: 5 is not of type 'string'"),
    ],
    ids=["met", "not met", "broken"],
)
def test_the_rest_of_a_schema_judges_and_what_does_not_is_named(given: str, passed: bool, detail: str) -> None:
    found = asked(chat(("Read", given)), request=offering(ODD))
    assert found["arguments_fit"] == Verdict("arguments_fit", passed, detail)
    assert verdict.is_correct(list(found.values())) is passed


def test_an_answer_that_is_wrong_is_wrong_whatever_else_cannot_be_judged() -> None:
    found = [Verdict("a", False, "x"), Verdict("b", None, "not judged"), Verdict("c", True)]
    assert (verdict.is_correct(found), verdict.is_unknown(found)) == (False, False)


def test_nothing_is_fetched_from_the_network_to_judge() -> None:
    fetched: list[scripted.Received] = []

    def script(request: scripted.Received) -> scripted.Answer:
        fetched.append(request)
        return scripted.whole({"type": "array"})

    with scripted.serving(script) as server:
        found = asked(chat(("Read", "{}")), request=offering({"$ref": f"{server.url}/schema.json"}))
    assert (fetched, wrong(found)) == ([], {})


def test_an_error_that_quotes_a_whole_file_is_cut() -> None:
    schema = {"properties": {"lines": {"type": "integer"}}}
    found = asked(chat(("Read", '{"lines": "' + "x" * 10_000 + '"}')), request=offering(schema))
    assert len(wrong(found)["arguments_fit"]) < 250


def test_a_server_side_tool_is_the_servers_own_business() -> None:
    search = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}
    assert wrong(asked({**RECORDED, "content": [search, *RECORDED["content"]]})) == {}


def test_where_events_were_odd_a_client_may_fail_too() -> None:
    odd = replace(exchange(RECORDED), odd=Odd(2, '{"choices": 7}' + "x" * 300))
    found = {each.name: each for each in verdict.judge_answer(REQUEST, RECORDED, odd)}
    assert found["in_order"].passed is False
    assert found["in_order"].detail.startswith(
        "2 events couldn't be read, and a client may fail too; the first begins: {"
    )


def test_a_run_that_failed_is_not_judged() -> None:
    failed = exchange(None, error=ReplayError("server_disconnected", "the connection broke"))
    assert verdict.judge(synthetic.tool_call(), failed) == ()


def test_a_failed_recording_is_not_compared_with() -> None:
    found = {each.name: each.passed for each in verdict.judge(synthetic.failed(), exchange(IN_TEXT))}
    assert found["calls_a_tool"] is None
    assert found["whole"] is True


def test_a_run_is_correct_where_nothing_was_wrong() -> None:
    yes, no, unasked = Verdict("a", True), Verdict("b", False, "x"), Verdict("c", None)
    assert verdict.is_correct((yes, unasked)) is True
    assert verdict.is_correct((yes, no)) is False
    assert verdict.is_correct((unasked,)) is None
    assert verdict.is_correct(()) is None
