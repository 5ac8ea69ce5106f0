"""Ids that a request of any client may carry, by the conventions of OpenAI's formats and by headers that are in use."""

import re

from traces.clients.base import Headers, string
from traces.model import Ids, Json

_HEADER = re.compile(r"(?!.*parent)(.*[-_])?(session|conversation)[-_](id|affinity)")
"""As names of headers end that name a session: `x-session-id`, `helicone-session-id`, `x-conversation-id`, …"""

_FIELDS = (
    ("session_id",),
    ("metadata", "session_id"),
    ("metadata", "conversation_id"),
    ("conversation",),
    ("conversation", "id"),
    ("prompt_cache_key",),
)
"""Where a body names one: the client's own word, the conversation that the server keeps, its key in the cache."""


def ids_of(headers: Headers, body: Json) -> Ids:
    """Return the session that a header names, or else the body."""
    named = (value for name, value in headers.items() if value and _HEADER.fullmatch(name))
    return Ids(session=next(named, None) or next(filter(None, (string(body, *path) for path in _FIELDS)), None))


def conversation_of(body: Json) -> str | None:
    """Return the id of the conversation that the server keeps, which the request carries on."""
    return string(body, "conversation") or string(body, "conversation", "id")
