"""Images and documents in a request, in the shapes of every API format.

A new kind of block is one row in `_MEDIA_BLOCKS`. What has another shape is found by `traces.content.data`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from traces.content.base64_text import is_base64, media_type
from traces.model import Json

ENCRYPTED = "encrypted"
"""The type of what only the server can read: how many tokens a model reads of it can't be known."""

MediaKind = Literal["image", "document"]


@dataclass(frozen=True, slots=True)
class Media:
    """An image or a document: its type (`image/png`), and its base64 data or its URL."""

    type: str
    base64: str = ""
    url: str = ""

    @property
    def kind(self) -> MediaKind:
        """Image or document, by its type."""
        return "image" if self.type.startswith("image/") else "document"


def media_of(block: Mapping[str, Any]) -> tuple[MediaKind, Media] | None:
    """Return the media in a block; None where it has none, or isn't of the shape that its type demands."""
    what = block.get("type")
    if not isinstance(what, str) or what not in _MEDIA_BLOCKS:
        return None
    kind, key = _MEDIA_BLOCKS[what]
    try:
        media = read_media(block.get(key, block))
    except RecursionError:
        return None
    return None if media is None else (kind or media.kind, media)


def read_media(value: Json) -> Media | None:
    """Return the media in a URL, in data, or in an object that holds either; None for an object that holds text."""
    if isinstance(value, str):
        return _of_url(value)
    if not isinstance(value, dict) or value.get("type") in ("text", "content"):
        return None
    kind = declared_type(value)
    if kind.startswith("text/") and value.get("type") != "base64":
        return None
    for key in DATA_FIELDS:
        if isinstance(data := value.get(key), str) and data:
            found = _of_url(data)
            return Media(kind or found.type, found.base64 or data)
    for key in _URL_FIELDS:
        if isinstance(place := value.get(key), str | dict):
            return read_media(place)
    return None


def declared_type(value: Mapping[str, Any]) -> str:
    """Return the media type that an object names beside its data; empty where it names none."""
    for key in TYPE_FIELDS:
        if isinstance(kind := value.get(key), str):
            return kind
    short = value.get("format")
    return f"audio/{short}" if isinstance(short, str) else ""


DATA_URL = re.compile(r"data:([\w.+/-]*)(?:;[\w.=+-]+)*;base64,", re.ASCII)


def _of_url(text: str) -> Media:
    """Return the media of a URL, which may be the data itself: `data:image/png;base64,…`, or base64 alone."""
    if found := DATA_URL.match(text):
        return Media(found[1] or media_type(text[found.end() :]), text[found.end() :])
    return Media(media_type(text), text) if is_base64(text) else Media("", url=text)


TYPE_FIELDS = ("media_type", "mediaType", "mime_type", "mimeType")

DATA_FIELDS = ("data", "file_data", "blob", "bytes", "b64_json", "base64")

_URL_FIELDS = ("url", "image", "image_url", "file_url", "uri", "file_uri", "fileUri", "file_id", "source")

_MEDIA_BLOCKS: Mapping[str, tuple[MediaKind | None, str]] = {
    "image": ("image", "source"),
    "image_url": ("image", "image_url"),
    "input_image": ("image", "image_url"),
    "computer_screenshot": ("image", "image_url"),
    "document": ("document", "source"),
    "file": (None, "file"),
    "input_file": (None, "input_file"),
    "media": (None, "media"),
    "audio": ("document", "audio"),
    "input_audio": ("document", "input_audio"),
    "audio_url": ("document", "audio_url"),
    "video": ("document", "video"),
    "input_video": ("document", "input_video"),
    "video_url": ("document", "video_url"),
}
"""Type of block -> what it is (None: what its media type says), and the field that holds it (else the block does)."""
