"""How many tokens an image is, from its pixels, by the rule that Anthropic publishes.

One token for each patch of 28 by 28 pixels, which is about width * height / 750. An image beyond the model's limits is
scaled down first: https://platform.claude.com/docs/en/build-with-claude/vision
"""

from math import ceil
from typing import NamedTuple

from analysis.image_size import Size, pixels
from analysis.models import LARGE_CLAUDE, claude_version
from traces.content.media import Media

_PATCH = 28


class Limits(NamedTuple):
    long_edge: int
    patches: int


STANDARD = Limits(1568, 1568)
HIGH_RESOLUTION = Limits(2576, 4784)


class ImageTokens(NamedTuple):
    """`estimate`: its pixels aren't known, or the model isn't Claude."""

    tokens: int
    estimate: bool


def image_tokens(image: Media, model: str | None) -> ImageTokens:
    """An image that isn't in the request itself, or can't be read, counts as the largest that the model takes."""
    version = claude_version(model)
    limits = HIGH_RESOLUTION if version is not None and version >= LARGE_CLAUDE else STANDARD
    size = pixels(image.base64)
    if size is None:
        return ImageTokens(limits.patches, True)
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
