"""Tokens of images, against what Anthropic publishes and what its API was measured to count."""

import base64
import struct

import pytest

from analysis.images import ImageTokens, image_tokens
from traces.content.media import Media

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
def test_for_another_model_than_claude_it_is_an_estimate(model: str | None) -> None:
    assert image_tokens(png(280, 280), model) == ImageTokens(100, True)
