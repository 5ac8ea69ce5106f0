"""Notes of what a translation dropped or changed, counted, in order."""

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any


class Notes:
    """What one translation dropped or changed."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, what: str) -> None:
        """Note a change."""
        self._counts[what] += 1

    def add_dropped(self, what: str) -> None:
        """Note that something was dropped."""
        self.add(f"{what}: dropped")

    def unknown_fields(self, where: str, fields: Mapping[str, Any], known: Collection[str]) -> None:
        """Note each field that isn't read, unless it is null."""
        for name, value in fields.items():
            if name not in known and value is not None:
                self.add_dropped(f"{where}{name}")

    def lines(self) -> tuple[str, ...]:
        """Return the notes as lines of text, each once, with how often it was made."""
        return tuple(what if count == 1 else f"{what} ({count} times)" for what, count in self._counts.items())
