"""A trace without what anybody wrote: its figures, names of tools and models, times and states remain.

Lists keep their lengths and blocks their types, so that what is shown of a session by its shape is still shown.
"""

from dataclasses import replace

from traces.model import TEXT_REMOVED, Failure, Json, Odd, Response, Trace

_KEPT = frozenset(
    ("type", "role", "model", "name", "id", "object", "status", "stop_reason", "finish_reason", "service_tier")
)
"""Fields whose texts are names of the API format, or of a tool; all other texts become empty."""

_DROPPED = frozenset(
    (
        *("input", "arguments", "input_schema", "parameters", "description", "metadata", "signature"),
        *("encrypted_content", "logprobs", "top_logprobs", "bytes", "token_ids", "prompt_token_ids", "context"),
    )
)
"""Fields that a person, a model or a tool's author fills as they like, names and numbers too; and texts as numbers."""


def without_text(trace: Trace) -> Trace:
    """Return the trace without texts, and marked so."""
    request, response = trace.request, trace.response
    return replace(
        trace,
        request=replace(request, body=_request(request.body), raw=None),
        response=response and Response(response.status, response.headers, _value(response.body)),
        error=trace.error and Failure(trace.error.kind, "", trace.error.status, trace.error.retry_after),
        odd=trace.odd and Odd(trace.odd.count, ""),
        marks=tuple(dict.fromkeys((*trace.marks, TEXT_REMOVED))),
    )


def _request(body: Json) -> Json:
    """Return a request's body. Its `input`, in OpenAI's responses, are messages; elsewhere, what a tool is given."""
    if not isinstance(body, dict):
        return _value(body)
    given = {"input": _value(body["input"])} if "input" in body else {}
    kept = _value(body)
    return {**kept, **given} if isinstance(kept, dict) else kept


def _value(value: Json) -> Json:
    if isinstance(value, dict):
        return {
            key: item if key in _KEPT and isinstance(item, str) else _value(item)
            for key, item in value.items()
            if key not in _DROPPED
        }
    if isinstance(value, list):
        return [_value(item) for item in value]
    return "" if isinstance(value, str) else value
