"""The report of an exam, as JSON: for each model how often it did what the recording did, in all and by tool.

Every share has its interval. A question that was asked several times counts once, by the share of its answers, since
its answers aren't independent of one another.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from replay.compare import stats
from replay.compare.compare import label, setup_of
from replay.exam.asking import Answer
from replay.exam.grade import CallGrade, Grade
from replay.exam.questions import NO_TOOL, Paper
from traces.model import Json


class Check(NamedTuple):
    """A question that an exam asks of an answer: its name in JSON, its title, and its answer."""

    key: str
    title: str
    ask: Callable[[Grade], bool | None]


def _mark(name: str) -> Callable[[Grade], bool | None]:
    return lambda grade: grade.marks.get(name)


def _calls(grade: Grade) -> bool | None:
    return grade.marks.get("calls_a_tool") if grade.recorded else None


def _calls_nothing(grade: Grade) -> bool | None:
    return None if grade.recorded else grade.marks.get("calls_a_tool")


def _same_set(grade: Grade) -> bool | None:
    return grade.marks.get("all_calls") if len(grade.recorded) > 1 else None


RIGHT = Check("right", "Right", lambda grade: grade.right)

CHECKS = (
    Check("calls", "Calls", _calls),
    Check("calls_nothing", "Silent", _calls_nothing),
    Check("same_tool", "Same tool", _mark("same_tool")),
    Check("known_tool", "Known tool", _mark("known_tool")),
    Check("arguments_parse", "Parse", _mark("arguments_parse")),
    Check("parameters_known", "Known args", _mark("parameters_known")),
    Check("arguments_fit", "Fit", _mark("arguments_fit")),
    Check("arguments_agree", "Agree", _mark("arguments_agree")),
    Check("all_calls", "Parallel", _same_set),
    Check("whole", "Whole", _mark("whole")),
)
"""What is asked of every answer, in the order of the table."""

OF_CALLS: Mapping[str, Callable[[CallGrade], bool | None]] = {
    "calls": lambda call: call.called,
    "arguments_parse": lambda call: call.parses,
    "parameters_known": lambda call: call.known,
    "arguments_fit": lambda call: call.fits,
    "arguments_agree": lambda call: call.agrees,
}
"""What is asked of every recorded call, by the names of `CHECKS`."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """All answers of one model on one server."""

    label: str
    answers: Sequence[Answer]

    @property
    def graded(self) -> list[tuple[Answer, Grade]]:
        return [(answer, answer.grade) for answer in self.answers if answer.grade]

    @property
    def is_control(self) -> bool:
        return all(answer.is_control for answer in self.answers)

    def right(self) -> dict[int, float]:
        """Return the share of each question's answers that were right, by its number, where that could be told."""
        return _by_question(self.graded, RIGHT.ask)


def sheets(answers: Iterable[Answer]) -> list[Sheet]:
    """Return a sheet for each model, in the order in which they were asked."""
    groups: dict[Any, list[Answer]] = defaultdict(list)
    for answer in answers:
        groups[setup_of(answer.result)._replace(dialect="")].append(answer)
    return [Sheet(label(setup, list(groups)), group) for setup, group in groups.items()]


def _by_question(graded: Iterable[tuple[Answer, Grade]], ask: Callable[[Grade], bool | None]) -> dict[int, float]:
    found: dict[int, list[bool]] = defaultdict(list)
    for answer, grade in graded:
        if (passed := ask(grade)) is not None:
            found[answer.question.number].append(passed)
    return {number: sum(passed) / len(passed) for number, passed in found.items()}


def share(passed: Sequence[float]) -> dict[str, Json] | None:
    """Return a share with its interval, of cases each of which passed (1), didn't (0), or did so at times."""
    if not passed:
        return None
    total = sum(passed)
    low, high = stats.wilson(total, len(passed))
    return {
        "passed": round(total, 3),
        "of": len(passed),
        "share": round(total / len(passed), 4),
        "low": round(low, 4),
        "high": round(high, 4),
    }


def document(paper: Paper, found: Sequence[Sheet], about: Mapping[str, Json]) -> dict[str, Any]:
    """Return the report. `about` says what was asked for: session, seed, settings."""
    return {
        **about,
        "questions": len(paper.questions),
        "of": paper.of,
        "left_out": list(paper.left_out),
        "checks": [{"question": check.key, "title": check.title} for check in (RIGHT, *CHECKS)],
        "kinds": [{"kind": kind, "note": words} for kind, words in KINDS.items()],
        "models": [_model(sheet) for sheet in found],
        "mistakes": [row for sheet in found for row in _mistakes(sheet)],
        "pairs": _pairs(found),
        "failures": [row for sheet in found for row in _failures(sheet)],
        "answers": [_answer(sheet, answer) for sheet in found for answer in sheet.answers],
    }


def _model(sheet: Sheet) -> dict[str, Any]:
    first = sheet.answers[0]
    seconds = stats.summary([grade.seconds for _, grade in sheet.graded if grade.seconds is not None])
    interval = seconds.interval if seconds else None
    return {
        "label": sheet.label,
        "model": first.candidate.model,
        "control": sheet.is_control,
        "answers": len(sheet.answers),
        "failed": len(sheet.answers) - len(sheet.graded),
        "open": sum(grade.right is None for _, grade in sheet.graded),
        "made_up": sum(grade.marks.get("known_tool") is False for _, grade in sheet.graded),
        "cut_off": sum("whole" in _wrong(grade) for _, grade in sheet.graded),
        "checks": {
            check.key: share(list(_by_question(sheet.graded, check.ask).values())) for check in (RIGHT, *CHECKS)
        },
        "next_action": seconds.median if seconds else None,
        "next_action_low": interval.low if interval else None,
        "next_action_high": interval.high if interval else None,
        "next_action_n": seconds.n if seconds else 0,
        "tools": _tools(sheet),
    }


def _wrong(grade: Grade) -> list[str]:
    return [name for name, passed in grade.marks.items() if passed is False]


def _tools(sheet: Sheet) -> list[dict[str, Any]]:
    """Return a row for each recorded tool, most calls first; the turns without a tool come last."""
    calls: dict[str, dict[tuple[int, int], list[CallGrade]]] = defaultdict(lambda: defaultdict(list))
    seconds: dict[str, list[float]] = defaultdict(list)
    silent = []
    for answer, grade in sheet.graded:
        places: Counter[str] = Counter()
        for call in grade.calls:
            calls[call.tool][answer.question.number, places[call.tool]].append(call)
            places[call.tool] += 1
        for tool in set(grade.recorded) or {NO_TOOL}:
            seconds[tool] += [grade.seconds] if grade.seconds is not None else []
        if not grade.recorded:
            silent.append((answer, grade))
    unasked = Counter(tool for _, grade in sheet.graded for tool in grade.unasked)
    rows: list[dict[str, Any]] = [
        {
            "name": tool,
            "calls": len(of),
            "unasked": unasked.pop(tool, 0),
            "checks": {key: share(_shares(of.values(), ask)) for key, ask in OF_CALLS.items()},
            "next_action": stats.median(seconds[tool]) if seconds[tool] else None,
        }
        for tool, of in sorted(calls.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    if silent:
        checks: dict[str, Any] = dict.fromkeys(OF_CALLS)
        checks["calls_nothing"] = share(list(_by_question(silent, _calls_nothing).values()))
        times = seconds[NO_TOOL]
        last = {"name": NO_TOOL, "calls": len({answer.question.number for answer, _ in silent}), "unasked": 0}
        rows.append({**last, "checks": checks, "next_action": stats.median(times) if times else None})
    never: list[dict[str, Any]] = [
        {"name": tool, "calls": 0, "unasked": times, "checks": {}, "next_action": None}
        for tool, times in unasked.items()
    ]
    return [*rows, *sorted(never, key=lambda row: str(row["name"]))]


def _shares(calls: Iterable[Sequence[CallGrade]], ask: Callable[[CallGrade], bool | None]) -> list[float]:
    known = [[passed for call in each if (passed := ask(call)) is not None] for each in calls]
    return [sum(passed) / len(passed) for passed in known if passed]


def _mistakes(sheet: Sheet) -> list[dict[str, Json]]:
    """Return the kinds of mistakes, most frequent first, each with its first example."""
    kinds: dict[str, list[tuple[Answer, Any]]] = defaultdict(list)
    for answer, grade in sheet.graded:
        for mistake in grade.mistakes:
            kinds[_kind(mistake.question, grade)].append((answer, mistake))
    return [
        {
            "label": sheet.label,
            "kind": kind,
            "times": len(found),
            "turn": found[0][0].question.number,
            "name": found[0][1].tool,
            "detail": found[0][1].words,
            "recorded": found[0][1].recorded,
            "answered": found[0][1].answered,
        }
        for kind, found in sorted(kinds.items(), key=lambda item: -len(item[1]))
    ]


def _kind(question: str, grade: Grade) -> str:
    return "calls_nothing" if question == "calls_a_tool" and not grade.recorded else question


KINDS: Mapping[str, str] = {
    "calls_a_tool": "called no tool",
    "calls_nothing": "called a tool where the recording called none",
    "same_tool": "called another tool",
    "known_tool": "called a tool that isn't there",
    "arguments_parse": "arguments aren't whole JSON",
    "parameters_known": "made up a parameter",
    "arguments_fit": "arguments don't fit the schema",
    "arguments_agree": "other arguments",
    "all_calls": "other calls at once",
    "whole": "cut off, or empty",
    "in_order": "events that a client may fail at",
}
"""What each kind of mistake is, in words."""


def _failures(sheet: Sheet) -> list[dict[str, Json]]:
    reasons = Counter(answer.result.error.message for answer in sheet.answers if answer.result.error)
    return [{"label": sheet.label, "message": reason, "times": times} for reason, times in reasons.most_common()]


def _pairs(found: Sequence[Sheet]) -> list[dict[str, Json]]:
    """Compare each model with the recorded one where that was asked too, else with the one that was right most often.

    In pairs of the same turn: what makes a turn hard is hard for both.
    """
    if len(found) < 2:
        return []
    rates = {sheet.label: sheet.right() for sheet in found}
    known = [sheet for sheet in found if rates[sheet.label]]
    if len(known) < 2:
        return []
    controls = [sheet for sheet in known if sheet.is_control]
    best = max(known, key=lambda sheet: sum(rates[sheet.label].values()) / len(rates[sheet.label]))
    base = controls[0] if controls else best
    return [
        {
            "one": sheet.label,
            "other": base.label,
            "control": bool(controls),
            **paired(rates[sheet.label], rates[base.label]),
        }
        for sheet in known
        if sheet is not base
    ]


def paired(ours: Mapping[int, float], theirs: Mapping[int, float]) -> dict[str, Json]:
    """Return in how many turns one did better and worse than the other, and whether that may be chance (McNemar)."""
    both = [(ours[number], theirs[number]) for number in ours if number in theirs]
    better, worse = sum(one > other for one, other in both), sum(one < other for one, other in both)
    p = stats.mcnemar(better, worse)
    return {"n": len(both), "better": better, "worse": worse, "p": round(p, 4), "shown": p < 1 - stats.LEVEL}


def _answer(sheet: Sheet, answer: Answer) -> dict[str, Json]:
    grade = answer.grade
    return {
        "label": sheet.label,
        "turn": answer.question.number,
        "request": answer.question.ref.name,
        "round": answer.number,
        "started": answer.result.started,
        "recorded_tools": [{"name": tool} for tool in answer.question.tools],
        "called_tools": [{"name": tool} for tool in grade.called] if grade else [],
        "right": grade.right if grade else None,
        **{check.key: check.ask(grade) if grade else None for check in CHECKS},
        "next_action": grade.seconds if grade else None,
        "error": answer.result.error.message if answer.result.error else None,
    }
