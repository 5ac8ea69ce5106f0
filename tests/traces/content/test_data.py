"""Data found in JSON of any shape, and what is left without it."""

import base64
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.json_values import json_values
from traces.content.data import split
from traces.content.media import ENCRYPTED, Media
from traces.model import Json

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + Random(2).randbytes(900)).decode()
NOISE = base64.b64encode(Random(3).randbytes(900)).decode()
IMAGE = Media("image/png", PNG)

CASES: dict[str, tuple[Json, Json, list[Media]]] = {
    "nothing but words": ({"a": ["b", 1, None, True]}, {"a": ["b", 1, None, True]}, []),
    "base64 in a field of any name": ({"x": {"y": [PNG, "z"]}}, {"x": {"y": ["z"]}}, [IMAGE]),
    "base64 whose type isn't known": ({"x": NOISE}, {}, [Media("", NOISE)]),
    "base64 alone": (PNG, None, [IMAGE]),
    "a data URL": ({"src": f"data:image/gif;base64,{NOISE}"}, {}, [Media("image/gif", NOISE)]),
    "a data URL among words": (
        {"html": f"<img src='data:image/png;base64,{PNG}'> a cat"},
        {"html": "<img src=''> a cat"},
        [IMAGE],
    ),
    "an image as MCP has it": (
        {"content": [{"type": "image", "data": PNG, "mimeType": "image/png"}]},
        {"content": []},
        [IMAGE],
    ),
    "a short one, too": (
        {"inline_data": {"mime_type": "image/png", "data": "aGk="}},
        {"inline_data": {"mime_type": "image/png"}},
        [Media("image/png", "aGk=")],
    ),
    "a resource": (
        {"resource": {"uri": "file:///a.pdf", "mimeType": "application/pdf", "blob": NOISE}},
        {"resource": {"uri": "file:///a.pdf", "mimeType": "application/pdf"}},
        [Media("application/pdf", NOISE)],
    ),
    "a resource of text": (
        {"mimeType": "text/plain", "data": "the words"},
        {"mimeType": "text/plain", "data": "the words"},
        [],
    ),
    "a block of Anthropic's, deep inside": (
        {
            "content": {
                "content": {
                    "type": "document",
                    "source": {"type": "base64", "media_type": "application/pdf", "data": NOISE},
                }
            }
        },
        {"content": {}},
        [Media("application/pdf", NOISE)],
    ),
    "what is encrypted": ({"url": "u", "encrypted_content": "c2ln"}, {"url": "u"}, [Media(ENCRYPTED, "c2ln")]),
    "a signature": ({"signature": NOISE}, {}, [Media(ENCRYPTED, NOISE)]),
    "a signature of a function": (
        {"signature": "def read(path: str, limit: int = 0) -> str | None"},
        {"signature": "def read(path: str, limit: int = 0) -> str | None"},
        [],
    ),
}


@pytest.mark.parametrize(("value", "rest", "media"), CASES.values(), ids=CASES.keys())
def test_data_is_taken_out_of_what_holds_it(value: Json, rest: Json, media: list[Media]) -> None:
    assert split(value) == (rest, media)


@given(json_values(keys=st.sampled_from(["type", "data", "mimeType", "a", "signature"])))
def test_what_holds_no_data_stays_as_it_is(value: Json) -> None:
    if not (found := split(value)).media:
        assert found.rest == value


def test_what_is_nested_too_deeply_stays_as_it_is() -> None:
    deep: Json = PNG
    for _ in range(5000):
        deep = [deep]
    assert split(deep).media == []
