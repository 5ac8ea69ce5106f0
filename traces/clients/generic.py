"""Ids that a request of any client may carry, by the conventions of OpenAI's formats and by headers that are in use."""

from traces.clients.base import Headers, string
from traces.model import Ids, Json

SESSION_HEADERS = ("x-session-id", "session-id", "x-conversation-id", "x-session-affinity")
"""The first that is there counts."""


def ids_of(headers: Headers, body: Json) -> Ids:
    """Return the session: a header's, the conversation that the server keeps, or the key under which it caches."""
    named = next((value for name in SESSION_HEADERS if (value := headers.get(name))), None)
    return Ids(session=named or conversation_of(body) or string(body, "prompt_cache_key"))


def conversation_of(body: Json) -> str | None:
    """Return the id of the conversation that the server keeps, which the request carries on."""
    return string(body, "conversation") or string(body, "conversation", "id")
