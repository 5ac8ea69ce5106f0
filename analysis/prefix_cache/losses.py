"""Where a request differs from the turn that it carries on, and what each difference made the server prefill again.

A difference loses what stands behind it as it was, in its own block and in the next ones, up to the next difference:
that is saved when it and all before it are fixed. Knows nothing of what a server holds.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby, pairwise
from typing import NamedTuple

from analysis.prefix_cache.causes import SHOWN, Cause, Difference, causes_of, where
from analysis.prefix_cache.diff import Gap, gaps, gaps_beside, runs
from analysis.prefix_cache.prompts import Prompt, Prompts, alike, common
from traces.content.parts import Part, Section
from traces.sessions.model import Turn


@dataclass(frozen=True, slots=True)
class Break:
    """A point from which a prefix couldn't be reused, and what that cost.

    at             the first token of the request that was lost
    wasted         how many tokens were lost
    displaced_by   the turn whose prompt took the place in the server, as its index in the list of all turns
    """

    cause: Cause
    at: int
    wasted: int
    displaced_by: int | None = None


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
        self._found: list[Break] = []
        self._same: list[tuple[int, int]] = []  # tokens of the request, from and to

    def breaks(self) -> list[Break]:
        """In the order of the request. What lost nothing is among them where it stands before what did."""
        for gap in self._gaps():
            self._known = self._known or set(self._earlier)
            self._found += self._causes(gap)
            self._same += self._behind(gap)
        if self._compacted:
            self._found += self._summed_up()
        self._found.sort(key=lambda one: one.at)
        told = [one for one in self._with_losses() if self._followed or one.cause.kind not in _FOLLOWED_ONLY]
        last = max((number for number, one in enumerate(told) if one.wasted), default=-1)
        return joined(
            one
            for number, one in enumerate(told)
            if one.wasted or one.cause.kind == "compaction" or (number < last and one.at >= self._kept)
        )

    def _with_losses(self) -> list[Break]:
        """What was there before and had to be prefilled again was lost to the last break before it."""
        places = [one.at for one in self._found]
        ends = [*places[1:], self._after.prompt.tokens]
        wasted = [0] * len(places)
        for begin, stop in self._same:
            start = max(begin, self._kept)
            for number in range(max(bisect_right(places, start) - 1, 0), bisect_left(places, stop)):
                wasted[number] += max(min(stop, ends[number]) - max(start, places[number]), 0)
        return [replace(one, wasted=tokens) for one, tokens in zip(self._found, wasted, strict=True)]

    def _gaps(self) -> Iterator[Gap]:
        if tools := self._moved_tools():
            yield from gaps_beside(self._earlier, self._numbers, *tools)
            return
        left = right = common(self._earlier, self._numbers)
        for gap in gaps(self._earlier, self._numbers):
            yield gap
            left, right = gap.gone.stop + gap.end - gap.come.stop, gap.end
        old, new = self._unsaid(self._earlier, left), self._unsaid(self._numbers, right)
        if old and new:  # no part is as it was any more, but within blocks something may be
            yield Gap(old, new, new.stop)

    def _unsaid(self, numbers: Sequence[int], start: int) -> range:
        """The parts from there on that are no messages."""
        return range(start, next((at for at in range(start, len(numbers)) if self._is_said(numbers[at])), len(numbers)))

    def _moved_tools(self) -> tuple[range, range] | None:
        """Where the tools stood and stand, if it is the template that moved them."""
        if not self._prompts.order.late_tools:
            return None
        sides = self._earlier, self._numbers
        old, new = (_span([at for at, one in enumerate(side) if self._section(one) == "tools"]) for side in sides)
        return (old, new) if old and new and _around(self._earlier, old) != _around(self._numbers, new) else None

    def _summed_up(self) -> Iterator[Break]:
        """Where the summary stands: also one that left nothing of the history wasted nothing, and is why all is read
        anew."""
        said = [at for at, number in enumerate(self._numbers) if self._is_said(number)]
        same = common([self._numbers[at] for at in said], [one for one in self._earlier if self._is_said(one)])
        for at in said[same : same + 1]:
            part = self._prompts.part(self._numbers[at])
            yield Break(Cause("compaction", where(part), after=part.text[:SHOWN]), self._start(at), 0)

    def _section(self, number: int) -> Section:
        return self._prompts.part(number).section

    def _is_said(self, number: int) -> bool:
        return self._section(number) == "messages"

    def _causes(self, gap: Gap) -> Iterator[Break]:
        """Also finds what is as it was within a block."""
        elsewhere = any(self._earlier[at] in self._numbers for at in gap.gone) or any(
            self._numbers[at] in self._known for at in gap.come
        )
        tools = self._before.tools, self._after.tools
        for old, new in self._by_block(gap):
            gone, come = self._parts(self._earlier, old), self._parts(self._numbers, new)
            difference = Difference(gone, come, *tools, elsewhere, self._compacted, bool(gap.moved))
            place = new[0] if new and new[0] in gap.come else None
            if place is not None and self._is_changed_block(difference, place):
                yield from self._in_block(difference, place)
                continue
            start = self._departs(old[0] if old else gap.gone.start, gap.come.start if place is None else place)
            yield from (Break(one, start, 0) for one in causes_of(difference))

    def _departs(self, old: int, new: int) -> int:
        """The token at which a part of the request isn't one of the earlier prompt."""
        start = self._start(new)
        if old >= len(self._earlier) or new >= len(self._numbers):
            return start
        same = self._prompts.within(self._numbers[new], self._earlier[old])
        if self._numbers[new] not in self._known:
            self._same.append((start, start + same))
        return start + same

    def _is_changed_block(self, difference: Difference, place: int) -> bool:
        """And not another one in its place, or one that only moved."""
        if len(difference.gone) != 1 or len(difference.come) != 1 or self._numbers[place] in self._known:
            return False
        [old], [new] = difference.gone, difference.come
        return alike(old, new) and old.name == new.name

    def _in_block(self, difference: Difference, place: int) -> Iterator[Break]:
        """One for each run of lines that differs."""
        [old], [new] = difference.gone, difference.come
        found = list(runs(old.text, new.text))
        cuts = [cut for run in found for cut in (run.start, run.stop)]
        pieces = [new._replace(text=new.text[start:stop]) for start, stop in pairwise((0, *cuts))]
        start, end = self._start(place), self._after.prompt.ends[place]
        ends = [start, *(min(start + tokens, end) for tokens in accumulate(self._prompts.counted(pieces))), end]
        self._same += zip(ends[::2], ends[1::2], strict=True)
        for run, at in zip(found, ends[1::2], strict=False):
            alone = replace(difference, gone=[old._replace(text=run.before)])
            yield from (Break(one, at, 0) for one in causes_of(alone))

    def _by_block(self, gap: Gap) -> Iterator[tuple[Sequence[int], Sequence[int]]]:
        """The places of one difference for each section, and for each block where one stands in another's place."""
        gone, come = self._by_section(self._earlier, gap.gone), self._by_section(self._numbers, [*gap.come, *gap.moved])
        for section in (*come, *(section for section in gone if section not in come)):
            old, new = gone.get(section, []), come.get(section, [])
            names = (
                [part.name for part in self._parts(*side)] for side in ((self._earlier, old), (self._numbers, new))
            )
            if len(old) == len(new) and not gap.moved and (section != "tools" or next(names) == next(names)):
                yield from (([one], [other]) for one, other in zip(old, new, strict=True))
            else:
                yield old, new

    def _by_section(self, numbers: Sequence[int], places: Sequence[int]) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for at in places:
            found.setdefault(self._section(numbers[at]), []).append(at)
        return found

    def _parts(self, numbers: Sequence[int], places: Sequence[int]) -> list[Part]:
        return [self._prompts.part(numbers[at]) for at in places]

    def _behind(self, gap: Gap) -> Iterator[tuple[int, int]]:
        """From where to where the request is as it was: what only moved, and what is behind the gap up to the next."""
        moved = (at for at in (*gap.come, *gap.moved) if self._numbers[at] in self._known)
        yield from ((self._start(at), self._start(at + 1)) for at in moved)
        yield self._start(gap.come.stop), self._start(gap.end)

    def _start(self, place: int) -> int:
        """The tokens of the request before this part."""
        return self._after.prompt.ends[place - 1] if place else 0


def _span(places: Sequence[int]) -> range:
    return range(places[0], places[-1] + 1) if places else range(0)


def _around(side: Sequence[int], places: range) -> tuple[Sequence[int], Sequence[int]]:
    return side[max(places.start - 1, 0) : places.start], side[places.stop : places.stop + 1]


def joined(breaks: Iterable[Break]) -> list[Break]:
    """Those of a kind that follow one another as one, where the first stands."""
    found = []
    for _, some in groupby(breaks, lambda one: (one.cause.kind, one.cause.fix)):
        first, *others = some
        found.append(replace(first, wasted=first.wasted + sum(one.wasted for one in others)))
    return found
