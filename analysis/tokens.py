"""Who counts tokens: one small protocol, and the names a user may say.

Knows nothing of traces and parts, nor of the cache that stands before a counter.
"""

from collections.abc import Callable, Sequence
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Protocol

from analysis import encoders
from analysis.models import claude_version, own_tokenizer
from traces.errors import ToolkitError

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
        name = DEFAULT if own is None or (own == "claude" and not encoders.has_claude()) else own
    if name == "claude":
        version = ".".join(map(str, claude_version(model) or _LATEST_CLAUDE))
        label = f"claude {version} (ctok {encoders.claude_release()})"
        return _LazyCounter(label, own != name, partial(encoders.claude, version))
    if name in encoders.TOKTOK:
        return _LazyCounter(name, own != name, partial(encoders.toktok, name))
    if name.endswith(".json") or "/" in name:
        return _from_file(Path(name).expanduser())
    if name in encoders.tiktoken_names():
        return _LazyCounter(name, own != name, partial(encoders.tiktoken, name))
    known = ", ".join(names())
    raise ToolkitError(f"No tokenizer is called {name!r}: choose {known}, or the path of a tokenizer.json.")


def names() -> list[str]:
    """Every name that `counter` takes, but for paths."""
    others = (name for name in encoders.tiktoken_names() if name not in encoders.TOKTOK)
    return [*encoders.TOKTOK, *others, "claude", "auto"]


def _from_file(path: Path) -> Counter:
    try:
        digest = blake2b(path.read_bytes(), digest_size=4).hexdigest()
    except OSError as error:
        raise ToolkitError(f"{path}: No tokenizer can be read there ({error.strerror}).") from error
    return _LazyCounter(f"{path.name} ({digest})", False, partial(encoders.hugging_face, path))


class _LazyCounter:
    """Gets its encoder ready when it first counts: where all was counted before, that half second is saved."""

    def __init__(self, name: str, estimate: bool, load: Callable[[], encoders.Count]) -> None:
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
