"""Sessions whose history the server keeps: group, and with the prompts that the model was given."""

from typing import Any

import pytest

from tests.support.factories import read
from traces.model import Ids, Json, Request, Response, Timing, Trace
from traces.sessions.grouping import Session, sessions
from traces.sessions.model import Turn

URL = "http://localhost:1234/v1/responses"


def response_trace(second: int, text: str, answer: str | None = "", ids: Ids = Ids(), **more: Json) -> Trace:  # noqa: B008
    """Return a trace whose answer has this text and the id `resp_` and the second; None for no answer."""
    body = {"model": "m", "input": [{"role": "user", "content": text}], **more}
    said: list[dict[str, Any]] = [
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": answer}]}
    ]
    response = Response(200, {}, {"object": "response", "id": f"resp_{second}", "status": "completed", "output": said})
    return Trace(
        timestamp=f"2026-01-02T03:{second // 60:02}:{second % 60:02}.000Z",
        mode="lmstudio",
        request=Request("POST", URL, {}, body),
        response=None if answer is None else response,
        ids=ids,
        timing=Timing(total=0.5),
    )


def group(*traces: Trace) -> list[Session]:
    return sessions(read(*traces))


def texts(turn: Turn) -> list[str]:
    return [part.text for part in turn.parts]


def test_answers_that_are_continued_make_one_session_with_all_that_the_model_was_given() -> None:
    (session,) = group(
        response_trace(1, "a river", "Ob", instructions="Be brief."),
        response_trace(2, "another", "Don", previous_response_id="resp_1", instructions="Be brief."),
        response_trace(3, "the longer?", "Ob", previous_response_id="resp_2", instructions="Be brief."),
    )
    assert [place.follows for place in session.places] == [None, 1, 2]
    assert {place.why for place in session.places[1:]} == {"continued"}
    assert texts(session.turns[2]) == ["Be brief.", "a river", "Ob", "another", "Don", "the longer?"]
    assert [part.index for part in session.turns[2].parts[1:]] == [0, 1, 2, 3, 4]
    assert [part.index for part in session.turns[2].answer] == [5]


def test_a_system_prompt_that_isnt_given_again_stays_and_tools_are_those_of_the_request() -> None:
    tool: Json = [{"type": "function", "name": "Read", "parameters": {}}]
    (session,) = group(
        response_trace(1, "a river", "Ob", instructions="Be brief.", tools=tool),
        response_trace(2, "another", "Don", previous_response_id="resp_1"),
        response_trace(3, "more", "Don", previous_response_id="resp_2", instructions="Be wordy."),
    )
    assert texts(session.turns[1])[:2] == ["Be brief.", "a river"]
    assert texts(session.turns[2])[:2] == ["Be wordy.", "a river"]


def test_two_answers_to_the_same_one_are_two_branches() -> None:
    (session,) = group(
        response_trace(1, "a river", "Ob"),
        response_trace(2, "in the north", "Don", previous_response_id="resp_1"),
        response_trace(3, "in the south", "Nile", previous_response_id="resp_1"),
    )
    assert texts(session.turns[2]) == ["a river", "Ob", "in the south"]
    assert [place.follows for place in session.places] == [None, 1, 1]


@pytest.mark.parametrize("conversation", ["conv_1", {"id": "conv_1"}])
def test_a_conversation_that_the_server_keeps_grows_with_each_answer(conversation: Json) -> None:
    traces = [
        response_trace(1, "a river", "Ob", Ids("conv_1"), conversation=conversation),
        response_trace(2, "lost", None, Ids("conv_1"), conversation=conversation),
        response_trace(3, "another", "Don", Ids("conv_1"), conversation=conversation),
    ]
    (session,) = group(*traces)
    assert session.id == "conv_1"
    assert texts(session.turns[2]) == ["a river", "Ob", "another"]


def test_the_session_of_an_answer_that_is_continued_is_known_even_where_only_its_request_names_one() -> None:
    (session,) = group(
        response_trace(1, "a river", "Ob", Ids("named")),
        response_trace(2, "another", "Don", previous_response_id="resp_1"),
    )
    assert (session.id, len(session.turns)) == ("named", 2)


def test_an_answer_that_nobody_recorded_begins_a_session() -> None:
    (session,) = group(
        response_trace(1, "another", "Don", previous_response_id="resp_0"),
        response_trace(2, "more", "Nile", previous_response_id="resp_1"),
    )
    assert texts(session.turns[1]) == ["another", "Don", "more"]


def test_equal_questions_of_two_conversations_are_two_sessions() -> None:
    found = group(
        response_trace(1, "a river", "Ob"),
        response_trace(200, "a river", "Don"),
        response_trace(201, "more", "Nile", previous_response_id="resp_200"),
        response_trace(202, "more", "Ob", previous_response_id="resp_1"),
    )
    assert [len(session.turns) for session in found] == [2, 2]
    assert texts(found[0].turns[1]) == ["a river", "Ob", "more"]


def test_requests_with_one_cache_key_are_one_session() -> None:
    found = group(
        response_trace(1, "a river", "Ob", prompt_cache_key="s-1"),
        response_trace(2, "a hill", "Olymp", prompt_cache_key="s-2"),
        response_trace(3, "more", "Don", prompt_cache_key="s-1"),
    )
    assert [(session.id, len(session.turns)) for session in found] == [("s-1", 2), ("s-2", 1)]
