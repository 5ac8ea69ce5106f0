"""The models of a server as a person reads them, and the other formats by name."""

from collections.abc import Callable, Mapping
from dataclasses import asdict

from replay import tables
from replay.served import Served
from replay.tables import Column, Row


def _tokens(value: object) -> str:
    return f"{value:,}"


COLUMNS = (
    Column("name", "Model", align="left"),
    Column("loaded", "Loaded", lambda loaded: "✓" if loaded else "", align="center"),
    Column("context", "Context", _tokens),
    Column("largest", "At most", _tokens, optional=True),
)


def _rows(served: Served) -> list[Row]:
    return [asdict(model) for model in served.models]


def _table(served: Served) -> str:
    server = " ".join(word for word in (served.server, served.version) if word)
    if not served.models:
        return f"{server or 'The server'} has no models."
    return (f"Server: {server}\n" if server else "") + tables.as_table(_rows(served), COLUMNS)


SHOWN: Mapping[str, Callable[[Served], str]] = {
    "table": _table,
    "json": lambda served: tables.as_json(asdict(served)),
    "csv": lambda served: tables.as_csv(_rows(served), [column.key for column in COLUMNS]),
    "markdown": lambda served: tables.as_markdown(_rows(served), COLUMNS),
}
