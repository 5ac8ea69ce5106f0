"""Was the answer right, not only fast: would an agent have got on with it as it did with the recorded one?

Asked is what can be told without a person: which tools were called, whether their arguments can be used, whether the
answer is whole. A new question is one row in `_QUESTIONS`. Knows nothing of times and of how an answer was sent.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, NamedTuple

from replay.exchange import Sent
from replay.result import Verdict
from replay.run import arguments, calls
from replay.run.calls import Call
from replay.run.event_order import first_mistake
from traces import dialects
from traces.content.answers import is_empty, stop_reason
from traces.model import Event, Json, Odd, Trace

LONGEST = 200
"""Characters of what is said of odd events: their first is quoted."""


def judge(trace: Trace, exchange: Sent) -> tuple[Verdict, ...]:
    """The answer to every question; none of a run that failed, which is wrong anyway."""
    if exchange.error is not None:
        return ()
    recorded = trace.response.body if trace.response and trace.state == "complete" else None
    return judged(trace.request.body, recorded, exchange)


def judged(request: Json, recorded: Json, exchange: Sent) -> tuple[Verdict, ...]:
    """`recorded` is the answer in the trace, in any dialect; None where there is none to compare with."""
    shortened = dialects.is_cut_off(stop_reason(exchange.message)) and _shortened(request, exchange.prepared.settings)
    case = _Case(
        calls.offered(request),
        None if recorded is None else [call.name for call in calls.made(recorded)],
        calls.made(exchange.message),
        exchange.message,
        exchange.events,
        shortened,
        exchange.odd,
        exchange.prepared.dialect,
    )
    return tuple(_verdict(name, ask(case)) for name, ask in _QUESTIONS.items())


def _shortened(request: Json, settings: Mapping[str, Json]) -> bool:
    """Whether `--set` allows less of an answer than the recording did."""
    return _limit(settings) < _limit(request)


def _limit(holder: Any) -> float:
    given = holder if isinstance(holder, Mapping) else {}
    return min((value for name in dialects.limits() if isinstance(value := given.get(name), int)), default=inf)


def is_correct(verdicts: Sequence[Verdict]) -> bool | None:
    """Whether nothing was wrong; None where nothing could be asked, or where a question has no answer."""
    asked = [verdict.passed for verdict in verdicts if verdict.passed is not None]
    if False in asked:
        return False
    return None if not asked or any(verdict.is_open for verdict in verdicts) else True


def is_unknown(verdicts: Sequence[Verdict]) -> bool:
    """Whether nothing was wrong as far as could be told, but not all could be."""
    return is_correct(verdicts) is None and any(verdict.is_open for verdict in verdicts)


def unjudged(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Those that are open, and those of which a part is."""
    return [verdict for verdict in verdicts if verdict.passed is not False and verdict.detail]


@dataclass(frozen=True, slots=True)
class _Case:
    """`offered` maps a tool's name to its schema; `wanted` is None where nothing was recorded. Where the user had the
    answer `shortened`, it isn't asked whether that is whole."""

    offered: Mapping[str, Json]
    wanted: list[str] | None
    made: list[Call]
    answer: Json
    events: Sequence[Event]
    shortened: bool
    odd: Odd | None = None
    dialect: dialects.Dialect = dialects.DEFAULT


class _Unsure(NamedTuple):
    """Nothing is wrong as far as could be told (None: nothing could be), and what couldn't be."""

    passed: bool | None
    words: str


_Finding = str | bool | None | _Unsure
"""What is wrong, in words; True where nothing is; None where the question doesn't apply."""


def _verdict(name: str, finding: _Finding) -> Verdict:
    if isinstance(finding, _Unsure):
        return Verdict(name, finding.passed, finding.words)
    if isinstance(finding, str):
        return Verdict(name, False, finding)
    return Verdict(name, finding)


def _calls_a_tool(case: _Case) -> _Finding:
    """As the recording did, or did not."""
    if case.wanted is None:
        return None
    if case.wanted and not case.made:
        return f"called no tool; the recording called {_listed(case.wanted)}"
    if case.made and not case.wanted:
        return f"called {_listed([call.name for call in case.made])}; the recording called no tool"
    return True


def _same_tool(case: _Case) -> _Finding:
    """Of several recorded calls a model may make some: it makes the others a turn later."""
    if not case.wanted or not case.made:
        return None
    others = [call.name for call in case.made if call.name not in case.wanted]
    return f"called {_listed(others)}; the recording called {_listed(case.wanted)}" if others else True


def _known_tool(case: _Case) -> _Finding:
    unknown = [call.name for call in case.made if call.name not in case.offered]
    return f"{_listed(unknown)}: the request offers no such tool" if unknown else _nothing_wrong(case.made)


def _arguments_parse(case: _Case) -> _Finding:
    broken = [call.name for call in case.made if not call.parsed]
    if broken and case.shortened:
        return None
    return f"{_listed(broken)}: the arguments are not whole JSON" if broken else _nothing_wrong(case.made)


def _arguments_fit(case: _Case) -> _Finding:
    able = [call for call in case.made if call.parsed and case.offered.get(call.name) not in (None, True)]
    found = [(call.name, arguments.fit(call.arguments, case.offered[call.name])) for call in able]
    for name, each in found:
        if each.fits is False:
            return f"{name}: {each.words}"
    unjudged = [f"{name}: not judged by {', '.join(each.unjudged)}" for name, each in found if each.unjudged]
    if unjudged:
        return _Unsure(None if any(each.fits is None for _, each in found) else True, unjudged[0])
    return _nothing_wrong(able)


def _nothing_wrong(made: Sequence[Call]) -> bool | None:
    return True if made else None


def _whole(case: _Case) -> _Finding:
    if case.answer is None:
        return "there was no answer"
    reason = stop_reason(case.answer)
    if case.shortened:
        return None
    if dialects.is_cut_off(reason):
        return f"was cut off ({reason})"
    return "the answer is empty" if is_empty(case.answer) else True


def _in_order(case: _Case) -> _Finding:
    if case.odd is not None:
        events = f"{case.odd.count} event{'s' if case.odd.count > 1 else ''}"
        words = f"{events} couldn't be read, and a client may fail too; the first begins: {case.odd.sample}"
        return words[:LONGEST]
    return (first_mistake(case.events, case.dialect) or True) if case.events else None


_QUESTIONS: Mapping[str, Callable[[_Case], _Finding]] = {
    "calls_a_tool": _calls_a_tool,
    "same_tool": _same_tool,
    "known_tool": _known_tool,
    "arguments_parse": _arguments_parse,
    "arguments_fit": _arguments_fit,
    "whole": _whole,
    "in_order": _in_order,
}


def _listed(names: Sequence[str]) -> str:
    return ", ".join(dict.fromkeys(names))
