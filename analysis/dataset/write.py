"""Writes traces into a data set: only what isn't there yet, or has changed since.

A trace that has changed (one that was still running, for example) replaces its rows. One that was deleted keeps them.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analysis.dataset import count, manifest, read
from analysis.dataset.manifest import TABLES, DatasetError, Manifest, Segment
from analysis.dataset.places import Place
from analysis.dataset.segments import MOST_ROWS, Segments
from analysis.dataset.sources import Source, slices
from analysis.frames import arrow
from analysis.tokens.counters import counter
from traces.errors import ToolkitError

if TYPE_CHECKING:
    from cluster import Cluster

MOST_FILES = 16
"""Files of a day; where a write would make more, its small ones are written as one."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a write did: exchanges and parts that were added, files of traces that replaced rows, and what is there."""

    added: int
    parts: int
    replaced: int
    total: Manifest


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be done: the sources to read, and the segments with rows of an older version of some, with these."""

    pending: list[Source]
    stale: dict[Segment, set[str]]


def write(
    place: Place, sources: Sequence[Source], tokenizer: str, skipped: list[str], cluster: "Cluster | None" = None
) -> Written:
    """Bring a data set up to date with these traces. Raises ToolkitError; what was there before holds then."""
    arrow.pyarrow()
    counter(tokenizer)  # an unknown name is an error before anything is read
    old = _old(place, tokenizer)
    plan = _plan(place, old, sources)
    if not plan.pending:
        return Written(0, 0, 0, old)
    segments = Segments(place, old.generation + 1)
    try:
        read_files = _add(segments, plan, tokenizer, skipped, cluster)
        if not read_files and not old.segments:
            first = f"; the first: {skipped[0]}" if skipped else ""
            raise ToolkitError(f"None of these files could be read as a trace{first}")
        segments.close()
        added = list(segments.written)
        stale = {segment: files & read_files for segment, files in plan.stale.items() if files & read_files}
        rewritten = _rewrite(place, segments, stale, _crowded(old.segments, added, stale))
        segments.close()
        new = old.next(tokenizer, [*(one for one in old.segments if one not in rewritten), *segments.written])
        if read_files:
            manifest.commit(place, new)
    except BaseException:
        segments.discard()
        raise
    if not read_files:
        return Written(0, 0, 0, old)
    manifest.clean(place, new)
    replaced = len(set().union(*stale.values()))
    return Written(sum(one.exchanges for one in added), sum(one.parts for one in added), replaced, new)


def _old(place: Place, tokenizer: str) -> Manifest:
    old = manifest.newest(place)
    if old is None:
        if not all(map(manifest.is_left_over, place.files())):
            raise DatasetError(f"{place.shown}: isn't empty, and holds no data set. Name a new folder.")
        return Manifest()
    if old.tokenizer != tokenizer:
        raise DatasetError(
            f"{place.shown}: was counted with the tokenizer {old.tokenizer}. Name it with --tokenizer, or a new folder."
        )
    return old


def _plan(place: Place, old: Manifest, sources: Sequence[Source]) -> _Plan:
    """Compare the versions of the sources with those in the data set, a segment at a time."""
    pending = {source.path: source for source in sources}
    stale: dict[Segment, set[str]] = {}
    done: set[str] = set()
    for segment in old.segments if pending else ():
        for file, version in read.versions(place, segment):
            source = pending.get(file)
            if source is None:
                continue
            if source.version == version:
                done.add(file)
            else:
                stale.setdefault(segment, set()).add(file)
    return _Plan([source for path, source in pending.items() if path not in done], stale)


def _add(segments: Segments, plan: _Plan, tokenizer: str, skipped: list[str], cluster: "Cluster | None") -> set[str]:
    """Write the rows of what is pending; return the files that could be read."""
    files: set[str] = set()
    for found in count.over(list(slices(plan.pending)), count.tables, tokenizer, cluster):
        skipped += found.skipped
        for day, (exchanges, parts) in found.by_day.items():
            segments.add(day, exchanges, parts)
            files.update(exchanges["file"].unique().to_pylist())
    return files


def _crowded(old: Sequence[Segment], added: Sequence[Segment], stale: Collection[Segment]) -> list[Segment]:
    """Return the small old segments of days that would have too many files."""
    by_day: dict[str, list[Segment]] = {}
    for segment in (*old, *added):
        by_day.setdefault(segment.day, []).append(segment)
    crowded = [segment for found in by_day.values() if len(found) > MOST_FILES for segment in found]
    return [one for one in crowded if one.parts < MOST_ROWS // 2 and one not in stale and one not in added]


def _rewrite(
    place: Place, segments: Segments, stale: dict[Segment, set[str]], crowded: Sequence[Segment]
) -> set[Segment]:
    """Write the rows of these segments anew, without those of stale files; return the segments."""
    without = {**stale, **{segment: set[str]() for segment in crowded}}
    for segment in sorted(without, key=lambda one: (one.day, one.name)):
        for exchanges, parts in _kept(place, segment, without[segment]):
            segments.add(segment.day, exchanges, parts)
    return set(without)


def _kept(place: Place, segment: Segment, stale: set[str]) -> Iterator[tuple[Any, Any]]:
    """Yield a segment's rows but for those of stale files, some at a time, with no rows for the other table."""
    empty = {table: arrow.schema(count.KEPT[table]).empty_table() for table in TABLES}
    for table in TABLES:
        for rows in read.rows(place, segment, table, stale):
            yield (rows, empty["parts"]) if table == "exchanges" else (empty["exchanges"], rows)
