"""Repairs of blocks in a conversation: images that a model can't see, thinking that a server doesn't take back."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from traces.dialects.translation.notes import Notes
from traces.repairs.base import NOTHING_LEFT, Fields, Outgoing

BlockChange = Callable[[Fields], Sequence[Fields]]
"""A block -> the blocks in its place."""

SIGNATURE = 60
"""Bytes that a signature of Anthropic's has at least; other servers send none, or a short one that they made up."""

LEFT_OUT = "({} left out: this server reads no {})"


def leave_out_images(request: Outgoing, notes: Notes) -> Outgoing:
    """Return the request with a line of text in place of each image and each document that isn't text."""

    def change(block: Fields) -> Sequence[Fields]:
        kind, source = block.get("type"), block.get("source")
        if kind not in ("image", "document", "image_url", "input_image") or not _is_data(kind, source):
            return [block]
        words = "document" if kind == "document" else "image"
        media = source.get("media_type") if isinstance(source, dict) else None
        notes.add(f"{'a' if words == 'document' else 'an'} {words}: a line of text in its place")
        text_type = "input_text" if kind == "input_image" else "text"
        return [{"type": text_type, "text": LEFT_OUT.format(f"{media or words}", f"{words}s")}]

    return request.with_body(change_blocks(request.body, change))


def _is_data(kind: str, source: Any) -> bool:
    """Return whether a block is more than text: a document can also be one of text, or of blocks."""
    return kind != "document" or not isinstance(source, dict) or source.get("type") not in ("text", "content")


def leave_out_unsigned_thinking(request: Outgoing, notes: Notes) -> Outgoing:
    """Return the request without earlier thinking that no server of Anthropic's has signed."""
    return _without_thinking(request, notes, lambda block: not is_signed(block), "without a valid signature")


def leave_out_thinking(request: Outgoing, notes: Notes) -> Outgoing:
    """Return the request without any thinking of earlier answers."""
    return _without_thinking(request, notes, lambda block: True, "of an earlier answer")


def is_signed(block: Mapping[str, Any]) -> bool:
    """Return whether a thinking block has a signature that Anthropic's servers may have made."""
    signature = block.get("data" if block.get("type") == "redacted_thinking" else "signature")
    if not isinstance(signature, str):
        return False
    try:
        return len(base64.b64decode(signature, validate=True)) >= SIGNATURE
    except (binascii.Error, ValueError):
        return False


def _without_thinking(request: Outgoing, notes: Notes, unwanted: Callable[[Fields], bool], which: str) -> Outgoing:
    def change(block: Fields) -> Sequence[Fields]:
        if block.get("type") in ("thinking", "redacted_thinking") and unwanted(block):
            notes.add_dropped(f"thinking {which}")
            return []
        return [block]

    body = change_blocks(request.body, change)
    if body != request.body and _continues_a_call(body) and _thinks(body):
        # Anthropic wants the thinking before a call back, or none at all, until the call's turn is over.
        notes.add("thinking: turned off for this request, which answers a call whose thinking is left out")
        body = {name: value for name, value in body.items() if name not in ("thinking", "context_management")}
    return request.with_body(body)


def _thinks(body: Fields) -> bool:
    thinking = body.get("thinking")
    return isinstance(thinking, dict) and thinking.get("type") != "disabled"


def _continues_a_call(body: Fields) -> bool:
    """Return whether the last answer calls a tool, and has no thinking before its call."""
    answers = [message for message in body.get("messages") or () if _role(message) == "assistant"]
    blocks = answers[-1].get("content") if answers else None
    kinds = [block.get("type") for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []
    return "tool_use" in kinds and kinds[0] not in ("thinking", "redacted_thinking")


def _role(message: Any) -> Any:
    return message.get("role") if isinstance(message, dict) else None


def change_blocks(body: Fields, change: BlockChange) -> Fields:
    """Return the body with the blocks of its messages, and of the tools' results in them, changed.

    An answer of which nothing is left is left out; any other message then says so, as none may be empty.
    """
    new = dict(body)
    for name in ("messages", "input"):
        if isinstance(messages := body.get(name), list):
            new[name] = [each for message in messages for each in _message(message, change)]
    return new


def _message(message: Any, change: BlockChange) -> list[Any]:
    if not isinstance(message, dict) or not isinstance(message.get("content"), list):
        return [message]
    content = _blocks(message["content"], change)
    if content or not message["content"]:
        return [{**message, "content": content}]
    return [] if message.get("role") == "assistant" else [{**message, "content": NOTHING_LEFT}]


def _blocks(content: Sequence[Any], change: BlockChange) -> list[Any]:
    return [new for block in content for new in ([block] if not isinstance(block, dict) else _block(block, change))]


def _block(block: Fields, change: BlockChange) -> Sequence[Fields]:
    if block.get("type") == "tool_result" and isinstance(block.get("content"), list):
        return [{**block, "content": _blocks(block["content"], change)}]
    return change(block)
