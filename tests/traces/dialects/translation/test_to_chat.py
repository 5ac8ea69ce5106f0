"""Anthropic's messages as chat completions: changes are listed, and what can't be translated is named."""

from typing import Any

import pytest

from replay.prepare.translate import translate
from tests.support.bodies import (
    HELLO,
    IMAGE,
    IMAGE_IN_CHAT,
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
from traces.dialects.translation.request import translate_request
from traces.errors import TranslationError


def called(*idents: str) -> dict[str, Any]:
    return said("assistant", None, tool_calls=[call(ident) for ident in idents])


GREP_IN_CHAT = {
    "type": "function",
    "function": {"name": "Grep", "description": "Reads a file.", "parameters": READ["input_schema"]},
}
SEARCH = {"type": "web_search_20250305", "name": "web_search", "max_uses": 8}

CARRIED: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[str, ...]]] = {
    "several system blocks become one message": (
        anthropic(HELLO, system=[text("One."), {**text("Two."), "cache_control": {"type": "ephemeral"}}]),
        chat(said("system", "One.\nTwo."), HELLO),
        ("text.cache_control: dropped",),
    ),
    "thinking is dropped, and so is what asks for it": (
        anthropic(
            HELLO,
            assistant({"type": "thinking", "thinking": "Hm.", "signature": "s"}, text("Yes.")),
            assistant({"type": "redacted_thinking", "data": "x"}),
            HELLO,
            thinking={"type": "enabled", "budget_tokens": 1024},
            output_config={"effort": "high"},
        ),
        chat(HELLO, said("assistant", "Yes."), said("assistant", ""), HELLO),
        (
            "thinking: dropped",
            "thinking of an earlier answer: dropped",
            "redacted_thinking of an earlier answer: dropped",
            "output_config.effort: dropped",
        ),
    ),
    "a failed tool says so in its text": (
        anthropic(assistant(use("a")), user(result("a", [text("No such file"), text("/x")], is_error=True))),
        chat(called("a"), said("tool", "Error: No such file\n/x", tool_call_id="a")),
        ("is_error of a tool result: written before its text",),
    ),
    "a tool's image follows after all results, and then what was said": (
        anthropic(assistant(use("a"), use("b")), user(result("a", [IMAGE]), text("And?"), result("b", None))),
        chat(
            called("a", "b"),
            said("tool", "(What this tool shows comes in the next message.)", tool_call_id="a"),
            said("tool", "", tool_call_id="b"),
            user(IMAGE_IN_CHAT, text("And?")),
        ),
        ("images or documents of a tool result: sent in a user message after it",),
    ),
    "a document": (anthropic(user(PDF)), chat(user(PDF_IN_CHAT)), ()),
    "a document of text": (
        anthropic(user(IMAGE, {"type": "document", "title": "T", "source": {"type": "text", "data": "Words."}})),
        chat(user(IMAGE_IN_CHAT, text("T\nWords."))),
        (),
    ),
    "a tool that only Anthropic can run": (
        anthropic(HELLO, tools=[READ, {"type": "web_search_20250305", "name": "web_search", "max_uses": 8}]),
        chat(HELLO, tools=[READ_IN_CHAT]),
        ("the tool web_search, which runs on Anthropic's servers: dropped",),
    ),
    "fields of one API format only": (
        anthropic(HELLO, metadata={"user_id": "u"}, context_management={"edits": []}, service_tier=None),
        chat(HELLO),
        ("metadata: dropped", "context_management: dropped"),
    ),
    "fields that nobody knows yet": (
        anthropic(
            user({**IMAGE, "source": {**IMAGE["source"], "detail": "low"}}),
            tools=[READ],
            tool_choice={"type": "auto", "allow": ["Read"]},
            output_config={"format": {"type": "json_schema", "schema": {}, "name": "n"}},
        ),
        chat(
            user(IMAGE_IN_CHAT),
            tools=[READ_IN_CHAT],
            tool_choice="auto",
            response_format={"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": {}}},
        ),
        ("source.detail: dropped", "tool_choice.allow: dropped", "output_config.format.name: dropped"),
    ),
    "a choice of a tool that isn't carried": (
        anthropic(HELLO, tools=[SEARCH], tool_choice={"type": "tool", "name": "web_search"}),
        chat(HELLO),
        (
            "the tool web_search, which runs on Anthropic's servers: dropped",
            "tool_choice web_search, for which no tool is left: dropped",
        ),
    ),
    "any of the tools, of which none is carried": (
        anthropic(HELLO, tools=[SEARCH], tool_choice={"type": "any", "disable_parallel_tool_use": True}),
        chat(HELLO),
        (
            "the tool web_search, which runs on Anthropic's servers: dropped",
            "tool_choice any, for which no tool is left: dropped",
        ),
    ),
    "a choice of one of several tools that isn't carried": (
        anthropic(HELLO, tools=[READ, SEARCH], tool_choice={"type": "tool", "name": "web_search"}),
        chat(HELLO, tools=[READ_IN_CHAT]),
        (
            "the tool web_search, which runs on Anthropic's servers: dropped",
            "tool_choice web_search, for which no tool is left: dropped",
        ),
    ),
    "tools of a server, and those whose schema only Anthropic's models know": (
        anthropic(
            HELLO,
            tools=[
                {"type": "mcp_toolset", "mcp_server_name": "files"},
                {"type": "bash_20250124", "name": "bash"},
                {**READ, "type": "custom"},
            ],
        ),
        chat(HELLO, tools=[READ_IN_CHAT]),
        (
            "the tools of files, which Anthropic's servers fetch and run: dropped",
            "the tool bash, whose schema only Anthropic's models know: dropped",
        ),
    ),
    "deferred tools, of which one was loaded and one called": (
        anthropic(
            HELLO,
            assistant(use("a")),
            user(result("a", [{"type": "tool_reference", "tool_name": "Grep"}])),
            tools=[{**READ, "name": name, "defer_loading": True} for name in ("Grep", "Read", "Write", "Glob")],
        ),
        chat(
            HELLO,
            called("a"),
            said("tool", "The tool Grep is loaded.", tool_call_id="a"),
            tools=[GREP_IN_CHAT, READ_IN_CHAT],
        ),
        (
            "a tool_reference: sent as text; its tool is among the tools",
            "a deferred tool that nothing had loaded yet: dropped (2 times)",
        ),
    ),
    "deferred tools that the server itself was to search for": (
        anthropic(
            HELLO,
            tools=[
                {"type": "tool_search_tool_regex_20251119", "name": "tool_search_tool_regex"},
                {**READ, "defer_loading": True},
            ],
        ),
        chat(HELLO, tools=[READ_IN_CHAT]),
        ("the tool tool_search_tool_regex, which runs on Anthropic's servers: dropped",),
    ),
    "an empty message of the user": (
        anthropic(HELLO, assistant(text("Yes?")), said("user", ""), assistant(text("Hm.")), user(), assistant()),
        chat(
            HELLO,
            said("assistant", "Yes?"),
            said("user", ""),
            said("assistant", "Hm."),
            said("user", ""),
            said("assistant", ""),
        ),
        ("the last message is the assistant's own: servers differ in whether they continue it",),
    ),
    "more stop sequences than OpenAI takes": (
        anthropic(HELLO, stop_sequences=list("abcde")),
        chat(HELLO, stop=list("abcde")),
        ("5 stop sequences: OpenAI itself takes 4",),
    ),
    "an answer that is begun for the model": (
        anthropic(HELLO, assistant(text("{"))),
        chat(HELLO, said("assistant", "{")),
        ("the last message is the assistant's own: servers differ in whether they continue it",),
    ),
}


@pytest.mark.parametrize("what", CARRIED)
def test_what_has_another_form_there_is_translated_and_the_rest_is_listed(what: str) -> None:
    recorded, expected, notes = CARRIED[what]
    assert translate(recorded, "anthropic", "chat") == (expected, notes)


def test_what_is_met_often_is_listed_once_with_its_number() -> None:
    marked = {**text("x"), "cache_control": {"type": "ephemeral"}}
    assert translate(anthropic(user(marked, marked)), "anthropic", "chat").notes == (
        "text.cache_control: dropped (2 times)",
    )


IMPOSSIBLE: dict[str, tuple[Any, str]] = {
    "an uploaded image": (anthropic(user({**IMAGE, "source": {"type": "file"}})), r"'image' \(file\)"),
    "an unknown role": (anthropic(said("critic", "No.")), "role 'critic'"),
    "a message without content": (
        anthropic({"role": "user"}),
        r"isn't written as requests of Anthropic's messages are: messages\[0\]\.content is missing\.$",
    ),
    "a text in a message's place": (anthropic(HELLO, "Hi"), r": messages\[1\] is a text, not an object\.$"),
    "a text in a block's place": (anthropic(user("Hi")), r": messages\[0\]\.content\[0\] is a text, not an object\.$"),
    "a block without a type": (anthropic(user({"text": "Hi"})), r": messages\[0\]\.content\[0\]\.type is missing\.$"),
    "a number for a text": (
        anthropic(user({"type": "text", "text": 5})),
        r"messages\[0\]\.content\[0\]\.text is a number, not a text\.$",
    ),
    "messages that are none": (anthropic(HELLO) | {"messages": "Hi"}, r": messages is a text, not a list\.$"),
    "a name in a tool's place": (anthropic(HELLO, tools=["Read"]), r": tools\[0\] is a text, not an object\.$"),
    "a result that answers nothing": (
        anthropic(user({"type": "tool_result", "content": "x"})),
        r"content\[0\]\.tool_use_id is missing\.$",
    ),
}


@pytest.mark.parametrize("what", IMPOSSIBLE)
def test_what_cannot_be_translated_is_named(what: str) -> None:
    body, complaint = IMPOSSIBLE[what]
    with pytest.raises(TranslationError, match=complaint):
        translate(body, "anthropic", "chat")


@pytest.mark.parametrize("tool", [{"name": "A"}, {"type": "custom", "name": "A", "input_schema": None}])
def test_a_tool_without_a_schema_takes_no_input(tool: Any) -> None:
    translated = translate_request(anthropic(HELLO, tools=[tool]), to="chat")
    [function] = [each["function"] for each in translated.body["tools"]]
    assert function["parameters"] == {"type": "object", "properties": {}}
