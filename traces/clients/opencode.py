"""opencode: a header for the session, subagents as sessions with a parent, and side requests for titles.

Seen in opencode 1.18, which uses OpenAI's chat format for most servers.
"""

from traces.clients.base import Client, Headers, Phrases, lower
from traces.model import Exchange, Ids, Json

PARENT = "x-parent-session-id"

_SESSION = ("x-session-id", "x-opencode-session", "x-session-affinity")

_TITLE = "You are a title generator"
_SUMMARIES = ("You are a context summarization agent", "You are a helpful AI assistant tasked with summarizing")


def _is_sender(headers: Headers, body: Json) -> bool:
    return headers.get("user-agent", "").startswith("opencode/") or "x-opencode-session" in headers


def _ids(headers: Headers, body: Json) -> Ids:
    """Return the ids. A subagent's requests have a session of their own, and name the one that started it."""
    session = next((value for name in _SESSION if (value := headers.get(name))), None)
    parent = headers.get(PARENT)
    return Ids(parent, session) if parent and parent != session else Ids(session)


def _side_request(trace: Exchange) -> str | None:
    prompt = _system_prompt(trace.request.body)
    if prompt.startswith(_TITLE):
        return "TITLE"
    if prompt.startswith(_SUMMARIES):
        return "COMPACTION"
    return "SUBAGENT" if _ids(lower(trace.request.headers), trace.request.body).agent else None


def _system_prompt(body: Json) -> str:
    """Return the first text of the system prompt, in the shapes of all API formats."""
    match body:
        case {"system": [{"text": str(text)}, *_]} | {"system": str(text)} | {"instructions": str(text)}:
            return text
        case {"messages": [{"role": "system", "content": str(text)}, *_]}:
            return text
        case {"input": [{"role": "system" | "developer", "content": str(text)}, *_]}:
            return text
    return ""


OPENCODE = Client(
    "opencode",
    "opencode",
    is_sender=_is_sender,
    ids=_ids,
    side_request=_side_request,
    environment=("<env>",),
    phrases=Phrases(
        additions="an agent's prompt in opencode.json, a plugin, another client",
        prompt="an agent's prompt in opencode.json",
        memory="AGENTS.md and other instructions",
    ),
    remedies={
        "one-model": "Set small_model and the models of agents in opencode.json to the model that is loaded.",
        "side-requests": "Have titles made by another server: set small_model in opencode.json.",
        "compaction": "Load the model with a larger context and tell opencode: limit.context in opencode.json.",
    },
    own_names=frozenset(
        (
            *("bash", "edit", "glob", "grep", "read", "skill", "task", "todowrite", "todoread", "webfetch", "write"),
            *("build", "plan", "general", "explore", "patch", "list", "question", "lsp"),
        )
    ),
)
