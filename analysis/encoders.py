"""The packages that cut texts into tokens, each brought to one shape: texts in, counts out.

The only module that imports them, and only once something is counted: some take half a second to get ready.
"""

from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from traces.errors import ToolkitError

Count = Callable[[Sequence[str]], list[int]]

TOKTOK = ("o200k_base", "cl100k_base", "o200k_harmony", "qwen3.5")
"""Vocabularies that toktok has compiled in; they need no network."""

_WORTH_THREADS = 2_000_000  # characters; below, starting threads costs more than it saves


@cache
def toktok(name: str) -> Count:
    """The same ids as tiktoken's, in a fraction of the time."""
    package = _package("toktok", f"{name} needs toktok: pip install toktok-rs")

    def count(texts: Sequence[str]) -> list[int]:
        every_core = sum(map(len, texts)) > _WORTH_THREADS
        return list(package.batch_count(texts, name, threads=0 if every_core else 1))

    return count


@cache
def tiktoken(name: str) -> Count:
    """Every other encoding of tiktoken's. It fetches a vocabulary when it is first used."""
    from tiktoken import get_encoding

    try:
        encoding = get_encoding(name)
    except OSError as error:  # requests' errors are OSErrors, too
        raise ToolkitError(
            f"tiktoken could not fetch the vocabulary of {name} ({type(error).__name__}). "
            "Use --tokenizer o200k_base, which needs no network, or set TIKTOKEN_CACHE_DIR."
        ) from error
    return lambda texts: [len(tokens) for tokens in encoding.encode_ordinary_batch(list(texts))]


def tiktoken_names() -> list[str]:
    from tiktoken import list_encoding_names

    return list_encoding_names()


@cache
def claude(version: str) -> Count:
    """Claude's own counts, without the frame that is put around a whole message."""
    ctok = _ctok()
    frame = ctok.tokenize("a", version).count("⟨pad⟩")
    return lambda texts: [ctok.token_count(text, version) - frame if text else 0 for text in texts]


def has_claude() -> bool:
    return find_spec("ctok") is not None


@cache
def claude_release() -> str:
    """Counts may change with ctok's release."""
    _ctok()
    from importlib.metadata import version  # itself slow to import

    return version("ctok")


def _ctok() -> Any:
    return _package("ctok", "The tokenizer claude needs ctok, for Python 3.12 and later: pip install ctok")


@cache
def hugging_face(path: Path) -> Count:
    """A tokenizer.json as Hugging Face keeps it beside a model."""
    package = _package("tokenizers", f"{path} needs the package tokenizers: pip install tokenizers")
    try:
        tokenizer = package.Tokenizer.from_file(str(path))
    except Exception as error:  # the package raises nothing narrower
        raise ToolkitError(f"{path} is not a tokenizer.json: {error}") from error
    return lambda texts: [len(one) for one in tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]


def _package(name: str, otherwise: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise ToolkitError(f"{otherwise}.") from error
