"""Anthropic's messages as an API format."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from traces.dialects.anthropic import AnthropicStream
from traces.dialects.base import Stream
from traces.dialects.format import ApiFormat, CannedAnswer, Kinds, after, anything, dicts, event, is_one_of
from traces.dialects.translation.notes import Notes
from traces.dialects.translation.to_anthropic import add_limit
from traces.dialects.usage import Usage
from traces.model import Json

VERSION = "2023-06-01"
"""Anthropic's own service demands this header; it is the latest version."""


class AnthropicMessages(ApiFormat):
    """Anthropic's messages."""

    name = "anthropic"
    title = "Anthropic's messages"
    path = "/v1/messages"
    counting_path = "/v1/messages/count_tokens"
    limits = ("max_tokens",)
    cut_off = ("max_tokens", "model_context_window_exceeded")
    input_has_cached = False
    has_client_header = True

    def stream(self) -> Stream:
        return AnthropicStream()

    def is_answer(self, message: Mapping[str, Any]) -> bool:
        return "content" in message

    def blocks(self, message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        yield from dicts(message.get("content"))

    def as_messages(self, message: Mapping[str, Any]) -> list[Json]:
        return [{"role": "assistant", "content": message.get("content")}]

    def stop_reason(self, message: Mapping[str, Any]) -> str | None:
        reason = message.get("stop_reason")
        return reason if isinstance(reason, str) else None

    def usage(self, message: Mapping[str, Any]) -> Usage:
        """Return the counts. The output's is left out until there is a stop reason: before, it is a placeholder."""
        usage = super().usage(message)
        return replace(usage, output=None) if message.get("stop_reason", "") is None else usage

    def headers(self, recorded: Mapping[str, str]) -> dict[str, str]:
        headers = {"anthropic-version": recorded.get("anthropic-version", VERSION)}
        if "anthropic-beta" in recorded:
            headers["anthropic-beta"] = recorded["anthropic-beta"]  # some fields are understood only with it
        return headers

    def to_common(self, body: Mapping[str, Any], notes: Notes) -> dict[str, Any]:
        return dict(body)

    def from_common(self, body: Mapping[str, Any], notes: Notes) -> dict[str, Any]:
        return add_limit(dict(body), notes)

    def error_body(self, status: int, kind: str, message: str) -> Json:
        return {"type": "error", "error": {"type": kind, "message": message}}

    def canned_answer(self, model: str, number: int = 1) -> CannedAnswer:
        started: Json = {
            "id": f"msg_{number}",
            "type": "message",
            "role": "assistant",
            "model": model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {"input_tokens": 1000, "output_tokens": 1},
        }
        return CannedAnswer(
            event(type="message_start", message=started)
            + event(type="content_block_start", index=0, content_block={"type": "text", "text": ""}),
            lambda text: event(type="content_block_delta", index=0, delta={"type": "text_delta", "text": text}),
            lambda count: (
                event(type="content_block_stop", index=0)
                + event(type="message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": count})
                + event(type="message_stop")
            ),
        )

    order = (
        ("the stream doesn't begin with message_start", lambda kinds: bool(kinds) and kinds[0] != "message_start"),
        ("message_start came twice", lambda kinds: kinds.count("message_start") > 1),
        ("a block's content came without its start", lambda kinds: _without_start(kinds)),
        ("content came after message_delta", lambda kinds: after(kinds, is_one_of("message_delta"), _is_block)),
        (
            "message_stop came without message_delta",
            lambda kinds: "message_stop" in kinds and "message_delta" not in kinds,
        ),
        ("events came after message_stop", lambda kinds: after(kinds, is_one_of("message_stop"), anything)),
    )


def _is_block(kind: str) -> bool:
    return kind.startswith("content_block")


def _without_start(kinds: Kinds) -> bool:
    """Return whether the first of the blocks' events is no start, or more blocks were stopped than started."""
    blocks = [kind.partition(":")[0] for kind in kinds if _is_block(kind)]
    started, stopped = (blocks.count(f"content_block_{step}") for step in ("start", "stop"))
    return bool(blocks) and (blocks[0] != "content_block_start" or stopped > started)
