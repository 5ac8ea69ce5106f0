"""What is kept of a run: its measures, its verdicts, its error.

Times are seconds since `t0`, the moment the request goes out on an open connection; None is what nobody measured.
This module knows nothing of files, or of how anything is shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from replay.exchange import Load, Progress, ReplayError
from replay.request import Run, Target, known_by
from replay.targets.names import is_same_model
from traces.counts import Output
from traces.measures import Figures
from traces.metrics import UNDEFINED, InputUsage, Speed, end_to_end_speed
from traces.model import Event, Exchange, Json, Timing

UNMEASURED = Timing()


@dataclass(frozen=True, slots=True)
class Gaps:
    """The inter-token latency: seconds between content chunks, which may hold several tokens each."""

    count: int
    p50: float
    p90: float
    p99: float
    longest: float


@dataclass(frozen=True, slots=True)
class ServerTimes:
    """What the server measured of itself (llama.cpp's `timings`): tokens and seconds of prefill and of decode."""

    prefill_tokens: int
    prefill: float
    decode_tokens: int
    decode: float


@dataclass(frozen=True, slots=True)
class Metrics:
    """The measures of one run, as `../shared/design.md` and the README define them.

    output            tokens that were generated; `output_by` says who counted them: the server, we by the text's
                      length, or an older file, by chunks
    output_reported   the server's count, also where it can't be true, and our estimate is `output`
    reasoning         how many of them are reasoning, where the server says
    decode            tokens per second after the first content chunk
    input             as the server reports it, None where it doesn't
    doubts            why these figures can't be trusted; empty where they can
    given_generation  the generation time of a file that holds one beside the other times, whether or not they add up
    """

    timing: Timing = UNMEASURED
    connect: float | None = None
    output: int | None = None
    output_by: Literal["server", "estimate", "chunks"] | None = None
    output_reported: int | None = None
    reasoning: int | None = None
    decode: Speed = UNDEFINED
    gaps: Gaps | None = None
    input: InputUsage | None = None
    server: ServerTimes | None = None
    doubts: tuple[str, ...] = ()
    given_generation: float | None = None

    @property
    def output_rejected(self) -> int | None:
        """The server's count, where it can't be true."""
        return self.output_reported if self.output_by == "estimate" else None

    @property
    def generation(self) -> float | None:
        return self.timing.generation if self.given_generation is None else self.given_generation

    @property
    def end_to_end(self) -> float | None:
        """Tokens per second of the whole run, waiting included: "Tok/sec" in the comparison."""
        return end_to_end_speed(self.output, self.timing.total)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One question about whether the answer is right, not only fast.

    passed   None where it doesn't apply, or where it has no answer: then `detail` says why
    detail   what is wrong; where nothing is, what couldn't be judged
    """

    name: str
    passed: bool | None
    detail: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it applies, but couldn't be answered."""
        return self.passed is None and bool(self.detail)


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """Everything that is kept of one run.

    target          what was asked; its key is never stored
    model_answered  as the server names it in the answer
    chunks          the content chunks: when each arrived, of what kind, how many characters
    exchange        the request as it was sent and all that came; None where nothing was sent, or of an older file
    """

    run: Run
    target: Target
    started: str
    model_answered: str | None = None
    settings: Mapping[str, Json] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    metrics: Metrics = Metrics()
    chunks: tuple[Event, ...] = ()
    usage: Json = None
    message: Json = None
    stop_reason: str | None = None
    verdicts: tuple[Verdict, ...] = ()
    error: ReplayError | None = None
    load: Load = field(default_factory=Load)
    machine: Mapping[str, Json] = field(default_factory=dict)
    exchange: Exchange | None = None

    @property
    def figures(self) -> Figures:
        """What every measure (`traces.measures`) is made of."""
        metrics = self.metrics
        output = Output(metrics.output, metrics.output_by != "server", metrics.output_reported, metrics.reasoning)
        return Figures(
            timing=metrics.timing,
            generation=metrics.generation,
            input=metrics.input,
            output=output,
            decode=metrics.decode,
            events=self.chunks,
            cold=self.run.cache == "cold",
        )

    @property
    def success(self) -> bool:
        return self.error is None

    @property
    def other_model(self) -> str | None:
        """The model that answered, where it isn't the one that was asked: some servers answer to any name."""
        answered = self.model_answered
        return None if not answered or is_same_model(self.run.model, answered) else answered

    @property
    def key(self) -> str:
        return known_by(self.run, self.target, self.settings)


@dataclass(frozen=True, slots=True)
class RunEvent:
    """What `replay_all` tells while it works: a run begins (neither set), goes on, or is finished (or `loading`)."""

    run: Run
    number: int  # of this run, from 1
    of: int
    loading: bool = False
    progress: Progress | None = None
    result: ReplayResult | None = None
