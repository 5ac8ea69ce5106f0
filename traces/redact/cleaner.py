"""The cleaner of one client's exchanges: it finds secrets in texts and JSON, and puts `[redacted]` in their place."""

import base64
import json
import os
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import AnyStr
from urllib.parse import quote, unquote

from traces.model import Json
from traces.redact.assigned import assigned, fields
from traces.redact.commands import in_commands
from traces.redact.names import is_key_like, is_placeholder, is_secret, is_secret_field
from traces.redact.shapes import Span, keys, runs
from traces.redact.wrapped import private_keys, texts_in_base64

REDACTED = "[redacted]"

_QUERY = re.compile(r"([?&;])([^=&;#]+)=([^&;#]*)")
_PAIR = re.compile(r"[^=;,\s]+=([^;,\s]+)")  # in a cookie
_USERINFO = re.compile(r"//([^/@?#\s]*)@")

_SHORTEST_SECRET = 12
"""Characters. A shorter secret isn't looked for: keys of local servers are `none`, `dummy` or `lmstudio`, and such
words are in every body."""

_SHORTEST_MIXED = 8
"""Characters of the shortest secret that is looked for where it has letters and digits."""

_UNKNOWN = "\0 not looked at yet"

_MOST_REMEMBERED = 100_000
_LARGEST_MEMORY = 8 * 2**20
"""Characters of cleaned texts that are remembered."""

_MOST_NESTED = 400
"""Levels of a document: Python writes JSON with two of its own 1,000 for each."""

_DEEPEST = 2
"""How often base64 within base64 is decoded."""

_BETWEEN = "\n\0\n"
"""Stands between texts that are searched together: no secret goes across it."""

KEEP_FIELDS = "ANYCLAUDE_KEEP_FIELDS"
"""The variable of the environment that, set to 1, keeps fields such as `password`, which are secrets only by name."""


_SEALED = {"signature", "encrypted_content", "thought_signature"}
"""Fields that a provider sealed, and wants back as they are. They look random: what is found in one is chance."""

_OPTION = re.compile(r"--?[A-Za-z][\w-]{0,40}", re.A)

_NAMES, _VALUES = {"name", "Name", "key", "Key"}, {"value", "Value"}
"""Fields of a pair: of a variable of the environment, a header, a tag."""

_DOCUMENTS = {"arguments"}
"""Fields whose text is a JSON document: the input of a tool, in OpenAI's formats."""


def headers(pairs: Mapping[str, str]) -> dict[str, str]:
    """Return the headers without the values of secret ones, and without secrets in URLs."""
    return {name: REDACTED if is_secret(name) else url(value) for name, value in pairs.items()}


def url(text: str) -> str:
    """Return the URL (or any text that holds one) without user info and without the values of secret parameters."""
    if "@" in text:
        text = _USERINFO.sub(f"//{REDACTED}@", text)
    if "=" in text:
        text = _QUERY.sub(lambda m: f"{m[1]}{m[2]}={REDACTED if is_secret(m[2]) else m[3]}", text)
    return text


def secrets_in(pairs: Mapping[str, str], address: str) -> frozenset[str]:
    """Return the values of secrets, so that they can be removed from a body that repeats one, as error messages do."""
    hidden = [value for name, value in pairs.items() if is_secret(name)]
    values = [value.rpartition(" ")[2] for value in hidden]  # `Bearer KEY`: the key
    values += [m[1] for value in hidden for m in _PAIR.finditer(value)]
    for place in (address, *pairs.values()):
        values += [m[3] for m in _QUERY.finditer(place) if is_secret(m[2])]
        values += [m[1].partition(":")[2] for m in _USERINFO.finditer(place)]
    values += [_basic(value) for value in hidden if value[:6].lower() == "basic "]
    return frozenset(form for value in values if _is_worth_finding(value) for form in _forms(value))


def _basic(value: str) -> str:
    """Return the password of basic authentication."""
    with suppress(ValueError):
        return base64.b64decode(value[6:]).decode().partition(":")[2]
    return ""


def _is_worth_finding(value: str) -> bool:
    is_mixed = any(char.isdigit() for char in value) and any(char.isalpha() for char in value)
    return len(value) >= (_SHORTEST_MIXED if is_mixed else _SHORTEST_SECRET) and REDACTED not in value


def _forms(secret: str) -> Iterator[str]:
    """Yield how a secret may stand in a text: as it is, and as a URL or JSON writes it."""
    yield from {secret, unquote(secret), quote(secret, safe=""), json.dumps(secret)[1:-1]}


@lru_cache(maxsize=16)
def cleaner(secrets: frozenset[str]) -> "Cleaner":
    """Return the cleaner for these secrets. All exchanges of a session share one, and the texts that it remembers."""
    return Cleaner(secrets)


class Cleaner:
    """Removes the given secrets from texts and JSON, and whatever else has the name or the shape of one.

    It remembers texts: system prompt, tools and history come again in every request of a session.
    """

    def __init__(self, secrets: Iterable[str] = (), keep_fields: bool | None = None) -> None:
        """`keep_fields` leaves fields that are secrets only by name; None: as the environment says."""
        self._secrets = tuple(secret.encode("utf-8", "replace") for secret in secrets)
        self._keeps_fields = os.environ.get(KEEP_FIELDS) == "1" if keep_fields is None else keep_fields
        self._known: dict[int, str | None] = {}  # by hash, the text without its secrets; None where it has none
        self._size = 0  # characters of the texts in it

    def value(self, value: Json) -> Json:
        """Return the same JSON with every string cleaned, keys included.

        Raises RecursionError where it is nested so deeply that it couldn't be written again.
        """
        texts: list[str] = []
        found = self._collect(value, texts)
        return self._rebuilt(value) if self._has_secrets(texts) or found else value

    def headers(self, pairs: Mapping[str, str]) -> dict[str, str]:
        """Return the headers without secrets, also in the values of harmless names: a key can be in any."""
        return {name: self.text(value) for name, value in headers(pairs).items()}

    def text(self, text: str) -> str:
        """Return the text without secrets."""
        if len(text) < _SHORTEST_MIXED:
            return text
        known = hash(text)
        clean = self._known.get(known, _UNKNOWN)  # once: another thread may forget it
        if clean is _UNKNOWN:
            spans = self.spans(text)
            clean = _replace(text, spans) if spans else None
            self._remember(known, clean)
        return text if clean is None else clean

    def document(self, text: str) -> str:
        """Return the text of a JSON document, whole or cut off, without secrets: its fields' names count, too."""
        return _replace(text, self.spans(text, is_document=True))

    def spans(self, text: str, is_document: bool = False) -> list[Span]:
        """Return where the secrets are in a text, in order; in a JSON document also those that only a name tells."""
        view = text.encode("ascii", "replace")  # a byte for each character
        found = list(self._find(view, 0))
        if not text.isascii():
            found += [span for secret in self._secrets for span in _all(text, secret.decode("utf-8", "replace"))]
        if is_document and not self._keeps_fields:
            found += fields(view)
        return _merged(found)

    def _find(self, view: bytes, depth: int) -> Iterator[Span]:
        for secret in self._secrets:
            yield from _all(view, secret)
        long = list(runs(view))
        if long:
            yield from keys(view, long)
        yield from private_keys(view)
        yield from assigned(view)
        yield from in_commands(view)
        if long and depth < _DEEPEST:
            yield from texts_in_base64(view, long, lambda decoded: self._find(decoded, depth + 1))

    def _has_secrets(self, texts: list[str]) -> bool:
        """Return whether any of the texts holds a secret. Searched together, they take a tenth of the time."""
        spans = self.spans(_BETWEEN.join(texts)) if texts else []
        starts = list(accumulate((len(text) + len(_BETWEEN) for text in texts), initial=0))
        hit: set[int] = set()
        for start, end in spans:
            hit.update(range(bisect_right(starts, start) - 1, bisect_right(starts, end - 1)))
        for number, text in enumerate(texts):
            if number not in hit:
                self._remember(hash(text), None)
        return bool(hit)

    def _remember(self, text: int, clean: str | None) -> None:
        self._size += len(clean or "")
        if len(self._known) >= _MOST_REMEMBERED or self._size > _LARGEST_MEMORY:
            self._known.clear()
            self._size = len(clean or "")
        self._known[text] = clean

    def _collect(self, value: Json, texts: list[str], depth: int = 0) -> bool:
        """Add the strings that aren't known; return whether a known one has secrets, or a field is one by its name."""
        if isinstance(value, str):
            if len(value) < _SHORTEST_MIXED:
                return False
            clean = self._known.get(hash(value), _UNKNOWN)
            if clean is _UNKNOWN:
                texts.append(value)
                return False
            return clean is not None
        if depth > _MOST_NESTED:
            raise RecursionError
        if isinstance(value, dict):
            found = self._names(value) != {}
            for name, item in value.items():
                found |= self._collect(name, texts)
                if not isinstance(item, str):
                    found |= self._collect(item, texts, depth + 1)
                elif self._is_field(name, item):
                    found = True
                elif name not in _SEALED:
                    found |= self._collect(item, texts)
            return found
        if isinstance(value, list):
            found = self._options(value) != set()
            for item in value:
                found |= self._collect(item, texts, depth + 1)
            return found
        return False

    def _rebuilt(self, value: Json) -> Json:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            names = self._names(value)
            return {self.text(name): self._field(names.get(name) or name, item) for name, item in value.items()}
        if isinstance(value, list):
            secret = self._options(value)
            return [REDACTED if at in secret else self._rebuilt(item) for at, item in enumerate(value)]
        return value

    def _names(self, pair: dict[str, Json]) -> dict[str, str]:
        """Return what the value of a pair is called where that says that it is secret: `{"name": …, "value": …}`."""
        for name in _VALUES & pair.keys():
            for place in _NAMES & pair.keys():
                called, item = pair[place], pair[name]
                if isinstance(called, str) and isinstance(item, str) and not is_placeholder(item):
                    return {name: called} if self._is_field(called, item) else {}
        return {}

    def _options(self, items: list[Json]) -> set[int]:
        """Return the places of secrets in a list, each behind its name: `["--token", …]`, `["x-api-key", …]`."""
        if len(items) < 2:
            return set()
        return {
            at
            for at, (name, item) in enumerate(pairwise(items), 1)
            if isinstance(name, str)
            and isinstance(item, str)
            and (_OPTION.fullmatch(name) or (len(items) == 2 and is_key_like(item)))
            and item[:1] != "-"
            and self._is_field(name, item)
        }

    def _field(self, name: str, item: Json) -> Json:
        if not isinstance(item, str):
            return self._rebuilt(item)
        if name in _SEALED:
            return item
        if not self._is_field(name, item):
            return self.text(item)
        return self.document(item) if name in _DOCUMENTS else REDACTED

    def _is_field(self, name: str, item: str) -> bool:
        """Return whether a field is a secret by its name, or holds a document with one that is."""
        if self._keeps_fields:
            return False
        if name in _DOCUMENTS:
            return item[:1] == "{" and next(fields(item.encode("ascii", "replace")), None) is not None
        return is_secret_field(name, item)


def _all(text: AnyStr, part: AnyStr) -> Iterator[Span]:
    at = text.find(part)
    while at >= 0:
        yield at, at + len(part)
        at = text.find(part, at + len(part))


def _merged(spans: list[Span]) -> list[Span]:
    """Return the spans in order, those that overlap or touch as one."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        elif end > start:
            merged.append((start, end))
    return merged


def _replace(text: str, spans: Iterable[Span]) -> str:
    """Return the text with `[redacted]` in place of each span."""
    pieces, at = [], 0
    for start, end in spans:
        pieces += [text[at:start], REDACTED]
        at = end
    return "".join([*pieces, text[at:]]) if pieces else text
