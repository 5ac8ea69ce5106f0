r"""Secrets in a wrapping: private keys in blocks, however they are quoted, and text in base64 that holds a key.

Texts are given as bytes, one for each character: see `traces.redact.shapes`.
"""

import binascii
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from traces.redact.shapes import Span

LARGEST_BLOCK = 32 * 2**10
"""Bytes between the beginning and the end of a private key: one of 16,384 bits takes 13,000, and quoting adds to it."""

_SPACE = r"(?: |%20|\+|_)"
_BEGIN = re.compile(
    rf"-----BEGIN(?:{_SPACE}[A-Z0-9]+)*?{_SPACE}PRIVATE{_SPACE}KEY(?:{_SPACE}BLOCK)?-----".encode(), re.A
)
_END = re.compile(rf"-----END(?:{_SPACE}[A-Z0-9]+)*-----".encode())
_KEY_DATA = re.compile(rb"[A-Za-z0-9+/]{8,}")
_CUT_OFF = re.compile(
    rb"""(?:
    (?: \\+[nrt] | [\s"'>#*|+,?:;.\\-] | \d{1,5}(?=[\s?|:]) )*+         # breaks, quoting, numbers of lines
    (?: (?: [A-Za-z0-9+/]{8,}+ | [A-Za-z0-9+/]{2,}+(?==) ) ={0,2} (?= \s* (?: [\\"'`,;+\r\n] | $ ) )
      | [A-Z][A-Za-z-]{2,20}:[ ] [^\r\n\\"]* )                          # Proc-Type, DEK-Info
    )*""",
    re.X,
)


def private_keys(view: bytes) -> Iterator[Span]:
    """Yield where private keys are: whole blocks, and what there is of one that was cut off."""
    if b"PRIVATE" not in view:
        return
    for begin in _BEGIN.finditer(view):
        another = view.find(b"-----BEGIN", begin.end(), begin.end() + LARGEST_BLOCK)
        end = _END.search(view, begin.end(), another if another >= 0 else begin.end() + LARGEST_BLOCK)
        if end is None:
            rest = _CUT_OFF.match(view, begin.end())
            if rest and _KEY_DATA.search(rest.group()):
                yield begin.start(), rest.end()
        elif _KEY_DATA.search(view, begin.end(), end.start()):
            yield begin.start(), end.end()


_RUN = re.compile(rb"[A-Za-z0-9+/]{16,}|[A-Za-z0-9_-]{16,}")
_MORE_LINES = re.compile(rb"(?:(?:\r?\n|\\r\\n|\\n)[A-Za-z0-9+/_-]{4,80}(?![A-Za-z0-9+/_-]))*+={0,2}")
_SHORTEST_LINE = 60
"""Characters: tools break base64 into lines of 64 or 76."""

_BREAK = re.compile(rb"\r?\n|\\r\\n|\\n")
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_LOOKED_AT = 16
"""Characters that decide whether base64 holds a text: 12 bytes of anything else are hardly all printable."""

_SKIPPED = 8
"""Characters that aren't looked at where there are more: they may stand before the base64, as `u0022` does."""

_PRINTABLE = bytes(range(32, 127)) + b"\t\r\n"


def texts_in_base64(view: bytes, runs: Iterable[Span], search: Callable[[bytes], Iterable[Span]]) -> Iterator[Span]:
    """Yield where base64 holds what `search` finds in it once it is decoded."""
    at = 0
    for start, end in runs:
        at = max(at, start)
        while at < end and (run := _RUN.search(view, at, end)):
            at = run.end()
            if run.group().lower() == run.group():
                continue  # words and paths: text in base64 has letters of both cases
            offsets = [offset for offset in range(4) if _begins_text(run.group(), offset)]
            if not offsets:
                continue
            if at - run.start() >= _SHORTEST_LINE and (more := _MORE_LINES.match(view, at)):
                at = more.end()
            for offset in offsets:
                where, text = _decode(view, run.start() + offset, at)
                for left, right in search(text):
                    yield where[left // 3 * 4], where[min(-(-right // 3) * 4, len(where)) - 1] + 1


def _begins_text(run: bytes, offset: int) -> bool:
    """Return whether the run, decoded from there on, begins as a text does."""
    skipped = offset + (_SKIPPED if len(run) >= _LOOKED_AT + _SKIPPED + offset else 0)
    window = run[skipped : skipped + _LOOKED_AT].translate(_URL_SAFE)
    window = window[: len(window) // 4 * 4]
    return len(window) >= _LOOKED_AT - 4 and not binascii.a2b_base64(window).translate(None, _PRINTABLE)


def _decode(view: bytes, start: int, end: int) -> tuple[Sequence[int], bytes]:
    """Return the places of the characters of base64, without breaks of lines between them, and what they hold."""
    where: Sequence[int] = range(start, end)
    if breaks := list(_BREAK.finditer(view, start, end)):
        starts, ends = [start, *(gap.end() for gap in breaks)], [*(gap.start() for gap in breaks), end]
        where = [place for left, right in zip(starts, ends, strict=True) for place in range(left, right)]
    coded = _BREAK.sub(b"", view[start:end]).translate(_URL_SAFE).rstrip(b"=")
    where = where[: len(coded)]
    return where, binascii.a2b_base64(coded[: len(coded) - (len(coded) % 4 == 1)] + b"==")
