"""One turn of a session, sent again: its trace is read, fixed, prepared, sent and measured.

Within one pass all prompts begin with the same marker, which is new to the server: nothing comes from its cache but
what the pass itself left there. An error is the turn's result.
"""

import asyncio
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice

from replay.exchange import Progress, ReplayError
from replay.prepare.prepare import apply_settings, prepare
from replay.request import Options, Prepared, Run, Target, TraceRef
from replay.result import ReplayResult
from replay.run.pipeline import Attempt, failed_result, replay
from replay.run.schedule import ref_of
from replay.session.reuse import Prefixes
from replay.session.steps import Step
from replay.targets.probe import Ask
from replay.transport.send import ask as ask_server
from replay.transport.send import send
from traces import dialects, jsonio
from traces.clients.claude_code import fixes
from traces.dialects import DEFAULT, FORMATS, Dialect, dialect_of
from traces.errors import ToolkitError, TraceFormatError
from traces.model import Json, Request, Trace
from traces.storage import store
from traces.surveys import Served

OnProgress = Callable[[Step, Progress], None]

NO_FIX = "none"


@dataclass(frozen=True, slots=True)
class Variant:
    """The fixes that a pass applies to every request of the session."""

    fixes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return "+".join(self.fixes) or NO_FIX


def parse_variants(text: str) -> list[Variant]:
    """Read `none,attribution+date`: one variant without a fix, one with two. Raises ValueError."""
    found = [Variant(_fixes(part.strip())) for part in text.split(",")]
    times = Counter(frozenset(one.fixes) for one in found)
    for one in found:
        if times[frozenset(one.fixes)] > 1:
            raise ValueError(f"{one.name!r} is named twice: to play it more often, use --runs.")
    return found


def _fixes(text: str) -> tuple[str, ...]:
    changing = tuple(name for name, fix in fixes.FIXES.items() if fix.start)
    if text in (NO_FIX, "all"):
        return changing if text == "all" else ()
    names = tuple(dict.fromkeys(text.split("+")))
    for name in names:
        if name not in changing:
            hint = f" That is fixed outside of requests. {fixes.FIXES[name].how}" if name in fixes.FIXES else ""
            raise ValueError(f"{name!r} isn't one of {NO_FIX}, {', '.join(changing)}, all.{hint}")
    return names


@dataclass(frozen=True, slots=True)
class PassSetup:
    """What is the same in all passes: the server, the model and the options.

    served       the server's report, made after the model was loaded
    max_tokens   the longest answer; None: as recorded
    """

    target: Target
    model: str
    options: Options
    served: Served | None = None
    max_tokens: int | None = None


class Sender:
    """Sends the turns of one pass. `number` counts the passes of one variant, from 1."""

    def __init__(
        self, setup: PassSetup, variant: Variant, number: int, on_progress: OnProgress, ask: Ask = ask_server
    ) -> None:
        self._setup = setup
        self._variant = variant
        self._number = number
        self._on_progress = on_progress
        self._ask = ask
        self._marker = uuid.uuid4().hex
        self._change = fixes.start_fixes(variant.fixes)
        self.prefixes = Prefixes()

    async def send(self, step: Step, on_sent: Callable[[], None] | None = None) -> ReplayResult:
        """Send the turn and return its result. Its trace is read only now: a whole session's may not fit in memory."""
        setup, run = self._setup, self._run(TraceRef(store.stem_of(step.turn.timestamp), ""))
        try:
            trace = self._fix(await asyncio.to_thread(read_trace, step))
        except ToolkitError as error:
            return failed_result(run, setup.target, ReplayError("other", str(error)))

        async def on_ready(prepared: Prepared) -> None:
            self.prefixes.add(step.number, step.place.agent, jsonio.loads(prepared.body))

        run = self._run(ref_of(trace))
        fixed = (f"fix: {self._variant.name}",)
        return await replay(
            Attempt(run, trace, setup.target, setup.options, self._marker, fixed),
            self._ask,
            setup.served,
            on_progress=lambda progress: self._on_progress(step, progress),
            on_ready=on_ready,
            on_sent=on_sent,
        )

    def _fix(self, trace: Trace) -> Trace:
        dialect = dialect_of(trace.request.url) or DEFAULT
        body = limit_answer(self._change(trace.request.body), self._setup.max_tokens, dialect)
        return replace(trace, request=replace(trace.request, body=body))

    def _run(self, ref: TraceRef) -> Run:
        return Run(ref, self._setup.model, self._number, self._setup.options.cache)


def limit_answer(body: Json, most: int | None, dialect: Dialect = DEFAULT) -> Json:
    """Return the request with its answer limited to `most` tokens; a smaller limit stays."""
    if most is None or not isinstance(body, dict):
        return body
    lengths = {name: min(most, value) for name, value in dialects.limits_in(body).items()}
    return apply_settings(body, lengths or {FORMATS[dialect].limits[0]: most})


async def warm_up(setup: PassSetup) -> None:
    """Ask a short question that isn't counted, so that the server reads its weights. If it fails, so will a turn."""
    api_format = FORMATS[setup.target.dialect]
    question = api_format.question(setup.model, "Hi", 1)
    trace = Trace("", setup.target.name, Request("POST", api_format.path, {}, question))
    await send(prepare(trace, setup.target, setup.model, Options(), ""), timeout=setup.options.timeout)


def read_trace(step: Step) -> Trace:
    """Read the turn's trace from its file. Raises TraceFormatError."""
    file, place = step.turn.file, step.turn.place
    assert file is not None, "a turn without a file has no step"
    trace = next(islice(store.read(file, events=False), place - 1, None), None)
    if trace is None:
        raise TraceFormatError(f"{file}: its exchange number {place} is gone.")
    return trace
