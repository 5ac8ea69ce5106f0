"""Reads data sets: only the files, the row groups and the columns that a question is about."""

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.dataset import filtering, manifest, places
from analysis.dataset.count import KEPT, VERSION
from analysis.dataset.filtering import DAY
from analysis.dataset.manifest import UNKNOWN_DAY, DatasetError, Manifest, Segment
from analysis.dataset.places import Place
from analysis.frames import arrow

if TYPE_CHECKING:
    import pandas as pd


def opened(name: str | Path, table: str) -> Any:
    """Return a table of a data set as a `pyarrow.dataset.Dataset`. Raises DatasetError, PlaceError."""
    arrow.pyarrow()
    place = places.place(name)
    found = manifest.newest(place)
    if found is None:
        raise DatasetError(f"{place.shown}: is no data set. One is written by: trace-analyzer export … --partition day")
    return dataset(place, found, table)


def frame(name: str | Path, by_part: bool, filters: Any, wanted: Sequence[str]) -> "pd.DataFrame":
    """Return the rows of a data set that pass the filters, oldest first, with the wanted columns."""
    found = opened(name, "parts" if by_part else "exchanges")
    with places.named(str(name)):
        return filtering.frame(filtering.select(found, filters, wanted))


def dataset(place: Place, found: Manifest, table: str) -> Any:
    """Return a table of a data set as a `pyarrow.dataset.Dataset` of its columns and the day.

    What is known of a file by its day is told to Arrow, which doesn't open it then where a filter excludes it.
    """
    pyarrow = arrow.pyarrow()
    format, filesystem = pyarrow.dataset.ParquetFileFormat(), _filesystem(place)
    fragments = [
        format.make_fragment(place.path(segment.path(table)), filesystem, _known(segment.day))
        for segment in found.segments
    ]
    schema = arrow.schema([field for field in KEPT[table] if field is not VERSION])
    schema = schema.append(pyarrow.field(DAY, pyarrow.date32()))
    return pyarrow.dataset.FileSystemDataset(fragments, schema, format, filesystem)


def _known(day: str) -> Any:
    field = arrow.pyarrow().dataset.field
    if day == UNKNOWN_DAY:
        return field(DAY).is_null() & field("timestamp").is_null()
    begin = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
    within = (field("timestamp") >= _moment(begin)) & (field("timestamp") < _moment(begin + timedelta(days=1)))
    return (field(DAY) == begin.date()) & within


def _moment(at: datetime) -> Any:
    pyarrow = arrow.pyarrow()
    return pyarrow.scalar(at, pyarrow.timestamp("ms", "UTC"))


def versions(place: Place, segment: Segment) -> Iterator[tuple[str, str]]:
    """Yield each file of traces in a segment, with its version."""
    for batch in _scanned(place, segment, "exchanges", ["file", VERSION.name]):
        yield from set(zip(batch["file"].to_pylist(), batch[VERSION.name].to_pylist(), strict=True))


def rows(place: Place, segment: Segment, table: str, without: Collection[str]) -> Iterator[Any]:
    """Yield the rows of a segment's file as tables, but for those of some files of traces."""
    pyarrow = arrow.pyarrow()
    gone = pyarrow.array(sorted(without), pyarrow.string())
    condition = ~pyarrow.dataset.field("file").isin(gone) if without else None
    for batch in _scanned(place, segment, table, None, condition):
        if batch.num_rows:
            yield pyarrow.table(batch).cast(arrow.schema(KEPT[table]))


def _scanned(
    place: Place, segment: Segment, table: str, columns: Sequence[str] | None, condition: Any = None
) -> Iterator[Any]:
    pyarrow = arrow.pyarrow()
    format, filesystem = pyarrow.dataset.ParquetFileFormat(), _filesystem(place)
    fragment = format.make_fragment(place.path(segment.path(table)), filesystem)
    found = pyarrow.dataset.FileSystemDataset([fragment], arrow.schema(KEPT[table]), format, filesystem)
    with places.named(f"{place.url}/{segment.path(table)}"):
        yield from found.to_batches(columns=columns, filter=condition, batch_readahead=2, fragment_readahead=1)


def _filesystem(place: Place) -> Any:
    fs = arrow.pyarrow().fs
    if isinstance(place, places.LocalPlace):
        return fs.LocalFileSystem()
    return fs.PyFileSystem(fs.FSSpecHandler(place.filesystem))
