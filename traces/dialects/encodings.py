"""Decodes content encodings chunk by chunk, so that every decoded byte keeps the arrival time of its chunk.

A body may be several gzip members, deflated streams or zstd frames one after another, as a server makes them that
flushes by ending one; deflate comes with zlib's wrapping or without. brotli and a zstd library come with mitmproxy.
"""

import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import import_module
from typing import Any, Protocol

import brotli

PLAIN = ("", "identity", "none", "utf-8", "utf8")
"""What servers write where nothing is encoded. mitmproxy reads these, and clients pass over what they don't know."""


class DecodeError(Exception):
    """The bytes aren't in their content encoding, or that encoding is unknown here.

    `decoded` is what could still be decoded of them.
    """

    def __init__(self, message: str, decoded: bytes = b"") -> None:
        super().__init__(message)
        self.decoded = decoded


class _Coding(Protocol):
    def feed(self, data: bytes) -> bytes: ...


class _Part(Protocol):
    """A decompressor of one gzip member, one deflated stream or one zstd frame."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, /) -> bytes: ...


class _Parts:
    """Decodes one member or frame after another. Zeros after one are padding."""

    def __init__(self, begin: Callable[[], _Part]) -> None:
        self._begin = begin
        self._part: _Part | None = begin()

    def feed(self, data: bytes) -> bytes:
        out = []
        while data:
            if self._part is None:
                data = data.lstrip(b"\0")
                if not data:
                    break
                self._part = self._begin()
            try:
                out.append(self._part.decompress(data))
            except _ERRORS as error:
                raise DecodeError(str(error), b"".join(out)) from error
            data = b""
            if self._part.eof:
                data, self._part = self._part.unused_data, None
        return b"".join(out)


class _Deflate:
    """Decodes deflate with zlib's wrapping, as the standard demands, or without: the first two bytes show which."""

    def __init__(self) -> None:
        self._seen = b""
        self._decoder: Any = None

    @property
    def eof(self) -> bool:
        return self._decoder is not None and self._decoder.eof

    @property
    def unused_data(self) -> bytes:
        unused: bytes = self._decoder.unused_data
        return unused

    def decompress(self, data: bytes, /) -> bytes:
        if self._decoder is None:
            self._seen += data
            if len(self._seen) < 2:
                return b""
            first, second = self._seen[:2]
            is_wrapped = first & 0x0F == zlib.DEFLATED and (first << 8 | second) % 31 == 0
            self._decoder = zlib.decompressobj(zlib.MAX_WBITS if is_wrapped else -zlib.MAX_WBITS)
            data = self._seen
        decoded: bytes = self._decoder.decompress(data)
        return decoded


class _Brotli:
    def __init__(self) -> None:
        self._decoder = brotli.Decompressor()

    def feed(self, data: bytes) -> bytes:
        decoded: bytes = self._decoder.process(data)
        return decoded


def _first_of(*modules: str) -> Any:
    for name in modules:
        with suppress(ImportError):
            return import_module(name)
    return None


def _zstd() -> tuple[dict[str, Callable[[], _Coding]], type[Exception]]:
    """Return the decoder of zstd, from the library that this mitmproxy installs; an empty table without one.

    That is zstandard up to mitmproxy 12.2, then backports.zstd, which Python itself has from 3.14 on.
    """
    if library := _first_of("compression.zstd", "backports.zstd"):
        return {"zstd": lambda: _Parts(library.ZstdDecompressor)}, library.ZstdError
    if library := _first_of("zstandard"):
        return {"zstd": lambda: _Parts(lambda: library.ZstdDecompressor().decompressobj())}, library.ZstdError
    return {}, DecodeError


def _gzip() -> _Coding:
    return _Parts(lambda: zlib.decompressobj(zlib.MAX_WBITS | 16))


_ZSTD, _ZSTD_ERROR = _zstd()
_DECODERS: Mapping[str, Callable[[], _Coding]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": lambda: _Parts(_Deflate),
    "br": _Brotli,
    **_ZSTD,
}
_ERRORS = (zlib.error, brotli.error, _ZSTD_ERROR, EOFError)


class Decoder:
    """Decodes the codings that a content-encoding header names, in any case, last first, without those in `PLAIN`."""

    def __init__(self, encoding: str | None) -> None:
        """Prepare to decode. Raises DecodeError where one of the codings is unknown here."""
        self._encoding = encoding
        names = [name.strip().lower() for name in (encoding or "").split(",")]
        try:
            self._decoders = [_DECODERS[name]() for name in reversed(names) if name not in PLAIN]
        except KeyError as error:
            raise DecodeError(f"unknown content encoding {error.args[0]!r}") from error

    def feed(self, data: bytes) -> bytes:
        """Return what these bytes decode to, perhaps nothing yet. Raises DecodeError."""
        failure: Exception | None = None
        for decoder in self._decoders:
            try:
                data = decoder.feed(data) if data else data
            except DecodeError as error:
                data, failure = error.decoded, failure or error
            except _ERRORS as error:
                data, failure = b"", failure or error
        if failure:
            raise DecodeError(f"{self._encoding}: {failure}", data) from failure
        return data
