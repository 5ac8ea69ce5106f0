"""Answers of servers as a client of Anthropic's gets them, and what of them equals what traces' reader reads."""

import json
from collections.abc import Iterable
from typing import Any

from tests.support.perturbed import Events
from traces.dialects import FORMATS, Dialect
from traces.dialects.sse import ServerEvent
from traces.dialects.translation.answer import AnswerTranslator
from traces.dialects.translation.answer.blocks import UNNAMED

REQUEST = {
    "model": "m",
    "max_tokens": 99,
    "messages": [{"role": "user", "content": "Hello"}],
    "tools": [{"name": name, "input_schema": {"type": "object"}} for name in ("Read", "Glob", "ListFiles")],
}

Sent = list[tuple[str, Any]]


def translate(dialect: Dialect, events: Iterable[ServerEvent], **options: Any) -> tuple[Sent, AnswerTranslator]:
    """Return what the client gets of a server's stream, and what translated it."""
    translator = AnswerTranslator(dialect, REQUEST, ident="1", **options)
    sent = [each for event in events for each in translator.feed(event)]
    return [*sent, *translator.end()], translator


def server_events(events: Events) -> list[ServerEvent]:
    return [ServerEvent(None, json.dumps(event)) for event in events]


def without_error(sent: Sent) -> list[Any]:
    """Return the events' data. The package's accumulator is never given an error: its client raises that before."""
    return [data for name, data in sent if name != "error"]


def contents_of(message: Any) -> dict[str, Any]:
    """Return the thinking, the text and the calls of a message of Anthropic's."""
    blocks = message["content"] if message else []
    return {
        "thinking": "".join(block["thinking"] for block in blocks if block["type"] == "thinking"),
        "text": "".join(block["text"] for block in blocks if block["type"] == "text"),
        "calls": [(block["name"], block["input"]) for block in blocks if block["type"] == "tool_use"],
    }


def contents_at_server(dialect: Dialect, message: Any) -> dict[str, Any]:
    """Return the same of what traces' reader assembled. Arguments that are no JSON are None."""
    blocks = list(FORMATS[dialect].blocks(message or {}))
    if dialect == "responses":
        thinking = ["".join(_texts(blocks, "text", "reasoning_text", "summary_text"))]
    else:
        thinking = _texts(blocks, "thinking", "thinking")
    texts = [*_texts(blocks, "text", "text", "output_text"), *_texts(blocks, "refusal", "refusal")]
    calls = FORMATS[dialect].calls(message or {})
    return {
        "thinking": max(thinking, key=len, default=""),
        "text": "".join(texts),
        "calls": [(call.name or UNNAMED, _input(call.arguments) if call.parsed else None) for call in calls],
    }


def is_same(ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    """Return whether the client gets what the server sent; of arguments that are no JSON, whatever can be read."""
    pairs = list(zip(ours["calls"], theirs["calls"], strict=False))
    return (
        (ours["thinking"], ours["text"]) == (theirs["thinking"], theirs["text"])
        and len(ours["calls"]) == len(theirs["calls"])
        and all(a[0] == b[0] and (b[1] is None or a[1] == b[1]) for a, b in pairs)
    )


def _texts(blocks: list[dict[str, Any]], field: str, *types: str) -> list[str]:
    return [block[field] for block in blocks if block.get("type") in types and isinstance(block.get(field), str)]


def _input(arguments: Any) -> Any:
    if isinstance(arguments, dict):
        return arguments
    return {} if arguments is None else {"input": arguments}
