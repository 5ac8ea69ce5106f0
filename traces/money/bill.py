"""The bill of one exchange, as the writer of traces hands it to the budget of the proxy: a line of text."""

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from traces.model import Exchange
from traces.money.billed import Billed, billed


@dataclass(frozen=True, slots=True)
class Bill:
    """What is billed of an exchange, when it began (ISO 8601), and the seconds until it ended, where that is known."""

    billed: Billed
    timestamp: str
    seconds: float | None

    @classmethod
    def of(cls, trace: Exchange) -> Self:
        """Return the bill of an exchange."""
        return cls(billed(trace), trace.timestamp, trace.timing.total)

    @property
    def span(self) -> tuple[float, float] | None:
        """From its request to its end, in seconds since the epoch."""
        if self.seconds is None:
            return None
        with suppress(ValueError):
            moment = datetime.fromisoformat(self.timestamp)
            begun = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
            return begun, begun + self.seconds
        return None

    def to_line(self) -> str:
        """Return it as a line."""
        return json.dumps([self.billed.to_json(), self.timestamp, self.seconds])

    @classmethod
    def from_line(cls, line: str) -> Self:
        """Return what a line says."""
        raw, timestamp, seconds = json.loads(line)
        return cls(Billed.from_json(raw), timestamp, seconds)
