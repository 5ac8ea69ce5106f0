"""Requests to Gemini's API, translated to Anthropic's messages and back."""

from typing import Any

import pytest

from traces.dialects import FORMATS
from traces.dialects.translation.notes import Notes
from traces.errors import TranslationError

GEMINI = FORMATS["gemini"]
SCHEMA = {"type": "object", "properties": {"path": {"type": "string"}}}

COMMON: dict[str, Any] = {
    "system": [{"type": "text", "text": "Be brief."}],
    "messages": [
        {"role": "user", "content": [{"type": "text", "text": "Read a and b."}]},
        {
            "role": "assistant",
            "content": [
                {"type": "tool_use", "id": "t1", "name": "read", "input": {"path": "a"}},
                {"type": "tool_use", "id": "t2", "name": "read", "input": {"path": "b"}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "t1", "content": "plum"},
                {"type": "tool_result", "tool_use_id": "t2", "content": "gone", "is_error": True},
            ],
        },
        {
            "role": "user",
            "content": [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}}],
        },
    ],
    "tools": [{"name": "read", "description": "Reads", "input_schema": SCHEMA}],
    "tool_choice": {"type": "tool", "name": "read"},
    "max_tokens": 9,
    "temperature": 0.5,
    "stop_sequences": ["x"],
    "output_config": {"format": {"type": "json_schema", "schema": SCHEMA}},
}

ITS: dict[str, Any] = {
    "systemInstruction": {"parts": [{"text": "Be brief."}]},
    "contents": [
        {"role": "user", "parts": [{"text": "Read a and b."}]},
        {
            "role": "model",
            "parts": [
                {"functionCall": {"id": "t1", "name": "read", "args": {"path": "a"}}},
                {"functionCall": {"id": "t2", "name": "read", "args": {"path": "b"}}},
            ],
        },
        {
            "role": "user",
            "parts": [
                {"functionResponse": {"id": "t1", "name": "read", "response": {"output": "plum"}}},
                {"functionResponse": {"id": "t2", "name": "read", "response": {"error": "gone"}}},
            ],
        },
        {"role": "user", "parts": [{"inlineData": {"mimeType": "image/png", "data": "AAAA"}}]},
    ],
    "tools": [{"functionDeclarations": [{"name": "read", "description": "Reads", "parametersJsonSchema": SCHEMA}]}],
    "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["read"]}},
    "generationConfig": {
        "maxOutputTokens": 9,
        "temperature": 0.5,
        "stopSequences": ["x"],
        "responseMimeType": "application/json",
        "responseJsonSchema": SCHEMA,
    },
}


def test_a_request_of_anthropics_becomes_one_of_geminis() -> None:
    notes = Notes()
    assert GEMINI.from_common(COMMON, notes) == ITS
    assert notes.lines() == ()


def test_a_request_of_geminis_becomes_one_of_anthropics() -> None:
    notes = Notes()
    assert GEMINI.to_common(ITS, notes) == COMMON
    assert notes.lines() == ()


@pytest.mark.parametrize("made_up", [{}, {"id": "0c4e#0-0"}], ids=["none", "of the result alone"])
def test_calls_without_ids_get_them_in_order(made_up: dict[str, str]) -> None:
    def call(path: str) -> dict[str, Any]:
        return {"functionCall": {"name": "read", "args": {"path": path}}}

    def result(text: str) -> dict[str, Any]:
        return {"functionResponse": {**made_up, "name": "read", "response": {"output": text}}}

    contents = [
        {"role": "user", "parts": [{"text": "Read."}]},
        {"role": "model", "parts": [call("a"), call("b")]},
        {"role": "user", "parts": [result("A"), result("B")]},
    ]
    _, answer, results = GEMINI.to_common({"contents": contents}, Notes())["messages"]
    assert [block["id"] for block in answer["content"]] == ["call_1", "call_2"]
    assert [(block["tool_use_id"], block["content"]) for block in results["content"]] == [
        ("call_1", "A"),
        ("call_2", "B"),
    ]


def test_types_in_capitals_are_those_of_json_schema() -> None:
    declared = {"name": "f", "parameters": {"type": "OBJECT", "properties": {"type": {"type": "STRING"}}}}
    made = GEMINI.to_common({"contents": [], "tools": [{"functionDeclarations": [declared]}]}, Notes())
    assert made["tools"][0]["input_schema"] == {"type": "object", "properties": {"type": {"type": "string"}}}


@pytest.mark.parametrize("field", ["responseSchema", "responseJsonSchema"])
def test_types_in_capitals_of_an_answer_are_those_of_json_schema(field: str) -> None:
    config = {
        "responseMimeType": "application/json",
        field: {"type": "OBJECT", "properties": {"n": {"type": "INTEGER"}}},
    }
    made = GEMINI.to_common({"contents": [], "generationConfig": config}, Notes())
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    assert made["output_config"] == {"format": {"type": "json_schema", "schema": schema}}


def test_what_cannot_be_carried_is_noted() -> None:
    notes = Notes()
    body = {
        "contents": [{"role": "model", "parts": [{"text": "hm", "thought": True}, {"text": "Hi"}]}],
        "tools": [{"googleSearch": {}}],
        "safetySettings": [],
        "generationConfig": {"thinkingConfig": {"thinkingBudget": 7}},
    }
    GEMINI.to_common(body, notes)
    assert notes.lines() == (
        "safetySettings: dropped",
        "generationConfig.thinkingConfig: dropped",
        "thinking of an earlier answer: dropped",
        "the tool googleSearch, which runs on Google's servers: dropped",
    )


def test_a_part_without_a_counterpart_is_an_error() -> None:
    with pytest.raises(TranslationError, match="A part with videoThing"):
        GEMINI.to_common({"contents": [{"role": "user", "parts": [{"videoThing": 7}]}]}, Notes())
