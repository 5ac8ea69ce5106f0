"""A page's data made fit to be shared: without names of people and machines, or without any text.

Secrets were removed when a trace was recorded. What is left says who recorded it: home paths, user and host names,
mail addresses, ids. Pages may get fields that aren't listed here, so `numbers` keeps the strings only of fields that
are known to be harmless.
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

_COMMON_USERS = {
    *("user", "root", "shared", "public", "node", "runner", "ubuntu", "admin", "guest", "default", "home", "local"),
}
"""User names that identify nobody, and that occur in any text."""

_PUBLIC_HOSTS = {"", "localhost", "127.0.0.1", "::1", "api.anthropic.com", "api.openai.com", "openrouter.ai"}
"""Hosts that identify nobody."""

_MIN_NAME_LENGTH = 3
"""Length of the shortest name that is replaced anywhere in a text; in a path any name is replaced."""


def anonymize(data: dict[str, Any], share: Share | None, own: tuple[str, str] | None = None) -> dict[str, Any]:
    """Return the data without what may not be shared; its key `shared` says which of the two ways was chosen.

    `own` are this machine's user and host name.
    """
    if share == "numbers":
        data = _NumbersOnly().strip(data)
    if share is not None:
        data = _replace_names(data, own or (_user(), socket.gethostname()))
    return {**data, "shared": share}


def _user() -> str:
    """Return the name of the user who runs this; "" if the system has none."""
    with suppress(KeyError, OSError):
        return getpass.getuser()
    return ""


def _home() -> str:
    with suppress(RuntimeError):
        return Path.home().name
    return ""


def _replace_names(data: dict[str, Any], own: tuple[str, str]) -> dict[str, Any]:
    strings = list(_strings(data))
    users = {match[2] for text in strings for match in _HOME.finditer(text)} | {own[0], _home()}
    aliases = (
        dict.fromkeys(_identifying(users), "user")
        | _hosts(data)
        | dict.fromkeys(_identifying(_host_names(own[1])), "host")
    )
    named = _pattern_of(aliases.keys()) if aliases else None

    def clean(text: str) -> str:
        text = _HOME.sub(r"\1user", text)
        # A pattern that ignores case also matches letters that fold to others, as ſ folds to s.
        text = named.sub(lambda match: aliases.get(match[0].lower(), "user"), text) if named else text
        text = _MAIL.sub("user@example.com", text)
        return _ADDRESS.sub("host", _ID.sub(lambda match: re.sub(r"\w", "0", match[0]), text))

    result = _map_strings(data, clean)
    assert isinstance(result, dict)
    return result


def _identifying(names: Iterable[str]) -> set[str]:
    return {
        name.lower()
        for name in names
        if len(name) >= _MIN_NAME_LENGTH and name.lower() not in _COMMON_USERS | _PUBLIC_HOSTS
    }


def _host_names(host: str) -> set[str]:
    """Return the host's name with and without its domain."""
    return {host, host.partition(".")[0]}


def _hosts(data: dict[str, Any]) -> dict[str, str]:
    """Return an alias for each host that requests went to; several are numbered."""
    found = [host for url in _urls(data) for host in _HOST.findall(url)]
    identifying = _identifying(found)
    hosts = dict.fromkeys(host.lower() for host in found if host.lower() in identifying)
    return {host: f"host-{number}" if number > 1 else "host" for number, host in enumerate(hosts, 1)}


def _pattern_of(names: Collection[str]) -> re.Pattern[str]:
    """Return a pattern that matches any of the names, the longest first, so that no name hides a longer one."""
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
    """Yield the strings that may hold the address of a server: it may be part of a model's label."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _strings(item) if key in _FIELDS_WITH_ADDRESSES else _urls(item)
    elif isinstance(value, list):
        for item in value:
            yield from _urls(item)


_FIELDS_WITH_ADDRESSES = {"url", "label", "title", "model", "advice", "cautions"}

_PAGE_FIELDS = {
    "section",
    "kind",
    "activity",
    "state",
    "culprit",
    "why",
    "request_type",
    "shared",
    "match",
    "group",
    "change",
}
"""Fields whose strings the page's script reads: they must stay as they are."""

_FIELDS_WITH_FOREIGN_KEYS = {"headers", "others"}
"""Fields whose keys come from a trace; all other keys are the page's own."""


def _map_strings(value: Any, change: Callable[[str], str], field: str = "") -> Any:
    if isinstance(value, str):
        return value if field in _PAGE_FIELDS else change(value)
    if isinstance(value, dict):
        foreign = field in _FIELDS_WITH_FOREIGN_KEYS
        return {change(key) if foreign else key: _map_strings(item, change, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_map_strings(item, change, field) for item in value]
    return value


_HARMLESS = {
    *("timestamp", "started", "mode", "model", "label", "state", "kind", "section", "request_type", "counter", "title"),
    *("arrivals", "stop_reason", "question", "measure", "best", "one", "other", "advice", "cautions", "doubts"),
    *("match", "group", "change", "models", "modes", "began"),
    *("remarks", "template", "why", "note", "activity", "culprit", "how"),
}
"""Fields whose strings stay: the toolkit's own words, and the names of models."""

_ALIASED = {
    **dict.fromkeys(("name", "tools_used", "tool_calls", "left_tool_calls", "right_tool_calls", "agent"), "name"),
    "server": "server",
    "request": "request",
}
"""Fields whose strings are replaced by numbered aliases, and how these begin."""

_DROPPED: dict[str, Any] = {"texts": [], "items": [], "itemLists": [], "raw": None, "text": None}

_WELL_KNOWN = {
    "(no tool)",
    *FIXES,
    *(name for client in CLIENTS.values() for name in client.own_names),
}
"""The clients' own tools and agents, and the toolkit's own words: they identify nobody."""


class _NumbersOnly:
    """Data without the strings that aren't known to be harmless, and the aliases given to names in it."""

    def __init__(self) -> None:
        self._aliases: dict[str, dict[str, str]] = defaultdict(dict)

    def strip(self, value: Any, field: str = "") -> Any:
        if field in _DROPPED:
            return _DROPPED[field]
        if isinstance(value, dict):
            return {key: self.strip(item, key) for key, item in value.items()}
        if isinstance(value, list):
            return [self.strip(item, field) for item in value]
        if not isinstance(value, str) or field in _HARMLESS:
            return value
        return self._alias(_ALIASED[field], value) if field in _ALIASED else ""

    def _alias(self, thing: str, name: str) -> str:
        if name in _WELL_KNOWN:
            return name
        known = self._aliases[thing]
        return known.setdefault(name, f"{thing} {len(known) + 1}")
