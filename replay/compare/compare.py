"""Runs -> a comparison of models: what is compared, each measure's statistics, and which one is best."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from replay.compare import stats
from replay.compare.stats import Difference, Summary
from replay.result import ReplayResult
from replay.run import inclusive, verdict
from traces.measures import Measure, shown_in


class Identity(NamedTuple):
    """What makes runs alike, each part as a label tells it."""

    model: str
    name: str
    url: str
    dialect: str
    cache: str
    settings: str


def label(one: Identity, all_of_them: Sequence[Identity]) -> str:
    """The model, and no more than is needed to tell it from others of that name. A server is told by its name, unless
    that stood for several addresses."""
    namesakes = [other for other in all_of_them if other.model == one.model]
    names, places = {other.name for other in namesakes}, {(other.name, other.url) for other in namesakes}
    untold = "url" if len(names) == len(places) else "name"
    differs = [
        len(set(values)) > 1 and field != untold for field, *values in zip(Identity._fields, *namesakes, strict=True)
    ]
    return " ".join(part for part, told in zip(one, [True, *differs[1:]], strict=True) if told and part)


def identity(result: ReplayResult) -> Identity:
    target = result.target
    settings = " ".join(f"{name}={value}" for name, value in sorted(result.settings.items()))
    return Identity(
        result.run.model,
        target.name and f"@{target.name}",
        target.url and f"@{target.url}",
        target.dialect,
        f"({result.run.cache})",
        settings,
    )


Value = Callable[[ReplayResult], float | None]
Key = Callable[[ReplayResult], Hashable]

GUIDE = ("ttft", "generation", "total", "tokens", "end_to_end", "decode")
"""What the original guide's comparison shows, in its order; other measures follow."""


def _in_order(measures: Iterable[Measure]) -> dict[str, Measure]:
    """By the names that they have in comparisons."""
    keys = {measure.compared_key: measure for measure in measures}
    return {key: keys[key] for key in sorted(keys, key=lambda key: GUIDE.index(key) if key in GUIDE else len(GUIDE))}


COMPARED: Mapping[str, Measure] = _in_order(shown_in("compare"))
"""What is compared, by the name it has in JSON and CSV. Times are in seconds, speeds in tokens per second."""

DECIDING = tuple(sorted((key for key in COMPARED if COMPARED[key].decides), key=lambda key: key == "total"))
"""The measures whose differences are looked into: the wait, the writing, and, last, both together."""


def value_of(measure: str) -> Value:
    """Return what gives a result's value of a measure."""
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
        """Of each run of which it can be said, whether it was right."""
        asked = [verdict.right(result.verdicts) for result in self.good]
        return [answer for answer in asked if answer is not None]

    @cached_property
    def unjudged(self) -> int:
        """How many runs were asked, but it can't be said whether they were right."""
        return sum(verdict.is_unknown(result.verdicts) for result in self.good)

    @property
    def is_right(self) -> bool:
        """Most of its answers were, as far as could be told."""
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
    """All who answered one request."""

    request: str
    contenders: Sequence[Contender]

    def named(self, label: str) -> Contender:
        return next(contender for contender in self.contenders if contender.label == label)

    def ranked(self, measure: str) -> list[Contender]:
        """The best first; without those of whom it wasn't measured."""
        known = [contender for contender in self.contenders if contender.median(measure) is not None]
        return sorted(known, key=lambda one: one.median(measure) or 0.0, reverse=COMPARED[measure].better == "more")

    @cached_property
    def differences(self) -> Mapping[str, Mapping[str, Difference]]:
        """Of each deciding measure: how far every contender is from the best, by label. Single runs show nothing."""
        return {measure: self._from_best(measure) for measure in DECIDING}

    def _from_best(self, measure: str) -> Mapping[str, Difference]:
        ranked = self.ranked(measure)
        found = {other.label: between(other, ranked[0], measure) for other in ranked[1:]}
        return {label: difference for label, difference in found.items() if difference}


def between(one: Contender, other: Contender, measure: str) -> Difference | None:
    """In pairs where enough runs have a partner, else of all runs."""
    paired = stats.paired_difference(_pairs(one.good, other.good, value_of(measure), _turn))
    return paired or stats.difference(one.values(measure), other.values(measure))


def _pairs(
    ours: Iterable[ReplayResult], theirs: Iterable[ReplayResult], measure: Value, key: Key
) -> list[tuple[float, float]]:
    """The values of runs that have the same key, in the order of time where several have."""
    mine, partners = _by_key(ours, measure, key), _by_key(theirs, measure, key)
    return [pair for each, values in mine.items() for pair in zip(values, partners.get(each, []), strict=False)]


def _by_key(results: Iterable[ReplayResult], measure: Value, key: Key) -> dict[Hashable, list[float]]:
    found: dict[Hashable, list[float]] = defaultdict(list)
    for result in results:
        if (value := measure(result)) is not None:
            found[key(result)].append(value)
    return found


def _turn(result: ReplayResult) -> Hashable:
    """Runs of one round of one replay came soon one after the other."""
    return request_of(result), result.run.seed, result.run.round


def request_of(result: ReplayResult) -> str:
    """What tells requests apart: their content, or in old files, which don't tell it, their name."""
    return result.run.trace.hash or result.run.trace.name


def compare(results: Iterable[ReplayResult]) -> list[Comparison]:
    """One comparison for each request, in the order in which they were first replayed. Warm-ups don't count."""
    requests: dict[str, list[ReplayResult]] = defaultdict(list)
    for result in _last_tries(list(results)):
        if not result.run.warmup:
            requests[request_of(result)].append(result)
    return [Comparison(group[0].run.trace.name, _contenders(inclusive.alike(group))) for group in requests.values()]


def _last_tries(results: Sequence[ReplayResult]) -> list[ReplayResult]:
    """Without those that failed and were tried again (`--retries`): they are no runs of their own."""
    tries = {(result.key, result.run.seed, result.run.attempt) for result in results}
    return [
        result
        for result in results
        if result.success or (result.key, result.run.seed, result.run.attempt + 1) not in tries
    ]


def _contenders(results: Sequence[ReplayResult]) -> list[Contender]:
    groups: dict[Identity, list[ReplayResult]] = defaultdict(list)
    for result in results:
        groups[identity(result)].append(result)
    return [Contender(label(each, list(groups)), group) for each, group in groups.items()]


class Across(NamedTuple):
    """How far `one` is from `other` in a measure, over several requests."""

    one: str
    other: str
    measure: str
    difference: Difference


def across(comparisons: Sequence[Comparison]) -> list[Across]:
    """Two models on several requests, in pairs of the same request; nothing where these can't be paired."""
    if len(comparisons) < 2:
        return []
    labels = [{contender.label for contender in comparison.contenders} for comparison in comparisons]
    both = sorted(set.intersection(*labels))
    if len(both) != 2:
        return []
    one, other = ([run for c in comparisons for run in c.named(label).good] for label in both)
    found = [
        (measure, stats.paired_difference(_pairs(one, other, value_of(measure), request_of))) for measure in DECIDING
    ]
    return [Across(both[0], both[1], measure, difference) for measure, difference in found if difference]
