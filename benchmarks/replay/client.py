"""A client under measurement: how it is installed, how it is started, and how its own figures are read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

PATH = "/v1/chat/completions"
"""The one endpoint that every client supports."""

WORDS = 26_000
PROMPT = "word " * WORDS
"""As many bytes as one of Claude Code's requests: 130 KB."""


@dataclass(frozen=True, slots=True)
class Load:
    """Requests to a model, some of them at once, or at a rate.

    tokens   length of its answers, for clients that ask for a length
    rate     requests a second, evenly, whether or not answers come (an open loop); 0: `streams` ask again and again
    texts    whether the answers' texts are needed: writing them takes some clients time
    """

    model: str
    streams: int
    requests: int
    tokens: int = 0
    texts: bool = True
    rate: float = 0.0

    @property
    def bursts(self) -> int:
        return self.requests // self.streams


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client reports of one answer: seconds, and tokens per second; None where it reports nothing.

    ttft      from its own start of the request to the first token
    gap       the mean time from one token to the next
    text      what the server sent, which holds the true times of this very answer
    gaps      each time from one chunk to the next, where the client reports it
    prefill   speed of the prompt's processing
    lag       how late the request went out after its time
    number    the answer's, by its id, where the client keeps no text
    """

    ttft: float | None
    gap: float | None
    text: str = ""
    gaps: tuple[float, ...] = ()
    prefill: float | None = None
    lag: float | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """All answers that a client reports.

    cpu   seconds of processor time until the last answer; None if the client doesn't report it
    """

    answers: Sequence[Answer]
    cpu: float | None = None


Command = Callable[[Path, Path, str, Load], Sequence[str | Path]]
"""(the environment's bin, a folder of its own, the server's address, what to send) -> the command to run in there"""


@dataclass(frozen=True, slots=True)
class Client:
    """A client under measurement.

    requirement   what pip installs; None if it needs nothing but the Python that runs the benchmark
    read          reads the report from the folder where the command ran, which is also its home
    """

    name: str
    requirement: str | None
    command: Command
    read: Callable[[Path], Report]
