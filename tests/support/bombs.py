"""Few bytes that decode to gigabytes, and documents that take many times their size in memory.

A compressor's state is flushed after each piece, so that one compressed piece can be repeated for as long as it takes.
"""

import gzip
import zlib
from collections.abc import Callable, Mapping

import brotli
import zstandard

MIB = 2**20


def _flushed(wbits: int) -> tuple[bytes, bytes]:
    encoder = zlib.compressobj(wbits=wbits)
    first, more = (encoder.compress(bytes(MIB)) + encoder.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first, more


def _zlib(wbits: int) -> Callable[[int], bytes]:
    def bomb(mib: int) -> bytes:
        first, more = _flushed(wbits)
        return first + more * (mib - 1)

    return bomb


def _br(mib: int) -> bytes:
    encoder = brotli.Compressor(quality=1, lgwin=24)
    first, more = (encoder.process(bytes(16 * MIB)) + encoder.flush() for _ in range(2))
    return bytes(first + more * (mib // 16 - 1))


def _zstd(mib: int) -> bytes:
    encoder = zstandard.ZstdCompressor().compressobj()
    first, more = (
        encoder.compress(bytes(16 * MIB)) + encoder.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK) for _ in range(2)
    )
    return bytes(first + more * (mib // 16 - 1))


BOMBS: Mapping[str, tuple[str, Callable[[int], bytes]]] = {
    "gzip": ("gzip", _zlib(31)),
    "deflate": ("deflate", _zlib(15)),
    "raw deflate": ("deflate", _zlib(-15)),
    "brotli": ("br", _br),
    "zstd": ("zstd", _zstd),
    "many members of gzip": ("gzip", lambda mib: gzip.compress(bytes(16 * MIB), 1) * (mib // 16)),
    "many frames of zstd": ("zstd", lambda mib: zstandard.compress(bytes(16 * MIB)) * (mib // 16)),
    "gzip within gzip": ("gzip, gzip", lambda mib: gzip.compress(_zlib(31)(mib))),
    "brotli within gzip": ("br, gzip", lambda mib: gzip.compress(_br(mib))),
    "gzip within zstd within brotli": (
        "gzip, zstd, br",
        lambda mib: brotli.compress(zstandard.compress(_zlib(31)(mib)), quality=1),
    ),
    "what should be gzip within brotli": ("gzip, br", _br),
}
"""The content-encoding of each, and what makes one of so many MiB of zeros."""
