"""Comparisons of models by their runs: what is compared, each measure's statistics, and which model is best."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from replay.compare import stats
from replay.compare.stats import Difference, Summary
from replay.result import ReplayResult
from replay.run import double_counting, verdict
from traces.measures import Measure, shown_in


class Setup(NamedTuple):
    """How a run was made: runs that share a setup are one contender's. Each part is written as in a label."""

    model: str
    name: str
    url: str
    dialect: str
    cache: str
    settings: str
    variant: str = ""


def label(setup: Setup, setups: Sequence[Setup]) -> str:
    """Return the model's name, with as much of the setup as distinguishes it from the others of that model.

    A server is named by its name, or by its URL where several have that name.
    """
    namesakes = [other for other in setups if other.model == setup.model]
    names, places = {other.name for other in namesakes}, {(other.name, other.url) for other in namesakes}
    left_out = "url" if len(names) == len(places) else "name"
    differs = [
        len(set(values)) > 1 and field != left_out for field, *values in zip(Setup._fields, *namesakes, strict=True)
    ]
    return " ".join(part for part, needed in zip(setup, [True, *differs[1:]], strict=True) if needed and part)


def setup_of(result: ReplayResult) -> Setup:
    """Return how a result's run was made."""
    target = result.target
    settings = " ".join(f"{name}={value}" for name, value in sorted(result.settings.items()))
    return Setup(
        result.run.model,
        target.name and f"@{target.name}",
        target.url and f"@{target.url}",
        target.dialect,
        f"({result.run.cache})",
        settings,
        f"[{result.run.variant.name}]" if result.run.variant else "",
    )


Value = Callable[[ReplayResult], float | None]
Key = Callable[[ReplayResult], Hashable]

GUIDE = ("ttft", "generation", "total", "tokens", "end_to_end", "decode")
"""The measures of the original guide's comparison, in its order; others follow."""


def _in_order(measures: Iterable[Measure]) -> dict[str, Measure]:
    """Return the measures by their names in comparisons, those of the guide first."""
    keys = {measure.compared_key: measure for measure in measures}
    return {key: keys[key] for key in sorted(keys, key=lambda key: GUIDE.index(key) if key in GUIDE else len(GUIDE))}


COMPARED: Mapping[str, Measure] = _in_order(shown_in("compare"))
"""The measures that are compared, by their names in JSON and CSV. Seconds, and tokens per second."""

DECIDING = tuple(sorted((key for key in COMPARED if COMPARED[key].decides), key=lambda key: key == "total"))
"""The measures whose differences are tested: the wait, the writing, and, last, both together."""


def value_of(measure: str) -> Value:
    """Return the function that reads a measure's value from a result."""
    return lambda result: COMPARED[measure].value(result.figures)


@dataclass(frozen=True, eq=False)
class Contender:
    """One model, on one server, asked in one way, and its counted runs of one request, oldest first."""

    label: str
    runs: Sequence[ReplayResult]

    @property
    def model(self) -> str:
        return self.runs[0].run.model

    @cached_property
    def good(self) -> list[ReplayResult]:
        return [result for result in self.runs if result.success]

    @cached_property
    def failed(self) -> list[ReplayResult]:
        return [result for result in self.runs if not result.success]

    @cached_property
    def judged(self) -> list[bool]:
        """Whether the answer was correct, for each run where that could be judged."""
        asked = [verdict.is_correct(result.verdicts) for result in self.good]
        return [answer for answer in asked if answer is not None]

    @cached_property
    def unjudged(self) -> int:
        """How many runs there are of which it couldn't be judged whether the answer was correct."""
        return sum(verdict.is_unknown(result.verdicts) for result in self.good)

    @property
    def is_correct(self) -> bool:
        """Whether most of its answers were correct, as far as could be judged."""
        return self.judged.count(False) * 2 < len(self.judged) or not self.judged

    def values(self, measure: str) -> list[float]:
        return [value for result in self.good if (value := value_of(measure)(result)) is not None]

    @cached_property
    def summaries(self) -> Mapping[str, Summary | None]:
        return {measure: stats.summary(self.values(measure)) for measure in COMPARED}

    def median(self, measure: str) -> float | None:
        summary = self.summaries[measure]
        return summary.median if summary else None


@dataclass(frozen=True)
class Comparison:
    """All contenders for one request."""

    request: str
    contenders: Sequence[Contender]

    def contender(self, label: str) -> Contender:
        return next(contender for contender in self.contenders if contender.label == label)

    def ranked(self, measure: str) -> list[Contender]:
        """Return the contenders, best first, without those of which it wasn't measured."""
        known = [contender for contender in self.contenders if contender.median(measure) is not None]
        return sorted(known, key=lambda one: one.median(measure) or 0.0, reverse=COMPARED[measure].better == "more")

    @cached_property
    def differences(self) -> Mapping[str, Mapping[str, Difference]]:
        """For each deciding measure, how far each contender is from the best, by label; without single runs."""
        return {measure: self._from_best(measure) for measure in DECIDING}

    def _from_best(self, measure: str) -> Mapping[str, Difference]:
        ranked = self.ranked(measure)
        found = {other.label: difference(other, ranked[0], measure) for other in ranked[1:]}
        return {label: each for label, each in found.items() if each}


def difference(one: Contender, other: Contender, measure: str) -> Difference | None:
    """Return how far two contenders are apart: by pairs where enough runs have a partner, else by all runs."""
    paired = stats.paired_difference(_pairs(one.good, other.good, value_of(measure), _round_of))
    return paired or stats.difference(one.values(measure), other.values(measure))


def _pairs(
    ours: Iterable[ReplayResult], theirs: Iterable[ReplayResult], measure: Value, key: Key
) -> list[tuple[float, float]]:
    """Return the values of runs with the same key in pairs; where several have it, in the order of time."""
    mine, partners = _by_key(ours, measure, key), _by_key(theirs, measure, key)
    return [pair for each, values in mine.items() for pair in zip(values, partners.get(each, []), strict=False)]


def _by_key(results: Iterable[ReplayResult], measure: Value, key: Key) -> dict[Hashable, list[float]]:
    found: dict[Hashable, list[float]] = defaultdict(list)
    for result in results:
        if (value := measure(result)) is not None:
            found[key(result)].append(value)
    return found


def _round_of(result: ReplayResult) -> Hashable:
    """Return a key for the runs of one round of one replay, which were made one soon after the other."""
    return request_of(result), result.run.seed, result.run.round


def request_of(result: ReplayResult) -> str:
    """Return what distinguishes requests: a hash of the content; in old files, which have none, the trace's name."""
    return result.run.trace.hash or result.run.trace.name


def compare(results: Iterable[ReplayResult]) -> list[Comparison]:
    """Return a comparison for each request, in the order of their first replays. Warm-ups don't count."""
    requests: dict[str, list[ReplayResult]] = defaultdict(list)
    for result in _last_tries(list(results)):
        if not result.run.warmup:
            requests[request_of(result)].append(result)
    return [Comparison(group[0].run.trace.name, _contenders(_counted_once(group))) for group in requests.values()]


def _counted_once(results: Sequence[ReplayResult]) -> list[ReplayResult]:
    """Correct counts of cached tokens by those of the same prompt: a changed request is another one."""
    prompts: dict[Hashable, list[ReplayResult]] = defaultdict(list)
    for result in results:
        prompts[result.run.variant].append(result)
    corrected = {variant: iter(double_counting.correct_all(group)) for variant, group in prompts.items()}
    return [next(corrected[result.run.variant]) for result in results]


def _last_tries(results: Sequence[ReplayResult]) -> list[ReplayResult]:
    """Leave out runs that failed and were tried again (`--retries`): they don't count as runs of their own."""
    tries = {(result.key, result.run.seed, result.run.attempt) for result in results}
    return [
        result
        for result in results
        if result.success or (result.key, result.run.seed, result.run.attempt + 1) not in tries
    ]


def _contenders(results: Sequence[ReplayResult]) -> list[Contender]:
    groups: dict[Setup, list[ReplayResult]] = defaultdict(list)
    for result in results:
        groups[setup_of(result)].append(result)
    return [Contender(label(each, list(groups)), group) for each, group in groups.items()]


class Across(NamedTuple):
    """The difference of two models, by label, in a measure over several requests."""

    one: str
    other: str
    measure: str
    difference: Difference


def across(comparisons: Sequence[Comparison]) -> list[Across]:
    """Compare two models over several requests, in pairs of the same request; empty where there are none."""
    if len(comparisons) < 2:
        return []
    labels = [{contender.label for contender in comparison.contenders} for comparison in comparisons]
    both = sorted(set.intersection(*labels))
    if len(both) != 2:
        return []
    one, other = ([run for c in comparisons for run in c.contender(label).good] for label in both)
    found = [
        (measure, stats.paired_difference(_pairs(one, other, value_of(measure), request_of))) for measure in DECIDING
    ]
    return [Across(both[0], both[1], measure, each) for measure, each in found if each]
