"""OpenAI's responses as an API format."""

from collections.abc import Iterator, Mapping
from typing import Any

from traces.dialects.base import Stream
from traces.dialects.format import (
    ApiFormat,
    Call,
    CannedAnswer,
    Kinds,
    after,
    anything,
    dicts,
    event,
    function_call,
    is_one_of,
)
from traces.dialects.openai_responses import CLOSING, ResponsesStream
from traces.dialects.translation.notes import Notes
from traces.dialects.translation.responses import chat_to_responses, responses_to_chat
from traces.dialects.translation.to_anthropic import to_common
from traces.dialects.translation.to_chat import to_chat
from traces.model import Json

COMPACT = "/compact"
"""Below the path of a response: a history is to be shortened, and comes back as items for the next request."""


class Responses(ApiFormat):
    """OpenAI's responses."""

    name = "responses"
    title = "OpenAI's responses"
    path = "/v1/responses"
    limits = ("max_output_tokens",)
    cut_off = ("max_output_tokens",)

    def is_at(self, place: str) -> bool:
        return place.endswith((self.path, self.path + COMPACT))

    def asks_no_answer(self, place: str) -> bool:
        return place.endswith(COMPACT)

    def stream(self) -> Stream:
        return ResponsesStream()

    def is_answer(self, message: Mapping[str, Any]) -> bool:
        return "output" in message

    def blocks(self, message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        for item in dicts(message.get("output")):
            yield item
            yield from dicts(item.get("summary"))
            yield from dicts(item.get("content"))

    def as_messages(self, message: Mapping[str, Any]) -> list[Json]:
        output = message.get("output")
        return list(output) if isinstance(output, list) else []

    def as_request(self, message: Mapping[str, Any]) -> Json:
        return {"input": self.as_messages(message)}

    def answered(self, body: Mapping[str, Any], message: Mapping[str, Any]) -> dict[str, Any]:
        given = body.get("input")
        items = [{"role": "user", "content": given}] if isinstance(given, str) else given or []
        return {**body, "input": [*items, *self.as_messages(message)]}

    def stop_reason(self, message: Mapping[str, Any]) -> str | None:
        details = message.get("incomplete_details")
        reason = details.get("reason") if isinstance(details, dict) else None
        found = (each for each in (reason, message.get("status")) if isinstance(each, str))
        return next(found, None)

    def calls(self, message: Mapping[str, Any]) -> Iterator[Call]:
        for item in dicts(message.get("output")):
            if item.get("type") == "function_call":
                yield from function_call(item)
            elif item.get("type") == "custom_tool_call":
                yield Call(str(item.get("name")), item.get("input"), True)

    def question(self, model: str, text: str, most: int) -> dict[str, Any]:
        least = 16  # OpenAI's own service takes no smaller limit
        return {"model": model, "max_output_tokens": max(most, least), "input": text}

    def to_common(self, body: Mapping[str, Any], notes: Notes) -> dict[str, Any]:
        return to_common(responses_to_chat(body, notes), notes)

    def from_common(self, body: Mapping[str, Any], notes: Notes) -> dict[str, Any]:
        return chat_to_responses(to_chat(body, notes), notes)

    def canned_answer(self, model: str, number: int = 1) -> CannedAnswer:
        item = {"type": "message", "id": "msg_1", "role": "assistant", "status": "in_progress", "content": []}
        response = {"id": f"resp_{number}", "object": "response", "model": model, "status": "in_progress", "output": []}
        place = {"item_id": "msg_1", "output_index": 0}
        written: list[str] = []

        def words(text: str) -> bytes:
            written.append(text)
            return event(type="response.output_text.delta", **place, content_index=0, delta=text)

        def closing(count: int) -> bytes:
            part = {"type": "output_text", "text": "".join(written), "annotations": []}
            done = {**item, "status": "completed", "content": [part]}
            usage = {"input_tokens": 1000, "output_tokens": count, "total_tokens": 1000 + count}
            whole = {**response, "status": "completed", "output": [done], "usage": usage}
            return event(type="response.output_item.done", output_index=0, item=done) + event(
                type="response.completed", response=whole
            )

        opening = event(type="response.created", response=response) + event(
            type="response.output_item.added", output_index=0, item=item
        )
        return CannedAnswer(opening, words, closing)

    order = (
        (
            "the stream doesn't begin with response.created",
            lambda kinds: bool(kinds) and kinds[0] != "response.created",
        ),
        ("an item's content came without its start", lambda kinds: _without_start(kinds)),
        ("events came after the closing event", lambda kinds: after(kinds, is_one_of(*CLOSING), _is_event)),
    )


def _is_event(kind: str) -> bool:
    return anything(kind) and kind != "[DONE]"


def _without_start(kinds: Kinds) -> bool:
    first = next((kind for kind in kinds if kind.endswith((".delta", ".added"))), "response.output_item.added")
    return first != "response.output_item.added"
