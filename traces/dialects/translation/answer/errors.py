"""A server's errors as Anthropic's, with a status and words on which Claude Code acts as it should.

Claude Code shortens the conversation when it reads that the prompt is too long, and asks for a shorter answer when it
reads that prompt and answer together are. It asks again after 408, 409, 429 and 5xx, and shows anything else.
"""

import math
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from traces import jsonio
from traces.dialects.problems import error_words, loose_words, text_words
from traces.dialects.sse import SseParser
from traces.model import Json

Fields = dict[str, Any]

NO_MODEL = re.compile(
    r"\bno models?( is| are)?( currently)? loaded\b|\bmodel (is )?not loaded\b|\bload a model\b", re.I
)
"""What servers say that have no model to answer with."""

_TYPES: Mapping[int, str] = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}
"""Status -> the type of Anthropic's error. Others are `invalid_request_error` below 500, and `api_error` above."""

_STATUSES: Mapping[str, int] = {
    **{kind: status for status, kind in _TYPES.items() if status not in (408, 504)},
    "timeout_error": 504,
    "bad_request_error": 400,
    "badrequesterror": 400,
    "context_length_exceeded": 400,
    "invalid_api_key": 401,
    "autherror": 401,
    "authenticationerror": 401,
    "unauthorized": 401,
    "insufficient_credits": 402,
    "permissiondeniederror": 403,
    "model_not_found": 404,
    "notfounderror": 404,
    "rate_limit_exceeded": 429,
    "ratelimiterror": 429,
    "too_many_requests": 429,
    "insufficient_quota": 429,
    "server_error": 500,
    "internal_server_error": 500,
    "internalservererror": 500,
    "unavailable_error": 503,
    "service_unavailable": 503,
    "service_unavailable_error": 503,
    "serviceunavailableerror": 503,
    "overloaded": 529,
    "server_overloaded": 529,
}
"""What servers call an error, in lower case -> the status that it would have had, had it come before the answer."""

LONGEST = 4000
"""Characters of a server's words that are passed on: some servers answer with the whole request."""

_NEVER_LENGTH = (401, 402, 403, 404, 429)
"""Statuses that say something else than that a request is too long."""

_KEPT_HEADERS = ("retry-after-ms", "x-should-retry", "request-id", "x-request-id")

_RETRY_AFTER = "retry-after"

_TOO_LONG = re.compile(
    r"context.?length.?exceeded|exceed_context_size|maximum context length|max(imum)? model length|"
    r"context (size|window|length) (has been |was |is )?exceeded|exceeds? (the )?(available |model's )?(maximum )?"
    r"context (size|window|length)|longer than the model's context|when context the overflows|prompt is too long|"
    r"`inputs` (tokens \+ `max_new_tokens` )?must|input is too (large|long)|context window|reduce the length of the",
    re.I,
)
"""What servers say of a request that doesn't fit the model's context."""

_N = r"(?P<{}>\d+)"
_PROMPT, _ANSWER, _LIMIT = (_N.format(name) for name in ("prompt", "answer", "limit"))
_COUNTS = tuple(
    re.compile(pattern, re.I | re.S)
    for pattern in (
        rf"request \({_PROMPT} tokens\) exceeds the available context size \({_LIMIT} tokens\)",  # llama.cpp
        rf"context length is {_LIMIT} tokens.*?\({_PROMPT} in (?:the messages|your prompt)[,;] {_ANSWER} ",  # vLLM
        rf"context length is {_LIMIT} tokens.*?your prompt contains (?:at least )?{_PROMPT} input tokens",  # vLLM
        rf"too large: {_ANSWER}\..*?context length is {_LIMIT} tokens.*?request has {_PROMPT} input tokens",  # vLLM
        rf"context length is {_LIMIT} tokens.*?(?:resulted in|your request has|you requested) {_PROMPT} ",  # OpenAI
        rf"\(length {_PROMPT}\) is longer than the maximum model length of {_LIMIT}",  # vLLM
        rf"context length of {_LIMIT} tokens.*?{_PROMPT} tokens from the input messages and {_ANSWER} ",  # SGLang
        rf"\({_PROMPT} tokens\) is longer than the model's context length \({_LIMIT} tokens\)",  # SGLang
        rf"keep the first {_PROMPT} tokens.*?context length of only {_LIMIT} tokens",  # LM Studio
        rf"must be <= {_LIMIT}\. Given: {_PROMPT} `inputs` tokens and {_ANSWER} ",  # TGI
        rf"must have less than {_LIMIT} tokens\. Given: {_PROMPT}",  # TGI
        rf"requested tokens \({_PROMPT}\) exceed context window of {_LIMIT}",  # llama-cpp-python
        rf"prompt is too long[^0-9]*{_PROMPT} tokens? > {_LIMIT}",
    )
)
"""How servers word their counts."""

_COUNT_FIELDS = (("n_prompt_tokens", "n_ctx"),)
"""The fields of an error with the same counts."""


class Counts(NamedTuple):
    """The tokens of a prompt, of a context, and of the longest answer that was asked for, 0 where that isn't said."""

    prompt: int
    limit: int
    answer: int = 0


class Problem(NamedTuple):
    """An error as Anthropic's API would report it."""

    status: int
    type: str
    message: str

    def as_json(self) -> Fields:
        return {"type": "error", "error": {"type": self.type, "message": self.message}}


def translate_error(
    status: int, headers: Mapping[str, str], body: bytes, *, how_to_load: str = "", now: float | None = None
) -> tuple[int, dict[str, str], bytes]:
    """Return the status, headers and body of a server's error, as Anthropic's.

    `how_to_load` tells the user what to do where the server has no model loaded. `now` is the time since the epoch, for
    answers that say until when to wait.
    """
    parsed = parse_error(body)
    text = "" if parsed is not None else body.decode("utf-8", "replace")
    words = error_words(parsed) or loose_words(parsed) or text_words(text or body.decode("utf-8", "replace"))
    problem = describe(words or f"the server answered {status}", status, parsed, how_to_load=how_to_load)
    named = {name.lower(): value for name, value in headers.items()}
    kept = {name: value for name, value in named.items() if name in _KEPT_HEADERS}
    if (seconds := _seconds_to_wait(named, now)) is not None:
        kept[_RETRY_AFTER] = str(seconds)
    return problem.status, {"content-type": "application/json", **kept}, jsonio.dumps(problem.as_json())


def parse_error(body: bytes) -> Json:
    """Return the JSON in an error's body, which some servers send as an event; None where it has none."""
    for data in (body, *(event.data.encode() for event in SseParser().feed(body + b"\n\n"))):
        try:
            value = jsonio.loads(data)
        except (ValueError, RecursionError):
            continue
        response = value.get("response") if isinstance(value, dict) else None
        return response if isinstance(response, dict) else value
    return None


def _seconds_to_wait(headers: Mapping[str, str], now: float | None) -> int | None:
    """Return for how long the client is to wait. Claude Code reads whole seconds only, no fractions and no dates."""
    given = headers.get(_RETRY_AFTER, "").strip()
    try:
        return max(0, math.ceil(float(given)))
    except (ValueError, OverflowError):
        pass
    try:
        until = parsedate_to_datetime(given).timestamp()
        since = parsedate_to_datetime(headers["date"]).timestamp() if "date" in headers else now
    except ValueError:
        return None
    return None if since is None else max(0, math.ceil(until - since))


def describe(words: str, status: int | None = None, body: Json = None, *, how_to_load: str = "") -> Problem:
    """Return the error with these words, of a body where there is one. Without a status it came within a stream."""
    held = body.get("error") if isinstance(body, dict) else None
    error: Fields = held if isinstance(held, dict) else body if isinstance(body, dict) else {}
    known = " ".join(str(error.get(name)) for name in ("code", "type"))
    if status not in _NEVER_LENGTH and (_TOO_LONG.search(words) or _TOO_LONG.search(known)):
        return Problem(400, _TYPES[400], _too_long(words, error))
    words = words if len(words) <= LONGEST else words[:LONGEST] + "…"
    if NO_MODEL.search(words):
        return Problem(400, _TYPES[400], f"{words.rstrip()} {how_to_load}".rstrip())
    status = _status(status, error)
    return Problem(status, _TYPES.get(status, _TYPES[400] if status < 500 else "api_error"), words)


def _status(given: int | None, error: Fields) -> int:
    """Return the status of an error. One within an answer of status 200 may name its own."""
    named = (error.get(name) for name in ("code", "status", "type"))
    own = next((status for name in named if (status := _own_status(name)) is not None), None)
    if given is not None and given >= 400:
        return 400 if given == 422 else given
    return own or (500 if given is None or given < 300 else 502)


def _own_status(name: Json) -> int | None:
    """Return the status that an error's code or type stands for."""
    text = str(name).lower()
    if text.isascii() and text.isdigit():
        return int(text) if len(text) == 3 and 400 <= int(text) < 600 else None
    return _STATUSES.get(text)


def _too_long(words: str, error: Fields) -> str:
    """Return in Claude Code's words that a request doesn't fit, with the server's counts where it has them."""
    for prompt_name, limit_name in _COUNT_FIELDS:
        prompt, limit = error.get(prompt_name), error.get(limit_name)
        if isinstance(prompt, int) and isinstance(limit, int):
            return f"prompt is too long: {prompt} tokens > {limit} maximum"
    if counts := counts_in(words):
        if counts.prompt < counts.limit and counts.answer:
            return (
                f"input length and `max_tokens` exceed context limit: {counts.prompt} + {counts.answer} > "
                f"{counts.limit}, decrease input length or `max_tokens` and try again"
            )
        return f"prompt is too long: {counts.prompt} tokens > {counts.limit} maximum"
    return words if words.lower().startswith("prompt is too long") else f"prompt is too long: {words}"


def counts_in(words: str) -> Counts | None:
    """Return the counts in a server's words; None where it names none."""
    for pattern in _COUNTS:
        if found := pattern.search(words):
            return Counts(**{name: int(text) for name, text in found.groupdict().items()})
    return None
