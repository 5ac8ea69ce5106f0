"""The scripts of pages: bundles that `make web` builds from the sources in `web`."""

import base64
import zlib
from enum import Enum
from functools import cache
from pathlib import Path

STATIC = Path(__file__).with_name("static")

LIBRARY = "echarts.js"
"""The library that draws the charts of all pages."""


class Bundle(Enum):
    """The bundle that draws a page, by the name of its file."""

    TRACE = "trace.js"
    SESSION = "session.js"
    COMPARISON = "comparison.js"
    LIST = "list.js"
    DIFF = "diff.js"
    EXAM = "exam.js"
    LOAD = "load.js"

    @property
    def code(self) -> str:
        return read(self.value)

    @property
    def library(self) -> str | None:
        """The script of the chart library, if the page needs it."""
        return None if self in (Bundle.LIST, Bundle.DIFF, Bundle.EXAM) else read(LIBRARY)


@cache
def read(name: str) -> str:
    """Return the content of the file of this name in `static`."""
    return (STATIC / name).read_text("utf-8")


@cache
def compress(script: str) -> str:
    """Return a script compressed, in base64, a third as long: the page unpacks it when it is used."""
    return base64.b64encode(zlib.compress(script.encode(), 9)).decode()
