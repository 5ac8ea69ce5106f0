"""Where two prompts differ: runs of parts, then the texts within a part."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from analysis.prefix_cache.prompts import common, whole_words


class Gap(NamedTuple):
    """The earlier prompt's parts `gone` stand no more where the request's parts `come` are; up to `end` it's as it was.

    All are places in the list of parts, ends not included. `moved` are those that stand further back instead.
    """

    gone: range
    come: range
    end: int
    moved: range = range(0)


_NEAR = 8
"""Parts skipped in all: so near both are looked through, further away a table of the places is worth its making."""


def gaps(before: Sequence[object], after: Sequence[object]) -> Iterator[Gap]:
    """In order. What is behind the last part in common is no gap: there the request only goes on, or is over."""
    left = right = _same(before, after, 0, 0)
    places: dict[object, list[int]] = {}
    while left < len(before) and right < len(after):
        met = _near(before, after, left, right)
        if met is None:
            places = places or _places(before)
            met = _far(before, after, places, left, right)
        if met is None:
            return
        gone, come = range(left, met[0]), range(right, met[1])
        same = _same(before, after, *met)
        left, right = met[0] + same, met[1] + same
        yield Gap(gone, come, right)


def gaps_beside(before: Sequence[object], after: Sequence[object], old: range, new: range) -> Iterator[Gap]:
    """The same where the parts `old` were moved and are `new` now: these are a gap of their own, and in no other."""
    rest = [*before[: old.start], *before[old.stop :]], [*after[: new.start], *after[new.stop :]]
    found = [Gap(range(0), range(0), _same(*rest, 0, 0)), *gaps(*rest)]
    told = False
    for gone, come, end, _ in found:
        place = come.stop + max(old.start - gone.stop, 0)
        here = not told and place <= end
        if gone or come:
            yield Gap(_put_back(gone, old), _put_back(come, new), place if here else _past(end, new))
        if here:
            yield Gap(old, range(place, place), _past(end, new), new)
            told = True


def _put_back(places: range, left_out: range) -> range:
    """In the list with what was left out."""
    behind = len(left_out) if places.start >= left_out.start else 0
    return range(places.start + behind, places.stop + behind)


def _past(end: int, left_out: range) -> int:
    return end + len(left_out) if end > left_out.start else end


def _same(before: Sequence[object], after: Sequence[object], left: int, right: int) -> int:
    """How many parts both have in common from there on."""
    return common(before[left:], after[right:])


def _near(before: Sequence[object], after: Sequence[object], left: int, right: int) -> tuple[int, int] | None:
    """The nearest places at which both hold the same part: those with the fewest parts skipped, counted together."""
    for skipped in range(1, _NEAR):
        for at in range(right, min(right + skipped + 1, len(after))):
            place = left + skipped - (at - right)
            if place < len(before) and before[place] == after[at]:
                return place, at
    return None


def _places(parts: Sequence[object]) -> dict[object, list[int]]:
    places: dict[object, list[int]] = {}
    for at, part in enumerate(parts):
        places.setdefault(part, []).append(at)
    return places


def _far(
    before: Sequence[object], after: Sequence[object], places: dict[object, list[int]], left: int, right: int
) -> tuple[int, int] | None:
    """The same, however far away."""
    nearest = len(before) + len(after)
    found = None
    for at in range(right, len(after)):
        if at - right >= nearest:
            break
        place = next((place for place in places.get(after[at], ()) if place >= left), None)
        if place is not None and (skipped := place - left + at - right) < nearest:
            nearest, found = skipped, (place, at)
    return found


class Run(NamedTuple):
    """before        the new text, if nothing but this run were as it was
    start, stop   where in the new text the two differ, to within a word
    """

    before: str
    start: int
    stop: int


def runs(old: str, new: str) -> Iterator[Run]:
    """In order."""
    gone, come = old.splitlines(keepends=True), new.splitlines(keepends=True)
    places = [0, *accumulate(map(len, come))]
    end = None  # behind both: what differs at their ends is a gap as well
    for was, now in _lines(gaps([*gone, end], [*come, end])):
        text, start, stop = "".join(gone[was.start : was.stop]), places[now.start], places[now.stop]
        before = new[:start] + text + new[stop:]
        line = new[start:stop]
        same = whole_words(line, common(text, line))
        behind = line[same:][::-1]
        ending = whole_words(behind, common(text[same:][::-1], behind))
        yield Run(before, start + same, stop - ending)


def _lines(found: Iterable[Gap]) -> Iterator[tuple[range, range]]:
    """One line for another, where there are as many: a date and a version below it are two changes."""
    for gone, come, *_ in found:
        if len(gone) == len(come):
            yield from ((gone[at : at + 1], come[at : at + 1]) for at in range(len(gone)))
        else:
            yield gone, come
