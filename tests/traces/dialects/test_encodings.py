import gzip
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard

from traces.dialects.encodings import DecodeError, Decoder

TEXT = b"event: ping\ndata: {}\n\n" * 50
LIMIT = 2**20
HALF = len(TEXT) // 2

SKIPPABLE = (0x184D2A50).to_bytes(4, "little") + (4).to_bytes(4, "little") + b"abcd"
"""A frame of zstd that holds nothing."""


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(data)


def raw_deflate(data: bytes) -> bytes:
    encoder = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return encoder.compress(data) + encoder.flush()


ENCODED: dict[str, tuple[str, bytes]] = {
    "gzip": ("gzip", gzip.compress(TEXT)),
    "gzip in capitals": (" GZIP", gzip.compress(TEXT)),
    "gzip by its old name": ("x-gzip", gzip.compress(TEXT)),
    "two members of gzip": ("gzip", gzip.compress(TEXT[:HALF]) + gzip.compress(TEXT[HALF:])),
    "a member of gzip for each byte": ("gzip", b"".join(gzip.compress(TEXT[at : at + 1]) for at in range(len(TEXT)))),
    "an empty member of gzip": ("gzip", gzip.compress(b"") + gzip.compress(TEXT)),
    "zeros behind gzip": ("gzip", gzip.compress(TEXT) + bytes(9)),
    "deflate": ("deflate", zlib.compress(TEXT)),
    "deflate, hardly compressed": ("deflate", zlib.compress(TEXT, 1)),
    "raw deflate": ("deflate", raw_deflate(TEXT)),
    "two deflated streams": ("deflate", zlib.compress(TEXT[:HALF]) + raw_deflate(TEXT[HALF:])),
    "brotli": ("br", brotli.compress(TEXT)),
    "zstd": ("zstd", zstd(TEXT)),
    "two frames of zstd": ("zstd", zstd(TEXT[:HALF]) + zstd(TEXT[HALF:])),
    "a frame of zstd to skip": ("zstd", SKIPPABLE + zstd(TEXT[:HALF]) + SKIPPABLE + zstd(TEXT[HALF:]) + SKIPPABLE),
    "two codings": ("gzip, br", brotli.compress(gzip.compress(TEXT))),
    "the same coding twice": ("gzip,gzip", gzip.compress(gzip.compress(TEXT))),
    "parts within a coding": ("zstd, gzip", gzip.compress(zstd(TEXT[:HALF]) + zstd(TEXT[HALF:]))),
    "identity": ("identity", TEXT),
    "no coding": ("", TEXT),
    "a coding that is none": ("none", TEXT),
    "a character set in a coding's place": ("UTF-8", TEXT),
}


@pytest.mark.parametrize("case", ENCODED)
def test_every_encoding_is_undone_whole_and_byte_by_byte(case: str) -> None:
    encoding, sent = ENCODED[case]
    decoder = Decoder(encoding, LIMIT)

    assert Decoder(encoding, LIMIT).feed(sent) == TEXT
    assert b"".join(decoder.feed(sent[at : at + 1]) for at in range(len(sent))) == TEXT


FLUSHED: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "a member of gzip": ("gzip", gzip.compress),
    "a frame of zstd": ("zstd", zstd),
}


@pytest.mark.parametrize("case", FLUSHED)
def test_what_is_a_whole_part_is_decoded_when_it_arrives_and_not_later(case: str) -> None:
    encoding, encode = FLUSHED[case]
    decoder = Decoder(encoding, LIMIT)

    assert [decoder.feed(encode(text)) for text in (b"one", b"two")] == [b"one", b"two"]


def test_a_flushed_piece_is_decoded_when_it_arrives_and_not_later() -> None:
    encoder = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    pieces = [encoder.compress(text) + encoder.flush(zlib.Z_SYNC_FLUSH) for text in (b"one", b"two", b"three")]
    decoder = Decoder("gzip", LIMIT)

    assert [decoder.feed(piece) for piece in pieces] == [b"one", b"two", b"three"]


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_what_is_not_in_its_encoding_is_an_error(encoding: str) -> None:
    with pytest.raises(DecodeError, match=encoding):
        Decoder(encoding, LIMIT).feed(b"this is not compressed at all")


@pytest.mark.parametrize("encoding", ["gzip", "gzip, gzip"])
def test_what_follows_a_whole_part_and_is_none_is_an_error_that_keeps_the_part(encoding: str) -> None:
    sent = gzip.compress(TEXT) + b"and more"
    with pytest.raises(DecodeError, match="gzip") as caught:
        Decoder(encoding, LIMIT).feed(sent if encoding == "gzip" else gzip.compress(sent))

    assert caught.value.decoded == TEXT


def test_an_unknown_encoding_is_named() -> None:
    with pytest.raises(DecodeError, match="unknown content encoding 'snappy'"):
        Decoder("snappy", LIMIT)
