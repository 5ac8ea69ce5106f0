"""Requests of OpenAI's responses, translated to the other formats and back."""

from typing import Any

import pytest

from replay.errors import TranslationError
from replay.prepare.translate import translate
from tests.support.bodies import (
    FAR_IMAGE,
    HELLO,
    IMAGE,
    PDF,
    READ,
    READ_SCHEMA,
    anthropic,
    assistant,
    result,
    text,
    use,
    user,
)
from traces.content.parts import parts

USER = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello"}]}
CALL = {"type": "function_call", "call_id": "a", "name": "Read", "arguments": '{"path":"/x"}'}
RESULT = {"type": "function_call_output", "call_id": "a", "output": "one"}
TOOL = {"type": "function", "name": "Read", "description": "Reads a file.", "parameters": READ_SCHEMA}

SAME: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a text": ({"input": "Hello"}, anthropic(HELLO)),
    "a system prompt": ({"instructions": "Be brief.", "input": [USER]}, anthropic(HELLO, system=[text("Be brief.")])),
    "a developer's message": (
        {"input": [{"role": "developer", "content": "Be brief."}, USER]},
        anthropic(HELLO, system=[text("Be brief.")]),
    ),
    "calls and results": (
        {"input": [USER, {"role": "assistant", "content": "Wait."}, CALL, RESULT]},
        anthropic(HELLO, assistant(text("Wait."), use("a", path="/x")), user(result("a", "one"))),
    ),
    "an image": (
        {"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "https://x.example/a.png"}]}]},
        anthropic(user(FAR_IMAGE)),
    ),
    "tools": ({"input": "Hello", "tools": [TOOL]}, anthropic(HELLO, tools=[READ])),
    "a group of tools": (
        {"input": "Hello", "tools": [{"type": "namespace", "name": "fs", "tools": [TOOL]}]},
        anthropic(HELLO, tools=[READ]),
    ),
    "a choice": (
        {"input": "Hello", "tools": [TOOL], "tool_choice": {"type": "function", "name": "Read"}},
        anthropic(HELLO, tools=[READ], tool_choice={"type": "tool", "name": "Read"}),
    ),
    "a schema": (
        {"input": "Hello", "text": {"format": {"type": "json_schema", "name": "a", "schema": READ_SCHEMA}}},
        anthropic(HELLO, output_config={"format": {"type": "json_schema", "schema": READ_SCHEMA}}),
    ),
}


@pytest.mark.parametrize("what", SAME)
def test_a_response_is_asked_for_in_anthropics_format(what: str) -> None:
    ours, theirs = SAME[what]
    body, _ = translate({"model": "m", "max_output_tokens": 9, **ours}, "responses", "anthropic")
    assert body == theirs


THERE_AND_BACK = [
    anthropic(HELLO, system=[text("Be brief.")], tools=[READ], tool_choice={"type": "any"}, temperature=0, stream=True),
    anthropic(HELLO, assistant(text("Wait."), use("a", path="/x")), user(result("a", "one"), text("Thanks"))),
    anthropic(user(text("What is"), IMAGE, FAR_IMAGE, PDF)),
    anthropic(HELLO, output_config={"format": {"type": "json_schema", "schema": READ_SCHEMA}}),
]


@pytest.mark.parametrize("body", THERE_AND_BACK, ids=lambda body: str(len(str(body))))
def test_a_model_reads_the_same_there_and_back(body: dict[str, Any]) -> None:
    there, notes = translate(body, "anthropic", "responses")
    back, _ = translate(there, "responses", "anthropic")
    assert {part.kind for part in parts(there)} == {part.kind for part in parts(body)}
    assert [part.text for part in parts(back)] == [part.text for part in parts(body)]
    assert notes == ()
    assert (back["max_tokens"], there["max_output_tokens"]) == (9, 9)


def test_no_limit_is_made_up_on_the_way_to_a_format_that_needs_none() -> None:
    body, notes = translate({"model": "m", "input": "Hello"}, "responses", "chat")
    assert body == {"model": "m", "messages": [{"role": "user", "content": "Hello"}]}
    assert notes == ()
    body, notes = translate({"model": "m", "input": "Hello"}, "responses", "anthropic")
    assert (body["max_tokens"], len(notes)) == (4096, 1)


NOTED: dict[str, tuple[dict[str, Any], str]] = {
    "thinking": ({"input": [USER, {"type": "reasoning", "summary": []}]}, "thinking of an earlier answer: dropped"),
    "a server's own call": (
        {"input": [USER, {"type": "web_search_call", "id": "w"}]},
        "a web_search_call of the conversation: dropped",
    ),
    "a server's own call that says something": (
        {"input": [USER, {"type": "web_search_call", "id": "w", "action": {"query": "x"}}]},
        "a web_search_call of the conversation: sent as a message",
    ),
    "a result that answers no call": (
        {"input": [USER, {"type": "function_call_output", "name": "goal", "output": "Be kind."}]},
        "a tool's result without its call: sent as a message",
    ),
    "a server's own tool": (
        {"input": "Hi", "tools": [{"type": "web_search"}]},
        "the tool web_search, which runs on OpenAI's servers: dropped",
    ),
    "a tool with a grammar": (
        {"input": "Hi", "tools": [{"type": "custom", "name": "sh"}]},
        "the tool sh, whose input is a text: sent with one argument, input",
    ),
    "effort": ({"input": "Hi", "reasoning": {"effort": "high"}}, "reasoning: dropped"),
    "a kept history": ({"input": "Hi", "previous_response_id": "r"}, "previous_response_id: dropped"),
}

UNSAYABLE: list[dict[str, Any]] = [
    {"type": "item_reference", "id": "i"},
    {"role": "user", "content": [{"type": "hologram"}]},
    {"role": "user"},
]


@pytest.mark.parametrize("what", NOTED)
def test_what_cannot_be_translated_is_named(what: str) -> None:
    body, note = NOTED[what]
    for wanted in ("anthropic", "chat"):
        assert note in translate({"model": "m", "max_output_tokens": 9, **body}, "responses", wanted).notes


def test_stop_sequences_are_named_on_the_way_there() -> None:
    [note] = translate(anthropic(HELLO, stop_sequences=["END"]), "anthropic", "responses").notes
    assert "stop sequences" in note


@pytest.mark.parametrize("item", UNSAYABLE, ids=str)
def test_what_a_conversation_cannot_do_without_is_an_error(item: dict[str, Any]) -> None:
    with pytest.raises(TranslationError):
        translate({"model": "m", "input": [item]}, "responses", "chat")
