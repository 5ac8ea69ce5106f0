"""Answers in Gemini's format for the scripted server, made of the same blocks as `tests.support.answers`."""

import json
from typing import Any

from tests.support.answers import Block

USAGE = {"promptTokenCount": 15, "candidatesTokenCount": 7, "totalTokenCount": 22, "cachedContentTokenCount": 3}


def answer(*blocks: Block) -> dict[str, Any]:
    """Return a complete answer."""
    content = {"role": "model", "parts": [_part(block) for block in blocks]}
    return {"candidates": [{"content": content, "finishReason": "STOP", "index": 0}], "usageMetadata": USAGE}


def chunks(*blocks: Block) -> list[bytes]:
    """Return the events by which a server streams this answer: one for each block."""
    return [b"data: " + json.dumps(answer(block)).encode() + b"\r\n\r\n" for block in blocks]


def _part(block: Block) -> dict[str, Any]:
    if block["type"] == "tool_use":
        return {"functionCall": {"name": block["name"], "args": block["input"]}}
    return {"text": block["text"]}
