"""The `trace-replayer` command: each subcommand reads its options, calls one function, and prints.

What is slow to import is imported in the command that needs it, so that `--help` answers at once.
"""

from pathlib import Path
from typing import Any

import click

from replay import cli_options as options
from replay.cli_load import load
from ui.cli import Commands, format_option, report_skipped, trace_names
from ui.page.options import page_options
from ui.terminal import printable, say


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="anyclaude-toolkit")
def main() -> None:
    """Send a recorded request again, to any model, and measure the answer.

    Traces are read from ~/.anyclaude/traces or ANYCLAUDE_TRACE_DIR. Keys are read from the environment (such as
    ANTHROPIC_API_KEY) and never stored.
    """


@main.command()
@click.argument("trace", metavar="FILE|FOLDER|SESSION|latest|last:N", default="latest", shell_complete=trace_names)
@options.target_option
@click.option(
    "--model",
    "models",
    multiple=True,
    metavar="M",
    help="Model to replay to; several take turns.  [default: the one that is loaded]",
)
@options.dialect_option
@options.run_options
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), default="trace-replays")
@click.option("--resume", is_flag=True, help="Leave out the runs that are saved already.")
@click.option(
    "--control", is_flag=True, help="Also replay to the recorded model, to see how often it agrees with itself."
)
@options.variant_options
def replay(
    trace: str, target: str | None, models: Any, dialect: Any, output: Path, resume: bool, control: bool, **more: Any
) -> None:
    """Replay a trace, or all in a folder, a session or a .flow file, to the model that is loaded or to those named.

    Each result is saved in ./trace-replays; several models are compared at the end.

    \b
    --edit shorter.json --runs 6   the request as recorded and changed, in turns, and both compared
    --depth 4k,16k,64k             with its history cut, or grown by the session's own
    """
    from replay.console import runner
    from replay.run import inputs
    from replay.variants.wanted import Wanted

    with report_skipped() as skipped:
        traces = inputs.traces(trace, skipped)
    wanted = Wanted(more.pop("edits"), more.pop("editor"), more.pop("depths"))
    plan = runner.Plan(traces, target, models, dialect, runner.options(more), output, resume, control, wanted)
    raise SystemExit(runner.Runner(plan).play())


@main.command("session")
@click.argument("name", metavar="SESSION|FOLDER|FILE|latest|last:N", default="latest", shell_complete=trace_names)
@options.target_option
@click.option("--model", metavar="M", help="Model to replay all turns to.  [default: the one that is loaded]")
@options.dialect_option
@options.session_options
@click.option("-o", "--output", "folder", type=click.Path(path_type=Path, file_okay=False), default="trace-replays")
@format_option
def session_(
    name: str, settings: Any, timeout: float, stall_timeout: float, force: bool, system_role: Any, **more: Any
) -> None:
    """Replay a whole session, turn by turn, from a cold cache: what does its prefix cost, and what does a fix save?

    From a FOLDER, all sessions are replayed together, in the order in which their server got the requests.

    \b
    --fix none,attribution        as recorded, then without the billing header, and both in one table
    --fix none,attribution+date   two fixes at once

    A turn contains the recorded answers before it, whatever the model answers now: a long new answer only takes time,
    and --max-tokens limits it. What had been answered before a turn was sent is answered before it is sent again.
    """
    from replay.session import player, steps
    from traces.sessions import lookup

    with report_skipped() as skipped:
        session = steps.join(lookup.find(name, skipped))
    sending = player.options(settings, timeout, stall_timeout, force, system_role)
    raise SystemExit(player.Player(player.Plan(session, options=sending, **more)).play())


main.add_command(load)


@main.command()
@click.argument("name", metavar="SESSION|FOLDER|FILE|latest|last:N", default="latest", shell_complete=trace_names)
@options.exam_options
@format_option
def exam(name: str, **more: Any) -> None:
    """Ask models every turn of a recorded session: which of them would have done what the recorded one did?

    Each turn is sent with the history as recorded. Paths, commands, patterns and edits are compared by what they mean.
    Answers and reports (a page, JSON, CSV) are kept in ./trace-exams; what is answered there isn't asked again.

    \b
    --model A --model B            two models; the recorded one is asked too, where the server has it
    --turns 40                     40 turns, evenly by tool
    --again --against last         a new exam, compared with the one before: is it a drift, or chance?
    """
    from replay.exam import examiner
    from replay.session import steps
    from traces.sessions import lookup

    with report_skipped() as skipped:
        session = steps.join(lookup.find(name, skipped))
    raise SystemExit(examiner.Examiner(examiner.plan(session, more)).examine())


@main.command()
@click.argument("paths", nargs=-1, required=True, metavar="FOLDER|FILE...", type=click.Path(path_type=Path))
@options.sort_option
@format_option
def compare(paths: tuple[Path, ...], sort: str, style: str) -> None:
    """Compare results: which model is fastest, by how much, and whether its answers were correct."""
    from replay.console import comparison
    from replay.results import files

    with report_skipped() as skipped:
        say(comparison.render(files.load_all(paths, skipped), sort, style))


@main.command()
@options.target_option
@format_option
def models(target: str | None, style: str) -> None:
    """List the models of a server, which of them are loaded, and how much context they take."""
    import asyncio

    from replay import api
    from replay.console import models

    say(models.RENDERERS[style](asyncio.run(api.survey(target))))


@main.command("calibrate")
@click.option("--streams", multiple=True, type=click.IntRange(min=1), default=(1, 16, 64), show_default=True)
@format_option
def calibrate_(streams: tuple[int, ...], style: str) -> None:
    """Measure how well this machine measures, against a built-in server whose times are known."""
    from replay.calibrate import calibrate
    from replay.console import calibration
    from ui.terminal import LiveLine

    line = LiveLine()
    measured = calibrate.calibrate(streams, on_progress=lambda *now: line.show(calibration.progress(*now)))
    for text in calibration.lines(measured, style):
        line.clear()
        say(text)


@main.command("report")
@click.argument("paths", nargs=-1, required=True, metavar="FOLDER|FILE...", type=click.Path(path_type=Path))
@options.sort_option
@page_options
def report_(paths: tuple[Path, ...], sort: str, output: Path, share: Any) -> None:
    """Write a comparison as one HTML file that contains all it needs and loads nothing from the network.

    It shows every run, which model was fastest at what, whether the answers were correct, and the answers side by side.
    The folders of `trace-replayer load` are drawn over each other: two servers, or two settings of one.
    """
    from replay import comparison_page
    from replay.load import page as load_page
    from replay.load import results
    from replay.results import files
    from ui.anonymize import anonymize
    from ui.page import page
    from ui.page.bundles import Bundle

    if loads := results.folders(paths):
        bundle, data = Bundle.LOAD, load_page.data([results.load(folder) for folder in loads])
    else:
        with report_skipped() as skipped:
            found = files.load_all(paths, skipped)
        bundle, data = Bundle.COMPARISON, comparison_page.data(found, sort)
    page.write(output, page.render(bundle, anonymize(data, share)))
    say(f"{printable(output)} is written. Open it in a browser.")
