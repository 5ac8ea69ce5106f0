"""Which turns of two conversations correspond: by what was said in them, not by their numbers.

Where a session was continued or forked under another id, the first request of the new one holds the history: the turns
that said it correspond to that request.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from analysis.diff.steps import Key, Step

Side = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two turns that correspond, or one that has no counterpart.

    in_history_of    the side in whose request the other side's turn is only history; None for two turns of their own
    same_question    whether the same was asked; None without a counterpart
    same_answer      whether the same was answered; None without a counterpart
    """

    left: Step | None
    right: Step | None
    in_history_of: Side | None = None
    same_question: bool | None = None
    same_answer: bool | None = None

    @property
    def is_same(self) -> bool:
        return bool(self.same_question and self.same_answer)


class _Item(NamedTuple):
    """One thing that was asked, in which step, and whether it is the last of that step."""

    step: int
    key: Key
    ends: bool


class _Asked(NamedTuple):
    """One of two conversations: its steps, what was asked in them, and what of that the other one asks, too."""

    steps: Sequence[Step]
    items: Sequence[_Item]
    matched: dict[int, _Item]

    def anchors(self) -> list[tuple[int, int]]:
        """Return the steps that end with the same question as a step of the other side, and these."""
        return [(self.items[at].step, it.step) for at, it in self.matched.items() if self.items[at].ends and it.ends]

    def history(self) -> dict[int, int]:
        """Return the steps that are in the history of a step of the other side, and these."""
        return {self.items[at].step: it.step for at, it in self.matched.items() if self.items[at].ends and not it.ends}


def align(left: Sequence[Step], right: Sequence[Step]) -> list[Pair]:
    """Return the turns of two conversations in order, those that correspond together."""
    one, other = _match(left, right)
    pairs: list[Pair] = []
    begin, start = 0, 0
    for here, there in [*one.anchors(), (len(left), len(right))]:
        pairs += _between(one, other, range(begin, here), range(start, there))
        if here < len(left):
            pairs.append(_pair(left[here], right[there]))
        begin, start = here + 1, there + 1
    return pairs


def _match(left: Sequence[Step], right: Sequence[Step]) -> tuple[_Asked, _Asked]:
    ours, theirs = list(_items(left)), list(_items(right))
    matcher = SequenceMatcher(None, [item.key for item in ours], [item.key for item in theirs], autojunk=False)
    places = [(a + at, b + at) for a, b, size in matcher.get_matching_blocks() for at in range(size)]
    return (
        _Asked(left, ours, {one: theirs[other] for one, other in places}),
        _Asked(right, theirs, {other: ours[one] for one, other in places}),
    )


def _items(steps: Sequence[Step]) -> Iterator[_Item]:
    for number, step in enumerate(steps):
        question = step.question
        yield from (_Item(number, key, at == len(question)) for at, key in enumerate(question, 1))


def _between(one: _Asked, other: _Asked, ours: range, theirs: range) -> Iterator[Pair]:
    """Yield the pairs of steps that don't end with the same question: those in a history, then those of one shape."""
    held, holds = one.history(), other.history()
    for at in ours:
        if at in held:
            holder = other.steps[held[at]]
            yield Pair(one.steps[at], holder, "right", True, _is_told(one.steps[at], holder))
    for at in theirs:
        if at in holds:
            holder = one.steps[holds[at]]
            yield Pair(holder, other.steps[at], "left", True, _is_told(other.steps[at], holder))
    left = [one.steps[at] for at in ours if at not in held]
    right = [other.steps[at] for at in theirs if at not in holds]
    matcher = SequenceMatcher(None, [step.shape for step in left], [step.shape for step in right], autojunk=False)
    begin, start = 0, 0
    for a, b, size in matcher.get_matching_blocks():
        yield from (Pair(step, None) for step in left[begin:a])
        yield from (Pair(None, step) for step in right[start:b])
        yield from map(_pair, left[a : a + size], right[b : b + size])
        begin, start = a + size, b + size


def _is_told(step: Step, holder: Step) -> bool:
    """Return whether a step's answer is in the history of another one."""
    return set(step.answer) <= set(holder.question)


def _pair(left: Step, right: Step) -> Pair:
    """Return a pair; the one's question may end with the other's, behind a history."""
    length = min(len(left.question), len(right.question))
    same = left.question[-length:] == right.question[-length:]
    return Pair(left, right, None, same, left.answer == right.answer)
