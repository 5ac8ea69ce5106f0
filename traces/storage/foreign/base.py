"""What all formats of other programs share: how one is recognised and read, and what of a file wasn't understood."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Protocol

from traces.model import Origin, Trace

HEAD = 4096
"""Bytes of a file by which its format is recognised."""

_SAMPLE = 80
"""Characters of what wasn't understood that are shown."""


@dataclass(slots=True)
class Notes:
    """What there is in a file beside the exchanges that were read from it.

    others   records that were understood and are no exchanges with a model
    unread   records that weren't understood, and what the first of them is, where, and how it begins
    """

    others: int = 0
    unread: int = 0
    first: str = ""

    def skip(self, place: str, why: str, sample: object = "") -> None:
        """Note a record that wasn't understood: where it is (`line 12`), and what is wrong with it."""
        self.unread += 1
        if not self.first:
            words = " ".join(_text(sample).split())
            cut = words if len(words) <= _SAMPLE else f"{words[:_SAMPLE]}…"
            self.first = f"{place}: {why}{f': {cut}' if cut else ''}"

    @property
    def problem(self) -> str:
        """What wasn't understood, in words; empty where all was."""
        if not self.unread:
            return ""
        records = "1 record was" if self.unread == 1 else f"{self.unread:,} records were"
        first = "" if self.unread == 1 else "the first is "
        return f"{records} not understood and left out: {first}{self.first}"


def _text(sample: object) -> str:
    return sample.decode("utf-8", "replace") if isinstance(sample, bytes) else str(sample)


class ForeignFormat(Protocol):
    """A format in which another program keeps exchanges."""

    @property
    def name(self) -> str:
        """Its name in a trace's origin."""

    @property
    def title(self) -> str:
        """Its name in a sentence."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """How the names of its files end."""

    @property
    def lacks(self) -> str:
        """What a trace that is made of it can't know, in words."""

    def recognises(self, path: Path, head: bytes) -> bool:
        """Return whether a file with one of the suffixes is in this format, by its name and its beginning."""

    def read(self, path: Path, notes: Notes) -> Iterator[Trace]:
        """Yield the exchanges in a file, without secrets. Raises OSError, and TraceFormatError at a broken file."""


def origin(format: str, *key: object) -> Origin:
    """Return the origin of an exchange that these values tell from all others in records of this format."""
    words = "\0".join(map(str, key)).encode("utf-8", "surrogatepass")
    return Origin(format, blake2b(words, digest_size=8).hexdigest())
