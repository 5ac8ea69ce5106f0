"""Long lists of numbers that repeat one another, in short: a session sends its history again with every turn, and a
page of a thousand turns would be mostly that.

    [from, to]          the numbers from … to - 1
    [from, to, list]    what an earlier list has at these places

A list is a list of such runs. Knows nothing of what the numbers stand for.
"""

from collections.abc import Sequence

Runs = list[list[int]]

RECENT = 8
"""Earlier lists that a new one is compared with."""

LEAST = 8
"""Numbers in a row that are worth pointing to an earlier list for."""


class Lists:
    """The lists that were added so far, `runs` of each."""

    def __init__(self) -> None:
        self.runs: list[Runs] = []
        self._known: dict[tuple[int, ...], int] = {}
        self._recent: dict[int, tuple[tuple[int, ...], frozenset[int]]] = {}

    def add(self, numbers: Sequence[int]) -> int:
        """The place of this list in `runs`."""
        whole = tuple(numbers)
        if whole not in self._known:
            place = self._known[whole] = len(self.runs)
            self.runs.append(self._shortened(whole))
            self._recent[place] = whole, frozenset(whole)
            if len(self._recent) > RECENT:
                del self._recent[next(iter(self._recent))]
        return self._known[whole]

    def _shortened(self, whole: tuple[int, ...]) -> Runs:
        members = frozenset(whole)
        shared = {place: len(members & there) for place, (_, there) in self._recent.items()}
        nearest = max(shared, key=lambda place: (shared[place], place), default=None)
        if nearest is None or shared[nearest] < LEAST:
            return _runs(whole)
        return _pointing(whole, self._recent[nearest][0], nearest)


def _runs(numbers: Sequence[int]) -> Runs:
    runs: Runs = []
    for number in numbers:
        if runs and runs[-1][1] == number:
            runs[-1][1] += 1
        else:
            runs.append([number, number + 1])
    return runs


def _pointing(whole: tuple[int, ...], earlier: tuple[int, ...], place: int) -> Runs:
    """Stretches that the earlier list has too point to it; what is between them stands for itself."""
    runs: Runs = []
    at_in = {number: at for at, number in reversed(list(enumerate(earlier)))}
    here = own = 0
    there = 0
    while here < len(whole):
        start = there if there < len(earlier) and earlier[there] == whole[here] else at_in.get(whole[here], -1)
        length = _alike(whole, here, earlier, start) if start >= 0 else 0
        if length < LEAST:
            here += 1
            there = start + 1 if start >= 0 else there
            continue
        runs += [*_runs(whole[own:here]), [start, start + length, place]]
        here += length
        own, there = here, start + length
    return runs + _runs(whole[own:])


def _alike(one: tuple[int, ...], start: int, other: tuple[int, ...], begin: int) -> int:
    """For how long both go on alike."""
    length = 0
    most = min(len(one) - start, len(other) - begin)
    step = 256
    while step:
        while (
            length + step <= most
            and one[start + length : start + length + step] == other[begin + length : begin + length + step]
        ):
            length += step
        step //= 4
    return length
