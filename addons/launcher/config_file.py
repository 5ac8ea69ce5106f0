"""The file `.anyclauderc.json`, found, read and checked, as a layer of settings.

Its keys are those of the `anyclaude` that people know: `backend` may name a mode or be a URL, `debug` a number or
`{"level": 1}`, and `backends` holds what belongs to one mode. What `prices` holds is for `traces.money`.
"""

import json
from collections.abc import Collection, Iterator
from pathlib import Path

from addons.launcher.settings import Layer, SettingsError, SetValue
from traces.money import own
from traces.servers import KINDS

NAME = own.NAME

# No program's path here: a file in a folder that somebody else wrote must not choose what runs.
KEYS = {
    "mode": "mode",
    "backend": "backend",
    "port": "port",
    "debug": "debug",
    "proxyOnly": "proxy_only",
    "web": "web",
    "forward": "forward",
    "traceDir": "trace_dir",
    "archive": "archive",
    "translate": "translate",
    "repair": "repair",
    "toolParser": "tool_parser",
    "thinking": "thinking",
    "budget": "budget",
    "status": "status",
}
KEYS_OF_A_BACKEND = {
    "baseUrl": "backend",
    "model": "model",
    "apiKey": "api_key",
    "translate": "translate",
    "repair": "repair",
    "toolParser": "tool_parser",
    "thinking": "thinking",
}
IGNORED_KEYS = ("enabled", "description", "compatibility")
"""Keys of a backend that older files hold and that mean nothing here."""


def read_all(folder: Path, home: Path) -> list[Layer]:
    """Return the layers of the files that exist, the nearest first: in the working folder, then in the user's home."""
    paths = dict.fromkeys((folder / NAME, home / NAME))
    return [read(path) for path in paths if path.is_file()]


def read(path: Path) -> Layer:
    """Return the settings of a file. Raise SettingsError where it can't be read or holds an unknown key."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: can't be read as JSON: {error}") from None
    return {name: SetValue(value, f"{path}: {key}", in_a_file=True) for name, key, value in _settings(path, document)}


def _settings(path: Path, document: object) -> Iterator[tuple[str, str, object]]:
    """Yield each setting of the file: its name, its key as the user wrote it, its value."""
    for key, value in _items(path, "", document, ("backends", *KEYS, own.KEY)):
        if key == own.KEY:
            list(own.prices(path, value))  # what can't be used is an error now, and not once money is counted
        elif key == "backends":
            for mode, backend in _items(path, "backends", value, KINDS):
                for inner, setting in _items(path, f"backends.{mode}", backend, (*KEYS_OF_A_BACKEND, *IGNORED_KEYS)):
                    if inner in KEYS_OF_A_BACKEND:
                        yield f"{mode}.{KEYS_OF_A_BACKEND[inner]}", f"backends.{mode}.{inner}", setting
        elif key == "backend" and "://" not in str(value):
            yield "mode", key, value
        elif key == "debug" and isinstance(value, dict):
            yield "debug", "debug.level", value.get("level", 0)
        else:
            yield KEYS[key], key, value


def _items(path: Path, where: str, document: object, allowed: Collection[str]) -> list[tuple[str, object]]:
    """Return the items of an object whose keys must be allowed. A key that begins with `//` is a comment."""
    place = f"{path}: {where}" if where else str(path)
    if not isinstance(document, dict):
        raise SettingsError(f"{place}: must be an object, {{…}}, not {json.dumps(document)[:40]}")
    items = [(key, value) for key, value in document.items() if not key.startswith("//")]
    for key, _ in items:
        if key not in allowed:
            raise SettingsError(f"{place}: unknown key {key!r}: allowed are {', '.join(allowed)}")
    return items
