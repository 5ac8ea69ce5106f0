"""Ids that a request of any client may carry: in the fields of OpenAI's formats, and in common headers."""

import re

from traces.clients.base import Headers, text_at
from traces.model import Ids, Json

_NAMES = ("session", "conversation", "conv", "thread", "chat", "task")
"""What clients call a session. Where headers name several, the first of these counts."""

_HEADER = re.compile(rf"(?!.*parent)(?:.*[-_])?({'|'.join(_NAMES)})[-_]?(?:id|affinity)")
"""Headers with a session's id: `x-session-id`, `helicone-session-id`, `x-grok-conv-id`, `x-openwebui-chat-id`, …"""

_FIELDS = (
    ("session_id",),
    ("metadata", "session_id"),
    ("metadata", "conversation_id"),
    ("conversation",),
    ("conversation", "id"),
    ("prompt_cache_key",),
)
"""Where a body names a session: the client's own field, the conversation that the server keeps, the cache key."""


def ids_of(headers: Headers, body: Json) -> Ids:
    """Return the session that a header names, else the one that the body names."""
    found = ((match[1], value) for name, value in headers.items() if value and (match := _HEADER.fullmatch(name)))
    named = min(found, key=lambda one: _NAMES.index(one[0]), default=None)
    return Ids(session=named[1] if named else next(filter(None, (text_at(body, *path) for path in _FIELDS)), None))


def conversation_of(body: Json) -> str | None:
    """Return the id of the conversation that the server keeps, which the request continues."""
    return text_at(body, "conversation") or text_at(body, "conversation", "id")
