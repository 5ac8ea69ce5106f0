"""A page: one HTML file that holds all it needs, opens from disk, and loads nothing from any network.

The page gets its data as JSON and draws itself: its script makes elements, and whatever comes from a trace becomes text
in them. Two measures protect that. The data can't close its own script element, and a content security policy in the
page allows only the scripts written here, named by their hashes, and allows nothing to be fetched.
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
from ui.page.bundles import Bundle, compress, read


def render(bundle: Bundle, data: dict[str, Any]) -> str:
    """Return the whole file. The bundle's script draws `data`, to which the toolkit's version is added.

    Its `title` is the page's title; where its `live` is true, the page may ask the server that it came from, and no
    other.
    """
    ours = version("anyclaude-toolkit")
    style, code, library = read("page.css"), bundle.code, bundle.library
    scripts = [code] if library is None else [code, library]
    return Template(read("page.html")).substitute(
        policy=_policy(scripts, [style], live=bool(data.get("live"))),
        version=html.escape(ours),
        title=html.escape(_printable_title(data["title"])),
        style=style,
        data=embeddable_json({"version": ours, **data}),
        library=_library_element(library) if library else "",
        code=code,
    )


def write(path: Path, written: str) -> None:
    """Write a page for its owner alone to read, as traces are: it holds what they typed. Raises OSError."""
    store.replace(path, written.encode())


def embeddable_json(data: Any) -> str:
    """Return JSON that can be put into a script element.

    Without `<` it can neither close the element nor open a comment. Halves of surrogate pairs, which UTF-8 can't hold,
    stay as JSON's escapes.
    """
    dumped = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    return dumped.encode("utf-8", "backslashreplace").decode("utf-8")


def _policy(scripts: Sequence[str], styles: Sequence[str], live: bool) -> str:
    """Return a policy by which nothing is loaded, sent, framed or submitted."""
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


def _hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _library_element(library: str) -> str:
    """Return the script element of a library, compressed: the page's own script unpacks it, the policy allows it."""
    return f'<script type="text/plain" id="library">{compress(library)}</script>\n'


def _printable_title(title: str) -> str:
    """Return the title with what can't be printed replaced: the browser itself shows it."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in title)
