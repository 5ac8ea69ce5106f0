"""Width and height of an image, from the first bytes of the four formats that models take: PNG, JPEG, GIF and WebP.

A new format is one row in `_READERS`. Knows nothing of tokens.
"""

import base64
import binascii
import struct
from collections.abc import Callable, Mapping

Size = tuple[int, int]

_FIRST = 64  # characters of base64, 48 bytes: all but JPEG tell their size there


def pixels(data: str) -> Size | None:
    """The size of an image in base64; None for any other format, and for an image that is damaged."""
    header = _decoded(data[:_FIRST])
    read = next((read for start, read in _READERS.items() if header.startswith(start)), None)
    if read is None:
        return None
    if read is _jpeg:
        header = _decoded(data)  # the size may stand behind a thumbnail or a colour profile
    try:
        width, height = read(header)
    except (struct.error, IndexError, ValueError):
        return None
    return (width, height) if width > 0 and height > 0 else None


def _decoded(data: str) -> bytes:
    try:
        return base64.b64decode(data)
    except (binascii.Error, ValueError):
        return b""


def _png(data: bytes) -> Size:
    width, height = struct.unpack_from(">II", data, 16)
    return width, height


def _gif(data: bytes) -> Size:
    width, height = struct.unpack_from("<HH", data, 6)
    return width, height


def _webp(data: bytes) -> Size:
    """WebP is three formats: lossy, lossless and extended."""
    match data[12:16]:
        case b"VP8 ":
            width, height = struct.unpack_from("<HH", data, 26)
            return width & 0x3FFF, height & 0x3FFF
        case b"VP8L":
            (bits,) = struct.unpack_from("<I", data, 21)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8X" if len(data) >= 30:
            return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    raise ValueError("no such WebP")


def _jpeg(data: bytes) -> Size:
    """Goes from segment to segment, up to the frame's header, which holds the size."""
    at = 2
    while data[at] == 0xFF:
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):  # these three aren't frames
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        at += 1 if marker == 0xFF else 2 + struct.unpack_from(">H", data, at + 2)[0]  # 0xFF twice is padding
    raise ValueError("no frame")


_READERS: Mapping[bytes, Callable[[bytes], Size]] = {
    b"\x89PNG\r\n\x1a\n": _png,
    b"\xff\xd8\xff": _jpeg,
    b"GIF87a": _gif,
    b"GIF89a": _gif,
    b"RIFF": _webp,
}
"""How a file begins -> who reads its size."""
