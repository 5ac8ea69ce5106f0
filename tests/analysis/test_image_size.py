"""Width and height out of the first bytes of an image. The bytes were written by Pillow, and cut."""

import base64
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.image_size import pixels

PNG = "iVBORw0KGgoAAAANSUhEUgAAASwAAADICAIAAADdvUsCAAACQ0lEQVR4nO3T"
GIF = "R0lGODdhLAHIAIEAAAkJCQAAAAAAAAAAACwAAAAALAHIAEAI"
LOSSY = "UklGRqYAAABXRUJQVlA4IJoAAABwEACdASosAcgAP83m8XO/uDOsoCgD8DmJaW7h"
LOSSLESS = "UklGRiQAAABXRUJQVlA4TBgAAAAvK8ExAAfQhCY0of8BAEX6"
EXTENDED = "UklGRtIAAABXRUJQVlA4WAoAAAAQAAAAKwEAxwAAQUxQSBIAAAABB9CEiAgA"
JPEG = (
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////"
    "////////2wBDAf//////////////////////////////////////////////////////////////////////////////////////wAARCADIASwD"
    "ASIAAhEBAxEB/8QAFQAB"
)


def segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def progressive_behind_a_thumbnail() -> str:
    frame = segment(0xC2, struct.pack(">BHHB", 8, 200, 300, 3))
    parts = [b"\xff\xd8", segment(0xE1, bytes(60_000)), segment(0xC4, bytes(30)), b"\xff", frame]
    return base64.b64encode(b"".join(parts)).decode()


@pytest.mark.parametrize(
    "data",
    [PNG, GIF, LOSSY, LOSSLESS, EXTENDED, JPEG, progressive_behind_a_thumbnail()],
    ids=["png", "gif", "webp lossy", "webp lossless", "webp extended", "jpeg", "jpeg progressive"],
)
def test_the_size_of_each_format_is_read(data: str) -> None:
    assert pixels(data) == (300, 200)


@pytest.mark.parametrize(
    "data",
    ["", "not base64 at all!", "AAAA", PNG[:24], JPEG[:60], LOSSY[:20], base64.b64encode(b"RIFF....WEBPVP9 ").decode()],
)
def test_what_is_no_whole_header_has_no_size(data: str) -> None:
    assert pixels(data) is None


STARTS = [base64.b64decode(data) for data in (PNG, GIF, LOSSY, LOSSLESS, EXTENDED, JPEG)]


@given(st.sampled_from(STARTS), st.integers(0, 60), st.binary(max_size=200))
def test_no_image_raises(start: bytes, kept: int, rest: bytes) -> None:
    size = pixels(base64.b64encode(start[:kept] + rest).decode())
    assert size is None or min(size) > 0
