"""What a client under measurement is: how it is installed, how it is started, and how its own figures are read.

Knows nothing of what the true figures are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

PATH = "/v1/chat/completions"
"""The one endpoint that every client can ask."""

WORDS = 26_000
PROMPT = "word " * WORDS
"""As many bytes as one of Claude Code's requests: 130 KB."""


@dataclass(frozen=True, slots=True)
class Load:
    """So many requests to a model, so many of them at once.

    tokens   how long its answers are, for clients that ask for so many
    texts    whether they are wanted: to write them down takes some clients time
    """

    model: str
    streams: int
    requests: int
    tokens: int = 0
    texts: bool = True

    @property
    def bursts(self) -> int:
        return self.requests // self.streams


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client says of one answer: seconds, and tokens a second; None where it says nothing.

    ttft      from its own start of the request to the first token
    gap       the mean time from one token to the next
    text      what the server said: the truth about this very answer stands in it
    gaps      each from one chunk to the next, where it tells
    prefill   speed of the prompt's processing
    """

    ttft: float | None
    gap: float | None
    text: str = ""
    gaps: tuple[float, ...] = ()
    prefill: float | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """`cpu`: seconds of processor time up to its last answer, where a client tells; else it is the process's whole."""

    answers: Sequence[Answer]
    cpu: float | None = None


Command = Callable[[Path, Path, str, Load], Sequence[str | Path]]
"""(the environment's bin, a folder of its own, the server's address, what to send) -> what to run in that folder"""


@dataclass(frozen=True, slots=True)
class Client:
    """`requirement` is what pip installs; None: it needs nothing but the Python that runs the benchmark.

    `read` finds the report in the folder where the command ran, which is also its home.
    """

    name: str
    requirement: str | None
    command: Command
    read: Callable[[Path], Report]
