"""How many tokens an image costs, by its size, which is read from its first bytes."""

import base64
import binascii
import struct
from collections.abc import Callable, Mapping
from math import ceil
from typing import NamedTuple

from analysis.tokens.models import LARGE_CLAUDE, claude_version
from traces.content.media import ENCRYPTED, Media

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

_PATCH = 28

_LETTERS = 2  # of base64 in a token, were it text: data of which nobody knows what it is costs no more


class Limits(NamedTuple):
    long_edge: int
    patches: int


STANDARD = Limits(1568, 1568)
HIGH_RESOLUTION = Limits(2576, 4784)


class ImageTokens(NamedTuple):
    """`tokens` is None where nobody but the server can know; `estimate`: its pixels aren't known, or the model isn't
    Claude."""

    tokens: int | None
    estimate: bool


def image_tokens(image: Media, model: str | None) -> ImageTokens:
    """Return what an image costs. One that isn't in the request itself, or can't be read, counts as the largest that
    the model takes; what is encrypted isn't known."""
    if image.type == ENCRYPTED:
        return ImageTokens(None, True)
    version = claude_version(model)
    limits = HIGH_RESOLUTION if version is not None and version >= LARGE_CLAUDE else STANDARD
    size = pixels(image.base64)
    if size is None:
        most = limits.patches if image.type or not image.base64 else min(limits.patches, len(image.base64) // _LETTERS)
        return ImageTokens(most, True)
    return ImageTokens(_patches(_within(size, limits)), version is None)


def _within(size: Size, limits: Limits) -> Size:
    """The largest size of the same proportions that keeps to the limits."""
    long, short = max(size), min(size)

    def scaled(edge: int) -> Size:
        return edge, max(1, round(short * edge / long))

    least, most = 1, min(long, limits.long_edge)
    while least < most:
        middle = (least + most + 1) // 2
        if _patches(scaled(middle)) <= limits.patches:
            least = middle
        else:
            most = middle - 1
    return scaled(least)


def _patches(size: Size) -> int:
    return ceil(size[0] / _PATCH) * ceil(size[1] / _PATCH)
