"""Content encodings, undone chunk by chunk, so that every decoded byte keeps the arrival time of its chunk.

brotli and zstandard come with mitmproxy. Knows nothing of what the bytes mean.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping

import brotli
import zstandard

Decoder = Callable[[bytes], bytes]


class DecodeError(Exception):
    """The bytes aren't what their content encoding says, or nobody here knows that encoding."""


def _brotli() -> Decoder:
    decompressor = brotli.Decompressor()
    return lambda chunk: decompressor.process(chunk)


_DECODERS: Mapping[str, Callable[[], Decoder]] = {
    "gzip": lambda: zlib.decompressobj(zlib.MAX_WBITS | 16).decompress,
    "x-gzip": lambda: zlib.decompressobj(zlib.MAX_WBITS | 16).decompress,
    "deflate": lambda: zlib.decompressobj().decompress,
    "br": _brotli,
    "zstd": lambda: zstandard.ZstdDecompressor().decompressobj().decompress,
}
_ERRORS = (zlib.error, brotli.error, zstandard.ZstdError, EOFError)


def decoded(chunks: Iterable[bytes], encoding: str | None) -> Iterator[bytes]:
    """One decoded chunk for each chunk (possibly empty).

    `encoding` is the value of a content-encoding header; several codings are undone last first.
    Raises DecodeError at the first chunk that can't be decoded: what came before has been yielded.
    """
    codings = [name.strip().lower() for name in (encoding or "").split(",")]
    try:
        decoders = [_DECODERS[name]() for name in reversed(codings) if name not in ("", "identity")]
    except KeyError as error:
        raise DecodeError(f"unknown content encoding {error.args[0]!r}") from error
    for chunk in chunks:
        for decode in decoders:
            try:
                chunk = decode(chunk) if chunk else chunk
            except _ERRORS as error:
                raise DecodeError(f"{encoding}: {error}") from error
        yield chunk
