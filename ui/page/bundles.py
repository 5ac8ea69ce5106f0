"""The scripts that a page can be made of: bundles that `make web` makes of the sources in `web`."""

import base64
import zlib
from enum import Enum
from functools import cache
from pathlib import Path

STATIC = Path(__file__).with_name("static")

LIBRARY = "echarts.js"
"""What draws the charts of all pages."""


class Bundle(Enum):
    """What draws a page, by the name of its file."""

    TRACE = "trace.js"
    SESSION = "session.js"
    COMPARISON = "comparison.js"
    LIST = "list.js"

    @property
    def code(self) -> str:
        return read(self.value)

    @property
    def library(self) -> str | None:
        """The script of the library that it needs."""
        return None if self is Bundle.LIST else read(LIBRARY)


@cache
def read(name: str) -> str:
    """Return what the file of this name in `static` says."""
    return (STATIC / name).read_text("utf-8")


@cache
def compress(script: str) -> str:
    """Return a script as a page holds it until it is used: a third as long."""
    return base64.b64encode(zlib.compress(script.encode(), 9)).decode()
