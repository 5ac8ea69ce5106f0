"""What is wrong with an answer, by its body: an error message in any shape, or no content."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from traces.model import Json

WORDS = (
    *("message", "msg", "detail", "error", "error_message", "errorMessage", "error_msg", "errmsg"),
    *("error_description", "status_msg", "reason", "description", "title", "raw", "code", "type"),
)
"""The fields of an error that describe it, the most specific first."""

PLAIN_WORDS = ("detail", "message", "msg", "error_message", "errorMessage", "error_msg", "errmsg", "error_description")
"""The fields that make a body an error even without `error`, if it holds no answer."""

ANSWERS = (
    "content",
    "choices",
    "output",
    "delta",
    "candidates",
    "response",
    "usage",
    "input_tokens",
    "totalTokens",
    "promptFeedback",
)
"""The fields of an answer, or of a part of one."""

FAILED = ("failed", "error", "cancelled")
"""The values of `type`, `object` and `status` in an error."""

BROKE_OFF = (*FAILED, "abort", "aborted", "network_error", "insufficient_system_resource", "timeout")
"""What a choice's `finish_reason` says where its server gave up within the answer."""

NOT_CONTENT = (
    *("type", "id", "item_id", "call_id", "status", "role", "index"),
    *("annotations", "logprobs", "phase", "object"),
)
"""The fields of a message, a block or an item that aren't content."""

PROGRESS = re.compile(
    r"\W*(ping|pong|heartbeat|keep-?alive|processing|queued?|loading|waiting|connected|ok|open)\b", re.I
)
"""The beginning of a text that only reports progress."""

LONGEST_PAGE = 200
"""Characters of a page for people (HTML) that are shown."""

_TITLE = re.compile(r"<title[^>]*>\s*([^<]+?)\s*</", re.I)


def error_words(body: Json) -> str | None:
    """Return the error message of an answer or of one event of it; None where it reports no error.

    It reads the shapes of Anthropic, OpenAI, vLLM, FastAPI and gateways: `error`, `errors`, `detail`,
    `type`, `object` or `status` that is an error, an error within a choice, `success: false`, `base_resp`.
    """
    if isinstance(body, list) and len(body) == 1:  # as Google's
        body = body[0]
    if not isinstance(body, dict):
        return None
    for held in (body.get("error"), body.get("errors"), *_in_choices(body)):
        if held:
            return _words(held) or _words(_without(body, "error", "errors"))
    status = body.get("base_resp")
    if isinstance(status, dict) and status.get("status_code"):
        return _words(status)
    says_so = any(body.get(name) in FAILED for name in ("type", "object", "status")) or body.get("success") is False
    if says_so or _is_plain(body):
        return _words(body) or json.dumps(body, ensure_ascii=False)
    return None


def loose_words(value: Json) -> str | None:
    """Return the words of a document of an unknown shape that may be an error; None where it only reports progress."""
    held = (
        value
        if isinstance(value, list)
        else [value.get(name) for name in (*PLAIN_WORDS, "reason")]
        if isinstance(value, dict)
        else []
    )
    texts = [text.strip() for text in held if isinstance(text, str)]
    return "; ".join(texts) if texts and not any(map(is_progress, texts)) else None


def is_answer(body: Json) -> bool:
    """Return whether a JSON body can be an answer, by its fields."""
    return isinstance(body, dict) and any(name in body for name in ANSWERS)


def text_words(text: str) -> str:
    """Return the message of an answer in plain text; of a page for people (HTML), its title and beginning."""
    text = text.strip()
    if not text.startswith("<"):
        return text
    title = _TITLE.search(text)
    start = text if len(text) <= LONGEST_PAGE else text[:LONGEST_PAGE] + "…"
    return f"{title[1]}: {start}" if title else start


def is_progress(text: str) -> bool:
    """Return whether a text only reports progress."""
    return not text.strip() or bool(PROGRESS.match(text))


def is_without_content(message: Json) -> bool:
    """Return whether a message has a place for content, and nothing in it.

    A message without such a place (a count of tokens, say) needs no content.
    """
    if message is None or message in ("", {}):
        return True
    if not isinstance(message, dict):
        return False
    places = [message[name] for name in ("content", "choices", "output", "candidates") if name in message]
    return bool(places) and not any(map(_holds_content, places))


def _holds_content(value: Json) -> bool:
    if isinstance(value, list):
        return any(map(_holds_content, value))
    if isinstance(value, dict):
        if "message" in value or "delta" in value or ("text" in value and "finish_reason" in value):  # a choice
            return any(_holds_content(value.get(name)) for name in ("message", "delta", "text"))
        if "content" in value and ("finishReason" in value or "parts" in (value["content"] or ())):  # a candidate
            return _holds_content(value["content"])
        return any(_holds_content(held) for name, held in value.items() if name not in NOT_CONTENT)
    return bool(value.strip()) if isinstance(value, str) else bool(value)


def _in_choices(body: Mapping[str, Any]) -> Iterator[Json]:
    choices = body.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        if isinstance(choice, dict):
            message = choice.get("message")
            yield choice.get("error") or (message.get("error") if isinstance(message, dict) else None)
            yield f"finish_reason: {choice['finish_reason']}" if choice.get("finish_reason") in BROKE_OFF else None


def _is_plain(body: Mapping[str, Any]) -> bool:
    says = [value for name in PLAIN_WORDS if isinstance(value := body.get(name), str | list) and value]
    goes_on = any(isinstance(value, str) and is_progress(value) for value in (*says, body.get("status")))
    is_event = str(body.get("type")).startswith(("message_", "content_block_", "response."))
    return bool(says) and not goes_on and not is_event and not is_answer(body)


def _without(body: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in names}


def _words(error: Json) -> str | None:
    """Return the most specific description in an error."""
    if isinstance(error, str):
        return error.strip() or None
    if isinstance(error, list):
        return "; ".join(filter(None, map(_words, error))) or None
    if isinstance(error, dict):
        if isinstance(error.get("loc"), list) and isinstance(error.get("msg"), str):  # FastAPI's
            return f"{'.'.join(map(str, error['loc']))}: {error['msg']}"
        found = (_words(error.get(name)) for name in WORDS if error.get(name) not in FAILED)
        words = next(filter(None, found), None) or json.dumps(error, ensure_ascii=False)
        behind = _behind(error)
        return f"{words}: {behind}" if behind and behind not in words else words
    return str(error) if isinstance(error, int) and not isinstance(error, bool) else None


def _behind(error: Mapping[str, Any]) -> str | None:
    """Return the words of the server behind a gateway, which has few of its own (OpenRouter: in `metadata.raw`)."""
    metadata = error.get("metadata")
    raw = metadata.get("raw") if isinstance(metadata, dict) else None
    if not isinstance(raw, str):
        return _words(raw) if isinstance(raw, dict) else None
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return raw.strip() or None
    return error_words(value) or raw.strip()
