"""zstd, from the library that this mitmproxy installs: zstandard, later backports.zstd; Python has it from 3.14 on."""

from importlib import import_module
from typing import Any

from traces.errors import ToolkitError

LEVEL = 12
"""Higher ones take several times as long for a few per cent."""


class DamagedError(Exception):
    """The bytes aren't what was compressed."""


def compress(data: bytes) -> bytes:
    """Return the data as a zstd frame. Raises ToolkitError where no library is installed."""
    library, is_stdlib = _library()
    compressed: bytes = (
        library.compress(data, level=LEVEL) if is_stdlib else library.ZstdCompressor(level=LEVEL).compress(data)
    )
    return compressed


def decompress(data: bytes) -> bytes:
    """Return what is in a zstd frame. Raises DamagedError, and ToolkitError where no library is installed."""
    library, is_stdlib = _library()
    try:
        plain: bytes = library.decompress(data) if is_stdlib else library.ZstdDecompressor().decompress(data)
    except library.ZstdError as error:
        raise DamagedError(str(error)) from error
    return plain


def _library() -> tuple[Any, bool]:
    """Return the library, and whether it is called as Python's own."""
    for name in ("compression.zstd", "backports.zstd", "zstandard"):
        try:
            return import_module(name), name != "zstandard"
        except ImportError:
            continue
    raise ToolkitError("The archive needs zstd, which comes with mitmproxy: pip install zstandard")
