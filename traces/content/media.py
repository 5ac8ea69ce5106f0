"""Images and documents in a request, whichever way a dialect writes them.

A new kind of block is one row in `_READ`. Knows nothing of what lies around a block.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from traces.model import Json


@dataclass(frozen=True, slots=True)
class Media:
    """An image or a document: its type (`image/png`), and its base64 data or the address where it lies."""

    type: str
    base64: str = ""
    url: str = ""


def media_of(block: Mapping[str, Any]) -> tuple[Literal["image", "document"], Media] | None:
    """What the block shows to the model; None where it shows nothing, or isn't written as its type promises."""
    what = block.get("type")
    if not isinstance(what, str) or what not in _READ:
        return None
    kind, key, read = _READ[what]
    media = read(block.get(key, block))
    return None if media is None else (kind, media)


def _source(source: Json) -> Media | None:
    """Anthropic's `source`. One that holds text isn't media."""
    match source:
        case {"type": "base64", "media_type": str(kind), "data": str(data)}:
            return Media(kind, data)
        case {"type": "url", "url": str(url)}:
            return Media("", url=url)
        case {"type": "file", "file_id": str(file)}:
            return Media("", url=file)
    return None


def _address(value: Json) -> Media | None:
    """OpenAI's address of an image: a web address, or the data itself (`data:image/png;base64,…`)."""
    match value:
        case str(url):
            kind, comma, data = url.removeprefix("data:").partition(";base64,")
            return Media(kind, data) if comma and url.startswith("data:") else Media("", url=url)
        case {"url": str(url)}:
            return _address(url)
        case {"file_id": str(file)}:
            return Media("", url=file)
    return None


def _file(value: Json) -> Media | None:
    """OpenAI's file: its data, or where it lies."""
    match value:
        case {"file_data": str(data)}:
            return _address(data)
        case {"file_url": str(place)} | {"file_id": str(place)}:
            return Media("", url=place)
    return None


def _audio(value: Json) -> Media | None:
    match value:
        case {"data": str(data), "format": str(kind)}:
            return Media(f"audio/{kind}", data)
    return None


_READ: Mapping[str, tuple[Literal["image", "document"], str, Callable[[Json], Media | None]]] = {
    "image": ("image", "source", _source),
    "image_url": ("image", "image_url", _address),
    "input_image": ("image", "image_url", _address),
    "document": ("document", "source", _source),
    "file": ("document", "file", _file),
    "input_file": ("document", "input_file", _file),
    "input_audio": ("document", "input_audio", _audio),
}
"""Type of block -> what it is, the field that holds it (where there is none: the block), how that is read."""
