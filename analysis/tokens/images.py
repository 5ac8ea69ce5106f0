"""How many tokens an image costs, by its size in pixels, which is read from the file's header."""

import base64
import binascii
import struct
from collections.abc import Callable, Mapping
from math import ceil
from typing import NamedTuple

from analysis.tokens.models import LARGE_CLAUDE, claude_version
from traces.content.media import ENCRYPTED, Media

Size = tuple[int, int]

_HEADER = 64  # characters of base64, 48 bytes: all formats but JPEG have their size there


def image_size(data: str) -> Size | None:
    """Return width and height of an image in base64; None for an unknown format and for a damaged image."""
    header = _decode(data[:_HEADER])
    read = next((read for start, read in _READERS.items() if header.startswith(start)), None)
    if read is None:
        return None
    if read is _jpeg:
        header = _decode(data)  # the size may come after a thumbnail or a colour profile
    try:
        width, height = read(header)
    except (struct.error, IndexError, ValueError):
        return None
    return (width, height) if width > 0 and height > 0 else None


def _decode(data: str) -> bytes:
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
    """Read the size of a WebP file, which is one of three formats: lossy, lossless or extended."""
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
    """Read the size of a JPEG file: go from segment to segment up to the frame's header, which holds it."""
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
"""A file's first bytes -> the function that reads its size."""

_PATCH = 28  # pixels

_CHARS_PER_TOKEN = 2  # of base64 that is read as text: the most that data of an unknown type can cost


class Limits(NamedTuple):
    """The largest image that a model takes, in pixels and in patches of 28 by 28; larger ones are scaled down."""

    long_edge: int
    patches: int


STANDARD = Limits(1568, 1568)
HIGH_RESOLUTION = Limits(2576, 4784)


class ImageTokens(NamedTuple):
    """What an image costs.

    tokens      None where only the server can know
    estimate    whether the size in pixels is unknown, or the model isn't Claude
    """

    tokens: int | None
    estimate: bool


def image_tokens(image: Media, model: str | None) -> ImageTokens:
    """Return what an image costs.

    An image that isn't in the request itself, or can't be read, counts as the largest that the model takes; the cost of
    an encrypted one is unknown.
    """
    if image.type == ENCRYPTED:
        return ImageTokens(None, True)
    version = claude_version(model)
    limits = HIGH_RESOLUTION if version is not None and version >= LARGE_CLAUDE else STANDARD
    size = image_size(image.base64)
    if size is None:
        most = (
            limits.patches
            if image.type or not image.base64
            else min(limits.patches, len(image.base64) // _CHARS_PER_TOKEN)
        )
        return ImageTokens(most, True)
    return ImageTokens(_patches(_scale_down(size, limits)), version is None)


def _scale_down(size: Size, limits: Limits) -> Size:
    """Return the largest size of the same proportions within the limits."""
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
