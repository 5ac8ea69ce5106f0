"""Decodes content encodings chunk by chunk, so that every decoded byte keeps the arrival time of its chunk.

A body may be several gzip members, deflated streams or zstd frames one after another, as a server makes them that
flushes by ending one; deflate comes with zlib's wrapping or without. brotli and a zstd library come with mitmproxy.

A few bytes may decode to gigabytes. So everything is decoded in pieces of a bounded size, and up to a limit: no coding
of a chain gives more than that, and what follows isn't decoded at all.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from importlib import import_module
from typing import Any, Protocol

import brotli

PLAIN = ("", "identity", "none", "utf-8", "utf8")
"""What servers write where nothing is encoded. mitmproxy reads these, and clients pass over what they don't know."""

MOST_CODINGS = 8
"""In one header. Each costs memory of its own, and nobody compresses so often."""

MOST_PARTS = 2**20
"""Members or frames of one body: a server that ends one after every token sends fewer, and each costs time."""

PIECE = 2**18
"""Bytes that a decompressor may give at once, where its library takes a bound."""

_WINDOW = 2**14
"""Bytes that it is given at once: at each part's end it copies those that are left of them."""


class DecodeError(Exception):
    """The bytes aren't in their content encoding, or that encoding is unknown here.

    `decoded` is what could still be decoded of them.
    """

    def __init__(self, message: str, decoded: bytes = b"") -> None:
        super().__init__(message)
        self.decoded = decoded


class _Part(Protocol):
    """A decompressor of one gzip member, one deflated stream, one zstd frame, or all of a brotli stream."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def pieces(self, data: bytes) -> Iterator[bytes]: ...


class _Zlib:
    """Decodes gzip or deflate. The latter comes with zlib's wrapping, as the standard demands, or without."""

    def __init__(self, wbits: int | None = None) -> None:
        """Prepare to decode what zlib's `wbits` say; with None, deflate, whose first two bytes show its wrapping."""
        self._seen = b""
        self._decoder = None if wbits is None else zlib.decompressobj(wbits)

    @property
    def eof(self) -> bool:
        return self._decoder is not None and self._decoder.eof

    @property
    def unused_data(self) -> bytes:
        return self._decoder.unused_data if self._decoder else b""

    def pieces(self, data: bytes) -> Iterator[bytes]:
        if self._decoder is None:
            data = self._seen = self._seen + data
            if len(data) < 2:
                return
            is_wrapped = data[0] & 0x0F == zlib.DEFLATED and (data[0] << 8 | data[1]) % 31 == 0
            self._decoder = zlib.decompressobj(zlib.MAX_WBITS if is_wrapped else -zlib.MAX_WBITS)
        while True:
            yield (piece := self._decoder.decompress(data, PIECE))
            data = self._decoder.unconsumed_tail
            if self.eof or (not data and len(piece) < PIECE):  # a full piece: zlib may hold more back
                return


class _Steps:
    """Decodes with a library that takes no bound: so few bytes at once that these can't become much."""

    def __init__(self, decode: Callable[[bytes], bytes], step: int, decoder: Any = None) -> None:
        self._decode, self._step, self._decoder = decode, step, decoder
        self.unused_data = b""

    @property
    def eof(self) -> bool:
        return self._decoder is not None and bool(self._decoder.eof)

    def pieces(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), self._step):
            yield self._decode(data[start : start + self._step])
            if self.eof:
                self.unused_data = self._decoder.unused_data + data[start + self._step :]
                return


class _Zstd:
    """Decodes a frame of zstd, with the library that came into Python 3.14."""

    def __init__(self, decoder: Any) -> None:
        self._decoder = decoder

    @property
    def eof(self) -> bool:
        return bool(self._decoder.eof)

    @property
    def unused_data(self) -> bytes:
        unused: bytes = self._decoder.unused_data
        return unused

    def pieces(self, data: bytes) -> Iterator[bytes]:
        yield self._decoder.decompress(data, PIECE)
        while not self._decoder.needs_input and not self.eof:
            yield self._decoder.decompress(b"", PIECE)


class _Brotli:
    """Decodes brotli, with a release from 1.2 on."""

    eof, unused_data = False, b""  # bytes behind its end are an error of its own

    def __init__(self) -> None:
        self._decoder = brotli.Decompressor()

    def pieces(self, data: bytes) -> Iterator[bytes]:
        yield self._decoder.process(data, output_buffer_limit=PIECE)
        while not self._decoder.can_accept_more_data():
            yield self._decoder.process(b"", output_buffer_limit=PIECE)


_STEP_OF_BROTLI = 16
"""Bytes. One block takes some 6 bytes at least, and may become 16 MiB."""

_STEP_OF_ZSTD = 256
"""Bytes. One block takes 4 bytes, and may become 128 KiB."""


def _brotli() -> _Part:
    if hasattr(brotli.Decompressor, "can_accept_more_data"):
        return _Brotli()
    return _Steps(brotli.Decompressor().process, _STEP_OF_BROTLI)


def _first_of(*modules: str) -> Any:
    for name in modules:
        with suppress(ImportError):
            return import_module(name)
    return None


def _zstd() -> tuple[dict[str, Callable[[], _Part]], type[Exception]]:
    """Return the decoder of zstd, from the library that this mitmproxy installs; an empty table without one.

    That is zstandard up to mitmproxy 12.2, then backports.zstd, which Python itself has from 3.14 on.
    """
    if library := _first_of("compression.zstd", "backports.zstd"):
        return {"zstd": lambda: _Zstd(library.ZstdDecompressor())}, library.ZstdError
    if library := _first_of("zstandard"):

        def frame() -> _Part:
            decoder = library.ZstdDecompressor().decompressobj()
            return _Steps(decoder.decompress, _STEP_OF_ZSTD, decoder)

        return {"zstd": frame}, library.ZstdError
    return {}, DecodeError


_ZSTD, _ZSTD_ERROR = _zstd()
_DECODERS: Mapping[str, Callable[[], _Part]] = {
    "gzip": lambda: _Zlib(zlib.MAX_WBITS | 16),
    "x-gzip": lambda: _Zlib(zlib.MAX_WBITS | 16),
    "deflate": _Zlib,
    "br": _brotli,
    **_ZSTD,
}
_ERRORS = (zlib.error, brotli.error, _ZSTD_ERROR, EOFError)


class _Coding:
    """Undoes one coding: one member or frame after another, up to a limit. Zeros after one are padding."""

    def __init__(self, begin: Callable[[], _Part], limit: int) -> None:
        self._begin = begin
        self._part: _Part | None = begin()
        self._parts = 1
        self._room = limit
        self.is_full = False

    def decode(self, encoded: Iterable[bytes]) -> Iterator[bytes]:
        """Yield what these pieces decode to, in pieces of a bounded size; nothing more once the limit is reached."""
        for data in _windows(encoded):
            for piece in self._pieces(data):
                fitting = piece[: self._room]
                self._room -= len(fitting)
                self.is_full = self.is_full or len(fitting) < len(piece)
                if fitting:
                    yield fitting
                if self.is_full:
                    return

    def _pieces(self, data: bytes) -> Iterator[bytes]:
        while data and not self.is_full:
            if self._part is None:
                data = data.lstrip(b"\0")
                if not data:
                    return
                self._part = self._begin()
                self._parts += 1
                self.is_full = self._parts > MOST_PARTS
            yield from self._part.pieces(data)
            data = b""
            if self._part.eof:
                data, self._part = self._part.unused_data, None


def _windows(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the pieces, longer ones in several."""
    for piece in pieces:
        yield from (piece[start : start + _WINDOW] for start in range(0, len(piece), _WINDOW))


class Decoder:
    """Decodes the codings that a content-encoding header names, in any case, last first, without those in `PLAIN`.

    is_plain   whether there are none
    """

    def __init__(self, encoding: str | None, limit: int) -> None:
        """Prepare to decode up to `limit` bytes. Raises DecodeError where one of the codings is unknown here.

        What isn't encoded is passed on whole.
        """
        self._encoding = encoding
        names = [name.strip().lower() for name in (encoding or "").split(",")]
        names = [name for name in reversed(names) if name not in PLAIN]
        self.is_plain = not names
        if len(names) > MOST_CODINGS:
            raise DecodeError(f"{len(names)} content encodings, one upon the other")
        try:
            self._codings = [_Coding(_DECODERS[name], limit) for name in names]
        except KeyError as error:
            raise DecodeError(f"unknown content encoding {error.args[0]!r}") from error

    @property
    def is_cut(self) -> bool:
        """Whether there was more than the limit, which is left out."""
        return any(coding.is_full for coding in self._codings)

    def feed(self, data: bytes) -> bytes:
        """Return what these bytes decode to, perhaps nothing yet. Raises DecodeError."""
        decoded: list[bytes] = []
        try:
            for piece in self.pieces(data):
                decoded.append(piece)
        except DecodeError as error:
            error.decoded = b"".join(decoded)
            raise
        return b"".join(decoded)

    def pieces(self, data: bytes) -> Iterable[bytes]:
        """Return what these bytes decode to, piece by piece. Raises DecodeError, after what could still be decoded."""
        return (data,) if self.is_plain and len(data) <= _WINDOW else self._decoded(data)

    def _decoded(self, data: bytes) -> Iterator[bytes]:
        pieces = _windows([] if self.is_cut else [data])
        for coding in self._codings:
            pieces = coding.decode(pieces)
        try:
            yield from pieces
        except _ERRORS as error:
            raise DecodeError(f"{self._encoding}: {error}") from error
