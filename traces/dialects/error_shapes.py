"""The words of an error in a server's JSON, whichever of the common shapes it has.

A server that answers HTTP 200, or has begun a stream, can report an error only so. A shape is one row in `_SHAPES`.
"""

import json
from collections.abc import Callable
from typing import Any

from traces.model import Json

UNEXPLAINED = "the server reports that the answer failed, and not why"

_ANSWERS = ("choices", "content", "output", "delta", "candidates", "data", "embedding", "item", "response", "part")
"""The fields of an answer or a piece of one: beside these, a `message` or a `detail` is no error."""

_WORDS = ("message", "msg", "error_message", "error_msg", "detail", "reason", "title", "error", "errors", "code")
"""The fields of an error that say what is wrong, the clearest first."""


def error_in(body: Json) -> str | None:
    """Return the words of the error that this is, or that is in it; None where it is none."""
    if not isinstance(body, dict):
        return None
    return next((words for shape in _SHAPES if (words := shape(body)) is not None), None)


def words_in(error: Json) -> str:
    """Return what an error object says, in its own words; its JSON where nothing in it is a text."""
    found = _words(error)
    return found if found is not None else json.dumps(error, ensure_ascii=False)


def _words(error: Json) -> str | None:
    if isinstance(error, str):
        return error
    if isinstance(error, list):
        return next((found for item in error if (found := _words(item))), None)
    if isinstance(error, dict):
        return next((found for name in _WORDS if (found := _words(error.get(name)))), None)
    return None


def _is_error(value: Json) -> bool:
    return isinstance(value, str | dict | list) and bool(value)


def _error(body: dict[str, Any]) -> str | None:
    error = body.get("error")
    if _is_error(error):
        return words_in(error)
    if isinstance(error, int | float) and error:  # true, or a status
        return words_in({**body, "error": None}) if _words({**body, "error": None}) else words_in(error)
    return None


def _typed(body: dict[str, Any]) -> str | None:
    """`type: error` or `object: error`, as Anthropic's and vLLM's."""
    named = body.get("type") == "error" or body.get("object") == "error"
    return words_in(body) if named else None


def _errors(body: dict[str, Any]) -> str | None:
    return words_in(body["errors"]) if isinstance(body.get("errors"), list) and body["errors"] else None


def _detail(body: dict[str, Any]) -> str | None:
    """FastAPI's, beside no answer."""
    return words_in(body["detail"]) if _is_error(body.get("detail")) and not _answers(body) else None


def _message_and_code(body: dict[str, Any]) -> str | None:
    """A message beside no answer, with what marks it as an error: a code, a status, `success: false`."""
    if _answers(body):
        return None
    code = next((body[name] for name in ("code", "error_code", "statusCode", "status_code") if body.get(name)), None)
    failed = code not in (None, 200, "200", "0", "success", "ok") or body.get("success") is False
    status = body.get("status")
    failed = failed or status in ("error", "failed", "fail", "failure") or (isinstance(status, int) and status >= 400)
    words = next((body[name] for name in _WORDS if isinstance(body.get(name), str) and name != "code"), None)
    return words if failed and words else None


def _base_resp(body: dict[str, Any]) -> str | None:
    """MiniMax's, beside anything: a status of 0 says that all is well."""
    held = body.get("base_resp")
    if not isinstance(held, dict) or not held.get("status_code"):
        return None
    return str(held.get("status_msg") or held["status_code"])


def _in_response(body: dict[str, Any]) -> str | None:
    """An event that holds a failed response, or that response itself."""
    held = body.get("response")
    return _failed(held) if isinstance(held, dict) else None


def _failed(body: dict[str, Any]) -> str | None:
    if _is_error(body.get("error")):
        return words_in(body["error"])
    if body.get("status") not in ("failed", "error"):
        return None
    return _words({name: body.get(name) for name in ("status_details", "incomplete_details", "message")}) or UNEXPLAINED


def _in_choice(body: dict[str, Any]) -> str | None:
    choices = body.get("choices")
    for choice in choices if isinstance(choices, list) else (choices,):
        if not isinstance(choice, dict):
            continue
        if _is_error(choice.get("error")):
            return words_in(choice["error"])
        held = choice.get("message") or choice.get("delta")
        if isinstance(held, dict) and _is_error(held.get("error")):
            return words_in(held["error"])
        if choice.get("finish_reason") == "error":
            return UNEXPLAINED
    return None


def _answers(body: dict[str, Any]) -> bool:
    return any(body.get(name) not in (None, "", [], {}) for name in _ANSWERS)


_SHAPES: tuple[Callable[[dict[str, Any]], str | None], ...] = (
    _error,
    _typed,
    _errors,
    _in_choice,
    _in_response,
    _base_resp,
    _detail,
    _message_and_code,
    lambda body: _failed(body),
)
