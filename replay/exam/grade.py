"""The grade of one answer: what of it is as the recording was, and what isn't, question by question.

To the questions that every replay is judged by (`replay.run.verdict`) an exam adds three: whether each parameter
exists, whether the arguments agree with the recorded ones, and whether several calls are the same set of calls.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from replay.meaning.arguments import Agreement, agreement
from replay.result import ReplayResult
from replay.run import arguments, calls
from replay.run.calls import Call
from traces.content.parts import parts
from traces.content.project import project_of
from traces.dialects import format_of
from traces.model import Json, Trace

LONGEST = 160
"""Characters of a call, or of a text, that an example shows."""


@dataclass(frozen=True, slots=True)
class CallGrade:
    """What became of one recorded call: whether its tool was called, and if so, how.

    known    whether all parameters are ones that the tool has
    agrees   whether the arguments mean what the recorded ones do; None where only a person could tell
    """

    tool: str
    called: bool
    parses: bool | None = None
    fits: bool | None = None
    known: bool | None = None
    agrees: bool | None = None


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something that isn't as it should be: the question it was asked by, and an example in short."""

    question: str
    tool: str
    words: str
    recorded: str
    answered: str


@dataclass(frozen=True, slots=True)
class Grade:
    """What an exam says of one answer.

    recorded, called   the tools that each of the two called, one for each call
    marks              by question: None where it doesn't apply, or can't be answered
    open               the questions that apply and can't be answered
    calls              one for each recorded call
    unasked            the tools of calls that match no recorded one
    seconds            until the model's next action: its first whole call, or the end of its answer
    """

    recorded: tuple[str, ...]
    called: tuple[str, ...]
    marks: Mapping[str, bool | None]
    open: tuple[str, ...]
    calls: tuple[CallGrade, ...]
    unasked: tuple[str, ...]
    mistakes: tuple[Mistake, ...]
    seconds: float | None

    @property
    def right(self) -> bool | None:
        """Whether all was as recorded; None where nothing was wrong, but something couldn't be compared."""
        if False in self.marks.values():
            return False
        return None if self.open or not any(self.marks.values()) else True


def grade(trace: Trace, result: ReplayResult) -> Grade:
    """Grade the answer of a run that succeeded by the recorded one."""
    recorded = calls.tool_calls(trace.response.body if trace.response else None)
    answered = calls.tool_calls(result.message)
    offered = calls.offered_tools(trace.request.body)
    folder = project_of(parts(trace.request.body)) or ""
    pairs, unasked = _pair(recorded, answered, offered, folder)
    graded = tuple(_call_grade(ours, theirs, found, offered) for ours, theirs, found in pairs)
    marks: dict[str, bool | None] = {each.name: each.passed for each in result.verdicts}
    marks["parameters_known"] = _parameters_known(answered, offered)
    marks["arguments_agree"] = _all(each.agrees for each in graded if each.called and each.parses)
    marks["all_calls"] = _same_set(recorded, answered) if marks.get("same_tool") else None
    unsure = [each.name for each in result.verdicts if each.is_open]
    if marks["arguments_agree"] is None and any(each.called and each.parses for each in graded):
        unsure.append("arguments_agree")
    details = {each.name: each.detail for each in result.verdicts}
    example = _Example(recorded, answered, result.message, pairs, details)
    timing = result.metrics.timing
    return Grade(
        recorded=tuple(call.name for call in recorded),
        called=tuple(call.name for call in answered),
        marks=marks,
        open=tuple(unsure),
        calls=graded,
        unasked=tuple(call.name for call in unasked),
        mistakes=tuple(example.mistake(name, offered) for name, passed in marks.items() if passed is False),
        seconds=timing.first_tool_call if answered and timing.first_tool_call is not None else timing.total,
    )


def called_tools(message: Json) -> tuple[str, ...]:
    """Return the tools that an answer calls, one for each call."""
    return tuple(call.name for call in calls.tool_calls(message))


Pair = tuple[Call, Call | None, Agreement | None]
"""A recorded call, the answer's call that matches it best, and how far their arguments agree."""


def _pair(
    recorded: Sequence[Call], answered: Sequence[Call], offered: Mapping[str, Json], folder: str
) -> tuple[list[Pair], list[Call]]:
    """Pair each recorded call with one of the same tool, whose arguments agree if there is one; and what is left."""
    left = list(answered)
    found: dict[int, Pair] = {}
    for wanted in (True, None, False):
        for place, ours in enumerate(recorded):
            for theirs in left if place not in found else ():
                if theirs.name == ours.name:
                    agreed = agreement(ours.name, ours.arguments, theirs.arguments, offered.get(ours.name), folder)
                    if agreed.agrees is wanted:
                        found[place] = (ours, theirs, agreed)
                        left = [each for each in left if each is not theirs]
                        break
    return [found.get(place, (ours, None, None)) for place, ours in enumerate(recorded)], left


def _call_grade(ours: Call, theirs: Call | None, agreed: Agreement | None, offered: Mapping[str, Json]) -> CallGrade:
    if theirs is None or agreed is None:
        return CallGrade(ours.name, False)
    if not theirs.parsed:
        return CallGrade(ours.name, True, parses=False)
    schema = offered.get(ours.name)
    fits = None if schema in (None, True) else arguments.fit(theirs.arguments, schema).fits
    return CallGrade(ours.name, True, True, fits, not _unknown_parameters(theirs, offered), agreed.agrees)


def _all(found: Iterator[bool | None]) -> bool | None:
    """Return whether all are true; None where none is false, but one is unknown, or where there are none."""
    values = list(found)
    return False if False in values else None if None in values or not values else True


def _same_set(recorded: Sequence[Call], answered: Sequence[Call]) -> bool | None:
    """Return whether as many calls of each tool were made; None where either made a single one."""
    if len(recorded) < 2 and len(answered) < 2:
        return None
    return Counter(call.name for call in recorded) == Counter(call.name for call in answered)


def _parameters_known(answered: Sequence[Call], offered: Mapping[str, Json]) -> bool | None:
    judged = [call for call in answered if call.parsed and call.name in offered]
    return not any(_unknown_parameters(call, offered) for call in judged) if judged else None


def _unknown_parameters(call: Call, offered: Mapping[str, Json]) -> list[str]:
    """Return the parameters that the tool's schema doesn't name, unless it says that there may be others."""
    known = _parameters(offered.get(call.name), offered.get(call.name))
    given = call.arguments if isinstance(call.arguments, dict) else {}
    return [] if known is None else [name for name in given if name not in known]


def _parameters(schema: Any, root: Any, depth: int = 0) -> set[str] | None:
    """Return the parameters that a schema names; None where it names none, or allows any."""
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return None
    if schema.get("patternProperties") or schema.get("additionalProperties") not in (None, False):
        return None
    properties = schema.get("properties")
    names = set(properties) if isinstance(properties, dict) else set()
    for combined in ("allOf", "anyOf", "oneOf"):
        for each in schema[combined] if isinstance(schema.get(combined), list) else ():
            names |= _parameters(each, root, depth + 1) or set()
    if isinstance(reference := schema.get("$ref"), str):
        target = root
        for step in reference.removeprefix("#/").split("/"):
            target = target.get(step) if isinstance(target, dict) else None
        names |= _parameters(target, root, depth + 1) or set()
    return names or (set() if isinstance(properties, dict) and schema.get("additionalProperties") is False else None)


_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class _Example:
    """What an example of a mistake is taken from."""

    recorded: Sequence[Call]
    answered: Sequence[Call]
    message: Json
    pairs: Sequence[Pair]
    details: Mapping[str, str]

    def mistake(self, question: str, offered: Mapping[str, Json]) -> Mistake:
        words = self.details.get(question, "")
        if question == "arguments_agree":
            ours, theirs, agreed = next(each for each in self.pairs if each[2] and each[2].agrees is False)
            assert theirs is not None
            assert agreed is not None
            return Mistake(
                question,
                ours.name,
                f"{ours.name}: {', '.join(agreed.differs)} {'differs' if len(agreed.differs) == 1 else 'differ'}",
                _chosen(ours.arguments, agreed.differs),
                _chosen(theirs.arguments, agreed.differs),
            )
        if question == "parameters_known":
            call = next(each for each in self.answered if _unknown_parameters(each, offered))
            unknown = _unknown_parameters(call, offered)
            words = f"{call.name} has no parameter {', '.join(unknown)}"
            return Mistake(question, call.name, words, _written(self.recorded), _chosen(call.arguments, tuple(unknown)))
        if question == "all_calls":
            words = f"called {len(self.answered)} where the recording called {len(self.recorded)}"
        tool = self.recorded[0].name if self.recorded else ""
        return Mistake(question, tool, words, _written(self.recorded), _written(self.answered) or _said(self.message))


def _written(made: Sequence[Call]) -> str:
    return _cut("; ".join(f"{call.name} {_json(call.arguments)}" for call in made))


def _chosen(given: Json, names: Sequence[str]) -> str:
    if isinstance(given, dict):
        return _cut(_json({name: given[name] for name in names if name in given}))
    return _cut(_json(given))


def _json(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _said(message: Json) -> str:
    """Return the beginning of what an answer says."""
    found = format_of(message)
    blocks = found.blocks(message) if found and isinstance(message, dict) else ()
    return _cut(" ".join(str(block["text"]) for block in blocks if block.get("type") == "text" and block.get("text")))


def _cut(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"
