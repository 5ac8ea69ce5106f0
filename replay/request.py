"""What is asked: which server, with which request, how often.

The steps of a run, in their order (what comes back is in `replay.exchange`, what is kept of it in `replay.result`):

    resolve.find(name_or_url, environment)                -> Target               raises TargetError
    resolve.survey(target, ask)                           -> Served               asks the server; raises TargetError
    resolve.with_format(target, served, recorded, ask)    -> Target               with an API format; raises TargetError
    resolve.choose_models(served, asked)                  -> list[str]            raises TargetError
    resolve.ensure_loaded(target, model, ask)             -> ReplayError | None   loading isn't measured
    prepare.prepare(trace, target, model, options, marker)   -> Prepared          raises TranslationError
    fit.problem(prepared, ask)                            -> ReplayError | None   does it fit the model's context?
    send.send(prepared, ...)                              -> Sent
    metrics.measure(exchange)                             -> Metrics
    verdict.judge(trace, exchange)                        -> tuple[Verdict, ...]

`run.replay_all` takes them all, and yields a ReplayResult for each run. `ask` is a `probe.Ask`, such as `send.ask`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from traces.dialects import DEFAULT, FORMATS, Dialect
from traces.model import Json

SystemRole = Literal["keep", "fold"]

Cache = Literal["as-is", "cold", "warm"]
"""cold: a marker makes the prompt new from its start. warm: it is sent once before. as-is: neither."""


@dataclass(frozen=True, slots=True)
class Target:
    """A model server.

    url       its base, without `/v1/…` and without secrets
    name      as the user called it: lmstudio, ollama, … or the URL itself
    dialect   the API format to send in
    server    which kind it turned out to be, "" where that is unknown; `version` as it reports itself
    key       from the environment; never shown, never stored
    """

    url: str
    name: str
    dialect: Dialect = DEFAULT
    server: str = ""
    version: str | None = None
    key: str | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Raise ValueError where the API format is unknown."""
        if self.dialect not in FORMATS:
            raise ValueError(f"target.dialect: expected one of {', '.join(FORMATS)}, found {self.dialect!r}.")


@dataclass(frozen=True, slots=True)
class Options:
    """What a user can ask of a replay.

    settings       body fields to set, after the model (`--set temperature=0`)
    seed           of the order of runs
    timeout        seconds to the first content; `stall_timeout` between any two bytes after it
    retries        further tries of a run that failed; each is a result of its own
    system_role    how system messages in mid-conversation are sent; None: as suits the target
    done           the runs that are saved already (`--resume`), each by its `run_key`
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
    system_role: SystemRole | None = None
    done: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Raise ValueError where an option makes no sense: callers of the API set them, too."""
        counts, seconds = (self.warmup, self.retries), (self.timeout, self.stall_timeout)
        if self.cache not in get_args(Cache):
            raise ValueError(f"cache is one of {', '.join(get_args(Cache))}, not {self.cache!r}")
        if self.runs < 1 or min(counts) < 0 or not all(value > 0 for value in seconds):
            raise ValueError("runs are at least 1, warmup and retries at least 0, and the timeouts more than 0")


@dataclass(frozen=True, slots=True)
class TraceRef:
    """Which request was replayed.

    hash       of its content without the model: equal where the same was asked
    model      the one that the recording asked for
    answered   the model that the recorded answer names
    """

    name: str
    hash: str
    model: str | None = None
    messages: int = 0
    tools: int = 0
    answered: str | None = None


@dataclass(frozen=True, slots=True)
class Variant:
    """A change of a recorded request that is replayed beside it.

    digest    of the changed content
    changes   what was changed, in lines: a short difference, or in words
    """

    name: str
    digest: str
    changes: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Run:
    """One place in the schedule. Rounds count from 1; warmups are rounds below 1. `attempt` counts from 1.

    variant   how the request was changed; None where it is sent as recorded
    """

    trace: TraceRef
    model: str
    round: int = 1
    cache: Cache = "as-is"
    seed: int = 0
    attempt: int = 1
    variant: Variant | None = None

    @property
    def warmup(self) -> bool:
        return self.round < 1

    @property
    def label(self) -> str:
        """The model, and how its request was changed."""
        return f"{self.model} [{self.variant.name}]" if self.variant else self.model


def run_key(run: Run, target: Target, settings: Mapping[str, Json]) -> str:
    """Return the key by which `--resume` knows a run: everything that makes its request or its server a different one.

    The trace's name is part of it, since a folder may contain the same request twice.
    """
    asked = [run.trace.name, run.trace.hash, run.model, run.cache, run.round, target.url, target.dialect, settings]
    if run.variant:
        asked.append([run.variant.name, run.variant.digest])
    return json.dumps(asked, sort_keys=True, default=dict)


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
