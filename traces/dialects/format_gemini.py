"""Gemini's `generateContent` as an API format: the model and whether to stream stand in the path."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from traces.dialects.base import Stream
from traces.dialects.format import ApiFormat, CannedAnswer, after, data
from traces.dialects.gemini import GeminiStream
from traces.dialects.gemini_view import block, inner, parts_of, view
from traces.dialects.gemini_view import message as as_message
from traces.dialects.translation.gemini import common_to_gemini, gemini_to_common
from traces.dialects.translation.notes import Notes
from traces.dialects.usage import Usage, count
from traces.model import Json

_METHOD = re.compile(r"/(?:[^/:]+|v1internal):(generateContent|streamGenerateContent|countTokens)$")
"""How a path ends: `/v1beta/models/MODEL:generateContent`, Vertex's `…/publishers/google/models/MODEL:…`."""


class GeminiContent(ApiFormat):
    """Google's Gemini API, also as Vertex AI has it."""

    name = "gemini"
    title = "Gemini's generateContent"
    path = "/v1beta/models/{model}:streamGenerateContent"
    limits = ("generationConfig.maxOutputTokens",)
    cut_off = ("MAX_TOKENS",)
    has_model_in_path = True

    @property
    def probe(self) -> tuple[str, Json]:
        return "/v1beta/models", None  # a path with a model would say that there is no such model

    def is_at(self, place: str) -> bool:
        return _METHOD.search(place) is not None

    def asks_no_answer(self, place: str) -> bool:
        return place.endswith(":countTokens")

    def address(self, model: str, query: str) -> str:
        """Return the path of a stream of server-sent events; without `alt=sse` it would be one JSON array."""
        kept = [pair for pair in query.split("&") if pair and not pair.startswith("alt=")]
        return f"{self.path.format(model=quote(model, safe=''))}?{'&'.join(('alt=sse', *kept))}"

    def stream(self) -> Stream:
        return GeminiStream()

    def is_answer(self, message: Mapping[str, Any]) -> bool:
        return "candidates" in message or "promptFeedback" in message

    def blocks(self, message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        yield from (made for part in parts_of(message) if isinstance(made := block(part), dict))

    def as_messages(self, message: Mapping[str, Any]) -> list[Json]:
        """Return the answer as the reader of requests sees it in the next one, in the shape of `readable`."""
        return [as_message({"role": "model", "parts": list(parts_of(message))})]

    def answered(self, body: Mapping[str, Any], message: Mapping[str, Any]) -> dict[str, Any]:
        given = inner(body)
        return {**given, "contents": [*given["contents"], {"role": "model", "parts": list(parts_of(message))}]}

    def stop_reason(self, message: Mapping[str, Any]) -> str | None:
        candidates = message.get("candidates")
        first = candidates[0] if isinstance(candidates, list) and candidates else message.get("promptFeedback")
        given = first if isinstance(first, dict) else {}
        reason = given.get("finishReason", given.get("blockReason"))
        return reason if isinstance(reason, str) else None

    def usage(self, message: Mapping[str, Any]) -> Usage:
        """Return the counts. Thoughts and what tools add to the prompt are counted beside the rest."""
        usage = super().usage(message)
        held = message.get("usageMetadata")
        given = held if isinstance(held, dict) else {}
        written, thought = count(given.get("candidatesTokenCount")), count(given.get("thoughtsTokenCount"))
        if thought is not None:
            usage = replace(usage, output=(written or 0) + thought, reasoning=thought)
        elif written is not None:
            usage = replace(usage, output=written, reasoning=None)
        beside = count(given.get("toolUsePromptTokenCount"))
        return replace(usage, uncached=usage.uncached + beside) if beside and usage.uncached is not None else usage

    def model_of(self, message: Mapping[str, Any]) -> str | None:
        model = message.get("modelVersion")
        return model if isinstance(model, str) else None

    def asking(self, body: Mapping[str, Any], model: str) -> dict[str, Json]:
        """Return nothing to set: the path says both. What the body says of them is taken out."""
        return dict.fromkeys(("model", "stream"))

    def is_streamed(self, place: str, body: Mapping[str, Any]) -> bool:
        return place.endswith(":streamGenerateContent")

    def question(self, model: str, text: str, most: int) -> dict[str, Any]:
        config = {"maxOutputTokens": most}
        return {"contents": [{"role": "user", "parts": [{"text": text}]}], "generationConfig": config}

    def readable(self, body: Mapping[str, Any]) -> Json:
        return view(body)

    def to_common(self, body: Mapping[str, Any], notes: Notes) -> dict[str, Any]:
        return gemini_to_common(body, notes)

    def from_common(self, body: Mapping[str, Any], notes: Notes) -> dict[str, Any]:
        return common_to_gemini(body, notes)

    def error_body(self, status: int, kind: str, message: str) -> Json:
        return {"error": {"code": status, "message": message, "status": kind.upper()}}

    def canned_answer(self, model: str, number: int = 1) -> CannedAnswer:
        def chunk(candidate: Mapping[str, Json], **fields: Json) -> bytes:
            return data(
                {"candidates": [{"index": 0, **candidate}], "modelVersion": model, "responseId": str(number), **fields}
            )

        def words(text: str) -> bytes:
            return chunk({"content": {"role": "model", "parts": [{"text": text}]}})

        def closing(written: int) -> bytes:
            counts = {"promptTokenCount": 1000, "candidatesTokenCount": written, "totalTokenCount": 1000 + written}
            return chunk({"content": {"role": "model", "parts": []}, "finishReason": "STOP"}, usageMetadata=counts)

        return CannedAnswer(chunk({"content": {"role": "model", "parts": []}}), words, closing)

    order = (("content came after the finish", lambda kinds: after(kinds, _has_finish, _has_content)),)


def _has_finish(kind: str) -> bool:
    return "finish" in kind


def _has_content(kind: str) -> bool:
    return any(name in kind for name in ("thinking", "text", "tool"))
