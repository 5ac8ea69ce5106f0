"""Where two prompts differ: which parts, and which texts within a part."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from analysis.prefix_cache.prompts import common_length, whole_words


class Change(NamedTuple):
    """Parts of the earlier prompt that were replaced by parts of the request.

    removed   the places of the earlier prompt's parts
    added     the places of the request's parts that are there instead
    end       the place in the request up to which it is then as it was
    moved     the places of parts of the request that come later instead of being removed
    """

    removed: range
    added: range
    end: int
    moved: range = range(0)


_NEAR = 8
"""Parts skipped in all: nearer parts in common are searched for directly, further ones by a table of their places."""


def find_changes(before: Sequence[object], after: Sequence[object]) -> Iterator[Change]:
    """Yield the changes in order. What follows the last part in common is none: the request goes on there, or ends."""
    left = right = _same(before, after, 0, 0)
    places: dict[object, list[int]] = {}
    while left < len(before) and right < len(after):
        met = _near(before, after, left, right)
        if met is None:
            places = places or _places(before)
            met = _far(before, after, places, left, right)
        if met is None:
            return
        removed, added = range(left, met[0]), range(right, met[1])
        same = _same(before, after, *met)
        left, right = met[0] + same, met[1] + same
        yield Change(removed, added, right)


def find_changes_beside(before: Sequence[object], after: Sequence[object], old: range, new: range) -> Iterator[Change]:
    """Yield the changes where the parts `old` were moved and are `new` now: these are a change of their own."""
    rest = [*before[: old.start], *before[old.stop :]], [*after[: new.start], *after[new.stop :]]
    found = [Change(range(0), range(0), _same(*rest, 0, 0)), *find_changes(*rest)]
    yielded = False
    for removed, added, end, _ in found:
        place = added.stop + max(old.start - removed.stop, 0)
        here = not yielded and place <= end
        if removed or added:
            yield Change(_put_back(removed, old), _put_back(added, new), place if here else _past(end, new))
        if here:
            yield Change(old, range(place, place), _past(end, new), new)
            yielded = True


def _put_back(places: range, left_out: range) -> range:
    """Return the places in the list with what was left out."""
    behind = len(left_out) if places.start >= left_out.start else 0
    return range(places.start + behind, places.stop + behind)


def _past(end: int, left_out: range) -> int:
    return end + len(left_out) if end > left_out.start else end


def _same(before: Sequence[object], after: Sequence[object], left: int, right: int) -> int:
    """Return how many parts both have in common from there on."""
    return common_length(before[left:], after[right:])


def _near(before: Sequence[object], after: Sequence[object], left: int, right: int) -> tuple[int, int] | None:
    """Return the nearest places at which both hold the same part: those with the fewest parts skipped in all."""
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
    """Return the nearest places at which both hold the same part, however far away."""
    nearest = len(before) + len(after)
    found = None
    for at in range(right, len(after)):
        if at - right >= nearest:
            break
        place = next((place for place in places.get(after[at], ()) if place >= left), None)
        if place is not None and (skipped := place - left + at - right) < nearest:
            nearest, found = skipped, (place, at)
    return found


class LineChange(NamedTuple):
    """A run of lines that changed.

    before        the new text as it would be if only this run were as before
    start, stop   where in the new text the two differ, to whole words
    """

    before: str
    start: int
    stop: int


def find_line_changes(old: str, new: str) -> Iterator[LineChange]:
    """Yield the changes between two texts, in order."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    places = [0, *accumulate(map(len, after))]
    end = None  # behind both, so that a difference at their ends is a change as well
    for was, now in _lines(find_changes([*before, end], [*after, end])):
        text, start, stop = "".join(before[was.start : was.stop]), places[now.start], places[now.stop]
        unchanged = new[:start] + text + new[stop:]
        line = new[start:stop]
        same = whole_words(line, common_length(text, line))
        behind = line[same:][::-1]
        ending = whole_words(behind, common_length(text[same:][::-1], behind))
        yield LineChange(unchanged, start + same, stop - ending)


def _lines(found: Iterable[Change]) -> Iterator[tuple[range, range]]:
    """Yield line for line where as many were added as removed: a date and a version below it are two changes."""
    for removed, added, *_ in found:
        if len(removed) == len(added):
            yield from ((removed[at : at + 1], added[at : at + 1]) for at in range(len(removed)))
        else:
            yield removed, added
