"""A page's data as it may be shown to others: without names of people and machines, or without any text.

Secrets were removed when a trace was recorded. What is left tells who recorded it: home paths, user and host names,
mail addresses, ids. Which fields a page has isn't known here, so `numbers` keeps the few strings that are known to be
harmless by their field, and nothing else.
"""

import getpass
import re
import socket
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from traces.clients import CLIENTS
from traces.clients.claude_code.fixes import FIXES

Share = Literal["names", "numbers"]

_HOME = re.compile(
    r"((?:/home/|/Users/|%2F(?:home|Users)%2F|\b[A-Za-z]:[\\/]+Users[\\/]+|\\wsl[^\\\s]*\\+[^\\\s]+\\+home\\+))"
    r"([^/\\\s\"'`<>:;,|)\]}%]+)"
)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}\b")
_ADDRESS = re.compile(
    r"\b(?:10(?:\.\d{1,3}){3}|192\.168(?:\.\d{1,3}){2}|172\.(?:1[6-9]|2\d|3[01])(?:\.\d{1,3}){2}"
    r"|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])(?:\.\d{1,3}){2})\b"
)
_ID = re.compile(
    r"(?<![0-9a-f])(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{64})(?![0-9a-f])"
    r"|(?<=\breq_)\w{8,}|(?<=\bmsg_)\w{8,}|(?<=\btoolu_)\w{8,}",
    re.I,
)
_HOST = re.compile(r"https?://([^/\s:\"'\])]+)")

_NOBODY = {"user", "root", "shared", "public", "node", "runner", "ubuntu", "admin", "guest", "default", "home", "local"}
"""User names that tell of nobody, and that turn up in any text."""

_EVERYBODYS = {"", "localhost", "127.0.0.1", "::1", "api.anthropic.com", "api.openai.com", "openrouter.ai"}
"""Hosts that tell of nobody."""

_SHORTEST = 3
"""Letters of the shortest name that is replaced in mid-text; in a path any is."""


def anonymize(data: dict[str, Any], share: Share | None, own: tuple[str, str] | None = None) -> dict[str, Any]:
    """The data, and in it, as `shared`, what was done to it. `own` are this machine's user and host name."""
    if share == "numbers":
        data = _Numbers().kept(data)
    if share is not None:
        data = _without_names(data, own or (_user(), socket.gethostname()))
    return {**data, "shared": share}


def _user() -> str:
    """Nobody, where the system has no name for who runs this."""
    with suppress(KeyError, OSError):
        return getpass.getuser()
    return ""


def _home() -> str:
    with suppress(RuntimeError):
        return Path.home().name
    return ""


def _without_names(data: dict[str, Any], own: tuple[str, str]) -> dict[str, Any]:
    strings = list(_strings(data))
    users = {match[2] for text in strings for match in _HOME.finditer(text)} | {own[0], _home()}
    aliases = dict.fromkeys(_telling(users), "user") | _hosts(data) | dict.fromkeys(_telling(_names_of(own[1])), "host")
    named = _any_of(aliases.keys()) if aliases else None

    def cleaned(text: str) -> str:
        text = _HOME.sub(r"\1user", text)
        # A name may be written with other letters that are the same to a pattern, as ſ is s.
        text = named.sub(lambda match: aliases.get(match[0].lower(), "user"), text) if named else text
        text = _MAIL.sub("user@example.com", text)
        return _ADDRESS.sub("host", _ID.sub(lambda match: re.sub(r"\w", "0", match[0]), text))

    result = _mapped(data, cleaned)
    assert isinstance(result, dict)
    return result


def _telling(names: Iterable[str]) -> set[str]:
    return {name.lower() for name in names if len(name) >= _SHORTEST and name.lower() not in _NOBODY | _EVERYBODYS}


def _names_of(host: str) -> set[str]:
    """With and without its domain."""
    return {host, host.partition(".")[0]}


def _hosts(data: dict[str, Any]) -> dict[str, str]:
    """The hosts that requests went to; several are numbered, so that they can be told apart."""
    found = [host for url in _urls(data) for host in _HOST.findall(url)]
    telling = _telling(found)
    hosts = dict.fromkeys(host.lower() for host in found if host.lower() in telling)
    return {host: f"host-{number}" if number > 1 else "host" for number, host in enumerate(hosts, 1)}


def _any_of(names: Collection[str]) -> re.Pattern[str]:
    """Longest first, so that no name hides a longer one."""
    words = "|".join(map(re.escape, sorted(names, key=lambda name: (-len(name), name))))
    return re.compile(rf"(?<![a-z0-9])(?:{words})(?![a-z0-9])", re.I)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _urls(value: Any) -> Iterator[str]:
    """Where the addresses stand that requests went to: a server's may be part of what a model is called."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _strings(item) if key in _WITH_ADDRESSES else _urls(item)
    elif isinstance(value, list):
        for item in value:
            yield from _urls(item)


_WITH_ADDRESSES = {"url", "label", "title", "model", "advice", "cautions"}

_OURS = {"section", "kind", "doing", "state", "culprit", "why", "request_type", "shared"}
"""The fields whose strings are words of the page itself: it draws by them."""

_NAMED = {"headers", "others"}
"""The fields whose keys are somebody else's; all other keys are the page's own."""


def _mapped(value: Any, change: Callable[[str], str], field: str = "") -> Any:
    if isinstance(value, str):
        return value if field in _OURS else change(value)
    if isinstance(value, dict):
        named = field in _NAMED
        return {change(key) if named else key: _mapped(item, change, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_mapped(item, change, field) for item in value]
    return value


_HARMLESS = {
    *("timestamp", "started", "mode", "model", "label", "state", "kind", "section", "request_type", "counter", "title"),
    *("arrivals", "stop_reason", "question", "measure", "best", "one", "other", "advice", "cautions", "doubts"),
    *("remarks", "template", "why", "note", "doing", "culprit", "how"),
}
"""The fields whose strings stay: words of ours, and the names of models."""

_ALIASED = {
    **dict.fromkeys(("name", "tools_used", "tool_calls", "agent"), "name"),
    "server": "server",
    "request": "request",
}
"""The fields whose strings are numbered, so that they can be told apart, and how their aliases begin."""

_DROPPED: dict[str, Any] = {"texts": [], "items": [], "itemLists": [], "raw": None, "text": None}

_WELL_KNOWN = {
    *FIXES,
    *(name for client in CLIENTS.values() for name in client.own_names),
}
"""The clients' own tools and agents, and our fixes: everybody has them."""


class _Numbers:
    """Leaves out every string that isn't known to be harmless; remembers which alias stands for what."""

    def __init__(self) -> None:
        self._aliases: dict[str, dict[str, str]] = defaultdict(dict)

    def kept(self, value: Any, field: str = "") -> Any:
        if field in _DROPPED:
            return _DROPPED[field]
        if isinstance(value, dict):
            return {key: self.kept(item, key) for key, item in value.items()}
        if isinstance(value, list):
            return [self.kept(item, field) for item in value]
        if not isinstance(value, str) or field in _HARMLESS:
            return value
        return self._alias(_ALIASED[field], value) if field in _ALIASED else ""

    def _alias(self, thing: str, name: str) -> str:
        if name in _WELL_KNOWN:
            return name
        known = self._aliases[thing]
        return known.setdefault(name, f"{thing} {len(known) + 1}")
