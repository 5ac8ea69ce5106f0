import re
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.support import keys
from traces.redact import REDACTED, Cleaner
from traces.redact.shapes import SHAPES, runs

CLEAN = Cleaner()
REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("kind", keys.KINDS)
@settings(max_examples=settings().max_examples // 4)
@given(data=st.data(), around=st.sampled_from(list(keys.AROUND.values())))
def test_a_key_vanishes_whatever_stands_around_it(kind: str, data: st.DataObject, around: str) -> None:
    key = data.draw(keys.of_kind(kind))
    before, after = around.format("\0").split("\0")

    text = CLEAN.text(around.format(key))

    assert REDACTED in text
    assert not keys.pieces_left(key, text)
    assert text.startswith(before[:-2])
    assert text.endswith(after[2:])


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.start)
def test_each_shape_finds_what_its_own_pattern_makes(shape: object) -> None:
    """No row of the table is dead: a key of its pattern is found, and by this row."""
    assert isinstance(shape, type(SHAPES[0]))
    body = re.sub(r"\(\?<?[=!][^)]*\)", "", f"{shape.before}{re.escape(shape.start)}{shape.rest}")

    @settings(max_examples=settings().max_examples // 5)
    @given(st.from_regex(re.compile(body, re.A), fullmatch=True))
    def check(key: str) -> None:
        assume(shape.pattern.fullmatch(key.encode()) and len(key) >= 16)
        assert not keys.pieces_left(key, CLEAN.text(f'"{key}"'))

    check()


@pytest.mark.parametrize("around", [r"\042{}\042", r"\0{}\0", r"\U00000022{}", r"\u0026{}", "%2522{}%2522"])
def test_a_key_vanishes_behind_an_escape_that_ends_with_a_digit(around: str) -> None:
    assert CLEAN.text(around.format("hf_abcdefghijklmnopqrstuvwxyz")) == around.format(REDACTED)


@given(st.text("ab-_.~+/=: \n?\0", max_size=300))
def test_runs_are_those_of_a_pattern(text: str) -> None:
    view = text.encode()

    assert list(runs(view)) == [match.span() for match in re.finditer(rb"[ab_.~+/=:-]{16,}", view)]


HARMLESS = [
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "commit 4317626c0ffee0123456789abcdef0123456789a",
    "550e8400-e29b-41d4-a716-446655440000",
    "sha512-3BkbyBVXw3nTqZmZpkqQ1lX0d5Q0sYOjlp2ZRB1cq4tc4Kdx8yqz8Wlz1x0Gc9zWmgq2gJHCmGzCkFeVDzIBzQ==",
    "https://registry.npmjs.org/@scope/package/-/package-1.2.3.tgz",
    "git+ssh://git@github.com/owner/name.git#0123456789abcdef0123456789abcdef01234567",
    "task-list-management-for-2025-and-later",
    "disk-usage-of-0123456789-bytes",
    "msg_01XFDUDYJgAACzvnptvVoYEL toolu_01A09q90qw90lq917835lq9 req_011CSHoEeqs5C35K2UUqR7Fy",
    "chatcmpl-9oL6QbVYwqXCNa3T1s6a9sXb8k2Lm",
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "window.webpackJsonp.push([[12],{345:function(e,t,n){n.d(t,'a',function(){return r})}}])",
    "2026-11-27T18:03:59.123456789+00:00",
    "/home/someone/.local/share/virtualenvs/project-name-AbCdEf12/lib/python3.11/site-packages",
    "x-amzn-requestid-0123456789abcdef",
    "eyJhbGciOiJIUzI1NiJ9 is the beginning of a token",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_ids_hashes_and_data_stay(text: str) -> None:
    assert CLEAN.text(text) == text


SOURCES = [
    *(REPOSITORY / "analysis").rglob("*.py"),
    *(REPOSITORY / "ui").rglob("*.py"),
    *(REPOSITORY / "ui" / "page" / "static").glob("*.js"),
    REPOSITORY / "web" / "package-lock.json",
    REPOSITORY / "requirements.lock",
]


def test_no_word_of_source_code_bundles_and_lock_files_is_taken_for_a_secret() -> None:
    found: dict[str, str] = {}
    for file in SOURCES:
        text = file.read_text()
        found |= {text[start - 20 : end]: file.name for start, end in CLEAN.spans(text)}

    assert not found
