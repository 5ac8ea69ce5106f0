"""`.anyclauderc.json`: found, read and checked, as a layer of settings.

Its keys are those of the `anyclaude` that people know: `backend` may name a mode or be a URL, `debug` a number or
`{"level": 1}`, and `backends` holds what belongs to one mode. This module knows nothing of other sources of settings.
"""

import json
from collections.abc import Collection, Iterator
from pathlib import Path

from addons.launcher.settings import Found, Layer, SettingsError
from traces.servers import KINDS

NAME = ".anyclauderc.json"

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
}
KEYS_OF_A_BACKEND = {"baseUrl": "backend", "model": "model", "apiKey": "api_key"}
NOTES = ("enabled", "description", "compatibility")
"""Keys of a backend that older files carry and that have no meaning here."""


def read_all(folder: Path, home: Path) -> list[Layer]:
    """The layers of the files that exist, the nearest first: in the working folder, then in the user's home."""
    paths = dict.fromkeys((folder / NAME, home / NAME))
    return [read(path) for path in paths if path.is_file()]


def read(path: Path) -> Layer:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: can't be read as JSON: {error}") from None
    return {name: Found(value, f"{path}: {key}", in_a_file=True) for name, key, value in _settings(path, document)}


def _settings(path: Path, document: object) -> Iterator[tuple[str, str, object]]:
    """Each setting of the file: its name, its key as the user wrote it, its value."""
    for key, value in _items(path, "", document, ("backends", *KEYS)):
        if key == "backends":
            for mode, backend in _items(path, "backends", value, KINDS):
                for inner, setting in _items(path, f"backends.{mode}", backend, (*KEYS_OF_A_BACKEND, *NOTES)):
                    if inner in KEYS_OF_A_BACKEND:
                        yield f"{mode}.{KEYS_OF_A_BACKEND[inner]}", f"backends.{mode}.{inner}", setting
        elif key == "backend" and "://" not in str(value):
            yield "mode", key, value
        elif key == "debug" and isinstance(value, dict):
            yield "debug", "debug.level", value.get("level", 0)
        else:
            yield KEYS[key], key, value


def _items(path: Path, where: str, document: object, allowed: Collection[str]) -> list[tuple[str, object]]:
    """What an object holds, once its keys are known to be allowed. A key that begins with `//` is a comment."""
    place = f"{path}: {where}" if where else str(path)
    if not isinstance(document, dict):
        raise SettingsError(f"{place}: must be an object, {{…}}, not {json.dumps(document)[:40]}")
    items = [(key, value) for key, value in document.items() if not key.startswith("//")]
    for key, _ in items:
        if key not in allowed:
            raise SettingsError(f"{place}: unknown key {key!r}: allowed are {', '.join(allowed)}")
    return items
