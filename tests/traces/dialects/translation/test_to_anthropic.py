"""Chat completions as Anthropic's messages: changes are listed, and what can't be translated is named."""

from typing import Any

import pytest

from replay.prepare.translate import translate
from tests.support.bodies import (
    FAR_IMAGE,
    HELLO,
    PDF,
    PDF_IN_CHAT,
    READ,
    READ_IN_CHAT,
    anthropic,
    assistant,
    call,
    chat,
    result,
    said,
    text,
    use,
    user,
)
from traces.errors import TranslationError

NOTHING = text("(no content)")

CARRIED: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[str, ...]]] = {
    "a limit is needed": (
        {"model": "m", "messages": [HELLO]},
        anthropic(HELLO, max_tokens=4096),
        ("max_tokens: 4096, since Anthropic's API requires a limit",),
    ),
    "the newer name of the limit": (
        {"model": "m", "messages": [HELLO], "max_completion_tokens": 7},
        anthropic(HELLO, max_tokens=7),
        (),
    ),
    "one stop sequence, a user, and what the usage needs": (
        chat(HELLO, stop="END", user="u", stream_options={"include_usage": True}, seed=1, n=1),
        anthropic(HELLO, stop_sequences=["END"], metadata={"user_id": "u"}),
        ("seed: dropped", "n: dropped"),
    ),
    "a developer's message is a system prompt": (
        chat(said("system", "One."), said("developer", [text("Two.")]), HELLO),
        anthropic(HELLO, system=[text("One."), text("Two.")]),
        (),
    ),
    "thinking and refusals of earlier answers": (
        chat(HELLO, said("assistant", None, reasoning_content="Hm.", refusal="I can't."), HELLO),
        anthropic(HELLO, assistant(text("I can't.")), HELLO),
        ("thinking of an earlier answer: dropped",),
    ),
    "a file, and what only OpenAI says of an image": (
        chat(
            user(PDF_IN_CHAT, {"type": "image_url", "image_url": {"url": "https://x.example/a.png", "detail": "low"}})
        ),
        anthropic(user(PDF, FAR_IMAGE)),
        ("image_url.detail: dropped",),
    ),
    "a cache marker": (
        chat(user({**text("Hi"), "cache_control": {"type": "ephemeral"}})),
        anthropic(user(text("Hi"))),
        ("text.cache_control: dropped",),
    ),
    "a form of answer without a schema": (
        chat(HELLO, response_format={"type": "json_object"}),
        anthropic(HELLO),
        ("response_format json_object: dropped",),
    ),
    "tools of which not all may be called": (
        chat(HELLO, tools=[READ_IN_CHAT], tool_choice={"type": "allowed_tools", "allowed_tools": {"mode": "auto"}}),
        anthropic(HELLO, tools=[READ]),
        ("tool_choice allowed_tools: dropped",),
    ),
    "a choice as in OpenAI's other format": (
        chat(HELLO, tools=[READ_IN_CHAT], tool_choice={"type": "function", "name": "Read"}),
        anthropic(HELLO, tools=[READ], tool_choice={"type": "tool", "name": "Read"}),
        (),
    ),
    "a choice without tools": (
        chat(HELLO, tool_choice="auto", parallel_tool_calls=False),
        anthropic(HELLO),
        ("tool_choice: dropped", "parallel_tool_calls: dropped"),
    ),
    "fields that nobody knows yet": (
        chat(
            HELLO,
            said("assistant", None, tool_calls=[{**call("a"), "extra_content": {"google": {}}}]),
            user({**PDF_IN_CHAT, "file": {**PDF_IN_CHAT["file"], "file_id": "f"}}),
            tools=[{**READ_IN_CHAT, "cache_control": {"type": "ephemeral"}}],
            response_format={"type": "json_schema", "json_schema": {"name": "n", "strict": False, "schema": {}}},
        ),
        anthropic(
            HELLO,
            assistant(use("a")),
            user(result("a", "(no result)"), PDF),
            tools=[READ],
            output_config={"format": {"type": "json_schema", "schema": {}}},
        ),
        (
            "tool_calls[].extra_content: dropped",
            "file.file_id: dropped",
            "a call without a result: answered with (no result)",
            "tools[].cache_control: dropped",
            "response_format.json_schema.name: dropped",
            "response_format.json_schema.strict: dropped",
        ),
    ),
    "tools that are no functions, and a choice of one": (
        chat(
            HELLO,
            tools=[{"type": "web_search"}, {"type": "custom", "custom": {"name": "patch"}}, READ_IN_CHAT],
            tool_choice={"type": "function", "function": {"name": "web_search"}},
        ),
        anthropic(HELLO, tools=[READ]),
        (
            "the tool without a name of the type web_search: dropped",
            "the tool patch of the type custom: dropped",
            "tool_choice web_search, for which no tool is left: dropped",
        ),
    ),
    "arguments as a model wrote them": (
        chat(
            HELLO,
            said(
                "assistant",
                None,
                tool_calls=[
                    {"id": "a", "function": {"name": "Read", "arguments": '{"file'}},
                    {"id": "b", "function": {"name": "Read", "arguments": "[1]"}},
                    {"id": "c", "type": "custom", "custom": {"name": "patch", "input": "+ 1"}},
                    {"id": "d", "function": {"name": "Read", "arguments": {"path": "/"}}},
                ],
            ),
        ),
        anthropic(
            HELLO,
            assistant(
                use("a", arguments='{"file'),
                use("b", arguments=[1]),
                {**use("c", input="+ 1"), "name": "patch"},
                use("d", path="/"),
            ),
        ),
        (
            "arguments of a call that are no JSON object: sent as an object's field (2 times)",
            "the input of a custom tool's call: sent as an object's field",
        ),
    ),
    "empty messages": (
        chat(said("user", ""), said("assistant", None), user(text(""), text("Well?"))),
        anthropic(user(NOTHING), assistant(NOTHING), user(text("Well?"))),
        ("an empty message: sent as (no content), since Anthropic's API requires content (2 times)",),
    ),
    "results without calls, late ones, and calls without results": (
        chat(
            said("tool", "lost", tool_call_id="z"),
            said("assistant", None, tool_calls=[call("a"), call("b"), call("c")]),
            said("tool", "one", tool_call_id="a"),
            said("user", "Go on."),
            said("tool", "two", tool_call_id="b"),
        ),
        anthropic(
            user(text("lost")),
            assistant(use("a"), use("b"), use("c")),
            user(result("c", "(no result)"), result("a", "one"), result("b", "two")),
            said("user", "Go on."),
        ),
        (
            "a tool's result without its call: sent as text",
            "a call without a result: answered with (no result)",
        ),
    ),
    "a tool without parameters": (
        chat(HELLO, tools=[{"type": "function", "function": {"name": "Now"}}], parallel_tool_calls=False),
        anthropic(
            HELLO,
            tools=[{"name": "Now", "input_schema": {"type": "object", "properties": {}}}],
            tool_choice={"type": "auto", "disable_parallel_tool_use": True},
        ),
        (),
    ),
}


@pytest.mark.parametrize("what", CARRIED)
def test_what_has_another_form_there_is_translated_and_the_rest_is_listed(what: str) -> None:
    recorded, expected, notes = CARRIED[what]
    assert translate(recorded, "chat", "anthropic") == (expected, notes)


IMPOSSIBLE: dict[str, tuple[Any, str]] = {
    "a body without messages": ({"model": "m"}, "isn't written as requests of OpenAI's chat completions"),
    "a text in place of a message": (chat("Hello"), "isn't written as requests of OpenAI's chat completions"),
    "a body of text": ("Hello", "isn't a JSON object"),
    "sound": (chat(user({"type": "input_audio", "input_audio": {}})), "'input_audio'"),
    "a function's role": (chat(said("function", "x", name="f")), "role 'function'"),
    "a choice that is none": (chat(HELLO, tools=[READ_IN_CHAT], tool_choice=5), "tool_choice 5"),
}


@pytest.mark.parametrize("what", IMPOSSIBLE)
def test_what_cannot_be_translated_is_named(what: str) -> None:
    body, complaint = IMPOSSIBLE[what]
    with pytest.raises(TranslationError, match=complaint):
        translate(body, "chat", "anthropic")
