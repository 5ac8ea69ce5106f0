"""Which model a local server has loaded, for clients that must name one."""

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

TIMEOUT = 5.0

LISTS = ("/api/v0/models", "/api/ps", "/v1/models")
"""LM Studio's list with each model's state, Ollama's of those that run, and OpenAI's, which most servers have."""


def loaded(backend: str, authorization: str) -> str:
    """Return the name of the model that is loaded, else of the first that is listed; "" where none is."""
    lists = [list(_entries(_ask(f"{backend}{path}", authorization))) for path in LISTS]
    for entries in (*([one for one in each if one.get("state") == "loaded"] for each in lists), *lists[1:]):
        names = (entry.get("id") or entry.get("name") for entry in entries if "embed" not in str(entry.get("type")))
        if found := next((name for name in names if isinstance(name, str)), ""):
            return found
    return ""


def _entries(body: Any) -> Iterator[dict[str, Any]]:
    held = (body.get("data") or body.get("models")) if isinstance(body, dict) else None
    yield from (entry for entry in held if isinstance(entry, dict)) if isinstance(held, list) else ()


def _ask(url: str, authorization: str) -> Any:
    """Return the JSON at a URL; None where there is none. A proxy of the user's own isn't asked."""
    headers = {"authorization": authorization} if authorization else {}
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(url, headers=headers), timeout=TIMEOUT) as answer:
            return json.load(answer)
    except (OSError, ValueError):
        return None
