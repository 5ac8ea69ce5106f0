"""The list of a server's models as a table, JSON, CSV or Markdown."""

from collections.abc import Callable, Mapping
from dataclasses import asdict

from traces.surveys import Served
from ui import tables
from ui.tables import Column, Row
from ui.terminal import width


def _tokens(value: object) -> str:
    return f"{value:,}"


COLUMNS = (
    Column("name", "Model"),
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
    return (f"Server: {server}\n" if server else "") + tables.as_table(_rows(served), COLUMNS, width(), ruled=False)


RENDERERS: Mapping[str, Callable[[Served], str]] = {
    "table": _table,
    "json": lambda served: tables.as_json(asdict(served)),
    "csv": lambda served: tables.as_csv(_rows(served), [column.key for column in COLUMNS]),
    "markdown": lambda served: tables.as_markdown(_rows(served), COLUMNS),
}
