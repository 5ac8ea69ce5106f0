"""Where two texts differ, line by line: each run of lines by itself, as if it alone had changed. Pure."""

from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import NamedTuple

from analysis.gaps import Gap, gaps
from analysis.prompts import common, whole_words


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
