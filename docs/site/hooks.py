"""Brings the pages at the top of the repository into the site, and lets their links lead to the site's pages.

They stand where people look for them: GitHub shows README.md and CONTRIBUTING.md there.
"""

import re
from pathlib import Path, PurePosixPath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[2]

PAGES = {
    "README.md": "index.md",
    "ARCHITECTURE.md": "architecture.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security.md",
    "benchmarks/README.md": "benchmarks.md",
}
"""A page of the repository -> its name in the site."""

_LINK = re.compile(r"\[([^\]]*)\]\((?![a-z]+:|#)([^)\s#]+)(#[^)\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that stand outside of docs/."""
    for place, name in PAGES.items():
        text = (ROOT / place).read_text(encoding="utf-8")
        files.append(File.generated(config, name, content=_in_site(text, PurePosixPath(place).parent)))
    return files


def on_page_markdown(markdown: str, page: object, config: MkDocsConfig, files: Files) -> str:
    """Let the links of docs/ to pages outside of it lead to the site's."""
    return _in_site(markdown, PurePosixPath("docs"))


def _in_site(text: str, folder: PurePosixPath) -> str:
    def lead(link: re.Match[str]) -> str:
        text, target, anchor = link[1], _normal(folder / link[2]), link[3] or ""
        if target not in PAGES and not target.startswith("docs/"):
            return text  # a file of the repository that is no page
        return f"[{text}]({PAGES.get(target, target.removeprefix('docs/'))}{anchor})"

    return _LINK.sub(lead, text)


def _normal(path: PurePosixPath) -> str:
    """Return a path without its `..`."""
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
