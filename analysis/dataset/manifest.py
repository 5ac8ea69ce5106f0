"""Which files are a data set: its newest manifest."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from analysis.dataset import places
from analysis.dataset.places import Place
from traces import jsonio
from traces.errors import ToolkitError
from traces.storage import shapes

FOLDER = "_manifests"
VERSION = 1
TABLES = ("exchanges", "parts")
UNKNOWN_DAY = "unknown"
"""The day of exchanges whose time can't be read."""

_NAME = re.compile(rf"{FOLDER}/(\d{{6,}})\.json")
_SEGMENT = re.compile(r"(\d{6,})-[0-9a-f]+\.parquet")


class DatasetError(ToolkitError):
    """A data set can't be read or written."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A file in each table, with the rows of some exchanges of one day."""

    day: str
    name: str
    exchanges: int
    parts: int

    def path(self, table: str) -> str:
        return f"{table}/day={self.day}/{self.name}.parquet"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in a data set since its n-th write, and with which tokenizer it was counted."""

    generation: int = 0
    tokenizer: str = ""
    segments: tuple[Segment, ...] = ()

    @property
    def exchanges(self) -> int:
        return sum(segment.exchanges for segment in self.segments)

    @property
    def parts(self) -> int:
        return sum(segment.parts for segment in self.segments)

    def next(self, tokenizer: str, segments: Sequence[Segment]) -> "Manifest":
        """Return the manifest that follows this one."""
        ordered = sorted(segments, key=lambda segment: (segment.day, segment.name))
        return replace(self, generation=self.generation + 1, tokenizer=tokenizer, segments=tuple(ordered))


def is_dataset(name: str | Path) -> bool:
    """Return whether a path or a URL is that of a data set. Raises PlaceError."""
    if not places.is_url(str(name)):
        return Path(name, FOLDER).expanduser().is_dir()
    return newest(places.place(name)) is not None


def is_left_over(name: str) -> bool:
    """Return whether a file is one that an interrupted write of a data set leaves."""
    return name.startswith(f"{FOLDER}/") or bool(_SEGMENT.fullmatch(name.rpartition("/")[2]))


def newest(place: Place) -> Manifest | None:
    """Return the newest manifest of a data set; None where there is none. Raises DatasetError, PlaceError."""
    for _ in range(3):
        found = [int(match[1]) for name in place.files(FOLDER) if (match := _NAME.fullmatch(name))]
        if not found:
            return None
        name = _name(max(found))
        try:
            return _parse(place.read(name), f"{place.shown}/{name}")
        except FileNotFoundError:
            continue  # a write went on meanwhile, twice
    raise DatasetError(f"{place.shown}: is written to all the time. Try again.")


def commit(place: Place, manifest: Manifest) -> None:
    """Make a manifest the newest. Raises DatasetError where another write was faster, PlaceError."""
    kept = {"version": VERSION, **asdict(manifest)}
    if not place.create(_name(manifest.generation), jsonio.dumps(kept)):
        raise DatasetError(
            f"{place.shown}: another export wrote there meanwhile; nothing of this one was kept. Run it again."
        )


def clean(place: Place, manifest: Manifest) -> None:
    """Delete what this manifest doesn't name: replaced files, and those of writes that were interrupted or lost.

    Files of a later write, which may be going on, stay. So does the manifest before this one: somebody may be about to
    read it.
    """
    named = {segment.path(table) for segment in manifest.segments for table in TABLES}
    for table in TABLES:
        place.delete(
            name
            for name in place.files(table)
            if name not in named
            and (match := _SEGMENT.fullmatch(name.rpartition("/")[2]))
            and int(match[1]) <= manifest.generation
        )
    place.delete(
        name
        for name in place.files(FOLDER)
        if (match := _NAME.fullmatch(name)) and int(match[1]) < manifest.generation - 1
    )


def _name(generation: int) -> str:
    return f"{FOLDER}/{generation:06d}.json"


def _parse(data: bytes, shown: str) -> Manifest:
    try:
        raw = jsonio.loads(data)
        if isinstance(raw, dict) and raw.get("version") != VERSION:
            raise DatasetError(f"{shown}: is of version {raw.get('version')!r}, unknown here. Update the toolkit.")
        manifest: Manifest = shapes.build(Manifest, raw)
    except ValueError as error:
        raise DatasetError(f"{shown}: is no manifest of a data set: {error}") from error
    return manifest
