"""The words of the server whose times are known, in each dialect. It knows nothing of when they are said.

A new dialect is one row in `VOICES`.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from traces.dialects import Dialect
from traces.model import Json

MODEL = "known-times"


def _event(**fields: Json) -> bytes:
    """One of Anthropic's events."""
    return f"event: {fields['type']}\n".encode() + _data(fields)


def _data(value: Json) -> bytes:
    return f"data: {json.dumps(value, separators=(',', ':'))}\n\n".encode()


def _chunk(choice: Mapping[str, Json] | None, **fields: Json) -> bytes:
    """One of OpenAI's chunks."""
    choices = [] if choice is None else [{"index": 0, "finish_reason": None, **choice}]
    return _data({"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": MODEL, "choices": choices, **fields})


_STARTED: Json = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": MODEL,
    "content": [],
    "stop_reason": None,
    "stop_sequence": None,
    "usage": {"input_tokens": 1000, "output_tokens": 1},
}


@dataclass(frozen=True, slots=True)
class Voice:
    """How a dialect says it. The opening comes before the wait, as on real servers: it is no token."""

    opening: bytes
    words: Callable[[str], bytes]
    closing: Callable[[int], bytes]


VOICES: Mapping[Dialect, Voice] = {
    "anthropic": Voice(
        _event(type="message_start", message=_STARTED)
        + _event(type="content_block_start", index=0, content_block={"type": "text", "text": ""}),
        lambda text: _event(type="content_block_delta", index=0, delta={"type": "text_delta", "text": text}),
        lambda count: b"".join(
            (
                _event(type="content_block_stop", index=0),
                _event(type="message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": count}),
                _event(type="message_stop"),
            )
        ),
    ),
    "chat": Voice(
        _chunk({"delta": {"role": "assistant", "content": ""}}),
        lambda text: _chunk({"delta": {"content": text}}),
        lambda count: b"".join(
            (
                _chunk({"delta": {}, "finish_reason": "stop"}),
                _chunk(None, usage={"prompt_tokens": 1000, "completion_tokens": count, "total_tokens": 1000 + count}),
                b"data: [DONE]\n\n",
            )
        ),
    ),
}
