"""Recorded sessions -> scripts: the requests of each, ready to be sent, and when each of them is due.

A turn waits for the answers that its own agent waited for: its agent's own, those of the agent that started it, and
those of the subagents that it started. Subagents that worked at the same time do so again, and none waits for another.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from replay.errors import TranslationError
from replay.load.marks import PLACEHOLDER, PLACES
from replay.load.plan import LoadPlan
from replay.prepare.marker import NoPlace
from replay.prepare.prepare import prepare, recorded_dialect
from replay.request import Options, Prepared, Target
from replay.session import steps
from replay.session.steps import Step
from replay.session.turn import limit_answer, read_trace
from traces import jsonio
from traces.clients.claude_code import fixes
from traces.dialects import FORMATS, Dialect
from traces.errors import ToolkitError
from traces.model import Json, Trace
from traces.sessions.model import Place, Session

BESIDE = frozenset(("TITLE", "QUOTA_CHECK", "SUGGESTION"))
"""Kinds of side requests whose answers no agent waits for."""

CONVERSATION = ("messages", "input", "contents")


class NothingToPlay(ToolkitError):
    """No session has a request that can be sent again."""


@dataclass(frozen=True, slots=True)
class ScriptTurn:
    """One request of a script.

    after      the turns that must have been answered before, by number
    pause      seconds that the tools or the person took after them; for a turn that waits for none, after the session's
               begin
    follows    the turn whose conversation it continues, with that turn's answer in its history; None where it doesn't
    prepared   the request, with a placeholder where a copy's marker goes
    asked      the recorded request without its conversation: the tools and limits by which an answer is judged
    recorded   the recorded answer; None where it isn't whole
    """

    number: int
    agent: str
    kind: str
    after: tuple[int, ...]
    pause: float
    follows: int | None
    prepared: Prepared
    asked: Json = None
    recorded: Json = None


@dataclass(frozen=True, slots=True)
class Script:
    """A session to be played. No turn waits for a later one."""

    session: str
    turns: tuple[ScriptTurn, ...]


@dataclass(frozen=True, slots=True)
class Scripts:
    """What is played, and what a user should know of it."""

    scripts: tuple[Script, ...]
    notes: tuple[str, ...] = ()

    @property
    def turns_of(self) -> dict[str, int]:
        """How many turns each session has, by its name."""
        return {script.session: len(script.turns) for script in self.scripts}


def prepare_all(
    names: Mapping[str, Session],
    to: Mapping[Dialect, Target],
    model: str,
    plan: LoadPlan,
    options: Options,
    each: Callable[[Sequence[Step]], Iterable[Step]] = iter,
) -> Scripts:
    """Return a script for each session with a request to send; `names` gives each a short name.

    `each` iterates over the turns, and may show its progress. `to` is the target for each API format of a recording.
    Raises NothingToPlay, and TranslationError where a request has no counterpart in the server's API format.
    """
    notes: dict[str, None] = {}
    tools: dict[bytes, Json] = {}
    made = []
    for name, session in names.items():
        change = fixes.start_fixes(plan.fixes)
        turns = []
        planned = steps.plan(session, _waits_for(session))
        if unknown := sum(1 for step in planned if step.after and step.pause is None):
            notes[f"Session {name}: pauses not known, and so not made: {unknown}."] = None
        for step in each(planned):
            trace = _changed(read_trace(step), change)
            turns.append(_turn(step, session, trace, to, model, plan, options, tools))
        made.append(Script(name, tuple(turns)))
        notes |= dict.fromkeys(note for turn in turns for note in turn.prepared.notes)
        notes |= dict.fromkeys(f"Session {name}: without {left}." for left in steps.describe_left_out(session))
    found = tuple(script for script in made if script.turns)
    if not found:
        raise NothingToPlay("None of these sessions has a request that can be sent again.")
    return Scripts(found, tuple(notes))


def dialects_in(sessions: Sequence[Session]) -> list[Dialect]:
    """Return the API formats of all requests that will be sent."""
    found = (step.turn.dialect for session in sessions for step in steps.plan(session))
    return list(dict.fromkeys(each for each in found if each is not None))


def _waits_for(session: Session) -> Callable[[Place, Place], bool]:
    """Return whether a turn may wait for an earlier one: its own agent's, or that of who started it or was started."""
    parents = {agent.key: agent.parent for agent in session.agents}

    def waits_for(place: Place, earlier: Place) -> bool:
        if session.turns[earlier.number - 1].kind in BESIDE and place.follows != earlier.number:
            return False
        return (
            place.agent == earlier.agent
            or place.agent == parents.get(earlier.agent)
            or (earlier.agent == parents.get(place.agent))
        )

    return waits_for


def _changed(trace: Trace, change: Callable[[Json], Json]) -> Trace:
    return replace(trace, request=replace(trace.request, body=change(trace.request.body)))


def _turn(
    step: Step,
    session: Session,
    trace: Trace,
    to: Mapping[Dialect, Target],
    model: str,
    plan: LoadPlan,
    options: Options,
    tools: dict[bytes, Json],
) -> ScriptTurn:
    target = to[recorded_dialect(trace)]
    limited = limit_answer(trace.request.body, plan.max_tokens, recorded_dialect(trace))
    prepared = prepare(replace(trace, request=replace(trace.request, body=limited)), target, model, options, "")
    if plan.max_tokens is not None:  # what it cuts off isn't the model's mistake
        prepared = replace(prepared, settings={FORMATS[target.dialect].limits[0]: plan.max_tokens, **prepared.settings})
    place = step.place
    return ScriptTurn(
        number=place.number,
        agent=place.agent,
        kind=step.turn.kind,
        after=step.after,
        pause=step.offset if not step.after else step.pause or 0.0,
        follows=place.follows if place.why == "continued" else None,
        prepared=replace(prepared, body=_marked(prepared, plan, trace)),
        asked=_asked(trace.request.body, tools),
        recorded=trace.response.body if trace.response and trace.state == "complete" else None,
    )


def _marked(prepared: Prepared, plan: LoadPlan, trace: Trace) -> bytes:
    body = jsonio.loads(prepared.body)
    assert isinstance(body, dict), "a prepared request is an object"
    try:
        return jsonio.dumps(PLACES[plan.shared](body, PLACEHOLDER))
    except NoPlace as error:
        where = trace.source.name if trace.source else trace.timestamp
        raise TranslationError(
            f"{where}: the request has no place for the marker of a copy: {error}. --shared all needs none."
        ) from error


def _asked(body: Json, known: dict[bytes, Json]) -> Json:
    """Return a request without its conversation. Equal ones are the same object: tools are large."""
    if not isinstance(body, dict):
        return None
    rest = {name: value for name, value in body.items() if name not in (*CONVERSATION, "system", "systemInstruction")}
    return known.setdefault(jsonio.dumps(rest), rest)
