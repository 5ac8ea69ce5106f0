"""Where a request differs from the turn that it carries on, and what each difference made the server prefill again.

A difference loses what is unchanged behind it, in its own block and in the next ones, up to the next difference: that
is saved when it and all before it are fixed.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby, pairwise
from typing import NamedTuple

from analysis.prefix_cache.causes import EXCERPT_LENGTH, Cause, Difference, causes_of, location
from analysis.prefix_cache.diff import Change, find_changes, find_changes_beside, find_line_changes
from analysis.prefix_cache.prompts import Prompt, Prompts, common_length, comparable
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
        """The tools of the turn's request, in order."""
        return [part for part in self.turn.parts if part.section == "tools"]


_FOLLOWED_ONLY = ("history-edited", "thinking-dropped", "image", "reminder-moved")
"""Kinds that are causes only where one turn carries the other on: other conversations differ in these anyway."""


class Differences:
    """The differences between one turn and an earlier one, as breaks.

    kept        tokens at the request's beginning that the cache has, or whose loss has another cause
    followed    whether the turn carries the earlier one on
    compacted   whether its history was summarised
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
        """Return the breaks in the order of the request, also those that lost nothing but come before some that did."""
        for change in self._changes():
            self._known = self._known or set(self._earlier)
            self._found += self._causes(change)
            self._same += self._unchanged(change)
        if self._compacted:
            self._found += self._compaction()
        self._found.sort(key=lambda one: one.at)
        breaks = [one for one in self._with_losses() if self._followed or one.cause.kind not in _FOLLOWED_ONLY]
        last = max((number for number, one in enumerate(breaks) if one.wasted), default=-1)
        return merge(
            one
            for number, one in enumerate(breaks)
            if one.wasted or one.cause.kind == "compaction" or (number < last and one.at >= self._kept)
        )

    def _with_losses(self) -> list[Break]:
        """Return the breaks with what each lost: all that was prefilled again from there up to the next break."""
        places = [one.at for one in self._found]
        ends = [*places[1:], self._after.prompt.tokens]
        wasted = [0] * len(places)
        for begin, stop in self._same:
            start = max(begin, self._kept)
            for number in range(max(bisect_right(places, start) - 1, 0), bisect_left(places, stop)):
                wasted[number] += max(min(stop, ends[number]) - max(start, places[number]), 0)
        return [replace(one, wasted=tokens) for one, tokens in zip(self._found, wasted, strict=True)]

    def _changes(self) -> Iterator[Change]:
        if tools := self._moved_tools():
            yield from find_changes_beside(self._earlier, self._numbers, *tools)
            return
        left = right = common_length(self._earlier, self._numbers)
        for change in find_changes(self._earlier, self._numbers):
            yield change
            left, right = change.removed.stop + change.end - change.added.stop, change.end
        old, new = self._no_messages(self._earlier, left), self._no_messages(self._numbers, right)
        if old and new:  # no further part is unchanged, but within blocks something may be
            yield Change(old, new, new.stop)

    def _no_messages(self, numbers: Sequence[int], start: int) -> range:
        """Return the places from `start` on up to the first message."""
        return range(
            start, next((at for at in range(start, len(numbers)) if self._is_message(numbers[at])), len(numbers))
        )

    def _moved_tools(self) -> tuple[range, range] | None:
        """Return the places of the tools before and now, if the template moved them; else None."""
        if not self._prompts.order.late_tools:
            return None
        sides = self._earlier, self._numbers
        old, new = (_span([at for at, one in enumerate(side) if self._section(one) == "tools"]) for side in sides)
        return (old, new) if old and new and _around(self._earlier, old) != _around(self._numbers, new) else None

    def _compaction(self) -> Iterator[Break]:
        """Yield a break where the summary is.

        A summary that replaced the whole history wasted nothing, yet is the reason why all is prefilled.
        """
        messages = [at for at, number in enumerate(self._numbers) if self._is_message(number)]
        same = common_length(
            [self._numbers[at] for at in messages], [one for one in self._earlier if self._is_message(one)]
        )
        for at in messages[same : same + 1]:
            part = self._prompts.part(self._numbers[at])
            yield Break(Cause("compaction", location(part), after=part.text[:EXCERPT_LENGTH]), self._start(at), 0)

    def _section(self, number: int) -> Section:
        return self._prompts.part(number).section

    def _is_message(self, number: int) -> bool:
        return self._section(number) == "messages"

    def _causes(self, change: Change) -> Iterator[Break]:
        """Yield the breaks of a change, and note what is unchanged within its blocks."""
        elsewhere = any(self._earlier[at] in self._numbers for at in change.removed) or any(
            self._numbers[at] in self._known for at in change.added
        )
        tools = self._before.tools, self._after.tools
        for old, new in self._by_block(change):
            removed, added = self._parts(self._earlier, old), self._parts(self._numbers, new)
            difference = Difference(removed, added, *tools, elsewhere, self._compacted, bool(change.moved))
            place = new[0] if new and new[0] in change.added else None
            if place is not None and self._is_changed_block(difference, place):
                yield from self._in_block(difference, place)
                continue
            start = self._divergence(
                old[0] if old else change.removed.start, change.added.start if place is None else place
            )
            yield from (Break(one, start, 0) for one in causes_of(difference))

    def _divergence(self, old: int, new: int) -> int:
        """Return the token at which a part of the request begins to differ from one of the earlier prompt."""
        start = self._start(new)
        if old >= len(self._earlier) or new >= len(self._numbers):
            return start
        same = self._prompts.within(self._numbers[new], self._earlier[old])
        if self._numbers[new] not in self._known:
            self._same.append((start, start + same))
        return start + same

    def _is_changed_block(self, difference: Difference, place: int) -> bool:
        """Whether one block changed, and isn't replaced by another or only moved."""
        if len(difference.removed) != 1 or len(difference.added) != 1 or self._numbers[place] in self._known:
            return False
        [old], [new] = difference.removed, difference.added
        return comparable(old, new) and old.name == new.name

    def _in_block(self, difference: Difference, place: int) -> Iterator[Break]:
        """Yield a break for each run of lines that differs."""
        [old], [new] = difference.removed, difference.added
        found = list(find_line_changes(old.text, new.text))
        cuts = [cut for run in found for cut in (run.start, run.stop)]
        pieces = [new._replace(text=new.text[start:stop]) for start, stop in pairwise((0, *cuts))]
        start, end = self._start(place), self._after.prompt.ends[place]
        ends = [start, *(min(start + tokens, end) for tokens in accumulate(self._prompts.count(pieces))), end]
        self._same += zip(ends[::2], ends[1::2], strict=True)
        for run, at in zip(found, ends[1::2], strict=False):
            alone = replace(difference, removed=[old._replace(text=run.before)])
            yield from (Break(one, at, 0) for one in causes_of(alone))

    def _by_block(self, change: Change) -> Iterator[tuple[Sequence[int], Sequence[int]]]:
        """Yield the places of each difference: one for a section, or for a block that takes another's place."""
        removed = self._by_section(self._earlier, change.removed)
        added = self._by_section(self._numbers, [*change.added, *change.moved])
        for section in (*added, *(section for section in removed if section not in added)):
            old, new = removed.get(section, []), added.get(section, [])
            names = (
                [part.name for part in self._parts(*side)] for side in ((self._earlier, old), (self._numbers, new))
            )
            if len(old) == len(new) and not change.moved and (section != "tools" or next(names) == next(names)):
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

    def _unchanged(self, change: Change) -> Iterator[tuple[int, int]]:
        """Yield the tokens, from and to, that are as before: parts that only moved, and all up to the next change."""
        moved = (at for at in (*change.added, *change.moved) if self._numbers[at] in self._known)
        yield from ((self._start(at), self._start(at + 1)) for at in moved)
        yield self._start(change.added.stop), self._start(change.end)

    def _start(self, place: int) -> int:
        """Return the tokens of the request before this part."""
        return self._after.prompt.ends[place - 1] if place else 0


def _span(places: Sequence[int]) -> range:
    return range(places[0], places[-1] + 1) if places else range(0)


def _around(side: Sequence[int], places: range) -> tuple[Sequence[int], Sequence[int]]:
    return side[max(places.start - 1, 0) : places.start], side[places.stop : places.stop + 1]


def merge(breaks: Iterable[Break]) -> list[Break]:
    """Return the breaks with adjacent ones of a kind merged into the first of them."""
    found = []
    for _, some in groupby(breaks, lambda one: (one.cause.kind, one.cause.fix)):
        first, *others = some
        found.append(replace(first, wasted=first.wasted + sum(one.wasted for one in others)))
    return found
