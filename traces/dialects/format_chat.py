"""OpenAI's chat completions as an API format."""

from collections.abc import Iterator, Mapping
from typing import Any

from traces.dialects.base import Stream
from traces.dialects.format import ApiFormat, Call, CannedAnswer, after, anything, data, dicts, function_call, is_one_of
from traces.dialects.openai_chat import REASONING, ChatStream
from traces.dialects.translation.notes import Notes
from traces.dialects.translation.to_anthropic import to_common
from traces.dialects.translation.to_chat import to_chat
from traces.model import Json


class ChatCompletions(ApiFormat):
    """OpenAI's chat completions."""

    name = "chat"
    title = "OpenAI's chat completions"
    path = "/v1/chat/completions"
    limits = ("max_tokens", "max_completion_tokens")
    cut_off = ("length",)

    def stream(self) -> Stream:
        return ChatStream()

    def is_answer(self, message: Mapping[str, Any]) -> bool:
        return "choices" in message

    def blocks(self, message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        for each in _messages(message):
            for key in REASONING:
                yield {"type": "thinking", "thinking": each.get(key)}
            for key in ("content", "refusal"):
                yield {"type": "text", "text": each.get(key)}
            yield from dicts(each.get("content"))
            for call in _functions(each):
                yield {"type": "tool_use", "name": call.get("name")}

    def as_messages(self, message: Mapping[str, Any]) -> list[Json]:
        return list(_messages(message)[:1])

    def as_request(self, message: Mapping[str, Any]) -> Json:
        return {"messages": [_without_duplicate(each) for each in _messages(message)]}

    def stop_reason(self, message: Mapping[str, Any]) -> str | None:
        reasons = [choice.get("finish_reason") for choice in dicts(message.get("choices"))[:1]]
        return next((reason for reason in reasons if isinstance(reason, str)), None)

    def calls(self, message: Mapping[str, Any]) -> Iterator[Call]:
        for each in _messages(message):
            for call in dicts(each.get("tool_calls")):
                if isinstance(custom := call.get("custom"), dict):
                    yield Call(str(custom.get("name")), custom.get("input"), True)
                yield from function_call(call.get("function"))
            yield from function_call(each.get("function_call"))

    def hidden(self, message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        for each in _messages(message):
            yield from dicts(each.get("reasoning_details"))

    def streaming(self, body: Mapping[str, Any]) -> dict[str, Json]:
        """Return the fields that ask for a stream with its usage, which servers report only when asked."""
        given = body.get("stream_options")
        return {"stream": True, "stream_options": {**(given if isinstance(given, dict) else {}), "include_usage": True}}

    def to_common(self, body: Mapping[str, Any], notes: Notes) -> dict[str, Any]:
        return to_common(body, notes)

    def from_common(self, body: Mapping[str, Any], notes: Notes) -> dict[str, Any]:
        return to_chat(body, notes)

    def canned_answer(self, model: str, number: int = 1) -> CannedAnswer:
        def chunk(choice: Mapping[str, Json] | None, **fields: Json) -> bytes:
            choices = [] if choice is None else [{"index": 0, "finish_reason": None, **choice}]
            return data(
                {
                    "id": f"chatcmpl-{number}",
                    "object": "chat.completion.chunk",
                    "model": model,
                    "choices": choices,
                    **fields,
                }
            )

        return CannedAnswer(
            chunk({"delta": {"role": "assistant", "content": ""}}),
            lambda text: chunk({"delta": {"content": text}}),
            lambda count: (
                chunk({"delta": {}, "finish_reason": "stop"})
                + chunk(None, usage={"prompt_tokens": 1000, "completion_tokens": count, "total_tokens": 1000 + count})
                + b"data: [DONE]\n\n"
            ),
        )

    order = (
        ("content came after the finish", lambda kinds: after(kinds, _has_finish, _has_content)),
        ("chunks came after [DONE]", lambda kinds: after(kinds, is_one_of("[DONE]"), anything)),
    )


def _messages(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    messages = (choice.get("message") for choice in dicts(message.get("choices")))
    return [each for each in messages if isinstance(each, dict)]


def _functions(message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for call in (*dicts(message.get("tool_calls")), {"function": message.get("function_call")}):
        held = call.get("function") or call.get("custom")
        if isinstance(held, dict):
            yield held


def _without_duplicate(message: dict[str, Any]) -> dict[str, Any]:
    """Return the message as the assistant's, with thinking once: some servers send it under two names."""
    doubled = message.get("reasoning") is not None and message.get("reasoning") == message.get("reasoning_content")
    kept = {name: value for name, value in message.items() if not (doubled and name == "reasoning")}
    return {**kept, "role": "assistant"}


def _has_finish(kind: str) -> bool:
    return "finish" in kind.rsplit(":", maxsplit=1)[-1].split("+")


def _has_content(kind: str) -> bool:
    return bool({"content", "tool_calls"} & set(kind.rsplit(":", maxsplit=1)[-1].split("+")))
