"""The types that every room of `replay` shares: what is sent, what came back, and what was measured of it.

Times are seconds since `t0`, the moment the request goes out on an open connection; None is what nobody measured.
This module knows nothing of sockets, of files, or of how anything is shown.

Who makes what, in the order of one run:

    targets.find(name_or_url, environment)               -> Target                   raises TargetError
    targets.connect(target, recorded dialect, ask)       -> (Target, Served)         asks the server; raises TargetError
    targets.chosen(served, asked)                        -> models to replay to      raises TargetError
    targets.ready(target, model, ask)                    -> ReplayError | None       loads the model, uncounted
    prepare.prepare(trace, target, model, options, marker)   -> Prepared             raises TranslationError
    fit.problem(prepared, ask)                           -> ReplayError | None       does it fit the model's context?
    send.send(prepared, ...)                             -> Exchange                 (async)
    metrics.measure(exchange)                            -> Metrics
    verdict.judge(trace, exchange)                       -> tuple[Verdict, ...]
    run.replay_all(traces, target, models, options, on_event)  -> ReplayResult, one after the other

`targets` asks the server its questions through `ask.ask(target, method, path, body: Json, timeout) -> Reply` (async),
a `served.Ask`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from traces.message import Dialect
from traces.model import Event, Json, Timing
from traces.timing import InputUsage, Speed, end_to_end_speed

Cache = Literal["as-is", "cold", "warm"]
"""cold: a marker at the prompt's start makes its prefix new. warm: sent once before. as-is: what the server holds."""

UNMEASURED = Timing()
UNDEFINED = Speed(None, estimated=False)

ErrorKind = Literal[
    "refused",  # nothing listens there
    "unreachable",  # no such host, no route, no TLS that we trust
    "http_error",  # 4xx or 5xx; `status` says which
    "stream_error",  # the server reported an error in mid-stream
    "malformed",  # the answer is no HTTP, or no stream of this dialect
    "reset",  # the connection broke in mid-answer
    "cut",  # the stream ended without its closing event
    "stalled",  # no byte for `stall_timeout` seconds
    "timeout",  # no content within `timeout` seconds
    "context",  # the request doesn't fit the model's context: it wasn't sent
    "translation",  # the request can't be carried into the target's dialect: it wasn't sent
    "no_model",  # the server can't load the model
    "other",  # as an older result file words it
]


@dataclass(frozen=True, slots=True)
class ReplayError:
    """Why a run failed: data, since a failed run is a result like any other. `message` is as the server gave it."""

    kind: ErrorKind
    message: str
    status: int | None = None
    retry_after: float | None = None  # seconds, where the server says


@dataclass(frozen=True, slots=True)
class Target:
    """A model server.

    url       its base, without `/v1/…` and without secrets
    name      as the user called it: lmstudio, ollama, … or the URL itself
    dialect   the one to send in
    server    which kind it turned out to be, "" where that is unknown; `version` as it says itself
    key       from the environment; never shown, never stored
    """

    url: str
    name: str
    dialect: Dialect = "anthropic"
    server: str = ""
    version: str | None = None
    key: str | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Options:
    """What a user can ask of a replay.

    settings       body fields to set, after the model (`--set temperature=0`)
    seed           of the order of runs
    timeout        seconds to the first content; `stall_timeout` between any two bytes after it
    retries        further tries of a run that failed; each is a result of its own
    done           the keys of runs that are saved already (`--resume`)
    """

    runs: int = 1
    warmup: int = 0
    cache: Cache = "as-is"
    settings: Mapping[str, Json] = field(default_factory=dict)
    seed: int = 0
    timeout: float = 600.0
    stall_timeout: float = 300.0
    retries: int = 0
    force: bool = False
    done: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Prepared:
    """One request, byte for byte. `path` follows the target's URL; `headers` hold no key: `send` adds it.

    notes   what couldn't be carried over as it was, in words
    """

    target: Target
    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    model: str
    dialect: Dialect
    notes: tuple[str, ...] = ()
    cache: Cache = "as-is"
    settings: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an answer has come: `characters` of content so far, in `chunks`. Nothing has arrived while both are 0."""

    elapsed: float
    chunks: int
    characters: int


@dataclass(frozen=True, slots=True)
class Load:
    """What the client itself had to do during an exchange: where it fell behind, its stamps can't be trusted.

    cpu        of one core, 0 to 1, over the exchange
    late       the longest that the client's loop came after its time, in seconds
    """

    cpu: float = 0.0
    late: float = 0.0


@dataclass(frozen=True, slots=True)
class Exchange:
    """What came back. `message` is as far as it came, in the dialect of `prepared`; `error` is None where all did.

    started    UTC, ISO 8601 with milliseconds
    connect    seconds to open the connection (with TLS), before `t0`
    headers_at when the response's head had arrived
    total      the end of the stream, or the break-off
    received   bytes of the answer, as they came over the wire
    """

    prepared: Prepared
    started: str
    connect: float | None = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    headers_at: float | None = None
    events: tuple[Event, ...] = ()
    message: Json = None
    total: float | None = None
    error: ReplayError | None = None
    received: int = 0
    load: Load = Load()


@dataclass(frozen=True, slots=True)
class Reply:
    """A short answer in one piece, to a question about the server. `body` is its JSON, None where it is none."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Json = None
    error: ReplayError | None = None


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

    output            tokens that were generated; `output_by` says who counted them
    decode            tokens per second after the first content chunk
    input             as the server reports it, None where it doesn't
    doubts            why these figures can't be trusted; empty where they can
    """

    timing: Timing = UNMEASURED
    connect: float | None = None
    output: int | None = None
    output_by: Literal["server", "estimate"] | None = None
    decode: Speed = UNDEFINED
    gaps: Gaps | None = None
    input: InputUsage | None = None
    server: ServerTimes | None = None
    doubts: tuple[str, ...] = ()

    @property
    def generation(self) -> float | None:
        return self.timing.generation

    @property
    def end_to_end(self) -> float | None:
        """Tokens per second of the whole run, waiting included: "Tok/sec" in the comparison."""
        return end_to_end_speed(self.output, self.timing.total)

    @property
    def prefill_speed(self) -> float | None:
        """Tokens that the cache didn't have, per second until the first content."""
        return self.input.uncached / self.timing.ttft if self.input and self.timing.ttft else None


@dataclass(frozen=True, slots=True)
class Verdict:
    """One question about whether the answer is right, not only fast. `passed` is None where it doesn't apply."""

    name: str
    passed: bool | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TraceRef:
    """Which request was replayed. `hash` is of its content without the model: equal where the same was asked."""

    name: str
    hash: str
    model: str | None = None
    messages: int = 0
    tools: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """One place in the schedule. Rounds count from 1; warmups are rounds below 1. `attempt` counts from 1."""

    trace: TraceRef
    model: str
    round: int = 1
    cache: Cache = "as-is"
    seed: int = 0
    attempt: int = 1

    @property
    def warmup(self) -> bool:
        return self.round < 1

    @property
    def key(self) -> str:
        """What a saved result is known by, when a broken-off replay goes on."""
        return f"{self.trace.hash}|{self.model}|{self.cache}|{self.round}"


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """Everything that is kept of one run.

    target          what was asked; its key is never stored
    model_answered  as the server names it in the answer
    chunks          the content chunks: when each arrived, of what kind, how many characters
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
    load: Load = Load()
    machine: Mapping[str, Json] = field(default_factory=dict)

    @property
    def success(self) -> bool:
        return self.error is None


@dataclass(frozen=True, slots=True)
class Happening:
    """What `replay_all` tells while it works: a run begins (neither set), goes on, or is finished (or `loading`)."""

    run: Run
    number: int  # of this run, from 1
    of: int
    loading: bool = False
    progress: Progress | None = None
    result: ReplayResult | None = None
