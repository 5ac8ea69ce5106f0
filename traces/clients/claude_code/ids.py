"""Whose request it is: the ids of session, agent and parent agent, from headers or from the body.

Source: Claude Code sends `x-claude-code-session-id`, `-agent-id` and `-parent-agent-id`; the session is also in
`metadata.user_id`, as a JSON string or as `user_…_session_<uuid>`.
"""

import re
from collections.abc import Mapping

from traces import jsonio
from traces.model import Ids, Json

_SESSION = re.compile(r"_session_([0-9a-fA-F-]{8,})$")


def ids_of(headers: Mapping[str, str], body: Json) -> Ids:
    """Return the ids; `headers` with names in lower case."""
    return Ids(
        session=headers.get("x-claude-code-session-id") or session_in(body),
        agent=headers.get("x-claude-code-agent-id"),
        parent_agent=headers.get("x-claude-code-parent-agent-id"),
    )


def session_in(body: Json) -> str | None:
    """Return the session that the body's `metadata.user_id` names."""
    metadata = body.get("metadata") if isinstance(body, dict) else None
    user = metadata.get("user_id") if isinstance(metadata, dict) else None
    if not isinstance(user, str):
        return None
    if user.startswith("{"):
        try:
            parsed = jsonio.loads(user.encode())
        except ValueError:
            return None
        session = parsed.get("session_id") if isinstance(parsed, dict) else None
        return session if isinstance(session, str) else None
    match = _SESSION.search(user)
    return match[1] if match else None
