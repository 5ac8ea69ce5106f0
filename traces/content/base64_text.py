"""Base64 in texts: whether a text is base64 data, and which media type that data has."""

import base64
import binascii
import re
from collections.abc import Mapping

SHORTEST = 200
"""Characters. A shorter text is never taken for data: it may be an id or a hash."""

_CERTAIN = 1024
"""Characters. A single word of this length is data, whichever letters are in it."""

_SHORTEST_LINE = 40  # characters in a line of wrapped base64

_ALPHABET = re.compile(r"(?:[A-Za-z0-9+/]+|[A-Za-z0-9_-]+)={0,2}", re.ASCII)

_STARTS: Mapping[bytes, str] = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"BM": "image/bmp",
    b"%PDF-": "application/pdf",
    b"ID3": "audio/mpeg",
    b"OggS": "audio/ogg",
    b"fLaC": "audio/flac",
    b"PK\x03\x04": "application/zip",
    b"\x1a\x45\xdf\xa3": "video/webm",
}
"""How a file begins -> its media type."""

_RIFF: Mapping[bytes, str] = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}


def is_base64(text: str) -> bool:
    """Return whether a text is base64: long, only of letters of its alphabet, in lines of one width."""
    if len(text) < SHORTEST:
        return False
    lines = text.split()
    if len(lines) > 1 and (
        " " in text or len({len(line) for line in lines[:-1]}) > 1 or len(lines[0]) < _SHORTEST_LINE
    ):
        return False
    data = "".join(lines)
    if not _ALPHABET.fullmatch(data):
        return False
    start = data[:SHORTEST]
    mixed = not start.islower() and not start.isupper() and any(map(str.isdigit, start))
    return mixed or len(data) >= _CERTAIN or media_type(data) != ""


def media_type(data: str) -> str:
    """Return the media type of base64 data by its first bytes; empty where it isn't known."""
    try:
        start = base64.b64decode(data[:24].replace("-", "+").replace("_", "/"))
    except (binascii.Error, ValueError):
        return ""
    if start[:4] == b"RIFF":
        return _RIFF.get(start[8:12], "")
    if start[4:8] == b"ftyp":
        return "video/mp4"
    return next((kind for begin, kind in _STARTS.items() if start.startswith(begin)), "")
