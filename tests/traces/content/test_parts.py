"""The parts that a model is given, from a request in each API format."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.json_values import json_values
from traces.content.media import ENCRYPTED, Media
from traces.content.parts import Part, PartsReader, parts
from traces.model import Json

PIXEL = Media("image/png", "iVBORw0=")


def found(body: Json) -> list[tuple[str, str, str | None, str]]:
    return [(part.section, part.kind, part.name, part.text) for part in parts(body)]


def in_messages(*messages: Json) -> list[tuple[str, str | None, str]]:
    return [(part.kind, part.name, part.text) for part in parts({"messages": list(messages)})]


def message(role: str, *blocks: Json) -> dict[str, Json]:
    return {"role": role, "content": list(blocks)}


ANTHROPIC = {
    "model": "claude-opus-5-5",
    "messages": [
        message(
            "user", {"type": "text", "text": "<system-reminder>short</system-reminder>"}, {"type": "text", "text": "go"}
        ),
        message("system", {"type": "text", "text": "# Environment"}),
        message(
            "assistant",
            {"type": "thinking", "thinking": "a file", "signature": "c2ln"},
            {"type": "text", "text": "I read it."},
            {"type": "tool_use", "id": "t1", "name": "Read", "input": {"file": "a.py"}},
        ),
        message("user", {"type": "tool_result", "tool_use_id": "t1", "content": "print(1)", "is_error": False}),
        {"role": "assistant", "content": "It prints."},
    ],
    "system": [{"type": "text", "text": "billing"}, {"type": "text", "text": "You are", "cache_control": {"x": "y"}}],
    "tools": [{"name": "Read", "description": "Reads", "input_schema": {"type": "object"}, "defer_loading": False}],
    "metadata": {"user_id": "u"},
}

CHAT = {
    "messages": [
        {"role": "system", "content": "You are"},
        {"role": "user", "content": [{"type": "text", "text": "go"}]},
        {
            "role": "assistant",
            "content": None,
            "reasoning_content": "a file",
            "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "Read", "arguments": '{"file":"a.py"}'}}
            ],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "print(1)"},
        {"role": "system", "content": "be quick"},
        {"role": "assistant", "content": "It prints."},
    ],
    "tools": [
        {"type": "function", "function": {"name": "Read", "description": "Reads", "parameters": {"type": "object"}}}
    ],
}

RESPONSES = {
    "instructions": "You are",
    "input": [
        {"role": "user", "content": [{"type": "input_text", "text": "go"}]},
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "a file"}], "encrypted_content": "c2ln"},
        {"type": "function_call", "id": "fc", "call_id": "c1", "name": "Read", "arguments": '{"file":"a.py"}'},
        {"type": "function_call_output", "call_id": "c1", "output": "print(1)"},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "It prints."}]},
    ],
    "tools": [{"type": "function", "name": "Read", "description": "Reads", "parameters": {"type": "object"}}],
}


def test_an_anthropic_request_is_tools_then_system_then_messages() -> None:
    assert found(ANTHROPIC) == [
        ("tools", "tool", "Read", '{"name":"Read","description":"Reads","input_schema":{"type":"object"}}'),
        ("system", "system", None, "billing"),
        ("system", "system", None, "You are"),
        ("messages", "reminder", None, "<system-reminder>short</system-reminder>"),
        ("messages", "user", None, "go"),
        ("messages", "reminder", None, "# Environment"),
        ("messages", "thinking", None, "a file"),
        ("messages", "assistant", None, "I read it."),
        ("messages", "tool_input", "Read", '{"file":"a.py"}'),
        ("messages", "tool_result", "Read", "print(1)"),
        ("messages", "assistant", None, "It prints."),
    ]


@pytest.mark.parametrize("body", [CHAT, RESPONSES], ids=["chat", "responses"])
def test_openais_formats_give_the_same_parts(body: Json) -> None:
    conversation = [part for part in found(body) if part[3] != "be quick"]
    assert conversation == [
        ("tools", "tool", "Read", '{"name":"Read","description":"Reads","parameters":{"type":"object"}}'),
        ("system", "system", None, "You are"),
        ("messages", "user", None, "go"),
        ("messages", "thinking", None, "a file"),
        ("messages", "tool_input", "Read", '{"file":"a.py"}'),
        ("messages", "tool_result", "Read", "print(1)"),
        ("messages", "assistant", None, "It prints."),
    ]


def test_a_system_message_in_mid_conversation_is_a_reminder() -> None:
    assert ("messages", "reminder", None, "be quick") in found(CHAT)


def test_a_part_knows_its_place() -> None:
    places = [(part.section, part.index) for part in parts(ANTHROPIC)]
    assert places[:3] == [("tools", 0), ("system", 0), ("system", 1)]
    assert [index for section, index in places[3:]] == [0, 0, 1, 2, 2, 2, 3, 4]


def test_a_text_is_the_same_as_a_list_of_one_text() -> None:
    text = {"system": "a", "messages": [{"role": "user", "content": "b"}]}
    blocks = {"system": [{"type": "text", "text": "a"}], "messages": [message("user", {"type": "text", "text": "b"})]}
    assert parts(text) == parts(blocks)


def test_a_claude_md_is_named_by_its_path() -> None:
    text = "<system-reminder>\nContents of /src/CLAUDE.md (project):\n\nBe kind.\n</system-reminder>"
    assert ("claude_md", "/src/CLAUDE.md", "Contents of /src/CLAUDE.md (project):\n\nBe kind.\n") in in_messages(
        {"role": "user", "content": text}
    )


def test_what_the_model_wrote_is_never_cut_for_reminders() -> None:
    text = "<system-reminder>I made this up</system-reminder>"
    assert in_messages({"role": "assistant", "content": text}) == [("assistant", None, text)]


CALL = message("assistant", {"type": "tool_use", "id": "t", "name": "Grep", "input": {}})


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("none found", [("tool_result", "Grep", "none found")]),
        ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], [("tool_result", "Grep", t) for t in "ab"]),
        (
            [{"type": "tool_reference", "tool_name": "X"}],
            [("tool_result", "Grep", '{"type":"tool_reference","tool_name":"X"}')],
        ),
        ("", []),
        (None, []),
    ],
)
def test_a_result_belongs_to_the_tool_that_was_called(content: Json, expected: list[object]) -> None:
    result = message("user", {"type": "tool_result", "tool_use_id": "t", "content": content})
    assert in_messages(CALL, result)[1:] == expected


def test_a_result_of_a_call_that_isnt_there_has_no_name() -> None:
    result = message("user", {"type": "tool_result", "tool_use_id": "gone", "content": "a"})
    assert in_messages(result) == [("tool_result", None, "a")]


@pytest.mark.parametrize(
    ("block", "kind", "media"),
    [
        (
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL.base64}},
            "image",
            PIXEL,
        ),
        (
            {"type": "image", "source": {"type": "url", "url": "http://a/b.png"}},
            "image",
            Media("", url="http://a/b.png"),
        ),
        ({"type": "image", "source": {"type": "file", "file_id": "f1"}}, "image", Media("", url="f1")),
        ({"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0="}}, "image", PIXEL),
        ({"type": "image_url", "image_url": {"url": "http://a/b.png"}}, "image", Media("", url="http://a/b.png")),
        ({"type": "input_image", "image_url": "data:image/png;base64,iVBORw0="}, "image", PIXEL),
        ({"type": "input_image", "file_id": "f1"}, "image", Media("", url="f1")),
        (
            {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}},
            "document",
            Media("application/pdf", "JVBERi0="),
        ),
        (
            {"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBERi0="}},
            "document",
            Media("application/pdf", "JVBERi0="),
        ),
        ({"type": "input_file", "file_url": "http://a/b.pdf"}, "document", Media("", url="http://a/b.pdf")),
        (
            {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
            "document",
            Media("audio/wav", "UklGRg=="),
        ),
    ],
)
def test_media_are_shown_and_not_read(block: Json, kind: str, media: Media) -> None:
    (part,) = parts({"messages": [message("user", block)]})
    assert (part.kind, part.text, part.media) == (kind, "", media)


def test_an_image_in_a_result_belongs_to_the_tool() -> None:
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL.base64}}
    body = {"messages": [CALL, message("user", {"type": "tool_result", "tool_use_id": "t", "content": [image]})]}
    assert parts(body)[-1] == Part("messages", "image", "", "Grep", 1, PIXEL)


def test_a_document_of_text_is_read() -> None:
    block = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "a page"}}
    assert in_messages(message("user", block)) == [("document", None, "a page")]


SEALED = "c2ln" * 100


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (message("assistant", {"type": "redacted_thinking", "data": SEALED}), "thinking"),
        (message("assistant", {"type": "thinking", "thinking": "", "signature": SEALED}), "thinking"),
        ({"type": "reasoning", "summary": [], "encrypted_content": SEALED}, "thinking"),
        ({"role": "assistant", "reasoning_details": [{"type": "reasoning.encrypted", "data": SEALED}]}, "thinking"),
        ({"type": "compaction", "encrypted_content": SEALED}, "user"),
    ],
)
def test_what_is_encrypted_is_there_and_no_text(message: Json, kind: str) -> None:
    [part] = parts({"messages": [message]})
    assert (part.kind, part.text, part.media) == (kind, "", Media(ENCRYPTED, SEALED))


def test_what_is_encrypted_beside_its_text_is_nothing_more() -> None:
    thought = {"type": "thinking", "thinking": "a file", "signature": SEALED}
    assert in_messages(message("assistant", thought)) == [("thinking", None, "a file")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (None, []),
        ("a text", [("messages", "other", None, '"a text"')]),
        ([1, 2], [("messages", "other", None, "[1,2]")]),
        ({"system": 5}, [("system", "other", None, "5")]),
        ({"tools": {"a": 1}}, [("tools", "other", None, '{"a":1}')]),
        ({"tools": [None, {"name": 7}]}, [("tools", "other", None, "null"), ("tools", "other", None, '{"name":7}')]),
        ({"messages": 5}, [("messages", "other", None, "5")]),
        ({"messages": [{"role": "user", "content": 5}]}, [("messages", "other", None, "5")]),
        ({"messages": [{"role": "user", "content": [[1]]}]}, [("messages", "other", None, "[1]")]),
        ({"messages": [{"role": ["user"], "content": "a"}]}, [("messages", "other", None, "a")]),
        (
            {"messages": [{"role": "user", "content": [{"type": "text", "text": 5}]}]},
            [("messages", "other", "text", '{"type":"text","text":5}')],
        ),
        (
            {"messages": [{"role": "assistant", "content": [{"type": "tool_use", "name": 5}]}]},
            [("messages", "other", "tool_use", '{"type":"tool_use","name":5}')],
        ),
    ],
)
def test_what_isnt_understood_is_kept_as_its_json(body: Json, expected: list[object]) -> None:
    assert found(body) == expected


FIELDS = """
    model messages system tools input instructions functions role content type text thinking name id call_id arguments
    tool_calls function source data summary output tool_use_id image_url user assistant tool_use tool_result image
    document reasoning function_call function_call_output base64 tool_reference tool_references tool_name defer_loading
    images title context mimeType encrypted_content redacted_thinking mcp_call namespace
"""


@given(json_values(keys=st.sampled_from(FIELDS.split())))
def test_no_body_raises(body: Json) -> None:
    for part in parts(body):
        assert part.text or part.media


def nest(depth: int, wrap: Any) -> Json:
    value: Json = "deep"
    for _ in range(depth):
        value = wrap(value)
    return value


@pytest.mark.parametrize(
    "wrap",
    [
        lambda inner: [inner],
        lambda inner: {"type": "reasoning", "content": [inner]},
        lambda inner: {"type": "tool_result", "content": [inner]},
        lambda inner: {"type": "document", "source": {"content": [inner]}},
    ],
)
def test_deep_nesting_doesnt_raise(wrap: Any) -> None:
    deep = nest(500, wrap)
    assert parts({"messages": [message("user", deep)]})
    assert parts({"tools": [{"name": "Read", "input_schema": deep}], "system": [deep]})


words = st.text(alphabet="abcdefghij", min_size=8, max_size=8)


@given(st.lists(words, min_size=9, max_size=9, unique=True))
def test_each_text_is_in_exactly_one_part(texts: list[str]) -> None:
    system, asked, thought, answered, given_to_tool, came_back, reminder, description, later = texts
    body = {
        "system": [{"type": "text", "text": system}],
        "tools": [{"name": "Read", "description": description, "input_schema": {}}],
        "messages": [
            {"role": "user", "content": f"{asked}<system-reminder>{reminder}</system-reminder>"},
            message(
                "assistant",
                {"type": "thinking", "thinking": thought},
                {"type": "text", "text": answered},
                {"type": "tool_use", "id": "t", "name": "Read", "input": {"path": given_to_tool}},
            ),
            message(
                "user", {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": came_back}]}
            ),
            {"role": "user", "content": later},
        ],
    }
    for text in texts:
        assert sum(text in part.text for part in parts(body)) == 1


REFERENCE = {"type": "tool_reference", "tool_name": "Later"}
LATER = {"name": "Later", "input_schema": {}, "defer_loading": True}
MARKED = {"cache_control": {"type": "ephemeral"}}
TURNS: list[Json] = [
    message("user", {"type": "tool_result", "tool_use_id": "t", "content": [REFERENCE]}),
    message("user", REFERENCE),
    {"role": "user", "content": "go"},
    message("user", {"type": "text", "text": "go"}),
    message("user", {"type": "text", "text": "go", **MARKED}),
    message("assistant", {"type": "tool_use", "id": "t", "name": "Grep", "input": {}}),
    message("assistant", {"type": "tool_use", "id": "t", "name": "Grep", "input": {}, **MARKED}),
    message("assistant", {"type": "tool_use", "id": "t", "name": "Read", "input": {}}),
    message("user", {"type": "tool_result", "tool_use_id": "t", "content": "found"}),
    {"role": "system", "content": "be quick"},
]
bodies = st.fixed_dictionaries(
    {"messages": st.lists(st.sampled_from(TURNS), max_size=6)},
    optional={
        "system": st.sampled_from(["a", "b", [{"type": "text", "text": "a"}]]),
        "tools": st.lists(
            st.sampled_from([{"name": "Read"}, {"name": "Grep"}, LATER, {**LATER, "description": "x"}]), max_size=3
        ),
    },
)


@given(st.lists(bodies | st.none(), max_size=5))
def test_what_is_shared_with_the_request_before_is_read_as_if_alone(requests: list[Json]) -> None:
    reader = PartsReader()
    for body in requests:
        assert reader.read(body) == parts(body)


def test_a_growing_session_keeps_what_was_read() -> None:
    reader = PartsReader()
    before = reader.read({"messages": TURNS[2:6]})
    after = reader.read({"messages": TURNS[2:7]})
    assert all(kept is read for kept, read in zip(after, before, strict=False))


def test_the_schema_of_an_answer_is_given_to_the_model() -> None:
    schema = {"type": "json_schema", "schema": {"type": "object"}}
    bodies: list[Json] = [
        {"response_format": schema},
        {"output_format": schema},
        {"output_config": {"format": schema}},
        {"text": {"format": schema}},
    ]
    for body in bodies:
        assert found(body) == [("system", "other", "json_schema", '{"type":"json_schema","schema":{"type":"object"}}')]
    for body in [{"response_format": {"type": "json_object"}}, {"text": {"verbosity": "low"}}, {"text": "a"}]:
        assert found(body) == []


def test_what_a_request_holds_beside_its_messages_is_given_to_the_model() -> None:
    assert found({"documents": [{"text": "Plums are blue."}], "messages": [{"role": "user", "content": "Hi"}]}) == [
        ("system", "other", "documents", '{"type":"documents","documents":[{"text":"Plums are blue."}]}'),
        ("messages", "user", None, "Hi"),
    ]
    [part] = parts({"prompt": {"id": "p", "variables": {"city": "Paris"}}})
    assert (part.name, "Paris" in part.text) == ("prompt", True)
