"""Whether an answer is correct: could an agent have continued with it as it did with the recorded one?

The questions are those that need no person: which tools were called, whether their arguments can be used, whether the
answer is whole. A new question is one row in `_QUESTIONS`.
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
"""Characters of a finding on odd events, which quotes the first of them."""


def judge(trace: Trace, exchange: Sent) -> tuple[Verdict, ...]:
    """Return the verdict on each question; none for a run that failed, which is wrong anyway."""
    if exchange.error is not None:
        return ()
    recorded = trace.response.body if trace.response and trace.state == "complete" else None
    return judge_answer(trace.request.body, recorded, exchange)


def judge_answer(request: Json, recorded: Json, exchange: Sent) -> tuple[Verdict, ...]:
    """Return the verdicts on an answer. `recorded` is the recorded one, in any format; None where there is none."""
    is_cut_off = dialects.is_cut_off(stop_reason(exchange.message))
    shortened = is_cut_off and _is_shortened(request, exchange.prepared.settings)
    case = _Case(
        calls.offered_tools(request),
        None if recorded is None else [call.name for call in calls.tool_calls(recorded)],
        calls.tool_calls(exchange.message),
        exchange.message,
        exchange.events,
        shortened,
        exchange.odd,
        exchange.prepared.dialect,
    )
    return tuple(_verdict(name, ask(case)) for name, ask in _QUESTIONS.items())


def _is_shortened(request: Json, settings: Mapping[str, Json]) -> bool:
    """Return whether `--set` allows a shorter answer than the recording did."""
    return _limit(settings) < _limit(request)


def _limit(holder: Any) -> float:
    return min(dialects.limits_in(dict(holder) if isinstance(holder, Mapping) else None).values(), default=inf)


def is_correct(verdicts: Sequence[Verdict]) -> bool | None:
    """Return whether nothing was wrong; None where no question applied, or where one couldn't be answered."""
    asked = [verdict.passed for verdict in verdicts if verdict.passed is not None]
    if False in asked:
        return False
    return None if not asked or any(verdict.is_open for verdict in verdicts) else True


def is_unknown(verdicts: Sequence[Verdict]) -> bool:
    """Return whether nothing was found to be wrong, but some question couldn't be answered."""
    return is_correct(verdicts) is None and any(verdict.is_open for verdict in verdicts)


def unjudged(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Return the verdicts of which all or a part couldn't be judged."""
    return [verdict for verdict in verdicts if verdict.passed is not False and verdict.detail]


@dataclass(frozen=True, slots=True)
class _Case:
    """What the questions are asked of.

    offered     the request's tools: the schema of each by its name
    recorded    the names of the tools that the recording called; None where no answer was recorded
    shortened   the user limited the answer, so that it needn't be whole
    """

    offered: Mapping[str, Json]
    recorded: list[str] | None
    calls: list[Call]
    answer: Json
    events: Sequence[Event]
    shortened: bool
    odd: Odd | None = None
    dialect: dialects.Dialect = dialects.DEFAULT


class _Unsure(NamedTuple):
    """A question of which a part couldn't be judged: `words` name it, `passed` is None where all of it couldn't."""

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
    """Whether it calls a tool where the recording does, and none where it doesn't."""
    if case.recorded is None:
        return None
    if case.recorded and not case.calls:
        return f"called no tool; the recording called {_join_names(case.recorded)}"
    if case.calls and not case.recorded:
        return f"called {_join_names([call.name for call in case.calls])}; the recording called no tool"
    return True


def _same_tool(case: _Case) -> _Finding:
    """Whether it calls no other tools than the recording. Some of several calls may be left for the next turn."""
    if not case.recorded or not case.calls:
        return None
    others = [call.name for call in case.calls if call.name not in case.recorded]
    return f"called {_join_names(others)}; the recording called {_join_names(case.recorded)}" if others else True


def _known_tool(case: _Case) -> _Finding:
    unknown = [call.name for call in case.calls if call.name not in case.offered]
    return f"{_join_names(unknown)}: the request offers no such tool" if unknown else _nothing_wrong(case.calls)


def _arguments_parse(case: _Case) -> _Finding:
    broken = [call.name for call in case.calls if not call.parsed]
    if broken and case.shortened:
        return None
    return f"{_join_names(broken)}: the arguments are not whole JSON" if broken else _nothing_wrong(case.calls)


def _arguments_fit(case: _Case) -> _Finding:
    checkable = [call for call in case.calls if call.parsed and case.offered.get(call.name) not in (None, True)]
    found = [(call.name, arguments.fit(call.arguments, case.offered[call.name])) for call in checkable]
    for name, each in found:
        if each.fits is False:
            return f"{name}: {each.words}"
    unjudged = [f"{name}: not judged by {', '.join(each.unjudged)}" for name, each in found if each.unjudged]
    if unjudged:
        return _Unsure(None if any(each.fits is None for _, each in found) else True, unjudged[0])
    return _nothing_wrong(checkable)


def _nothing_wrong(judged: Sequence[Call]) -> bool | None:
    """Return that the question is passed; None where there was no call to judge."""
    return True if judged else None


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


def _join_names(names: Sequence[str]) -> str:
    return ", ".join(dict.fromkeys(names))
