"""What `trace-analyzer export` does: reads the traces, and writes or sends them in the format that is asked for."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from analysis.dataset import places
from analysis.exports.formats import FORMATS, TABLES, Format, Options, format_named
from analysis.exports.kv_blocks import BLOCK_SIZE
from analysis.frames.export import ExportError
from traces import redact
from ui.terminal import printable

Each = Callable[[Sequence[Path]], Iterable[Path]]
"""How files are iterated over, perhaps with a progress bar."""

BLOCKS = ("mooncake", "weka")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a user asks for.

    output      where to write; None where spans are only sent
    format      None for a table
    parts       in a table, a row for each part of a request
    collector   the URL to send spans to
    cluster     the address of a cluster that reads and counts, for tables and data sets
    """

    output: Path | None
    format: Format | None
    parts: bool
    collector: str | None
    options: Options
    cluster: str | None = None


def names() -> tuple[str, ...]:
    """Return the names of all formats."""
    return (*TABLES, *FORMATS)


def wanted(
    named: str | None,
    kind: str | None,
    collector: str | None,
    parts: bool,
    texts: bool,
    block_size: int | None,
    tokenizer: str,
    cluster: str | None = None,
) -> Wanted:
    """Return what the command's options ask for. Raises UsageError where they don't go together, and ExportError."""
    if named is not None and places.is_url(named):
        raise ExportError(f"{named}: only a data set can be written there. Add --partition day, or name a file.")
    output = Path(named) if named is not None else None
    if output is None and collector is None:
        raise click.UsageError("Name the file to write with -o, or a collector of OpenTelemetry with --otlp.")
    if collector is not None and kind not in (None, "otlp"):
        raise click.UsageError(f"--otlp sends spans, and --format {kind} has none. Export them apart.")
    format = format_named("otlp" if collector is not None else kind, output or Path())
    name = format.name if format else "a table"
    if parts and format:
        raise click.UsageError(f"--parts is for a table, a .csv or .parquet: not for {name}.")
    if texts and name != "otlp":
        raise click.UsageError(f"--text is for the spans of otlp: not for {name}.")
    if block_size and name not in BLOCKS:
        raise click.UsageError(f"--block-size is for {' and '.join(BLOCKS)}: not for {name}.")
    if cluster and format:
        raise click.UsageError(f"--cluster is for a table or a data set: not for {name}.")
    if output is not None and format is None and kind and output.suffix != f".{kind}":
        raise ExportError(f"{output}: the name must end in .{kind}.")
    if output is not None and output.is_dir() and name != "weka":
        raise ExportError(f"{output}: is a folder. Name a file.")
    return Wanted(output, format, parts, collector, Options(texts, block_size or BLOCK_SIZE, tokenizer), cluster)


def run(name: str, asked: Wanted, skipped: list[str], each: Each) -> Iterator[str]:
    """Export the traces that a name means; yield what to print. Raises ToolkitError."""
    from analysis.exchange import reading

    if asked.format is None:
        yield from _table(name, asked, skipped)
        return
    from analysis.exports.recorded import read_sessions

    sessions = list(reading.at_least_one(read_sessions(each(reading.files_of([name])), skipped), skipped))
    if asked.output is not None:
        yield from asked.format.write(sessions, asked.output, asked.options)
    if asked.collector is not None:
        from analysis.exports import collector
        from analysis.exports.spans import Spans

        spans = Spans(sessions, asked.options.texts)
        rejected = collector.send(asked.collector, spans.documents())
        refused = f"; it rejected {rejected:,} of them" if rejected else ""
        yield f"{spans.written:,} spans sent to {printable(redact.url(asked.collector))}{refused}"


def _table(name: str, asked: Wanted, skipped: list[str]) -> Iterator[str]:
    from analysis.dataset import count
    from analysis.frames import columns, export

    assert asked.output is not None  # a table is nothing to send
    rows = count.rows_of(name, asked.options.tokenizer, asked.parts, skipped, asked.cluster)
    written = export.export(asked.output, columns.columns(asked.parts), rows)
    yield f"{written:,} rows written to {printable(asked.output)}"
