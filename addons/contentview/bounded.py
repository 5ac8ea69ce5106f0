"""Bounds what mitmproxy itself decodes of a message that is looked at: in its event loop, where streams would wait."""

import codecs
from typing import Any

from mitmproxy.net import encoding

from traces.dialects.encodings import DecodeError, Decoder
from traces.stream_reader import LARGEST_BODY

LARGEST_SHOWN = 8 * 2**20
"""Bytes that are decoded to be shown, by mitmproxy's views and by ours: a fraction of a second."""

_mitmproxys: Any = encoding
_decode = _mitmproxys.decode


def is_too_large(data: bytes, coding: str | None, largest: int = LARGEST_BODY) -> bool:
    """Return whether these bytes decode to more than this."""
    try:
        decoder = Decoder(coding, largest)
        for _ in decoder.pieces(data):
            pass
    except DecodeError:
        return len(data) > largest
    return decoder.is_cut or (decoder.is_plain and len(data) > largest)


def decode(encoded: Any, coding: str, errors: str = "strict") -> Any:
    """Decode as mitmproxy does, or raise ValueError for what is too large: it is then shown as it came."""
    if isinstance(encoded, bytes) and coding.lower() not in _PASSED and _is_refused(encoded, coding):
        raise ValueError(f"decoded with {coding}, this may be more than {LARGEST_BODY:,} bytes")
    return _decode(encoded, coding, errors)


_PASSED = ("", "identity", "none")


def _is_refused(encoded: bytes, coding: str) -> bool:
    return _is_foreign(coding) or is_too_large(encoded, coding)


def _is_foreign(coding: str) -> bool:
    """Return whether this is one of Python's own codings of bytes, such as bz2, which no server sends but as a bomb."""
    try:
        return not codecs.lookup(coding)._is_text_encoding
    except LookupError:
        return False


def install() -> None:
    """Make mitmproxy decode so."""
    _mitmproxys.decode = decode


def remove() -> None:
    """Leave mitmproxy as it was."""
    _mitmproxys.decode = _decode
