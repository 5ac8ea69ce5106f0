"""Data in JSON of any shape, as opposed to text: media, base64, `data:` URLs, and what is encrypted.

It is recognised by its contents, in whichever field it is: a model doesn't read it as characters.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

from traces import jsonio
from traces.content.base64_text import SHORTEST, is_base64, media_type
from traces.content.media import DATA_FIELDS, ENCRYPTED, TYPE_FIELDS, Media, declared_type, media_of
from traces.model import Json

_ENCRYPTED_FIELDS = ("signature", "thought_signature", "thoughtSignature", "reasoning_opaque")
"""Fields that are encrypted if they hold base64, as are all whose name begins with `encrypted_`."""

_SHORTEST_ENCRYPTED = 40

_EMBEDDED = re.compile(rf"data:([\w.+/-]*)(?:;[\w.=+-]+)*;base64,([A-Za-z0-9+/=_-]{{{SHORTEST},}})", re.ASCII)

_ONLY_DATA = object()


class Split(NamedTuple):
    """A value without its data (None where it is data only), and the data, in order."""

    rest: Json
    media: list[Media]


def split(value: Json) -> Split:
    """Return the value without the data in it, and the data. What is nested too deeply is left as it is."""
    found: list[Media] = []
    try:
        rest = _strip(value, found)
    except RecursionError:
        return Split(value, [])
    return Split(None if rest is _ONLY_DATA else rest, found)


def split_text(text: str) -> Split:
    """Return the same for a text that a tool at the server returned: it may be data, or JSON with data in it."""
    if len(text) < SHORTEST:
        return Split(text, [])
    held: Json = text
    if text[:1] in ("{", "["):
        with suppress(ValueError):
            held = jsonio.loads(text.encode("utf-8", "surrogatepass"))
    found = split(held)
    return found if found.media else Split(text, [])


def _strip(value: Any, found: list[Media]) -> Any:
    if isinstance(value, dict):
        return _strip_object(value, found)
    if isinstance(value, list):
        return [kept for item in value if (kept := _strip(item, found)) is not _ONLY_DATA]
    return _strip_text(value, "", found) if isinstance(value, str) and len(value) >= SHORTEST else value


def _strip_object(value: Mapping[str, Any], found: list[Media]) -> Any:
    if media := media_of(value):
        found.append(media[1])
        return _ONLY_DATA
    kind = declared_type(value) if any(key in value for key in TYPE_FIELDS) else ""
    kept = {}
    for key, item in value.items():
        if isinstance(item, str) and item and _is_encrypted(key, item):
            found.append(Media(ENCRYPTED, item))
        elif isinstance(item, str) and item and key in DATA_FIELDS and kind and not kind.startswith("text/"):
            found.append(Media(kind, item))
        else:
            rest = _strip_text(item, kind, found) if isinstance(item, str) else _strip(item, found)
            if rest is not _ONLY_DATA:
                kept[key] = rest
    return kept


def _is_encrypted(key: str, text: str) -> bool:
    if key.startswith("encrypted_"):
        return True
    return key in _ENCRYPTED_FIELDS and len(text) >= _SHORTEST_ENCRYPTED and is_base64(text.ljust(SHORTEST, "0"))


def _strip_text(text: str, kind: str, found: list[Media]) -> Any:
    if len(text) < SHORTEST:
        return text
    if is_base64(text):
        found.append(Media(kind or media_type(text), text))
        return _ONLY_DATA
    if "base64," not in text:
        return text
    rest = _EMBEDDED.sub(partial(_take, found), text)
    return rest or _ONLY_DATA


def _take(found: list[Media], match: re.Match[str]) -> str:
    found.append(Media(match[1] or media_type(match[2]), match[2]))
    return ""
