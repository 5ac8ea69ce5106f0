"""A page is one file that holds all it needs, and runs only its own scripts."""

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest

from ui.page import page
from ui.page.bundles import Bundle

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "]]>",
    "\u2028\u2029\u202e\x00\x1b[2J",
    "a half \ud83d of a pair",
    "\"quoted\" \\ and 'single'",
    "${style}$code",
]


class Elements(HTMLParser):
    """The elements of a page: of each its name, its attributes, and the text directly in it."""

    def __init__(self) -> None:
        super().__init__()
        self.all: list[tuple[str, dict[str, str | None], list[str]]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.all.append((tag, dict(attributes), []))

    def handle_data(self, data: str) -> None:
        if self.all:
            self.all[-1][2].append(data)

    def handle_endtag(self, tag: str) -> None:
        self.all.append(("after " + tag, {}, []))

    def of(self, tag: str) -> list[tuple[dict[str, str | None], str]]:
        return [(attributes, "".join(texts)) for name, attributes, texts in self.all if name == tag]


def elements_of(bundle: Bundle = Bundle.TRACE, **data: Any) -> Elements:
    found = Elements()
    found.feed(page.render(bundle, {"title": "A page", **data}))
    return found


@pytest.mark.parametrize("text", HOSTILE)
def test_the_data_comes_back_as_it_was_and_closes_no_element(text: str) -> None:
    found = elements_of(text=text, nested=[{text: 2.5}, None, True])

    (_, data), *code = found.of("script")
    assert code == [({"type": "text/plain", "id": "library"}, ANY), ({}, Bundle.TRACE.code)]
    assert json.loads(data) | {"version": ""} == {
        "version": "",
        "title": "A page",
        "text": text,
        "nested": [{text: 2.5}, None, True],
    }


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("</title><script>alert(1)</script>", "</title><script>alert(1)</script>"),
        ("left \u202eright", "left \ufffdright"),
        ("a half \ud83d", "a half \ufffd"),
        ("${style}$code", "${style}$code"),
    ],
)
def test_a_title_is_text(text: str, title: str) -> None:
    assert elements_of(title=text).of("title") == [({}, title)]


def test_the_policy_names_each_script_and_style_by_its_hash_and_allows_nothing_else() -> None:
    [policy] = [given["content"] for given, _ in elements_of().of("meta") if given.get("http-equiv")]
    assert policy is not None
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))

    assert rules["default-src"] == "'none'"
    assert rules["script-src"].count("'sha256-") == 2
    assert rules["style-src"].count("'sha256-") == 1
    assert "unsafe" not in policy


def test_a_page_refers_to_nothing_outside() -> None:
    outside = [given for _, given, _ in elements_of().all for name in ("src", "href", "action") if given.get(name)]
    assert outside == [{"rel": "icon", "href": "data:,"}]


def test_only_its_owner_may_read_a_page(tmp_path: Path) -> None:
    page.write(tmp_path / "report.html", "<!doctype html>")

    assert (tmp_path / "report.html").stat().st_mode & 0o777 == 0o600


def test_a_live_page_may_ask_its_own_server_and_no_other() -> None:
    [policy] = [given["content"] for given, _ in elements_of(live=True).of("meta") if given.get("http-equiv")]
    assert policy is not None

    assert "connect-src 'self'" in policy.split("; ")
    assert "connect-src" not in str(elements_of().of("meta"))


@pytest.mark.parametrize("bundle", Bundle)
def test_an_empty_page_is_small(bundle: Bundle) -> None:
    """A small session's page is to stay under 700 KB."""
    assert len(page.render(bundle, {"title": "A page"}).encode()) < 500_000
