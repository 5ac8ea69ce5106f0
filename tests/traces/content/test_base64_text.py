"""Which texts are data, and what the data is."""

import base64
import textwrap
from random import Random

import pytest

from traces.content.base64_text import is_base64, media_type

BYTES = Random(1).randbytes(900)
DATA = base64.b64encode(BYTES).decode()


@pytest.mark.parametrize(
    ("text", "data"),
    [
        pytest.param(DATA, True, id="base64"),
        pytest.param(base64.urlsafe_b64encode(BYTES + b"x").decode(), True, id="for addresses, padded"),
        pytest.param("\n".join(textwrap.wrap(DATA, 76)), True, id="in lines"),
        pytest.param("\r\n".join(textwrap.wrap(DATA, 64)) + "\r\n", True, id="in lines of Windows"),
        pytest.param("A" * 2000, True, id="zeros"),
        pytest.param("/9j/" + "a" * 300, True, id="begins as a JPEG"),
        pytest.param("c2ln" * 20, False, id="as short as an id"),
        pytest.param("the words of a person " * 50, False, id="words"),
        pytest.param("a" * 300, False, id="one letter"),
        pytest.param("\n".join(["alpha", "beta", "gamma1", "Delta"] * 60), False, id="a list of words"),
        pytest.param("/usr/lib/python3/dist-packages/" * 20, False, id="a path"),
        pytest.param('{"a":1}' * 100, False, id="JSON"),
        pytest.param("日本語" * 200, False, id="another script"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_a_text_is_data_by_what_it_is(text: str, data: bool) -> None:
    assert is_base64(text) is data


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n0000000000", "image/png"),
        (b"\xff\xd8\xff\xe0000000000000", "image/jpeg"),
        (b"GIF89a0000000000000", "image/gif"),
        (b"RIFF0000WEBPVP8 0000", "image/webp"),
        (b"RIFF0000WAVEfmt 0000", "audio/wav"),
        (b"%PDF-1.7\n0000000000", "application/pdf"),
        (b"\x00\x00\x00\x20ftypisom00000000", "video/mp4"),
        (b"ID3\x04\x00000000000000000", "audio/mpeg"),
        (b"anything else at all", ""),
    ],
)
def test_data_has_its_type_by_its_first_bytes(start: bytes, kind: str) -> None:
    assert media_type(base64.b64encode(start).decode()) == kind


@pytest.mark.parametrize("text", ["", "a", "====", "é" * 30])
def test_what_is_no_base64_has_no_type(text: str) -> None:
    assert media_type(text) == ""
