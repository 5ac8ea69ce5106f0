"""Token counters by name, and whether their counts are correct."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
import tiktoken
import toktok  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from analysis.tokens import counters
from analysis.tokens.counters import counter, tokenizer_names
from tests.support.needs import need
from tests.support.vocabularies import WHEEL, tiktoken_cache
from traces.errors import ToolkitError

TEXTS = (
    "",
    "hello, world",
    "You are Claude Code.\n\n  - use tabs\t\tor  spaces \n\n\n",
    '{"type":"object","properties":{"file_path":{"type":"string","description":"The path"}}}',
    "def f(x: int) -> int:\r\n    return x ** 2  # square\r\n",
    "don't DON'T we'll WE'LL I've",
    "3.14159 1234567890 0x1F 1,000,000",
    "Grüße, 世界! Здравствуй мир. مرحبا بالعالم नमस्ते 👩‍👩‍👧‍👦 🇩🇪",
    "<|endoftext|> <|im_start|>user <|fim_prefix|>",
    "\x00\x01\x7f\u200b\u00a0\u2028\ufeff\ufffd",
    "a" * 3000,
    " " * 1000 + "\n" * 1000,
    "ab\n" * 700,
)

ASSIGNED = st.text(st.characters(exclude_categories=["Cn", "Cs"]))
"""Assigned characters: tokenizers of different age disagree whether a new one is a letter."""


@pytest.fixture(scope="module")
def vocabularies() -> Iterator[None]:
    """Let tiktoken find its vocabularies."""
    folder = tiktoken_cache()
    need(folder, f"tiktoken's vocabularies are missing: pip could not download {WHEEL}")
    before = os.environ.get("TIKTOKEN_CACHE_DIR")
    os.environ["TIKTOKEN_CACHE_DIR"] = str(folder)
    yield
    os.environ.pop("TIKTOKEN_CACHE_DIR")
    if before is not None:
        os.environ["TIKTOKEN_CACHE_DIR"] = before


@pytest.mark.usefixtures("vocabularies")
@pytest.mark.parametrize("name", ["o200k_base", "cl100k_base"])
class TestLikeTiktoken:
    """Counts equal those of tiktoken itself, since the tokens do."""

    @pytest.mark.parametrize("text", TEXTS)
    def test_the_tokens_are_the_same(self, name: str, text: str) -> None:
        assert toktok._encoding(name).encode_ordinary(text) == tiktoken.get_encoding(name).encode_ordinary(text)

    @given(text=ASSIGNED)
    def test_the_tokens_of_any_text_are_the_same(self, name: str, text: str) -> None:
        assert toktok._encoding(name).encode_ordinary(text) == tiktoken.get_encoding(name).encode_ordinary(text)

    @given(texts=st.lists(ASSIGNED | st.sampled_from(TEXTS), max_size=5))
    def test_the_counts_are_the_same(self, name: str, texts: list[str]) -> None:
        assert counter(name).count_many(texts) == counters.load_tiktoken(name)(texts)

    def test_half_of_a_surrogate_pair_counts_as_it_does_there(self, name: str) -> None:
        text = "half \ud83d of a smile"
        assert counter(name).count(text) == counters.load_tiktoken(name)([text])[0]


def test_a_text_counts_the_same_alone_and_among_others() -> None:
    by = counter()
    assert by.count_many(TEXTS) == [by.count(text) for text in TEXTS]
    assert by.count_many([]) == []


@pytest.mark.parametrize(
    ("name", "model", "label", "estimate"),
    [
        ("o200k_base", None, "o200k_base", True),
        ("o200k_base", "claude-opus-5-5", "o200k_base", True),
        ("o200k_base", "smollm2-135m", "o200k_base", True),
        ("o200k_base", "openai/gpt-4o-mini", "o200k_base", False),
        ("cl100k_base", "gpt-4o", "cl100k_base", True),
        ("cl100k_base", "gpt-4-turbo", "cl100k_base", False),
        ("auto", None, "o200k_base", True),
        ("auto", "some-model", "o200k_base", True),
        ("auto", "gpt-3.5-turbo", "cl100k_base", False),
        ("auto", "openai/gpt-oss-20b", "o200k_harmony", False),
        ("auto", "Qwen/Qwen3.5-9B", "qwen3.5", False),
    ],
)
def test_a_count_is_an_estimate_unless_the_tokenizer_is_the_models_own(
    name: str, model: str | None, label: str, estimate: bool
) -> None:
    found = counter(name, model)
    assert (found.name, found.estimate) == (label, estimate)


def test_an_unknown_name_lists_the_names() -> None:
    with pytest.raises(
        ToolkitError, match=r"No tokenizer is called 'o200k'.*o200k_base.*p50k_base.*claude, auto"
    ) as told:
        counter("o200k")
    assert "\n" not in str(told.value)


def test_every_listed_name_is_a_counter() -> None:
    assert {"o200k_base", "cl100k_base", "gpt2", "r50k_base", "claude", "auto"} <= set(tokenizer_names())
    for name in set(tokenizer_names()) - {"claude"}:
        assert counter(name).name in tokenizer_names()


def test_a_vocabulary_that_cant_be_fetched_is_an_error_of_one_line(tmp_path: Path) -> None:
    nowhere = {"TIKTOKEN_CACHE_DIR": str(tmp_path), "HTTPS_PROXY": "http://127.0.0.1:9"}
    code = "from analysis.tokens.counters import counter; counter('p50k_edit').count('a')"
    ran = subprocess.run([sys.executable, "-c", code], env={**os.environ, **nowhere}, capture_output=True, text=True)
    assert "ToolkitError: tiktoken could not fetch the vocabulary of p50k_edit" in ran.stderr


HAS_CTOK = sys.version_info >= (3, 12)


@pytest.mark.skipif(HAS_CTOK, reason="ctok can be had here")
def test_claude_without_ctok_says_what_to_install() -> None:
    with pytest.raises(ToolkitError, match=r"claude needs ctok, for Python 3\.12 and later: pip install ctok"):
        counter("claude", "claude-opus-5-5")
    assert counter("auto", "claude-opus-5-5").name == "o200k_base"


@pytest.mark.skipif(not HAS_CTOK, reason="ctok needs Python 3.12")
class TestClaude:
    @pytest.fixture(autouse=True)
    def ctok(self) -> None:
        need(find_spec("ctok"), "ctok is missing: pip install ctok")

    @pytest.mark.parametrize(
        ("model", "label", "tokens"),
        [
            ("claude-3-5-sonnet-20241022", "claude 3.5", 3),
            ("claude-opus-4-6", "claude 4.6", 3),
            ("claude-opus-4-7", "claude 4.7", 4),
            ("claude-sonnet-5", "claude 5.0", 4),
        ],
    )
    def test_the_model_picks_the_generation(self, model: str, label: str, tokens: int) -> None:
        found = counter("claude", model)
        assert found.name.startswith(label + " (ctok ")
        assert (found.estimate, found.count_many(["hello, world", ""])) == (False, [tokens, 0])
        assert counter("auto", model).name == found.name

    def test_another_models_tokens_are_an_estimate(self) -> None:
        assert counter("claude", "smollm2").estimate


def test_a_tokenizer_json_counts_with_its_own_vocabulary(tmp_path: Path) -> None:
    need(find_spec("tokenizers"), "tokenizers is missing: pip install tokenizers")
    path = tmp_path / "tokenizer.json"
    vocabulary = {"<unk>": 0, "hello": 1, "world": 2}
    model = {"type": "WordLevel", "vocab": vocabulary, "unk_token": "<unk>"}
    path.write_text(json.dumps({"version": "1.0", "pre_tokenizer": {"type": "Whitespace"}, "model": model}))
    found = counter(str(path), "any-model")
    assert found.name.startswith("tokenizer.json (")
    assert (found.estimate, found.count_many(["hello world", "", "hello, \ud83d you"])) == (False, [2, 0, 4])


@pytest.mark.parametrize(("content", "message"), [(None, "No tokenizer can be read there"), ("{}", "tokenizer.json")])
def test_a_file_that_is_no_tokenizer_is_an_error_of_one_line(tmp_path: Path, content: str | None, message: str) -> None:
    path = tmp_path / "tokenizer.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ToolkitError, match=message) as told:
        counter(str(path)).count("a")
    assert str(path) in str(told.value)
    assert "\n" not in str(told.value)
