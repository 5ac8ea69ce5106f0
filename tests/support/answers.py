"""Bodies in Anthropic's dialect for the scripted server, written as what they say.

message(text("Hello"))                                   one JSON body
events(thinking("Hm."), tool("Read", file_path="/x"))    the same as a list of server-sent events
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

Block = Mapping[str, Any]

USAGE = {"input_tokens": 12, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 3, "output_tokens": 7}


def text(words: str) -> Block:
    return {"type": "text", "text": words}


def thinking(words: str, signature: str = "c2lnbmVk") -> Block:
    return {"type": "thinking", "thinking": words, "signature": signature}


def tool(name: str, id: str = "toolu_01", **input: Any) -> Block:
    return {"type": "tool_use", "id": id, "name": name, "input": input}


def message(*blocks: Block, model: str = "scripted", id: str = "msg_01") -> dict[str, Any]:
    """Return a complete message, whose stop reason follows from its blocks."""
    stop = "tool_use" if any(block["type"] == "tool_use" for block in blocks) else "end_turn"
    return {
        "id": id,
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [dict(block) for block in blocks],
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": dict(USAGE),
    }


def event(kind: str, **data: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **data})}\n\n".encode()


def events(*blocks: Block, model: str = "scripted", id: str = "msg_01") -> list[bytes]:
    """Return the events by which a server streams `message(*blocks)`."""
    end = message(*blocks, model=model, id=id)
    start = {**end, "content": [], "stop_reason": None, "usage": {**USAGE, "output_tokens": 1}}
    stop = {"stop_reason": end["stop_reason"], "stop_sequence": None}
    return [
        event("message_start", message=start),
        event("ping"),
        *(part for index, block in enumerate(blocks) for part in _block(index, block)),
        event("message_delta", delta=stop, usage={"output_tokens": USAGE["output_tokens"]}),
        event("message_stop"),
    ]


def _block(index: int, block: Block) -> Iterator[bytes]:
    empty, deltas = _STREAMED[block["type"]](block)
    yield event("content_block_start", index=index, content_block=empty)
    for delta in deltas:
        yield event("content_block_delta", index=index, delta=delta)
    yield event("content_block_stop", index=index)


def _halves(words: str) -> tuple[str, str]:
    """Every content comes in two deltas, so that putting them together is part of each test."""
    middle = len(words) // 2
    return words[:middle], words[middle:]


def _text(block: Block) -> tuple[Block, list[Block]]:
    return {**block, "text": ""}, [{"type": "text_delta", "text": half} for half in _halves(block["text"])]


def _thinking(block: Block) -> tuple[Block, list[Block]]:
    deltas: list[Block] = [{"type": "thinking_delta", "thinking": half} for half in _halves(block["thinking"])]
    signed = {"type": "signature_delta", "signature": block["signature"]}
    return {**block, "thinking": "", "signature": ""}, [*deltas, signed]


def _tool(block: Block) -> tuple[Block, list[Block]]:
    written = json.dumps(block["input"])
    return {**block, "input": {}}, [{"type": "input_json_delta", "partial_json": half} for half in _halves(written)]


_STREAMED = {"text": _text, "thinking": _thinking, "tool_use": _tool}
