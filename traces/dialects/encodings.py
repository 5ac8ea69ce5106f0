"""Content encodings, undone chunk by chunk, so that every decoded byte keeps the arrival time of its chunk.

brotli and a zstd come with mitmproxy. Knows nothing of what the bytes mean.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from importlib import import_module
from typing import Any

import brotli

Decoder = Callable[[bytes], bytes]


class DecodeError(Exception):
    """The bytes aren't what their content encoding says, or nobody here knows that encoding."""


def _brotli() -> Decoder:
    decompressor = brotli.Decompressor()
    return lambda chunk: decompressor.process(chunk)


def _first_of(*modules: str) -> Any:
    for name in modules:
        with suppress(ImportError):
            return import_module(name)
    return None


def _zstd() -> tuple[dict[str, Callable[[], Decoder]], type[Exception]]:
    """Of the library that this mitmproxy brought: zstandard up to 12.2, then backports.zstd, which is Python's own from
    3.14 on. Should there be none, zstd is an encoding that nobody knows, and all else goes on."""
    if library := _first_of("compression.zstd", "backports.zstd"):
        return {"zstd": lambda: library.ZstdDecompressor().decompress}, library.ZstdError
    if library := _first_of("zstandard"):
        return {"zstd": lambda: library.ZstdDecompressor().decompressobj().decompress}, library.ZstdError
    return {}, DecodeError


_ZSTD, _ZSTD_ERROR = _zstd()
_DECODERS: Mapping[str, Callable[[], Decoder]] = {
    "gzip": lambda: zlib.decompressobj(zlib.MAX_WBITS | 16).decompress,
    "x-gzip": lambda: zlib.decompressobj(zlib.MAX_WBITS | 16).decompress,
    "deflate": lambda: zlib.decompressobj().decompress,
    "br": _brotli,
    **_ZSTD,
}
_ERRORS = (zlib.error, brotli.error, _ZSTD_ERROR, EOFError)


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
