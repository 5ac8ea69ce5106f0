"""Advice in words: which model to choose for what, and why.

It goes by what people feel. Waits, after Miller (1968) and Nielsen (Usability Engineering, 1993): within 0.1 s an
answer seems instant, within 1 s the flow of thought isn't broken, within 10 s one still attends. Reading, after
Brysbaert (2019): most adults read 175 to 300 words of English a minute, and a token is about three quarters of a word.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from replay.compare.compare import Comparison, Contender
from replay.compare.warnings import different_lengths

_WAITS = (
    (0.1, "feels instant"),
    (1.0, "doesn't break the flow of thought"),
    (10.0, "a noticeable wait"),
    (float("inf"), "long enough to turn to something else"),
)
"""Seconds to the first token, at most -> how they feel."""

_TOKENS_PER_WORD = 4 / 3

_READING = (175 / 60 * _TOKENS_PER_WORD, 300 / 60 * _TOKENS_PER_WORD)
"""Tokens per second that a slow and a fast reader read."""


class _Title(NamedTuple):
    """What a model can be best at, and how that is put into words.

    name          the beginning of the line
    describe      a median of the measure, in words
    describe_lead what it means to be the best of these models
    """

    name: str
    measure: str
    describe: Callable[[float], str]
    describe_lead: Callable[[Comparison], str] = lambda comparison: ""


def advice(comparison: Comparison) -> list[str]:
    """Return a line for each title. A model that was wrong at least half the time gets none, however fast it was."""
    answered = [contender for contender in comparison.contenders if contender.good]
    correct = [contender for contender in answered if contender.is_correct]
    if len(answered) < 2:
        return []
    if not correct:
        return ["No model was correct in most of its answers: see the details."]
    among = Comparison(comparison.request, correct)
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
        yield f"{title.name}: {best.label} ({title.describe(value)}{title.describe_lead(comparison)}{limits})"


def _sometimes_wrong(contender: Contender) -> str:
    correct, judged = contender.judged.count(True), len(contender.judged)
    if not judged and contender.unjudged:
        return "; whether it was correct couldn't be judged"
    return f"; correct in {correct} of {judged}" if correct < judged else ""


def _doubt(comparison: Comparison, measure: str, others: Sequence[Contender]) -> str:
    """Name the models that may be as good."""
    differences = comparison.differences.get(measure, {})
    equal = [other.label for other in others if other.label in differences and not differences[other.label].shown]
    return f"; no difference shown to {', '.join(equal)}" if equal else ""


def _faster_but_wrong(comparison: Comparison) -> Iterator[str]:
    for contender in comparison.ranked("total"):
        if contender.is_correct:
            return
        yield f"Faster, but wrong: {contender.label} (in {contender.judged.count(False)} of {len(contender.judged)})"


def _describe_first_token(seconds: float) -> str:
    feel = next(feel for limit, feel in _WAITS if seconds <= limit)
    return f"first token after {seconds:.2f} s, {feel}"


def _describe_writing(speed: float) -> str:
    slow, fast = _READING
    compared = "faster than people read" if speed > fast else "slower than people read" if speed < slow else ""
    return f"{speed:.1f} tokens/s, {compared or 'about as fast as people read'}"


def _describe_total(seconds: float) -> str:
    return f"the whole answer in {seconds:.2f} s"


def _shortest(comparison: Comparison) -> str:
    """Say what the shortest total time of these models, which were all correct, means."""
    if len(comparison.contenders) == 1:
        return ", the only one that was correct"
    return (
        ", the shortest, though of answers of different length"
        if any(different_lengths(comparison))
        else ", the shortest"
    )


_TITLES = (
    _Title("Fastest to answer", "ttft", _describe_first_token),
    _Title("Fastest to act", "first_tool_call", lambda seconds: f"first tool call whole after {seconds:.2f} s"),
    _Title("Fastest to write", "decode", _describe_writing),
    _Title("Best overall", "total", _describe_total, _shortest),
)
