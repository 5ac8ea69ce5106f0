"""The `trace-analyzer` command: each subcommand reads its options, asks one function, and prints.

What is heavy is imported in the command that needs it, so that `--help` and `list` answer at once.
"""

from pathlib import Path

import click

from analysis import options
from analysis.terminal import printable, say, with_progress


@click.group(cls=options.Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="anyclaude-toolkit")
def main() -> None:
    """Where the tokens of Claude Code's requests go.

    Traces are read from ~/.anyclaude/traces or ANYCLAUDE_TRACE_DIR. .flow files of mitmproxy can be named as well.

    \b
    Shell completion (or zsh_source, fish_source):
      eval "$(_TRACE_ANALYZER_COMPLETE=bash_source trace-analyzer)"
    """


@main.command("list")
@click.argument("mode", required=False, shell_complete=options.mode_names)
@click.option(
    "-n", "--limit", type=click.IntRange(min=0), default=20, show_default=True, help="The newest of each mode; 0: all."
)
@options.format_option
def list_(mode: str | None, limit: int, style: str) -> None:
    """List the traces, newest first, of a MODE or of all."""
    from analysis import listing
    from traces import store

    with options.skips_told() as skipped:
        say(listing.SHOWN[style](listing.folders(store.root(), mode, limit, skipped)))


@main.command()
@click.argument("trace", metavar="FILE|latest|last:N", default="latest", shell_complete=options.trace_names)
@click.option("-v", "--verbose", is_flag=True, help="Every tool, system block and kind of message.")
@click.option("--context", "window", type=click.IntRange(min=1), help="The model's context window, in tokens.")
@click.option("-x", "--exchange", type=click.IntRange(min=1), help="Which one of a .flow file's; the last if left out.")
@options.counting_options
def analyze(trace: str, verbose: bool, window: int | None, exchange: int | None, tokenizer: str, style: str) -> None:
    """Show where one trace's tokens go.

    Name a file, a trace as `list` calls it, the latest, or the N-th newest (last:2 is the one before the latest).
    """
    from analysis import locate, reading, sections

    report = reading.one_report(locate.one(trace), exchange, tokenizer, window)
    say(sections.SHOWN[style](report, verbose))


@main.command()
@click.argument("traces", nargs=-1, required=True, metavar="FILE...|FOLDER", shell_complete=options.trace_names)
@options.counting_options
def compare(traces: tuple[str, ...], tokenizer: str, style: str) -> None:
    """Compare traces, and average them by request type.

    CSV has the row of each trace, without the averages.
    """
    from analysis import comparison, locate, reading, workers

    with options.skips_told() as skipped:
        rows = workers.rows(locate.several(traces), tokenizer, skipped)
        say(comparison.SHOWN[style](list(reading.at_least_one(rows, skipped))))


@main.command()
@click.argument("folder", shell_complete=options.trace_names)
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="A .csv or .parquet."
)
@click.option("--parts", is_flag=True, help="One row for each part of a request, instead of for each exchange.")
@options.tokenizer_option
def export(folder: str, output: Path, parts: bool, tokenizer: str) -> None:
    """Write the traces in FOLDER as a data table.

    One row for each exchange. What the columns are: trace-analyzer columns.
    """
    from analysis import exporting, fields, locate, reading

    with options.skips_told() as skipped:
        reports = reading.reports(with_progress(locate.several([folder]), "Exporting"), tokenizer, skipped)
        written = exporting.export(output, fields.columns(parts), fields.rows(reports, parts))
        say(f"{written:,} rows written to {printable(output)}")


@main.command()
@click.option("--parts", is_flag=True, help="Of the table with one row for each part of a request.")
@options.format_option
def columns(parts: bool, style: str) -> None:
    """Explain the columns of `export` and of data frames."""
    from analysis import fields
    from analysis.tables import render

    say(render(fields.descriptions(parts), fields.DESCRIPTION, style))
