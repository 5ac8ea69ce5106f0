"""What holds for every API format."""

from typing import Any

import pytest

from tests.support.streams import message, parse
from traces.content.answers import answer_id
from traces.dialects import FORMATS, asks_for_an_answer, endpoints, format_of, is_cut_off, limits_in
from traces.dialects.format import Call

TOOLS = {"anthropic": "anthropic-tool", "chat": "chat-tools", "responses": "responses-tool", "gemini": "gemini-tool"}


@pytest.mark.parametrize("name", FORMATS)
def test_a_canned_answer_is_whole_and_in_order(name: str) -> None:
    spoken, canned = FORMATS[name], FORMATS[name].canned_answer("m", 17)
    assert canned is not None
    stream = spoken.stream()
    for event in parse([canned.opening, canned.words("a "), canned.words("b"), canned.closing(2)]):
        stream.feed(event, at=None)
    answer: Any = stream.message()
    kinds = [event.kind for event in stream.events]
    assert (stream.ended, stream.odd, spoken.model_of(answer)) == (True, None, "m")
    assert (spoken.usage(answer).output, spoken.is_answer(answer), format_of(answer)) == (2, True, spoken)
    assert not any(broken(kinds) for _, broken in spoken.order)
    assert str(answer_id(answer)).endswith("17")


@pytest.mark.parametrize("name", FORMATS)
def test_a_call_in_an_answer_is_found(name: str) -> None:
    assert FORMATS[name].calls(message(TOOLS[name]))
    first = next(iter(FORMATS[name].calls(message(TOOLS[name]))))
    assert (first.name, first.parsed) == ("Read", True)


@pytest.mark.parametrize("name", FORMATS)
def test_a_short_question_has_a_limit_and_a_place(name: str) -> None:
    spoken = FORMATS[name]
    question = spoken.question("m", "Hi", 1)
    assert spoken.has_model_in_path or question["model"] == "m"
    assert list(limits_in(question)) == [spoken.limits[0]]
    assert asks_for_an_answer(f"/any{spoken.path}?beta=true")


def test_arguments_that_were_cut_are_text() -> None:
    answer = {"choices": [{"message": {"tool_calls": [{"function": {"name": "f", "arguments": '{"a'}}]}}]}
    assert list(FORMATS["chat"].calls(answer)) == [Call("f", '{"a', False)]


def test_what_limits_an_answer_and_says_that_it_was_cut() -> None:
    names = ("max_tokens", "max_completion_tokens", "max_output_tokens")
    assert limits_in(dict.fromkeys(names, 7)) == dict.fromkeys(names, 7)
    assert limits_in({"generationConfig": {"maxOutputTokens": 7}}) == {"generationConfig.maxOutputTokens": 7}
    assert limits_in({"generationConfig.maxOutputTokens": 7}) == {"generationConfig.maxOutputTokens": 7}
    assert limits_in({"max_tokens": True, "generationConfig": 7}) == limits_in(None) == {}
    assert all(map(is_cut_off, ("max_tokens", "length", "max_output_tokens", "MAX_TOKENS")))
    assert not any(map(is_cut_off, ("end_turn", "stop", None)))


def test_a_count_is_no_answer() -> None:
    assert not asks_for_an_answer("/v1/messages/count_tokens")
    assert not asks_for_an_answer("/v1beta/models/m:countTokens")
    assert not asks_for_an_answer("/v1/responses/compact")
    assert "/v1/messages/count_tokens" in endpoints()
