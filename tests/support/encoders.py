"""Content encodings that flush after every chunk, as a server does that streams compressed."""

import zlib
from collections.abc import Callable, Mapping

import brotli
import zstandard

Encoder = tuple[Callable[[bytes], bytes], Callable[[], bytes]]
"""What makes a chunk that can be decoded on its own, and what ends the stream."""


def _plain() -> Encoder:
    return lambda data: data, lambda: b""


def _gzip() -> Encoder:
    encoder = zlib.compressobj(wbits=31)
    return lambda data: encoder.compress(data) + encoder.flush(zlib.Z_SYNC_FLUSH), encoder.flush


def _br() -> Encoder:
    encoder = brotli.Compressor()
    return lambda data: encoder.process(data) + encoder.flush(), encoder.finish


def _zstd() -> Encoder:
    encoder = zstandard.ZstdCompressor().compressobj()
    return lambda data: encoder.compress(data) + encoder.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK), encoder.flush


ENCODERS: Mapping[str | None, Callable[[], Encoder]] = {None: _plain, "gzip": _gzip, "br": _br, "zstd": _zstd}
