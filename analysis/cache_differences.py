"""Where a request differs from the turn that it carries on, and what each difference made the server prefill again.

A difference loses what stands behind it as it was, in its own block and in the next ones, up to the next difference:
that is saved when it and all before it are mended. Knows nothing of what a server holds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby, pairwise
from typing import NamedTuple

from analysis.culprits import SHOWN, Culprit, Difference, culprits, where
from analysis.gaps import Gap, gaps
from analysis.prompts import Prompt, Prompts, alike, common
from analysis.runs import runs
from traces.part import Part
from traces.turn import Turn


@dataclass(frozen=True, slots=True)
class Break:
    """`at` is the first token of the request that was lost to it, `wasted` how many were; `cause` the turn in between,
    as its place in the list of all turns."""

    culprit: Culprit
    at: int
    wasted: int
    cause: int | None = None


class Side(NamedTuple):
    """One of two turns that are compared."""

    turn: Turn
    prompt: Prompt

    @property
    def tools(self) -> list[Part]:
        return [part for part in self.turn.parts if part.section == "tools"]


_FOLLOWED_ONLY = ("history-edited", "thinking-dropped", "image", "reminder-moved")
"""Nothing that two different conversations say can break one of them."""


class Differences:
    """Between one turn and an earlier one.

    kept        the tokens of the request that were lost to nobody, or to something else
    followed    whether it carries that turn on
    compacted   whether its history was summed up
    """

    def __init__(
        self, prompts: Prompts, before: Side, after: Side, kept: int, *, followed: bool, compacted: bool
    ) -> None:
        self._prompts = prompts
        self._before, self._after = before, after
        self._kept = kept
        self._followed = followed
        self._compacted = compacted
        self._earlier = before.prompt.numbers
        self._numbers = after.prompt.numbers[: after.prompt.asked]
        self._known: set[int] = set()

    def breaks(self) -> list[Break]:
        """In the order of the request. What lost nothing is among them where what it stands before did."""
        left = right = common(self._earlier, self._numbers)
        found = []
        for gap in gaps(self._earlier, self._numbers):
            found += self._of_gap(gap)
            left, right = gap.gone.stop + gap.end - gap.come.stop, gap.end
        found += self._at_the_end(left, right)
        if self._compacted:
            found = sorted([*found, *self._summed_up()], key=lambda one: one.at)
        return joined(found)

    def _summed_up(self) -> Iterator[Break]:
        """Where the summary stands: also one that left nothing of the history wasted nothing, and is why all is read
        anew."""
        said = [at for at, number in enumerate(self._numbers) if self._is_said(number)]
        same = common([self._numbers[at] for at in said], [one for one in self._earlier if self._is_said(one)])
        for at in said[same : same + 1]:
            part = self._prompts.part(self._numbers[at])
            yield Break(Culprit("compaction", where(part), after=part.text[:SHOWN]), self._start(at), 0)

    def _at_the_end(self, left: int, right: int) -> list[Break]:
        """Where no part is as it was any more: within blocks of the system prompt and tools something may be."""
        old, new = (
            range(start, next((at for at in range(start, len(side)) if self._is_said(side[at])), len(side)))
            for start, side in ((left, self._earlier), (right, self._numbers))
        )
        found = list(self._culprits(Gap(old, new, new.stop))) if old and new else []
        return found[: max((number for number, one in enumerate(found, 1) if one.wasted), default=0)]

    def _is_said(self, number: int) -> bool:
        return self._prompts.part(number).section == "messages"

    def _of_gap(self, gap: Gap) -> list[Break]:
        self._known = self._known or set(self._earlier)
        found = [one for one in self._culprits(gap) if self._followed or one.culprit.kind not in _FOLLOWED_ONLY]
        behind = self._behind(gap)
        if not found or not behind + sum(one.wasted for one in found):
            return []
        return [*found[:-1], replace(found[-1], wasted=found[-1].wasted + behind)]

    def _culprits(self, gap: Gap) -> Iterator[Break]:
        """With what each loses within its own block."""
        elsewhere = any(self._earlier[at] in self._numbers for at in gap.gone) or any(
            self._numbers[at] in self._known for at in gap.come
        )
        tools = self._before.tools, self._after.tools
        for old, new in self._by_block(gap):
            gone, come = self._parts(self._earlier, old), self._parts(self._numbers, new)
            difference = Difference(gone, come, *tools, elsewhere, self._compacted)
            if len(old) == len(new) == 1 and _same_thing(*gone, *come) and self._numbers[new[0]] not in self._known:
                yield from self._in_block(difference, new[0])
                continue
            start = self._start(new[0] if new else gap.come.start)
            if old and new:
                start += self._prompts.within(self._numbers[new[0]], self._earlier[old[0]])
            yield from (Break(one, start, 0) for one in culprits(difference))

    def _in_block(self, difference: Difference, place: int) -> Iterator[Break]:
        """One for each run of lines that differs."""
        [old], [new] = difference.gone, difference.come
        found = list(runs(old.text, new.text))
        cuts = [cut for run in found for cut in (run.start, run.stop)]
        pieces = [new._replace(text=new.text[start:stop]) for start, stop in pairwise((0, *cuts))]
        start, end = self._start(place), self._after.prompt.ends[place]
        ends = [min(start + tokens, end) for tokens in accumulate(self._prompts.counted(pieces))] + [end]
        for number, run in enumerate(found):
            at, same, until = ends[2 * number : 2 * number + 3]
            alone = replace(difference, gone=[old._replace(text=run.before)])
            first, *others = culprits(alone)
            yield Break(first, at, self._lost(same, until))
            yield from (Break(one, at, 0) for one in others)

    def _by_block(self, gap: Gap) -> Iterator[tuple[Sequence[int], Sequence[int]]]:
        """The places of one difference for each section, and for each block where one stands in another's place."""
        gone, come = self._by_section(self._earlier, gap.gone), self._by_section(self._numbers, gap.come)
        for section in (*come, *(section for section in gone if section not in come)):
            old, new = gone.get(section, []), come.get(section, [])
            names = (
                [part.name for part in self._parts(*side)] for side in ((self._earlier, old), (self._numbers, new))
            )
            if len(old) == len(new) and (section != "tools" or next(names) == next(names)):
                yield from (([one], [other]) for one, other in zip(old, new, strict=True))
            else:
                yield old, new

    def _by_section(self, numbers: Sequence[int], places: Sequence[int]) -> dict[str, list[int]]:
        by_section = groupby(places, lambda at: self._prompts.part(numbers[at]).section)
        return {section: list(found) for section, found in by_section}

    def _parts(self, numbers: Sequence[int], places: Sequence[int]) -> list[Part]:
        return [self._prompts.part(numbers[at]) for at in places]

    def _behind(self, gap: Gap) -> int:
        """The tokens behind the gap, up to the next, and those within it that only moved."""
        moved = sum(self._between(at, at + 1) for at in gap.come if self._numbers[at] in self._known)
        return moved + self._between(gap.come.stop, gap.end)

    def _between(self, start: int, end: int) -> int:
        """The tokens of these parts that were lost."""
        return self._lost(self._start(start), self._start(end))

    def _lost(self, start: int, end: int) -> int:
        return max(end - max(start, self._kept), 0)

    def _start(self, place: int) -> int:
        """The tokens of the request before this part."""
        return self._after.prompt.ends[place - 1] if place else 0


def _same_thing(old: Part, new: Part) -> bool:
    """Whether it is one block that changed, and not another one in its place."""
    return alike(old, new) and old.name == new.name


def joined(breaks: Sequence[Break]) -> list[Break]:
    """Those of a kind that follow one another as one, where the first stands."""
    found = []
    for _, some in groupby(breaks, lambda one: one.culprit.kind):
        first, *others = some
        found.append(replace(first, wasted=first.wasted + sum(one.wasted for one in others)))
    return found
