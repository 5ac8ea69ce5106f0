"""Token counters by name, and how each loads its vocabulary."""

from collections.abc import Callable, Sequence
from functools import cache, partial
from hashlib import blake2b
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from analysis.tokens.models import claude_version, own_tokenizer
from traces.errors import ToolkitError

Count = Callable[[Sequence[str]], list[int]]
"""Returns the number of tokens of each text."""

TOKTOK = ("o200k_base", "cl100k_base", "o200k_harmony", "qwen3.5")
"""Vocabularies that toktok has compiled in; they need no network."""

_WORTH_THREADS = 2_000_000  # characters; below, starting threads costs more than it saves


@cache
def load_toktok(name: str) -> Count:
    """Return a counter with toktok, whose ids are those of tiktoken, in a fraction of the time."""
    package = _import_package("toktok", f"{name} needs toktok: pip install toktok-rs")

    def count(texts: Sequence[str]) -> list[int]:
        every_core = sum(map(len, texts)) > _WORTH_THREADS
        return list(package.batch_count(texts, name, threads=0 if every_core else 1))

    return count


@cache
def load_tiktoken(name: str) -> Count:
    """Return a counter with tiktoken, which downloads a vocabulary when it is first used."""
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
    """Return the names of all encodings of tiktoken."""
    from tiktoken import list_encoding_names

    return list_encoding_names()


@cache
def load_claude(version: str) -> Count:
    """Return a counter with ctok, less the tokens that it adds around a whole message."""
    ctok = _import_ctok()
    frame = ctok.tokenize("a", version).count("⟨pad⟩")
    return lambda texts: [ctok.token_count(text, version) - frame if text else 0 for text in texts]


def has_ctok() -> bool:
    """Return whether ctok, which counts as Claude does, is installed."""
    return find_spec("ctok") is not None


@cache
def ctok_version() -> str:
    """Return the installed release of ctok: counts may change with it."""
    _import_ctok()
    from importlib.metadata import version  # itself slow to import

    return version("ctok")


def _import_ctok() -> Any:
    return _import_package("ctok", "The tokenizer claude needs ctok, for Python 3.12 and later: pip install ctok")


@cache
def load_hugging_face(path: Path) -> Count:
    """Return a counter with a tokenizer.json, as Hugging Face keeps it beside a model."""
    package = _import_package("tokenizers", f"{path} needs the package tokenizers: pip install tokenizers")
    try:
        tokenizer = package.Tokenizer.from_file(str(path))
    except Exception as error:  # the package raises nothing narrower
        raise ToolkitError(f"{path} is not a tokenizer.json: {error}") from error
    return lambda texts: [len(one) for one in tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]


def _import_package(name: str, otherwise: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise ToolkitError(f"{otherwise}.") from error


DEFAULT = "o200k_base"

_LATEST_CLAUDE = (4, 8)


class Counter(Protocol):
    """Counts the tokens of texts with one tokenizer.

    name        of the tokenizer: `o200k_base`, `claude 4.8 (ctok 1.3.0)`, `tokenizer.json (1f0c9a7e)`; two counters of
                the same name return the same counts
    estimate    whether the model's own tokenizer may be another one
    """

    @property
    def name(self) -> str: ...

    @property
    def estimate(self) -> bool: ...

    def count(self, text: str) -> int: ...

    def count_many(self, texts: Sequence[str]) -> list[int]: ...


def counter(name: str = DEFAULT, model: str | None = None) -> Counter:
    """Return the counter for a name: an encoding of tiktoken, `claude`, `auto`, or the path of a tokenizer.json.

    The model decides what `auto` and `claude` mean, and whether counts are estimates: they are exact with the model's
    own tokenizer, which is known from the model's name or given as a file. Raises ToolkitError for an unknown name, and
    where the package that it needs isn't installed.
    """
    own = own_tokenizer(model)
    if name == "auto":
        name = DEFAULT if own is None or (own == "claude" and not has_ctok()) else own
    if name == "claude":
        version = ".".join(map(str, claude_version(model) or _LATEST_CLAUDE))
        label = f"claude {version} (ctok {ctok_version()})"
        return _LazyCounter(label, own != name, partial(load_claude, version))
    if name in TOKTOK:
        return _LazyCounter(name, own != name, partial(load_toktok, name))
    if name.endswith(".json") or "/" in name:
        return _from_file(Path(name).expanduser())
    if name in tiktoken_names():
        return _LazyCounter(name, own != name, partial(load_tiktoken, name))
    known = ", ".join(tokenizer_names())
    raise ToolkitError(f"No tokenizer is called {name!r}: choose {known}, or the path of a tokenizer.json.")


def tokenizer_names() -> list[str]:
    """Return every name that `counter` takes, paths excepted."""
    others = (name for name in tiktoken_names() if name not in TOKTOK)
    return [*TOKTOK, *others, "claude", "auto"]


def _from_file(path: Path) -> Counter:
    try:
        digest = blake2b(path.read_bytes(), digest_size=4).hexdigest()
    except OSError as error:
        raise ToolkitError(f"{path}: No tokenizer can be read there ({error.strerror}).") from error
    return _LazyCounter(f"{path.name} ({digest})", False, partial(load_hugging_face, path))


class _LazyCounter:
    """A counter that loads its vocabulary when it first counts: where all counts are cached, half a second is saved."""

    def __init__(self, name: str, estimate: bool, load: Callable[[], Count]) -> None:
        self.name = name
        self.estimate = estimate
        self._load = load

    def count(self, text: str) -> int:
        return self.count_many([text])[0]

    def count_many(self, texts: Sequence[str]) -> list[int]:
        count = self._load()
        try:
            return count(texts)
        except (UnicodeEncodeError, TypeError):  # half of a surrogate pair, which JSON can hold and UTF-8 can't
            return count([text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for text in texts])
