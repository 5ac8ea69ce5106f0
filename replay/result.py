"""The result of a run: its measures, its verdicts, its error.

Times are seconds since `t0`, the moment the request goes out on an open connection; None is what wasn't measured.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from replay.exchange import Load, Progress, ReplayError
from replay.request import Run, Target, run_key
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
    """The measures of one run, as docs/replay.md defines them.

    output            generated tokens
    output_by         how they were counted: by the server, by our estimate from the text's length, or, in older files,
                      by chunks
    output_reported   the server's count, also where it can't be true and `output` is our estimate
    reasoning         how many of them are reasoning, where the server says
    decode            tokens per second after the first content chunk
    input             as the server reports it, None where it doesn't
    doubts            why these figures can't be trusted; empty where they can
    given_generation  the generation time as an older file holds it, whether or not the times add up
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
    """The answer to one question on whether a model's answer is correct.

    passed   None where the question doesn't apply, or can't be answered: then `detail` says why
    detail   what is wrong; where nothing is, what couldn't be judged
    """

    name: str
    passed: bool | None
    detail: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the question applies, but couldn't be answered."""
        return self.passed is None and bool(self.detail)


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """Everything that is kept of one run.

    target          the server; its key is never stored
    model_answered  the model that the answer names
    chunks          the content chunks: when each arrived, of what kind, how many characters
    exchange        the request as it was sent and all that came; None where nothing was sent, and in older files
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
        """What the measures (`traces.measures`) are calculated from."""
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
        """The model that answered, where it isn't the one that was asked for: some servers answer to any name."""
        answered = self.model_answered
        return None if not answered or is_same_model(self.run.model, answered) else answered

    @property
    def key(self) -> str:
        return run_key(self.run, self.target, self.settings)


@dataclass(frozen=True, slots=True)
class RunEvent:
    """An event of a replay: a run's model is `loading`, the run begins (nothing is set), goes on, or is finished."""

    run: Run
    number: int  # of this run, from 1
    of: int
    loading: bool = False
    progress: Progress | None = None
    result: ReplayResult | None = None
