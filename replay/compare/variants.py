"""What a change of the request did: how often the model still does as recorded, beside the unchanged request.

Each run with the change is paired with the run without it of the same round, and the pairs are tested (McNemar).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from replay.compare import stats
from replay.compare.compare import Comparison, Contender, setup_of
from replay.compare.control import COMPARING
from replay.result import ReplayResult
from replay.run import verdict
from traces.model import Json


@dataclass(frozen=True, slots=True)
class Rates:
    """In how many runs something was so, of those where it could be told."""

    passed: int
    of: int

    @property
    def interval(self) -> tuple[float, float]:
        return stats.wilson(self.passed, self.of)


@dataclass(frozen=True, slots=True)
class Effect:
    """One question, answered with a change and without it.

    question       `calls`: calls as recorded; `correct`: all that is judged
    better, worse  pairs of runs of one round that differ: with the change it is so, and without it it isn't
    """

    question: str
    changed: Rates
    unchanged: Rates
    better: int
    worse: int

    @property
    def p(self) -> float:
        return stats.mcnemar(self.better, self.worse)

    @property
    def shown(self) -> bool:
        return self.p < 1 - stats.LEVEL


def effects(comparison: Comparison) -> Iterator[tuple[Contender, Contender | None, list[Effect]]]:
    """Yield each contender whose request was changed, the same one without the change, and what the change did."""
    for one in comparison.contenders:
        setup = setup_of(one.runs[0])
        if setup.variant:
            plain = setup._replace(variant="")
            other = next((each for each in comparison.contenders if setup_of(each.runs[0]) == plain), None)
            found = [_effect(name, one, other, ask) for name, ask in _QUESTIONS.items()] if other else []
            yield one, other, [each for each in found if each.changed.of and each.unchanged.of]


def _calls_as_recorded(result: ReplayResult) -> bool | None:
    passed = {each.name: each.passed for each in result.verdicts if each.name in COMPARING}
    known = [each for each in passed.values() if each is not None]
    return all(known) if known else None


_QUESTIONS = {"calls": _calls_as_recorded, "correct": lambda result: verdict.is_correct(result.verdicts)}


def _effect(name: str, one: Contender, other: Contender, ask: object) -> Effect:
    assert callable(ask)
    ours, theirs = ({run.run.round: ask(run) for run in each.good} for each in (one, other))
    both = [(ours[number], theirs.get(number)) for number in ours]
    return Effect(
        name,
        _rates(ours),
        _rates(theirs),
        better=sum(pair == (True, False) for pair in both),
        worse=sum(pair == (False, True) for pair in both),
    )


def _rates(found: Mapping[int, bool | None]) -> Rates:
    known = [each for each in found.values() if each is not None]
    return Rates(known.count(True), len(known))


def document(comparison: Comparison) -> Json:
    """Return the changes of a comparison's requests, and what they did, as JSON."""
    return [
        {
            "model": one.label,
            "other": other.label if other else None,
            "changes": list(_changes(one)),
            "effects": [
                {
                    "question": each.question,
                    **_plain(each.changed),
                    "unchanged": _plain(each.unchanged),
                    "better": each.better,
                    "worse": each.worse,
                    "p": round(each.p, 4),
                    "shown": each.shown,
                }
                for each in found
            ],
        }
        for one, other, found in effects(comparison)
    ]


def _changes(contender: Contender) -> tuple[str, ...]:
    variant = contender.runs[0].run.variant
    return variant.changes if variant else ()


def _plain(rates: Rates) -> dict[str, Json]:
    low, high = rates.interval
    return {"passed": rates.passed, "of": rates.of, "low": round(low, 3), "high": round(high, 3)}


def lines(comparison: Comparison) -> list[str]:
    """Return the changes and what they did, in words."""
    found = []
    for one, _, of_it in effects(comparison):
        found.append(f"{one.label}:")
        found += [f"  {line}" for line in _changes(one)]
        found += [f"  {_sentence(each)}" for each in of_it]
    return found


_WORDS = {"calls": "Calls as recorded", "correct": "Correct"}


def _sentence(effect: Effect) -> str:
    with_it, without = _share(effect.changed), _share(effect.unchanged)
    if effect.shown:
        word = "more often with the change" if effect.better > effect.worse else "less often with the change"
        verdict_ = f"{word} (p = {effect.p:.3g})"
    else:
        verdict_ = "no difference shown"
    return f"{_WORDS[effect.question]}: in {with_it} runs with the change, in {without} without: {verdict_}"


def _share(rates: Rates) -> str:
    low, high = rates.interval
    return f"{rates.passed} of {rates.of} [{low:.0%}, {high:.0%}]"
