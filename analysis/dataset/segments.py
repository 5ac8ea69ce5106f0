"""Writes the files of a data set: each holds rows of one day, in row groups large enough to be read quickly."""

import secrets
from contextlib import ExitStack, suppress
from typing import Any

from analysis.dataset.count import KEPT
from analysis.dataset.manifest import TABLES, Segment
from analysis.dataset.places import Place
from analysis.frames import arrow

GROUP_ROWS = 50_000
"""Rows of a row group, gathered before it is written."""

MOST_ROWS = 2_000_000
"""Rows of parts after which the next file is begun."""

OPEN_DAYS = 4
"""Days that are written to at the same time: traces mostly come in their order."""


class Segments:
    """The files that one write adds. `written` are those that are complete."""

    def __init__(self, place: Place, generation: int) -> None:
        self.written: list[Segment] = []
        self._place = place
        self._generation = generation
        self._open: dict[str, _OpenSegment] = {}

    def add(self, day: str, exchanges: Any, parts: Any) -> None:
        """Add rows of a day."""
        if day not in self._open:
            if len(self._open) == OPEN_DAYS:
                self._end(next(iter(self._open)))
            self._open[day] = _OpenSegment(self._place, day, f"{self._generation:06d}-{secrets.token_hex(4)}")
        one = self._open[day]
        one.add(exchanges, parts)
        if one.rows["parts"] >= MOST_ROWS:
            self._end(day)

    def close(self) -> None:
        """End all files."""
        for day in list(self._open):
            self._end(day)

    def discard(self) -> None:
        """Delete what was written, as far as that is possible."""
        for one in self._open.values():
            one.abandon()
        self._open.clear()
        with suppress(Exception):  # the store may be what failed; the next write cleans up
            self._place.delete(segment.path(table) for segment in self.written for table in TABLES)

    def _end(self, day: str) -> None:
        self.written.append(self._open[day].close())
        del self._open[day]


class _OpenSegment:
    def __init__(self, place: Place, day: str, name: str) -> None:
        self.rows = dict.fromkeys(TABLES, 0)
        self._place = place
        self._segment = Segment(day, name, 0, 0)
        self._stack = ExitStack()
        self._gathered: dict[str, list[Any]] = {table: [] for table in TABLES}
        parquet = arrow.pyarrow().parquet
        with ExitStack() as stack:
            self._writers = {
                table: stack.enter_context(
                    parquet.ParquetWriter(
                        stack.enter_context(place.writing(self._segment.path(table))),
                        arrow.schema(KEPT[table]),
                        compression="zstd",
                    )
                )
                for table in TABLES
            }
            self._stack = stack.pop_all()

    def add(self, exchanges: Any, parts: Any) -> None:
        for table, rows in zip(TABLES, (exchanges, parts), strict=True):
            self.rows[table] += rows.num_rows
            self._gathered[table].append(rows)
            if sum(some.num_rows for some in self._gathered[table]) >= GROUP_ROWS:
                self._flush(table)

    def close(self) -> Segment:
        try:
            for table in TABLES:
                self._flush(table)
        except BaseException:
            self.abandon()
            raise
        self._stack.close()
        return Segment(self._segment.day, self._segment.name, self.rows["exchanges"], self.rows["parts"])

    def abandon(self) -> None:
        """End the files without their being there, or delete them."""
        with suppress(_Abandoned, Exception), self._stack:
            raise _Abandoned
        with suppress(Exception):
            self._place.delete(self._segment.path(table) for table in TABLES)

    def _flush(self, table: str) -> None:
        gathered, self._gathered[table] = self._gathered[table], []
        if gathered:
            rows = arrow.pyarrow().concat_tables(gathered)
            self._writers[table].write_table(rows, row_group_size=max(rows.num_rows, 1))


class _Abandoned(Exception):
    """Ends a file that isn't to be kept."""
