"""Whether a body is kept as it was sent: the hash of its bytes, and the way from its parsed JSON back to them.

A parsed document says nothing of spaces, escapes, `-0`, a number's digits or duplicate keys. Where the bytes can't be
written again from it in one of the usual forms, their text is kept beside it. Secrets are replaced before.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from traces import jsonio
from traces.model import Json, Raw
from traces.redact import Cleaner


@dataclass(frozen=True, slots=True)
class _Style:
    """How the standard library writes JSON."""

    separators: tuple[str, str]
    ascii: bool

    def __call__(self, value: Json) -> bytes:
        text = json.dumps(value, separators=self.separators, ensure_ascii=self.ascii, allow_nan=False)
        return text.encode()


FORMS: Mapping[str, Callable[[Json], bytes]] = {
    "compact": jsonio.dumps,  # as JavaScript writes it, and the Python packages of Anthropic and OpenAI
    "compact_ascii": _Style((",", ":"), ascii=True),
    "spaced": _Style((", ", ": "), ascii=True),  # as Python's json writes it by itself
    "spaced_utf8": _Style((", ", ": "), ascii=False),
}
"""The usual ways to write JSON."""

PLAIN, TEXT = "plain", "text"
"""The form of a body that is no JSON, and of one whose text is kept."""

_UNWRITABLE = (ValueError, RecursionError)


def describe(data: bytes, sent: Json, kept: Json, clean: Cleaner) -> Raw:
    """Return the record of a body's bytes, which shows whether it is kept as it was sent.

    `sent` is the value of `data`, and `kept` the same without secrets.
    """
    is_clean = _equal(sent, kept)
    if not is_clean:
        data = clean.text(data.decode("utf-8", "replace")).encode("utf-8", "replace")
    digest = hashlib.sha256(data).hexdigest()
    if isinstance(kept, str) and kept.encode("utf-8", "replace") == data:
        return Raw(digest, PLAIN)
    form = next((name for name, write in FORMS.items() if _write_with(write, kept) == data), None)
    if form is not None:
        return Raw(digest, form)
    text = _text(data, None if is_clean else kept, clean)
    return Raw(digest, None if text is None else TEXT, text)


def rebuild(body: Json, raw: Raw) -> bytes | None:
    """Return the bytes of a body as it was sent, secrets replaced; None where what is kept isn't enough."""
    if raw.form == TEXT:
        return None if raw.text is None else raw.text.encode()
    if raw.form == PLAIN:
        return body.encode("utf-8", "replace") if isinstance(body, str) else None
    write = FORMS.get(raw.form or "")
    return _write_with(write, body) if write else None


def is_as_sent(body: Json, raw: Raw | None) -> bool | None:
    """Return whether a body is kept as it was sent, by the hash of its bytes; None where it isn't known."""
    if raw is None:
        return None
    data = rebuild(body, raw)
    return data is not None and hashlib.sha256(data).hexdigest() == raw.sha256


def _equal(one: Json, other: Json) -> bool:
    try:
        return one is other or one == other
    except RecursionError:
        return False


def _write_with(write: Callable[[Json], bytes], value: Json) -> bytes | None:
    try:
        return write(value)
    except _UNWRITABLE:
        return None


def _text(data: bytes, kept: Json, clean: Cleaner) -> str | None:
    """Return the text, unless it isn't UTF-8 or hides a secret: in an escape, or under a duplicate key.

    `kept` is the value without secrets, where there were some.
    """
    try:
        text = data.decode()
        shown = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
        is_whole = kept is None or _equal(jsonio.loads(data), kept)
        return text if is_whole and clean.text(shown) == shown else None
    except _UNWRITABLE:
        return None


_ESCAPE = re.compile(r"\\u00([0-9a-fA-F]{2})")
