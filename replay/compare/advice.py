"""Which model to take for what, in words, and why. By the bands that people feel: a first token within 5 s seems
instant, after 30 s slow; 50 tokens per second read as instant typing.

Knows nothing of how it is shown.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from replay.compare.compare import Comparison, Contender
from replay.compare.warnings import unlike_answers

INSTANT, SLOW = 5.0, 30.0
"""Seconds to the first token."""

TYPING = 50.0
"""Tokens per second."""


class _Title(NamedTuple):
    """What a model can be best at, and how that is worded."""

    name: str
    measure: str
    worded: Callable[[float], str]
    standing: Callable[[Comparison], str] = lambda comparison: ""


def advice(comparison: Comparison) -> list[str]:
    """One line for each title. A model whose answers were wrong half the time gets none, however fast they came."""
    able = [contender for contender in comparison.contenders if contender.good]
    right = [contender for contender in able if contender.is_right]
    if len(able) < 2:
        return []
    if not right:
        return ["No model was right in most of its answers: see the details."]
    among = Comparison(comparison.request, right)
    return [*_titles(among), *_faster_but_wrong(comparison)]


def _titles(comparison: Comparison) -> Iterator[str]:
    for title in _TITLES:
        ranked = comparison.ranked(title.measure)
        if not ranked:
            continue
        best, *others = ranked
        value = best.median(title.measure)
        assert value is not None
        limits = f"{_sometimes_wrong(best)}{_doubt(comparison, title.measure, others)}"
        yield f"{title.name}: {best.label} ({title.worded(value)}{title.standing(comparison)}{limits})"


def _sometimes_wrong(contender: Contender) -> str:
    right, judged = contender.judged.count(True), len(contender.judged)
    if not judged and contender.unjudged:
        return "; whether it was right couldn't be judged"
    return f"; right in {right} of {judged}" if right < judged else ""


def _doubt(comparison: Comparison, measure: str, others: Sequence[Contender]) -> str:
    """Those that may be as good."""
    found = comparison.differences.get(measure, {})
    equal = [other.label for other in others if other.label in found and not found[other.label].shown]
    return f"; no difference shown to {', '.join(equal)}" if equal else ""


def _faster_but_wrong(comparison: Comparison) -> Iterator[str]:
    for contender in comparison.ranked("total"):
        if contender.is_right:
            return
        yield f"Faster, but wrong: {contender.label} (in {contender.judged.count(False)} of {len(contender.judged)})"


def _first_token(seconds: float) -> str:
    feel = "feels instant" if seconds < INSTANT else "slow" if seconds > SLOW else "a noticeable wait"
    return f"first token after {seconds:.2f} s, {feel}"


def _writing(speed: float) -> str:
    return f"{speed:.1f} tokens/s, " + ("reads as instant typing" if speed >= TYPING else "slower than instant typing")


def _overall(seconds: float) -> str:
    return f"the whole answer in {seconds:.2f} s"


def _standing(comparison: Comparison) -> str:
    """What the least time of these, who were right, is worth."""
    if len(comparison.contenders) == 1:
        return ", the only one that was right"
    return ", the shortest, though of answers of unlike length" if any(unlike_answers(comparison)) else ", the shortest"


_TITLES = (
    _Title("Fastest to answer", "ttft", _first_token),
    _Title("Fastest to act", "first_tool_call", lambda seconds: f"first tool call whole after {seconds:.2f} s"),
    _Title("Fastest to write", "decode", _writing),
    _Title("Best overall", "total", _overall, _standing),
)
