"""The `trace-analyzer` command: each subcommand reads its options, calls one function, and prints.

Slow imports are in the commands that need them, so that `--help` and `list` answer at once.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from analysis import cli_options
from analysis.prefix_cache.templates import ORDERS
from analysis.tokens.counters import DEFAULT
from traces.errors import ToolkitError
from ui.cli import Commands, format_option, report_skipped, trace_names
from ui.page.options import optional_page_options, page_options
from ui.terminal import printable, say, with_progress

GROUPS = ("day", "session", "agent", "model", "project")
ROLES = ("user", "assistant", "tool", "system")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="anyclaude-toolkit")
def main() -> None:
    """Show where the tokens of a coding agent's requests go.

    Traces are read from ~/.anyclaude/traces or ANYCLAUDE_TRACE_DIR. .flow files of mitmproxy can be named as well.

    \b
    Shell completion (or zsh_source, fish_source):
      eval "$(_TRACE_ANALYZER_COMPLETE=bash_source trace-analyzer)"
    """


@main.command("list")
@click.argument("mode", metavar="[MODE|FOLDER|FILE]", required=False, shell_complete=cli_options.mode_names)
@click.option(
    "-n", "--limit", type=click.IntRange(min=0), default=20, show_default=True, help="The newest of each mode; 0: all."
)
@format_option
def list_(mode: str | None, limit: int, style: str) -> None:
    """List the traces, newest first, of a MODE or of all; or what a FOLDER or a FILE with several exchanges holds."""
    from analysis.exchange import listing
    from traces.storage import store

    with report_skipped() as skipped:
        say(listing.RENDERERS[style](listing.folders(store.root(), mode, limit, skipped)))


@main.command()
@click.argument("trace", metavar="FILE|latest|last:N", default="latest", shell_complete=trace_names)
@click.option("-v", "--verbose", is_flag=True, help="Every tool, system block and kind of message.")
@click.option("--context", "window", type=click.IntRange(min=1), help="The model's context window, in tokens.")
@click.option(
    "-x", "--exchange", type=click.IntRange(min=1), help="The exchange of a .flow file to show; default: the last."
)
@cli_options.counting_options
def analyze(trace: str, verbose: bool, window: int | None, exchange: int | None, tokenizer: str, style: str) -> None:
    """Show where one trace's tokens go.

    Name a file, a trace as `list` calls it, the latest, or the N-th newest (last:2 is the one before the latest).
    """
    from analysis.exchange import reading, text

    with report_skipped() as skipped:
        report = reading.read_report(reading.file_of(trace), exchange, tokenizer, window, skipped)
    say(text.RENDERERS[style](report, verbose))


@main.command()
@click.argument("traces", nargs=-1, required=True, metavar="FILE...|FOLDER|SESSION", shell_complete=trace_names)
@cli_options.counting_options
def compare(traces: tuple[str, ...], tokenizer: str, style: str) -> None:
    """Compare traces, those in a folder or those of a session, and average them by request type.

    CSV has the row of each trace, without the averages.
    """
    from analysis.exchange import compare, reading, workers

    with report_skipped() as skipped:
        rows = workers.rows(reading.files_of(traces), tokenizer, skipped)
        say(compare.RENDERERS[style](list(reading.at_least_one(rows, skipped))))


@main.command()
@click.argument("name", metavar="FOLDER|SESSION|FILE|latest|last:N", shell_complete=trace_names)
@click.option("-o", "--output", type=click.Path(), help="The file; of weka and a data set, the folder.")
@cli_options.export_format_option
@click.option("--partition", type=click.Choice(["day"]), help="Add to a data set of Parquet files.")
@cli_options.cluster_option
@click.option("--parts", is_flag=True, help="In a table: one row for each part of a request, not for each exchange.")
@click.option("--sft", is_flag=True, help="The same as --format sft.")
@click.option("--otlp", "collector", metavar="URL", help="Send spans to a collector, as http://localhost:4318.")
@click.option("--text", "texts", is_flag=True, help="In spans: what was said as well. It is left out otherwise.")
@click.option("--block-size", type=click.IntRange(min=1), help="mooncake, weka: tokens of a block.  [default: 16]")
@cli_options.tokenizer_option
def export(
    name: str,
    output: str | None,
    kind: str | None,
    partition: str | None,
    cluster: str | None,
    parts: bool,
    sft: bool,
    collector: str | None,
    texts: bool,
    block_size: int | None,
    tokenizer: str,
) -> None:
    """Write the traces in a folder, or those of a session, for other programs.

    With --partition day, add what is new in them to a data set, here or at a URL as s3://bucket/folder: a table of
    exchanges and one of parts, for `trace-analyzer sql` and `analysis.load`. For tables and data sets, traces may be at
    a URL, too.

    \b
    csv, parquet   a table with a row for each exchange: trace-analyzer columns explains it
    har            HTTP archive 1.2, for browsers, proxies and HTTP clients
    otlp           OpenTelemetry spans, also sent with --otlp URL; no text without --text
    sft            conversations for fine-tuning: what failed is left out, secrets are replaced
    mooncake, weka   tokens, times and ids of cache blocks, for benchmarks; no text
    aiperf         the requests themselves, for AIPerf to send again
    """
    from analysis.dataset import command as dataset
    from analysis.exports import command

    kind = "sft" if sft else kind
    with report_skipped() as skipped:
        if partition:
            unfit = bool(kind or collector or parts or texts or block_size)
            lines = dataset.run(name, output, tokenizer, cluster, unfit, skipped)
        else:
            wanted = command.wanted(output, kind, collector, parts, texts, block_size, tokenizer, cluster)
            lines = command.run(name, wanted, skipped, lambda files: with_progress(files, "Exporting"))
        for line in lines:
            say(line)


@main.command()
@click.argument("folder", metavar="[FOLDER|FILE]", required=False, shell_complete=trace_names)
@click.option("-n", "--limit", type=click.IntRange(min=0), default=20, show_default=True, help="The newest; 0: all.")
@format_option
def sessions(folder: str | None, limit: int, style: str) -> None:
    """List the sessions, newest first, of a FOLDER, of a FILE with several exchanges, or of all traces.

    A session that continues another one under a new id (--fork-session) has its own row.
    """
    from analysis.session import listing
    from traces.storage import resolve

    with report_skipped() as skipped:
        say(listing.RENDERERS[style](listing.rows(resolve.folder(folder), limit, skipped)))


@main.command()
@click.argument("session", metavar="SESSION|latest|last:N|FILE|FOLDER", default="latest", shell_complete=trace_names)
@cli_options.counting_options
def session(session: str, tokenizer: str, style: str) -> None:
    """Show a session turn by turn, its agents, and where its time went.

    Name a session by its id or the beginning of it, the latest, one of its traces (a file, its name in `list`, or
    last:2), or a folder: then each session in it. CSV has the turns alone.
    """
    from analysis.session import report, text
    from traces.sessions import lookup

    with report_skipped() as skipped:
        found = lookup.find(session, skipped, lambda files: with_progress(files, "Reading"))
        say(text.RENDERERS[style](report.view(found, tokenizer)))


@main.command()
@click.argument("left", metavar="SESSION", shell_complete=trace_names)
@click.argument("right", metavar="SESSION", shell_complete=trace_names)
@optional_page_options
@cli_options.counting_options
def diff(left: str, right: str, tokenizer: str, style: str, output: Path | None, share: Any) -> None:
    """Show two sessions side by side: their sums, what their clients sent, and where they part.

    Turns correspond by what was said in them, also where the one session was forked from the other. Name each as in
    `session`; of a folder or a .flow file, it must hold one session. CSV has the turns alone.
    """
    from analysis.diff import lookup, report, text
    from analysis.web import diff_page
    from ui.page.bundles import Bundle

    with report_skipped() as skipped:
        one, other = (
            lookup.find(name, skipped, lambda files: with_progress(files, "Reading")) for name in (left, right)
        )
        found = report.report(one, other, tokenizer)
        if output is None:
            say(text.RENDERERS[style](found))
            return
    _write_page(output, Bundle.DIFF, diff_page.data(found, tokenizer), share)


@main.command()
@click.argument("session", metavar="SESSION|latest|last:N|FILE|FOLDER", default="latest", shell_complete=trace_names)
@click.option(
    "--slots",
    type=click.IntRange(min=0),
    help="Prompts that the server's cache holds at the same time; 0: all. "
    "Default: 1, as with the slots of llama.cpp and LM Studio; all for vLLM and Anthropic.",
)
@click.option(
    "--ram",
    type=click.IntRange(min=0),
    metavar="TOKENS",
    help="Memory for prompts that a slot loses, as llama.cpp's --cache-ram. "
    "Default: unlimited for llama.cpp and Ollama, which turn it on themselves; none for others.",
)
@click.option("--template", type=click.Choice(list(ORDERS)), help="The chat template; default: by the model's name.")
@click.option(
    "--without",
    "leave_out",
    multiple=True,
    metavar="TOOL|mcp:SERVER|system:N",
    help="Also show what a session would save without it.",
)
@cli_options.counting_options
def cache(
    session: str,
    slots: int | None,
    ram: int | None,
    template: str | None,
    leave_out: tuple[str, ...],
    tokenizer: str,
    style: str,
) -> None:
    """Show what breaks a session's prefix cache, what that costs, and what to do about it.

    Name a session, the beginning of its id, the latest, one of its traces (a file, its name in `list`, or last:2), or a
    folder: then all sessions in it, as one server received them.
    """
    from analysis.prefix_cache import text, view
    from traces.sessions import lookup

    with report_skipped() as skipped:
        found = lookup.find(session, skipped, lambda files: with_progress(files, "Reading"))
        say(text.RENDERERS[style](view.view(found, slots, ram, template, leave_out, tokenizer)))


@main.command("import")
@click.argument("path")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The folder they go to.  [default: imported, in that of all traces]",
)
@click.option("--dry-run", "is_dry", is_flag=True, help="Only count what would be imported.")
def import_(path: str, into: Path | None, is_dry: bool) -> None:
    """Write what other programs recorded as traces: a file, or all in a folder and below it.

    \b
    ~/.claude/projects                      Claude Code's transcripts
    a folder of OTEL_LOG_RAW_API_BODIES     the bodies that Claude Code keeps itself
    ~/.codex/sessions                       Codex's rollouts
    claude-tap, claude-trace                databases, logs, exports, pages
    a .har file                             of a browser, mitmproxy or this toolkit

    Secrets are removed. What is imported again isn't there twice. Other commands read such a file or folder as it is,
    too: trace-analyzer analyze FILE.
    """
    from analysis import imports
    from traces import importing

    outcome = importing.import_path(path, into, is_dry, lambda files: with_progress(files, "Importing"))
    say(imports.text(outcome, is_dry))
    for problem in outcome.problems:
        say(f"Warning: {printable(problem)}", error=True)


@main.command()
@click.argument("name", metavar="SESSION|FOLDER|FILE|latest|last:N", required=False, shell_complete=trace_names)
@click.option("--by", type=click.Choice(GROUPS), help="What is added up.  [default: day; with --as, all together]")
@click.option("--as", "models", metavar="MODEL,…", help="What the same requests would have cost with these models.")
@cli_options.counting_options
def cost(name: str | None, by: str | None, models: str | None, tokenizer: str, style: str) -> None:
    """Show what exchanges cost, in dollars: of all traces, or of a session, a folder or a file.

    By the server's own account, your prices in .anyclauderc.json, or published ones (the extra `prices`). What isn't
    known is shown so; a sum with unknown parts is marked.
    """
    from analysis.money import comparison, report, text

    with report_skipped() as skipped:
        if models:
            names = [name.strip() for name in models.split(",") if name.strip()]
            found = comparison.compare(
                name,
                names,
                by,
                tokenizer,
                skipped,
                lambda files: with_progress(files, "Reading"),
                lambda ids: with_progress(ids, "Indexing"),
            )
            say(comparison.RENDERERS[style](found))
        else:
            costs = report.report(name, by or "day", skipped, lambda ids: with_progress(ids, "Indexing"))
            say(text.RENDERERS[style](costs))


@main.command()
@click.option("--parts", is_flag=True, help="The columns of the table with one row for each part of a request.")
@format_option
def columns(parts: bool, style: str) -> None:
    """Explain the columns of `export` and of data frames."""
    from analysis.frames import columns
    from ui.tables import render

    say(render(columns.descriptions(parts), columns.DESCRIPTION, style))


@main.command()
@click.argument("query", metavar="SELECT")
@click.argument("name", metavar="DATASET|URL|FOLDER|SESSION|FILE", required=False, shell_complete=trace_names)
@cli_options.counting_options
def sql(query: str, name: str | None, tokenizer: str, style: str) -> None:
    """Answer a SELECT over the tables `exchanges` and `parts`, by DuckDB (the extra `sql`). Nothing can be changed.

    \b
    trace-analyzer sql "select model, count(*), median(ttft) from exchanges group by 1" s3://bucket/dataset

    `trace-analyzer columns` explains the columns; a data set also has `day`. Without a name, all traces are asked: they
    are read and counted first, which a data set (export --partition day) saves.
    """
    from analysis.dataset import sql
    from traces.storage import store

    with report_skipped() as skipped, sql.ask(query, name or str(store.root()), tokenizer, skipped) as answer:
        for piece in sql.render(answer, style):
            say(piece)


@main.command()
@click.argument("words", nargs=-1, required=True)
@click.option(
    "--in",
    "place",
    metavar="FOLDER|SESSION|FILE",
    shell_complete=trace_names,
    help="Only there; default: all traces. Files may lie anywhere, and be other programs'.",
)
@click.option("--role", type=click.Choice(ROLES), help="Who said it; tool: what a tool was given, or gave.")
@click.option("--tool", metavar="NAME", help="What this tool was given, or gave.")
@click.option("--model", metavar="NAME", help="Asked of a model with this in its name.")
@click.option("--since", metavar="7d|DATE", help="Not older than this.")
@click.option("--project", type=click.Path(resolve_path=True), metavar="DIR", help="Said in this folder, or below it.")
@click.option("--regex", is_flag=True, help="Take the words as one regular expression of Python's.")
@click.option("-n", "--limit", type=click.IntRange(min=0), default=20, show_default=True, help="The newest; 0: all.")
@click.option("--open", "opens", is_flag=True, help="Open the newest hit in a browser.")
@format_option
def search(
    words: tuple[str, ...], place: str | None, limit: int, opens: bool, style: str, since: str | None, **asked: Any
) -> None:
    """Search in all that was ever said, newest first, or in what is named.

    All the words must be in one message, tool result or definition. '"two words"' in double quotes stand together, and
    word* is the beginning of one. What several sessions repeat is shown once.
    """
    from analysis import search
    from analysis.web import server
    from traces import moments
    from traces.search.question import Question
    from traces.search.scope import scope

    oldest = moments.timestamp(moments.moment(since, datetime.now(UTC))) if since else None
    question = Question(" ".join(words), since=oldest, **asked)
    with report_skipped() as skipped:
        within = scope(place, skipped) if place else None
        hits = search.search(
            question, 1 if opens else limit or -1, skipped, lambda ids: with_progress(ids, "Indexing"), within
        )
        say(search.RENDERERS[style](hits))
    if opens and hits:
        server.serve(search.name(hits[0]), 0, True, DEFAULT, hits[0].turn if hits[0].short else None)


@main.command("report")
@click.argument("name", metavar="SESSION|FOLDER|FILE|latest|last:N", default="latest", shell_complete=trace_names)
@page_options
@click.option(
    "--context", "window", type=click.IntRange(min=1), help="For one trace: the model's context window, in tokens."
)
@click.option(
    "-x", "--exchange", type=click.IntRange(min=1), help="One exchange of a .flow file, as the page of a trace."
)
@cli_options.tokenizer_option
def report_(name: str, window: int | None, exchange: int | None, tokenizer: str, output: Path, share: Any) -> None:
    """Write a session or a trace as one HTML file that holds all it needs and loads nothing from the network.

    \b
    latest, or the beginning of an id   a session: what happened when, what broke its prefix cache, and the conversation
    FOLDER, or a .flow file             all sessions in it
    FILE, last:N, or a trace's name     one trace, with its tokens as they arrived
    """
    from analysis.web import pages

    with report_skipped() as skipped:
        found = pages.page_of(name, exchange, tokenizer, window, skipped)
    _write_page(output, found.bundle, found.data, share)


def _write_page(output: Path, bundle: Any, data: dict[str, Any], share: Any) -> None:
    from ui.anonymize import anonymize
    from ui.page import page

    page.write(output, page.render(bundle, anonymize(data, share)))
    say(f"{printable(output)} is written. Open it in a browser.")


@main.command()
@click.argument("name", metavar="SESSION|FOLDER|FILE|latest|last:N", required=False, shell_complete=trace_names)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="On loopback.  [default: any free one]")
@click.option("--open/--no-open", "opens", default=True, show_default=True, help="Open a browser.")
@click.option("--turn", type=click.IntRange(min=1), help="Begin at this turn of the session.")
@cli_options.tokenizer_option
def view(name: str | None, port: int, opens: bool, turn: int | None, tokenizer: str) -> None:
    """Show sessions in a browser while they are running, until Ctrl-C: new turns appear as they happen.

    Name a session by the beginning of its id, a folder, or nothing for all traces. Only a browser on this machine that
    has the printed address can see it.
    """
    from analysis.web import server

    server.serve(name, port, opens, tokenizer, turn)


@main.command()
def mcp() -> None:
    """Answer an agent's questions about recorded sessions: an MCP server on standard input and output.

    \b
    claude mcp add anyclaude -- anyclaude mcp
    """
    try:
        from analysis.mcp import server
    except ModuleNotFoundError:
        raise ToolkitError("This needs the MCP SDK: in a clone of the toolkit, pip install '.[mcp]'") from None
    server.serve()
