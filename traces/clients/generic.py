"""Ids that a request of any client may carry, by the conventions of OpenAI's formats and by headers that are in use."""

import re

from traces.clients.base import Headers, string
from traces.model import Ids, Json

_NAMES = ("session", "conversation", "conv", "thread", "chat", "task")
"""What clients call a session; the first that a header names counts."""

_HEADER = re.compile(rf"(?!.*parent)(?:.*[-_])?({'|'.join(_NAMES)})[-_]?(?:id|affinity)")
"""Names of headers that name one: `x-session-id`, `helicone-session-id`, `x-grok-conv-id`, `x-openwebui-chat-id`, …"""

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
    found = ((match[1], value) for name, value in headers.items() if value and (match := _HEADER.fullmatch(name)))
    named = min(found, key=lambda one: _NAMES.index(one[0]), default=None)
    return Ids(session=named[1] if named else next(filter(None, (string(body, *path) for path in _FIELDS)), None))


def conversation_of(body: Json) -> str | None:
    """Return the id of the conversation that the server keeps, which the request carries on."""
    return string(body, "conversation") or string(body, "conversation", "id")
