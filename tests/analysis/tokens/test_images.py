"""Tokens of images, against what Anthropic publishes and what its API was measured to count.

Width and height out of the first bytes of an image. The bytes were written by Pillow, and cut.
"""

import base64
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.tokens.images import ImageTokens, image_size, image_tokens
from traces.content.media import ENCRYPTED, Media

OLD, NEW = "claude-sonnet-4-5", "claude-opus-4-8"


def png(width: int, height: int) -> Media:
    header = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + bytes(20)
    return Media("image/png", base64.b64encode(header).decode())


@pytest.mark.parametrize(
    ("width", "height", "model", "tokens"),
    [
        (1, 1, OLD, 1),
        (28, 28, OLD, 1),
        (29, 28, OLD, 2),
        (200, 200, OLD, 64),  # 8 by 8 patches; 200 * 200 / 750 = 53
        (1000, 1000, OLD, 1296),  # 36 by 36; 1000 * 1000 / 750 = 1333
        (1092, 1092, OLD, 1521),  # the largest square that isn't scaled down, says an older edition of the page
        (1920, 1080, OLD, 1560),  # measured: a screenshot of 16:9 counts 1,560 on Claude 4.6, whatever its size
        (3840, 2160, OLD, 1560),
        (2160, 3840, OLD, 1560),  # upright is the same
        (1920, 1080, NEW, 2691),  # 69 by 39, not scaled down
        (1, 100_000, OLD, 56),  # only the long edge is beyond the limits
        (8000, 8000, NEW, 4761),  # 69 by 69
    ],
)
def test_an_image_costs_its_patches_after_it_was_scaled_down(width: int, height: int, model: str, tokens: int) -> None:
    assert image_tokens(png(width, height), model) == ImageTokens(tokens, False)


@pytest.mark.parametrize(("model", "most"), [(OLD, 1568), (NEW, 4784)])
@pytest.mark.parametrize(
    "image", [Media("", url="http://a/b.png"), Media("image/png", "damaged"), Media("image/tiff", "")]
)
def test_an_image_that_cant_be_read_counts_as_the_largest_and_is_an_estimate(
    image: Media, model: str, most: int
) -> None:
    assert image_tokens(image, model) == ImageTokens(most, True)


@pytest.mark.parametrize("model", ["gpt-4o", "qwen3-vl", None])
def test_an_images_tokens_are_an_estimate_for_models_other_than_claude(model: str | None) -> None:
    assert image_tokens(png(280, 280), model) == ImageTokens(100, True)


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
    assert image_size(data) == (300, 200)


@pytest.mark.parametrize(
    "data",
    ["", "not base64 at all!", "AAAA", PNG[:24], JPEG[:60], LOSSY[:20], base64.b64encode(b"RIFF....WEBPVP9 ").decode()],
)
def test_an_incomplete_header_has_no_size(data: str) -> None:
    assert image_size(data) is None


STARTS = [base64.b64decode(data) for data in (PNG, GIF, LOSSY, LOSSLESS, EXTENDED, JPEG)]


@given(st.sampled_from(STARTS), st.integers(0, 60), st.binary(max_size=200))
def test_no_image_raises(start: bytes, kept: int, rest: bytes) -> None:
    size = image_size(base64.b64encode(start[:kept] + rest).decode())
    assert size is None or min(size) > 0


def test_the_cost_of_an_encrypted_image_is_unknown() -> None:
    assert image_tokens(Media(ENCRYPTED, "c2ln"), NEW) == ImageTokens(None, True)


def test_data_of_an_unknown_type_costs_no_more_than_as_text() -> None:
    assert image_tokens(Media("", "c2ln" * 100), OLD) == ImageTokens(200, True)
    assert image_tokens(Media("", "c2ln" * 100_000), OLD) == ImageTokens(1568, True)
