"""Questions in SQL to a data set or to traces, answered by DuckDB. Nothing can be written, and no other file read."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import Any

from analysis.dataset import manifest, places, read, sources, write
from analysis.dataset.manifest import TABLES
from analysis.dataset.places import Place
from traces.errors import ToolkitError
from ui import tables
from ui.tables import Column, Row

try:
    import duckdb
except ImportError:
    raise ToolkitError("trace-analyzer sql needs DuckDB: pip install 'anyclaude-toolkit[sql]'") from None

BATCH_ROWS = 10_000

_NUMBERS = (
    "TINY",
    "SMALL",
    "INTEGER",
    "BIG",
    "HUGE",
    "UTINY",
    "USMALL",
    "UINT",
    "UBIG",
    "UHUGE",
    "FLOAT",
    "DOUB",
    "DECI",
)
"""What the names of types begin with that are shown on the right."""


class SqlError(ToolkitError):
    """A question that can't be answered."""


class Answer:
    """The columns of an answer, and its rows as they are asked for."""

    def __init__(self, connection: "duckdb.DuckDBPyConnection") -> None:
        self._connection = connection
        self._kinds: dict[str, str] = {}
        for name, kind, *_ in connection.description or ():
            self._kinds[_free(str(name), self._kinds)] = str(kind)
        self.names = list(self._kinds)

    @property
    def columns(self) -> list[Column]:
        """Return how the answer is shown: numbers on the right."""
        return [
            Column(name, name, align="right" if kind.startswith(_NUMBERS) else "left", cut=True)
            for name, kind in self._kinds.items()
        ]

    def rows(self) -> Iterator[Row]:
        """Yield the rows. Raises SqlError where the answer can't be finished."""
        while True:
            with _told():
                some = self._connection.fetchmany(BATCH_ROWS)
            if not some:
                return
            yield from (dict(zip(self.names, map(_plain, row), strict=True)) for row in some)


@contextmanager
def ask(query: str, name: str, tokenizer: str, skipped: list[str]) -> Iterator[Answer]:
    """Yield the answer to one SELECT over the tables `exchanges` and `parts` of a data set, or of what a name means.

    Raises SqlError for what isn't SQL, or would change something; ToolkitError where nothing can be read.
    """
    with tempfile.TemporaryDirectory(prefix="anyclaude-") as folder:
        connection = duckdb.connect(":memory:", config={"temp_directory": folder})
        try:
            _check(connection, query)
            place = _dataset(name, tokenizer, Path(folder, "dataset"), skipped)
            found = manifest.newest(place)
            assert found is not None
            for table in TABLES:
                connection.register(table, read.dataset(place, found, table))
            for setting in ("enable_external_access = false", "python_enable_replacements = false"):
                connection.execute(f"SET {setting}")
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute("SET lock_configuration = true")
            with _told():
                connection.execute(query)
            yield Answer(connection)
        finally:
            connection.close()


def _dataset(name: str, tokenizer: str, scratch: Path, skipped: list[str]) -> Place:
    """Return where the data set is: traces become one for the time of the question, which memory needn't hold."""
    if manifest.is_dataset(name):
        return places.place(name)
    place = places.place(scratch)
    write.write(place, sources.sources_of(name, skipped), tokenizer, skipped)
    return place


def _check(connection: "duckdb.DuckDBPyConnection", query: str) -> None:
    """Raise SqlError for anything but one statement that only reads."""
    with _told():
        statements = connection.extract_statements(query)
    if len(statements) != 1:
        raise SqlError(f"One SELECT is answered, and here are {len(statements) or 'none'}.")
    kind = statements[0].type
    if kind not in (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN):
        raise SqlError(f"Only a SELECT is answered: {kind.name.replace('_', ' ')} would change something.")


@contextmanager
def _told() -> Iterator[None]:
    """Turn DuckDB's errors, of several lines with the query in them, into one."""
    try:
        yield
    except duckdb.Error as error:
        lines = [line for line in str(error).splitlines() if line.strip()]
        kept = lines[: next((at for at, line in enumerate(lines) if line.startswith("LINE ")), len(lines))]
        raise SqlError(" ".join(" ".join(kept).split())[:400]) from error


def _free(name: str, taken: Mapping[str, str]) -> str:
    """Return the name, with a number where another column has it already."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free


def render(answer: Answer, style: str) -> Iterator[str]:
    """Yield the answer in one of the formats of `ui.tables`; CSV piece by piece, as it may be of any length."""
    if style != "csv":
        yield tables.render(list(answer.rows()), answer.columns, style)
        return
    rows = answer.rows()
    yield tables.as_csv(islice(rows, BATCH_ROWS), answer.names)
    while some := list(islice(rows, BATCH_ROWS)):
        yield tables.as_csv(some, answer.names).partition("\n")[2]


def _plain(value: Any) -> object:
    """Return a value as JSON can hold it."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime | date):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, float) and not isfinite(value):
        return None
    if isinstance(value, bytes):
        return "".join(f"\\x{byte:02X}" for byte in value)
    return value if isinstance(value, str | int | float | None) else str(value)
