"""opencode: a header for the session, subagents as sessions with a parent, and side requests for titles.

Seen in opencode 1.18, which uses OpenAI's chat format for most servers.
"""

import json
from collections.abc import Mapping
from typing import Any

from traces.clients.base import Client, Headers, Phrases, lower, system_start
from traces.clients.launch import KEY_VARIABLE, Address, Launch, Setup, has_any
from traces.model import Exchange, Ids, Json

PARENT = "x-parent-session-id"

_SESSION = ("x-session-id", "x-opencode-session", "x-session-affinity")

CONFIG = "OPENCODE_CONFIG_CONTENT"
"""Holds a configuration, as JSON."""

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
    prompt = system_start(trace.request.body)
    if prompt.startswith(_TITLE):
        return "TITLE"
    if prompt.startswith(_SUMMARIES):
        return "COMPACTION"
    return "SUBAGENT" if _ids(lower(trace.request.headers), trace.request.body).agent else None


def _setup(address: Address, env: Mapping[str, str]) -> Setup:
    """Return a variable with a configuration, which goes before the user's own files and leaves all else of them."""
    options: dict[str, Json] = {"baseURL": f"{address.url}/v1"}
    if address.key:
        options["apiKey"] = f"{{env:{KEY_VARIABLE}}}"
    if address.is_local:
        options["timeout"] = False
    provider = {
        "npm": "@ai-sdk/openai-compatible",
        "name": "anyclaude",
        "options": options,
        "models": {address.model: {"name": address.model}},
    }
    model = f"anyclaude/{address.model}"
    ours = {"model": model, "small_model": model, "provider": {"anyclaude": provider}}
    config = _joined(_own_config(env), ours)
    key = {KEY_VARIABLE: address.key} if address.key else {}
    return Setup({CONFIG: json.dumps(config), **key})


def _joined(own: Mapping[str, Any], ours: Mapping[str, Any]) -> dict[str, Any]:
    """Return the user's own values with ours, which count where both set the same: a model's limits stay the user's."""
    both = {name: _joined(own[name], value) for name, value in ours.items() if _are_objects(own.get(name), value)}
    return {**own, **ours, **both}


def _are_objects(*values: Json) -> bool:
    return all(isinstance(value, dict) for value in values)


def _own_config(env: Mapping[str, str]) -> dict[str, Json]:
    """Return what the user set in the same variable; nothing where it is no JSON object."""
    try:
        own = json.loads(env.get(CONFIG) or "{}")
    except ValueError:
        return {}
    return own if isinstance(own, dict) else {}


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
    resumed="opencode --continue",
    launch=Launch(
        "opencode",
        "opencode-ai",
        _setup,
        has_any("run", "models", "auth"),
        needs_model=True,
        dialect="chat",
        context=8_500,
    ),
)
