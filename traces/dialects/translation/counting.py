"""Counts a request's tokens with a server's tokenizer: what to ask it, and what its answers mean.

Each way is a generator: it yields what to ask, is sent the JSON that was answered, and returns the number of tokens;
None where the answers hold none.
"""

from collections.abc import Callable, Generator, Mapping
from typing import Any, NamedTuple

from traces import jsonio
from traces.dialects.usage import count
from traces.model import Json

Fields = dict[str, Any]


class Ask(NamedTuple):
    """A question to a server: the JSON to post to a path."""

    path: str
    body: Fields


Counting = Generator[Ask, Json, int | None]


def by_template(chat: Mapping[str, Any]) -> Counting:
    """Count as llama.cpp does it: its template writes the prompt, and its tokenizer cuts that up."""
    kept = ("model", "messages", "tools", "tool_choice", "parallel_tool_calls", "response_format")
    written = yield Ask("/apply-template", {name: chat[name] for name in kept if name in chat})
    prompt = written.get("prompt") if isinstance(written, dict) else None
    if not isinstance(prompt, str):
        return None
    cut = yield Ask("/tokenize", {"content": prompt, "add_special": True, "parse_special": True})
    tokens = cut.get("tokens") if isinstance(cut, dict) else None
    return len(tokens) if isinstance(tokens, list) else None


def by_tokenizer(chat: Mapping[str, Any]) -> Counting:
    """Count as vLLM does it: its tokenizer takes the messages themselves."""
    kept = {name: chat[name] for name in ("model", "messages", "tools") if name in chat}
    answer = yield Ask("/tokenize", {**kept, "add_generation_prompt": True})
    return count(answer.get("count")) if isinstance(answer, dict) else None


def by_responses(responses: Mapping[str, Any]) -> Counting:
    """Count as OpenAI does it, which takes a request for a response."""
    kept = ("model", "instructions", "input", "tools", "tool_choice", "parallel_tool_calls", "text")
    answer = yield Ask("/v1/responses/input_tokens", {name: responses[name] for name in kept if name in responses})
    return count(answer.get("input_tokens")) if isinstance(answer, dict) else None


WAYS: Mapping[str, tuple[Callable[[Mapping[str, Any]], Counting], ...]] = {
    "chat": (by_template, by_tokenizer),
    "responses": (by_responses,),
}
"""API format -> the ways to count a request in it, to be tried in order."""


def estimate(body: Mapping[str, Any], tokens_in: Callable[[str], int]) -> int:
    """Return the tokens of a translated request where no server counts them: those of all that a model is given."""
    given = (body.get(name) for name in ("instructions", "messages", "input", "tools"))
    return sum(tokens_in(text) for value in given for text in _texts(value))


def _texts(value: Json) -> list[str]:
    """Return the texts in a part of a request, a tool's schema as its JSON; images and documents have none."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    if not isinstance(value, dict):
        return []
    if "parameters" in value or value.get("type") == "function":
        return [jsonio.dumps(value).decode()]
    return [text for name, held in value.items() if name not in _NO_TEXT for text in _texts(held)]


_NO_TEXT = ("type", "role", "id", "call_id", "tool_call_id", "image_url", "file", "file_data")


def answer(tokens: int) -> Fields:
    """Return the answer to Anthropic's `count_tokens`."""
    return {"input_tokens": tokens}
