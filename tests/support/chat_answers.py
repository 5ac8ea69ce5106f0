"""Bodies of OpenAI's chat completions for the scripted server, made of the same blocks as `tests.support.answers`.

completion(text("Hello"))               one JSON body
chunks(thinking("Hm."), tool("Read"))   the same as a list of server-sent events
"""

import json
from collections.abc import Iterator
from typing import Any

from tests.support.answers import Block

USAGE = {"prompt_tokens": 15, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 3}}
DONE = b"data: [DONE]\n\n"


def completion(*blocks: Block, model: str = "scripted") -> dict[str, Any]:
    """Return a complete answer."""
    message: dict[str, Any] = {"role": "assistant", "content": None}
    for block in blocks:
        match block["type"]:
            case "text":
                message["content"] = block["text"]
            case "thinking":
                message["reasoning_content"] = block["thinking"]
            case "tool_use":
                message.setdefault("tool_calls", []).append(_call(block))
    choice = {"index": 0, "message": message, "finish_reason": _reason(blocks)}
    return {"id": "c1", "object": "chat.completion", "model": model, "choices": [choice], "usage": USAGE}


def chunks(*blocks: Block, model: str = "scripted", id: str = "c1") -> list[bytes]:
    """Return the events by which a server streams `completion(*blocks)`."""
    deltas = [{"role": "assistant", "content": None}, *(delta for delta in _deltas(blocks))]
    parts: list[dict[str, Any]] = [{"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    parts.append({"choices": [{"index": 0, "delta": {}, "finish_reason": _reason(blocks)}]})
    parts.append({"choices": [], "usage": USAGE})
    head = {"id": id, "object": "chat.completion.chunk", "model": model}
    return [*(b"data: %b\n\n" % json.dumps({**head, **part}).encode() for part in parts), DONE]


def _reason(blocks: tuple[Block, ...]) -> str:
    return "tool_calls" if any(block["type"] == "tool_use" for block in blocks) else "stop"


def _call(block: Block) -> dict[str, Any]:
    written = json.dumps(block["input"])
    return {"id": block["id"], "type": "function", "function": {"name": block["name"], "arguments": written}}


def _deltas(blocks: tuple[Block, ...]) -> Iterator[dict[str, Any]]:
    """Yield the contents, each in two halves."""
    calls = 0
    for block in blocks:
        match block["type"]:
            case "text":
                yield from ({"content": half} for half in _halves(block["text"]))
            case "thinking":
                yield from ({"reasoning_content": half} for half in _halves(block["thinking"]))
            case "tool_use":
                call = _call(block)
                first, second = _halves(call["function"]["arguments"])
                begun = {**call, "index": calls, "function": {**call["function"], "arguments": first}}
                yield {"tool_calls": [begun]}
                yield {"tool_calls": [{"index": calls, "function": {"arguments": second}}]}
                calls += 1


def _halves(words: str) -> tuple[str, str]:
    middle = len(words) // 2
    return words[:middle], words[middle:]
