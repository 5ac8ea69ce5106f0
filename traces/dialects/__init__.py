"""Which dialect an endpoint speaks, and who reads its streams. A new dialect is one row in each table.

This module knows nothing of how a dialect is read.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal

from traces.dialects.anthropic import AnthropicStream
from traces.dialects.base import Stream
from traces.dialects.openai_chat import ChatStream
from traces.dialects.openai_responses import ResponsesStream
from traces.dialects.usage import Usage, usage_in
from traces.model import Json

Dialect = Literal["anthropic", "chat", "responses"]

ENDPOINTS: Mapping[str, Dialect] = {
    "/v1/messages": "anthropic",
    "/v1/messages/count_tokens": "anthropic",
    "/v1/chat/completions": "chat",
    "/v1/responses": "responses",
}

STREAMS: Mapping[Dialect, Callable[[], Stream]] = {
    "anthropic": AnthropicStream,
    "chat": ChatStream,
    "responses": ResponsesStream,
}


def dialect_of(path: str) -> Dialect | None:
    """The dialect spoken at this path of a URL, under any prefix and with any query; None where it is none of ours."""
    place = path.partition("?")[0].rstrip("/")
    return next((dialect for endpoint, dialect in ENDPOINTS.items() if place.endswith(endpoint)), None)


def usage_of(message: Json) -> Usage:
    """The counts that an assembled answer reports, whichever format it is in.

    Anthropic's `input_tokens` leave out what the cache had; OpenAI's counts include it.
    """
    if not isinstance(message, dict):
        return Usage()
    usage = usage_in(message, input_has_cached="choices" in message or "output" in message)
    cut = "stop_reason" in message and message["stop_reason"] is None  # the count so far means nothing
    return replace(usage, output=None) if cut else usage
