"""A page that people look at: one HTML file that holds all it needs, opens from disk, and asks nothing of any network.

The page gets its data as JSON and draws itself: the scripts in `assets` make elements, and whatever comes from a trace
becomes text in them. Two walls stand around that. The data can't close its own script element, and a policy in the page
lets nothing run but the scripts written here, known by their hashes, and lets nothing be fetched.

This module must not know what a page is about: that is said by the data, and by the scripts that come with it.
"""

import base64
import hashlib
import html
import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from string import Template
from typing import Any

from traces.storage import store

ASSETS = Path(__file__).with_name("assets")

SCRIPTS = ("dom", "figures", "charts", "fold", "search", "conversation", "frame")
"""What every page has, in this order; the scripts of the page itself follow."""


def page(scripts: Sequence[Path], data: dict[str, Any], libraries: Sequence[str] = ("echarts",)) -> str:
    """The whole file. Its last script begins to draw; all of them find `data`, with our version in it, as `DATA`. Its
    `title` is the page's, and with a true `live` it may ask the server that it came from, and nobody else.

    `libraries` are names in `assets/vendor`."""
    ours = version("anyclaude-toolkit")
    style, library = _asset("page.css"), "\n".join(_asset(f"vendor/{name}.min.js") for name in libraries)
    files = [*(ASSETS / f"{name}.js" for name in SCRIPTS), *scripts]
    code = "\n".join(['"use strict";', *(file.read_text("utf-8") for file in files)])
    return Template(_asset("page.html")).substitute(
        policy=_policy([library, code], [style], live=bool(data.get("live"))),
        version=html.escape(ours),
        title=html.escape(_written(data["title"])),
        style=style,
        data=embedded({"version": ours, **data}),
        library=library,
        code=code,
    )


def write(path: Path, text: str) -> None:
    """A file for its owner alone, as traces are: it holds what they typed. Raises OSError."""
    store.replace(path, text.encode())


def embedded(data: Any) -> str:
    """JSON that can stand in a script element: without `<` it can neither close it nor open a comment. Halves of
    surrogate pairs, which UTF-8 can't hold, stay as JSON's escapes."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _policy(scripts: Sequence[str], styles: Sequence[str], live: bool) -> str:
    """Nothing may be loaded, sent, framed or submitted. `style` attributes are left to the chart library."""
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {' '.join(map(_hash, scripts))}",
            f"style-src {' '.join(map(_hash, styles))}",
            "img-src data:",
            *(["connect-src 'self'"] if live else []),
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _asset(name: str) -> str:
    return (ASSETS / name).read_text("utf-8")


def _written(title: str) -> str:
    """A title is shown by the browser itself, so what can't be printed is left out."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in title)
