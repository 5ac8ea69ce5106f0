"""What a translation couldn't keep as it was, counted, in the order in which it was met."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any


class Notes:
    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, what: str) -> None:
        self._counts[what] += 1

    def dropped(self, what: str) -> None:
        self.add(f"{what}: dropped")

    def unknown_fields(self, where: str, fields: Mapping[str, Any], known: Iterable[str]) -> None:
        """Notes each field that nobody reads. One that is null says nothing."""
        known = set(known)
        for name, value in fields.items():
            if name not in known and value is not None:
                self.dropped(f"{where}{name}")

    def lines(self) -> tuple[str, ...]:
        return tuple(what if count == 1 else f"{what} ({count} times)" for what, count in self._counts.items())
