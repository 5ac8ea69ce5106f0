"""What a server told of itself while a level was played: samples -> figures."""

from collections.abc import Mapping, Sequence

from replay.load import gauges
from replay.load.monitor import Sample


def over(samples: Sequence[Sample], begin: float, end: float) -> dict[str, float]:
    """Return the figures from `begin` to `end` (seconds since the epoch): gauges on average, counters by their growth.

    Counters grow from the last sample before `begin` to the first one after `end`; one that was set back isn't shown.
    """
    inside = [sample.values for sample in samples if begin <= sample.at <= end]
    keys = {key for values in inside for key in values}
    found = {}
    for key in sorted(keys):
        if key in gauges.BY_KEY and gauges.BY_KEY[key].kind == "counter":
            grown = _at(samples, key, end, after=True) - _at(samples, key, begin, after=False)
            if grown >= 0:
                found[key] = grown
        else:
            known = [values[key] for values in inside if key in values]
            found[key] = sum(known) / len(known)
    return found


def _at(samples: Sequence[Sample], key: str, moment: float, after: bool) -> float:
    """Return a counter at the sample that is nearest to a moment, on the wanted side of it where there is one."""
    known = [(sample.at, sample.values[key]) for sample in samples if key in sample.values]
    beyond = [each for each in known if (each[0] >= moment if after else each[0] <= moment)]
    if beyond:
        return (min if after else max)(beyond)[1]
    return (max if after else min)(known)[1]


def averages(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, tuple[float | None, float | None]]:
    """Return the figures of two levels by key, side by side."""
    return {key: (before.get(key), after.get(key)) for key in before.keys() | after.keys()}
