"""One field of a request has another shape than its API format promises: no text that is left in it is uncounted."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.support.perturbed import OTHER_TYPES, Place, dotted_path, perturb, places, strings
from traces.content.parts import parts
from traces.dialects import Dialect

SCHEMA = {"type": "object", "properties": {"path": {"type": "string", "description": "schema words here"}}}
ARGUMENTS = '{"path":"input words here"}'

REQUESTS: Mapping[Dialect, Any] = {
    "anthropic": {
        "model": "m",
        "max_tokens": 9,
        "system": [{"type": "text", "text": "system words here"}],
        "tools": [{"name": "Read", "description": "tool words here", "input_schema": SCHEMA}],
        "messages": [
            {"role": "user", "content": "user words here"},
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "thinking words here", "signature": "s"},
                    {"type": "text", "text": "answer words here"},
                    {"type": "tool_use", "id": "c", "name": "Read", "input": {"path": "input words here"}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {
                        "type": "tool_result",
                        "tool_use_id": "c",
                        "content": [{"type": "text", "text": "found words here"}],
                    },
                    {"type": "text", "text": "later words here"},
                ],
            },
        ],
    },
    "chat": {
        "model": "m",
        "tools": [
            {
                "type": "function",
                "function": {"name": "Read", "description": "tool words here", "parameters": SCHEMA},
            }
        ],
        "messages": [
            {"role": "system", "content": "system words here"},
            {"role": "user", "content": [{"type": "text", "text": "user words here"}]},
            {
                "role": "assistant",
                "content": "answer words here",
                "reasoning_content": "thinking words here",
                "tool_calls": [{"id": "c", "type": "function", "function": {"name": "Read", "arguments": ARGUMENTS}}],
            },
            {"role": "tool", "tool_call_id": "c", "content": "found words here"},
            {"role": "user", "content": "later words here"},
        ],
    },
    "responses": {
        "model": "m",
        "instructions": "system words here",
        "tools": [{"type": "function", "name": "Read", "description": "tool words here", "parameters": SCHEMA}],
        "input": [
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "user words here"}]},
            {"type": "reasoning", "id": "r", "summary": [{"type": "summary_text", "text": "thinking words here"}]},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "answer words here"}]},
            {"type": "function_call", "call_id": "c", "name": "Read", "arguments": ARGUMENTS},
            {"type": "function_call_output", "call_id": "c", "output": "found words here"},
            {"role": "user", "content": "later words here"},
        ],
    },
}

WAYS = ("other type", "missing", "null", "renamed", "in a list", "in an object")


def texts(body: Any) -> list[str]:
    return [words for text in strings(body) for words in re.findall(r"\w+ words here", text)]


def changes(body: Any) -> Iterator[tuple[Place, str, Any]]:
    for path in places(body):
        for way in WAYS:
            for other in OTHER_TYPES if way == "other type" else (None,):
                if not (way == "renamed" and len(path) == 1):  # no model is given a field that its API doesn't have
                    yield path, way, perturb([body], 0, path, way, other)[0]


@pytest.mark.parametrize("dialect", REQUESTS)
def test_all_texts_of_a_request_with_an_odd_field_count(dialect: Dialect) -> None:
    assert len(texts(REQUESTS[dialect])) == 9
    lost = []
    for path, way, body in changes(REQUESTS[dialect]):
        counted = "\n".join(part.text for part in parts(body))
        lost += [(dotted_path(path), way, words) for words in texts(body) if words not in counted]
    assert lost == []
