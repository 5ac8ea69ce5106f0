import gzip
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard

from traces.dialects.encodings import DecodeError, decoded

TEXT = b"event: ping\ndata: {}\n\n" * 50

ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "gzip, br": lambda data: brotli.compress(gzip.compress(data)),
    "identity": bytes,
    "": bytes,
}


@pytest.mark.parametrize("encoding", ENCODERS)
def test_every_encoding_is_undone_byte_by_byte(encoding: str) -> None:
    sent = ENCODERS[encoding](TEXT)

    chunks = list(decoded((sent[i : i + 1] for i in range(len(sent))), encoding))

    assert len(chunks) == len(sent)
    assert b"".join(chunks) == TEXT


def test_a_flushed_piece_is_decoded_when_it_arrives_and_not_later() -> None:
    encoder = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    pieces = [encoder.compress(text) + encoder.flush(zlib.Z_SYNC_FLUSH) for text in (b"one", b"two", b"three")]

    assert list(decoded(pieces, "gzip")) == [b"one", b"two", b"three"]


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_what_is_not_in_its_encoding_is_an_error_after_what_could_be_decoded(encoding: str) -> None:
    seen: list[bytes] = []

    with pytest.raises(DecodeError, match=encoding):
        seen.extend(decoded([b"", b"this is not compressed at all"], encoding))

    assert seen in ([], [b""])


def test_an_unknown_encoding_is_named() -> None:
    with pytest.raises(DecodeError, match="unknown content encoding 'snappy'"):
        list(decoded([b"x"], "snappy"))
