"""Blocks of every API format: nothing that is sent is uncounted, and no data is read as text."""

import base64
import json
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traces.content.media import ENCRYPTED
from traces.content.parts import Part, PartsReader, parts
from traces.model import Json
from traces.servers import KINDS

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + Random(2).randbytes(900)).decode()
URL = f"data:image/png;base64,{PNG}"
FILM = "data:video/mp4;base64," + base64.b64encode(Random(4).randbytes(900)).decode()
ENCRYPTED_DATA = base64.b64encode(Random(5).randbytes(300)).decode()

Found = list[tuple[str, str | None, str]]


def read(*items: Json, tools: Any = ()) -> Found:
    """Return kind, name, and text or media type of each part of the messages."""
    found = parts({"tools": list(tools), "messages": list(items)})
    return [describe(part) for part in found if part.section == "messages"]


def describe(part: Part) -> tuple[str, str | None, str]:
    return part.kind, part.name, (part.media.type or part.media.url) if part.media else part.text


def user(*blocks: Json) -> Json:
    return {"role": "user", "content": list(blocks)}


CALL: Json = {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "Shot", "input": {}}]}


def result(*blocks: Json) -> Json:
    return user({"type": "tool_result", "tool_use_id": "t", "content": list(blocks)})


MEDIA: dict[str, tuple[list[Json], Found]] = {
    "MCP's image in a result": (
        [CALL, result({"type": "image", "data": PNG, "mimeType": "image/png"})],
        [("tool_input", "Shot", "{}"), ("image", "Shot", "image/png")],
    ),
    "an address in a chat's tool message": (
        [{"role": "tool", "tool_call_id": "c", "content": [{"type": "image_url", "image_url": {"url": URL}}]}],
        [("image", None, "image/png")],
    ),
    "a response's function result": (
        [{"type": "function_call_output", "call_id": "c", "output": [{"type": "input_image", "image_url": URL}]}],
        [("image", None, "image/png")],
    ),
    "a screenshot": (
        [{"type": "computer_call_output", "call_id": "c", "output": {"type": "computer_screenshot", "image_url": URL}}],
        [("image", None, "image/png")],
    ),
    "an image that a model drew": (
        [{"type": "image_generation_call", "id": "ig", "status": "completed", "result": PNG}],
        [("image", "image_generation", "image/png")],
    ),
    "an image in what an MCP call brought": (
        [
            {
                "type": "mcp_call",
                "name": "draw",
                "arguments": "{}",
                "output": json.dumps([{"type": "image", "data": PNG, "mimeType": "image/png"}]),
            }
        ],
        [("tool_input", "draw", "{}"), ("image", "draw", "image/png")],
    ),
    "JSON without data that an MCP call brought": (
        [{"type": "mcp_call", "name": "ask", "arguments": "{}", "output": '{"found": [1, 2]}'}],
        [("tool_input", "ask", "{}"), ("tool_result", "ask", '{"found": [1, 2]}')],
    ),
    "a film": ([user({"type": "video_url", "video_url": {"url": FILM}})], [("document", None, "video/mp4")]),
    "a sound": (
        [user({"type": "input_audio", "input_audio": {"data": PNG, "format": "wav"}})],
        [("document", None, "audio/wav")],
    ),
    "a file without a type": ([user({"type": "file", "file": {"file_data": PNG}})], [("image", None, "image/png")]),
    "an image of a client's library": (
        [user({"type": "image", "image": URL, "mediaType": "image/png"})],
        [("image", None, "image/png")],
    ),
    "Ollama's images": (
        [{"role": "user", "content": "Look", "images": [PNG]}],
        [("user", None, "Look"), ("image", None, "image/png")],
    ),
    "a fetched page": (
        [
            user(
                {
                    "type": "web_fetch_tool_result",
                    "tool_use_id": "s",
                    "content": {
                        "type": "web_fetch_result",
                        "url": "http://a",
                        "content": {
                            "type": "document",
                            "source": {"type": "base64", "media_type": "application/pdf", "data": PNG},
                        },
                    },
                }
            )
        ],
        [("tool_result", None, '{"type":"web_fetch_result","url":"http://a"}'), ("document", None, "application/pdf")],
    ),
    "a block that nobody knows": (
        [user({"type": "hologram", "frames": [{"pixels": PNG}], "caption": "a cat"})],
        [
            ("other", "hologram", '{"type":"hologram","frames":[{}],"caption":"a cat"}'),
            ("image", "hologram", "image/png"),
        ],
    ),
    "a search's encrypted pages": (
        [
            user(
                {
                    "type": "web_search_tool_result",
                    "tool_use_id": "s",
                    "content": [{"type": "web_search_result", "title": "a", "encrypted_content": ENCRYPTED_DATA}],
                }
            )
        ],
        [("tool_result", None, '{"type":"web_search_result","title":"a"}'), ("tool_result", None, ENCRYPTED)],
    ),
    "a text that holds base64 is a text: the model reads each letter": ([user(PNG)], [("user", None, PNG)]),
}


@pytest.mark.parametrize(("items", "expected"), MEDIA.values(), ids=MEDIA.keys())
def test_data_is_never_text(items: list[Json], expected: Found) -> None:
    assert read(*items) == expected


SENT: dict[str, tuple[list[Json], Found]] = {
    "a document's title and context": (
        [
            user(
                {
                    "type": "document",
                    "title": "Plums",
                    "context": "A fruit",
                    "source": {"type": "text", "media_type": "text/plain", "data": "They are blue."},
                }
            )
        ],
        [("document", None, "Plums"), ("document", None, "A fruit"), ("document", None, "They are blue.")],
    ),
    "a document of blocks": (
        [user({"type": "document", "source": {"type": "content", "content": [{"type": "text", "text": "a"}]}})],
        [("document", None, "a")],
    ),
    "a document of data with a title": (
        [user({"type": "document", "title": "P", "source": {"type": "url", "url": "http://a"}})],
        [("document", None, "P"), ("document", None, "http://a")],
    ),
    "a search result": (
        [
            user(
                {
                    "type": "search_result",
                    "source": "http://a",
                    "title": "T",
                    "content": [{"type": "text", "text": "found"}],
                    "citations": {"enabled": True},
                }
            )
        ],
        [("document", None, "T"), ("document", None, "http://a"), ("document", None, "found")],
    ),
    "an MCP call and its output": (
        [{"type": "mcp_call", "id": "m", "server_label": "s", "name": "ask", "arguments": '{"q":1}', "output": "wiki"}],
        [("tool_input", "ask", '{"q":1}'), ("tool_result", "ask", "wiki")],
    ),
    "an MCP call that failed": (
        [{"type": "mcp_call", "id": "m", "name": "ask", "arguments": "{}", "output": None, "error": "no"}],
        [("tool_input", "ask", "{}"), ("tool_result", "ask", "no")],
    ),
    "code and what it printed": (
        [
            {
                "type": "code_interpreter_call",
                "id": "c",
                "container_id": "x",
                "code": "print(1)",
                "outputs": [{"type": "logs", "logs": "1"}],
            }
        ],
        [
            ("tool_input", "code_interpreter", "print(1)"),
            ("tool_result", "code_interpreter", '{"type":"logs","logs":"1"}'),
        ],
    ),
    "what a tool brought in a field of its own": (
        [{"type": "patch_call_output", "call_id": "c", "status": "completed", "log": "done", "content": None}],
        [("tool_result", None, '{"log":"done"}')],
    ),
    "what a tool brought beside an empty content": (
        [{"type": "function_call_output", "call_id": "c", "content": None, "output": "done"}],
        [("tool_result", None, "done")],
    ),
    "a result without anything": (
        [CALL, user({"type": "tool_result", "tool_use_id": "t", "is_error": True})],
        [("tool_input", "Shot", "{}")],
    ),
    "a shell's call": (
        [{"type": "local_shell_call", "call_id": "c", "action": {"type": "exec", "command": ["ls"]}}],
        [("tool_input", "local_shell", '{"action":{"type":"exec","command":["ls"]}}')],
    ),
    "files that were found": (
        [{"type": "file_search_call", "id": "f", "queries": ["a"], "results": [{"text": "b"}]}],
        [("tool_input", "file_search", '{"queries":["a"]}'), ("tool_result", "file_search", '{"text":"b"}')],
    ),
    "an MCP server's list of tools": (
        [{"type": "mcp_list_tools", "server_label": "hub", "tools": [{"name": "ask", "input_schema": {}}]}],
        [("tool", "ask", '{"name":"ask","input_schema":{}}')],
    ),
    "tools that a search brought": (
        [{"type": "tool_search_output", "call_id": "c", "tools": [{"name": "ask", "defer_loading": True}]}],
        [("tool", "ask", '{"name":"ask"}')],
    ),
    "tools among a developer's words": (
        [{"type": "additional_tools", "role": "developer", "tools": [{"name": "ask"}]}, user("Hi")],
        [("tool", "ask", '{"name":"ask"}'), ("user", None, "Hi")],
    ),
    "a summary": (
        [user({"type": "compaction", "content": "What was said", "encrypted_content": ENCRYPTED_DATA})],
        [("user", None, "What was said")],
    ),
    "a block that nobody knows": (
        [user({"type": "riddle", "words": "why"})],
        [("other", "riddle", '{"type":"riddle","words":"why"}')],
    ),
    "an item that nobody knows": (
        [{"type": "riddle", "words": "why"}],
        [("other", "riddle", '{"type":"riddle","words":"why"}')],
    ),
    "a field of a message that nobody knows": (
        [{"role": "user", "content": "Hi", "attachments": [{"text": "a"}], "cache_control": {"type": "ephemeral"}}],
        [("user", None, "Hi"), ("other", "attachments", '[{"text":"a"}]')],
    ),
    "thinking as a router has it": (
        [{"role": "assistant", "content": "a", "reasoning_details": [{"type": "reasoning.text", "text": "b"}]}],
        [("assistant", None, "a"), ("thinking", None, "b")],
    ),
    "thinking that a router has twice": (
        [{"role": "assistant", "reasoning": "b", "reasoning_details": [{"type": "reasoning.text", "text": "b"}]}],
        [("thinking", None, "b")],
    ),
    "an empty text": ([user({"type": "text", "text": ""})], []),
    "a quotation in an answer is no input": (
        [{"role": "assistant", "content": [{"type": "text", "text": "a", "citations": [{"cited_text": "long"}]}]}],
        [("assistant", None, "a")],
    ),
}


@pytest.mark.parametrize(("items", "expected"), SENT.values(), ids=SENT.keys())
def test_all_that_is_sent_counts(items: list[Json], expected: Found) -> None:
    assert read(*items) == expected


LATER: Json = {"name": "Later", "input_schema": {}, "defer_loading": True}
REFERENCE: Json = {"type": "tool_reference", "tool_name": "Later"}
SEARCHED: Json = {
    "type": "tool_search_tool_result",
    "tool_use_id": "s",
    "content": {"type": "tool_search_tool_search_result", "tool_references": [REFERENCE]},
}
DEFINITION = ("tool", "Later", '{"name":"Later","input_schema":{}}')


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(result(REFERENCE), id="in a result"),
        pytest.param({"role": "assistant", "content": [SEARCHED]}, id="in a search of the server's"),
        pytest.param({"role": "tool", "tool_call_id": "c", "content": [REFERENCE]}, id="in a chat completion"),
    ],
)
def test_a_deferred_tool_is_given_to_the_model_where_a_reference_loads_it(message: Json) -> None:
    assert parts({"tools": [LATER]}) == []
    assert read(user("Hi"), message, tools=[LATER]) == [("user", None, "Hi"), DEFINITION]
    again = read(message, message, tools=[LATER])
    assert [kind for kind, _, _ in again] == ["tool", "tool_result"], "a definition counts once"


def test_a_tool_of_a_group_is_loaded_as_well() -> None:
    group = {"type": "namespace", "name": "n", "tools": [LATER]}
    [header, loaded] = parts({"tools": [group], "messages": [result(REFERENCE)]})
    assert (header.section, header.name) == ("tools", "n")
    assert (loaded.section, loaded.name, loaded.group) == ("messages", "Later", "n")


def test_a_reference_to_a_tool_that_is_there_loads_nothing() -> None:
    reference = '{"type":"tool_reference","tool_name":"Later"}'
    tool = {"name": "Later", "input_schema": {}}
    assert read(result(REFERENCE), tools=[tool]) == [("tool_result", None, reference)]


def test_the_tools_of_a_servers_list_are_its_own() -> None:
    [part] = parts({"input": [{"type": "mcp_list_tools", "server_label": "hub", "tools": [{"name": "ask"}]}]})
    assert (part.server, part.counts_as) == ("hub", "tools")


words = st.text(alphabet="abcdefghij", min_size=8, max_size=8)
shapes = st.recursive(
    words, lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(words, inner, min_size=1, max_size=3)
)


@given(shapes, st.sampled_from(["riddle", "riddle_call", "riddle_tool_result", "riddle_call_output", "riddle_result"]))
def test_each_word_of_a_block_that_nobody_knows_counts(held: Json, kind: str) -> None:
    block = {"type": kind, "held": held}
    for body in ({"messages": [user(block)]}, {"input": [block]}, {"system": [block]}, {"messages": [result(block)]}):
        text = " ".join(part.text for part in parts(body))
        assert all(word in text for word in _words(held))


def _words(value: Json) -> list[str]:
    if isinstance(value, dict):
        return [word for key, inner in value.items() for word in (key, *_words(inner))]
    return [word for inner in value for word in _words(inner)] if isinstance(value, list) else [str(value)]


def test_a_server_that_knows_no_deferring_is_given_each_tool() -> None:
    body: Json = {"tools": [LATER], "messages": [result(REFERENCE)]}
    assert [(part.section, part.kind) for part in parts(body, KINDS["llamacpp"])] == [
        ("tools", "tool"),
        ("messages", "tool_result"),
    ]


def test_the_schema_of_an_answer_is_in_the_prompt_only_where_the_server_writes_it() -> None:
    body: Json = {"response_format": {"type": "json_schema", "json_schema": {"name": "x"}}}
    assert [len(parts(body, KINDS[name])) for name in ("llamacpp", "claude")] == [0, 1]


def test_a_reader_of_requests_to_two_servers_mixes_nothing() -> None:
    body: Json = {"tools": [LATER], "messages": [result(REFERENCE)]}
    reader = PartsReader()
    for name in ("llamacpp", "claude", "llamacpp"):
        assert reader.read(body, KINDS[name]) == parts(body, KINDS[name])
