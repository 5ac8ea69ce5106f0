"""Token counters by name, and the vocabularies behind them."""

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


DEFAULT = "o200k_base"

_LATEST_CLAUDE = (4, 8)


class Counter(Protocol):
    """Counts the tokens of texts.

    name        who counts: `o200k_base`, `claude 4.8 (ctok 1.3.0)`, `tokenizer.json (1f0c9a7e)`; two counters of one
                name count alike
    estimate    whether the model may cut its texts in another way than this counter
    """

    @property
    def name(self) -> str: ...

    @property
    def estimate(self) -> bool: ...

    def count(self, text: str) -> int: ...

    def count_many(self, texts: Sequence[str]) -> list[int]: ...


def counter(name: str = DEFAULT, model: str | None = None) -> Counter:
    """The counter of that name: an encoding of tiktoken's, `claude`, `auto`, or the path of a tokenizer.json.

    ToolkitError where nobody has that name, or where what it needs isn't installed. The model decides what `auto` and
    `claude` are, and what is an estimate: a count is none where the model's own tokenizer makes it, be it known from
    the model's name or given as a file.
    """
    own = own_tokenizer(model)
    if name == "auto":
        name = DEFAULT if own is None or (own == "claude" and not has_claude()) else own
    if name == "claude":
        version = ".".join(map(str, claude_version(model) or _LATEST_CLAUDE))
        label = f"claude {version} (ctok {claude_release()})"
        return _LazyCounter(label, own != name, partial(claude, version))
    if name in TOKTOK:
        return _LazyCounter(name, own != name, partial(toktok, name))
    if name.endswith(".json") or "/" in name:
        return _from_file(Path(name).expanduser())
    if name in tiktoken_names():
        return _LazyCounter(name, own != name, partial(tiktoken, name))
    known = ", ".join(names())
    raise ToolkitError(f"No tokenizer is called {name!r}: choose {known}, or the path of a tokenizer.json.")


def names() -> list[str]:
    """Every name that `counter` takes, but for paths."""
    others = (name for name in tiktoken_names() if name not in TOKTOK)
    return [*TOKTOK, *others, "claude", "auto"]


def _from_file(path: Path) -> Counter:
    try:
        digest = blake2b(path.read_bytes(), digest_size=4).hexdigest()
    except OSError as error:
        raise ToolkitError(f"{path}: No tokenizer can be read there ({error.strerror}).") from error
    return _LazyCounter(f"{path.name} ({digest})", False, partial(hugging_face, path))


class _LazyCounter:
    """Gets its encoder ready when it first counts: where all was counted before, that half second is saved."""

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
