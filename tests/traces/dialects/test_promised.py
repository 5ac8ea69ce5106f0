"""A field of a type that its format doesn't promise is noticed, and what servers leave out or add is not."""

from typing import Any

import pytest

from traces.dialects.promised import ANTHROPIC, CHAT, OTHERS, RESPONSES, Shape, keeps
from traces.model import Json

SHAPE: Shape = {"id": (str, int), "text": str, "list": [{"n": (int, float)}], "on": bool, "counts": {OTHERS: int}}


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        {"id": "a", "text": "b", "list": [{"n": 1}, {"n": 0.5}, None], "on": True, "counts": {"any": 1}},
        {"id": 7, "text": None, "of": {"the": "server's own"}},
    ],
)
def test_what_is_promised_is_kept(value: Json) -> None:
    assert keeps(value, SHAPE)


@pytest.mark.parametrize(
    "value",
    [
        7,
        [],
        {"id": True},
        {"text": 7},
        {"list": {"n": 1}},
        {"list": [{"n": "1"}]},
        {"list": [{"value": 1}]},
        {"on": 1},
        {"counts": {"any": True}},
        {"value": {"text": "b"}},
    ],
)
def test_another_type_is_noticed(value: Json) -> None:
    assert not keeps(value, SHAPE)


SENT: list[tuple[Shape, dict[str, Any]]] = [
    (CHAT, {"id": 1, "object": "", "created": 1.5e9, "choices": [], "usage": None, "provider": "x", "cost": {}}),
    (CHAT, {"choices": [{"index": 0, "delta": {"role": None, "content": None, "tool_calls": None}, "logprobs": []}]}),
    (CHAT, {"usage": {"prompt_tokens": 5.0, "prompt_tokens_details": {"cache_type": "ephemeral"}, "cost": 0.1}}),
    (CHAT, {"x_groq": {"id": "req"}, "choices": [{"delta": {"provider_specific_fields": {}}, "native": "stop"}]}),
    (ANTHROPIC, {"type": "message_start", "message": {"id": "", "usage": {"input_tokens": 0, "cache_creation": None}}}),
    (ANTHROPIC, {"type": "content_block_start", "content_block": {"type": "tool_use", "id": "t", "name": "R"}}),
    (ANTHROPIC, {"type": "message_delta", "delta": {"stop_reason": None}, "usage": {"prompt_tokens": 3}}),
    (RESPONSES, {"type": "response.created", "response": {"created_at": 1.5, "tools": [], "text": {"format": {}}}}),
    (RESPONSES, {"type": "response.output_item.done", "item": {"type": "web_search_call", "action": {"query": "q"}}}),
    (RESPONSES, {"type": "response.output_item.done", "item": {"type": "tool_search_call", "arguments": {"q": 1}}}),
]


@pytest.mark.parametrize(("shape", "event"), SENT)
def test_what_servers_send_is_not_odd(shape: Shape, event: Json) -> None:
    assert keeps(event, shape)
