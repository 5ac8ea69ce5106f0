"""The `trace-replayer` command: each subcommand reads its options, asks one function, and prints.

What is heavy is imported in the command that needs it, so that `--help` answers at once and a replay starts soon.
"""

from pathlib import Path
from typing import Any

import click

from replay import cli_options as options
from replay.tables import SORTS
from replay.terminal import say


@click.group(cls=options.Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="anyclaude-toolkit")
def main() -> None:
    """Send a recorded request again, to any model, and measure the answer.

    Traces are read from ~/.anyclaude/traces or ANYCLAUDE_TRACE_DIR. Keys are read from the environment (such as
    ANTHROPIC_API_KEY) and never stored.
    """


@main.command()
@click.argument("trace", metavar="FILE|FOLDER|latest", default="latest")
@options.target_option
@click.option("--model", "models", multiple=True, metavar="M", help="May be given several times: they take turns.")
@click.option("--dialect", type=click.Choice(["anthropic", "chat"]), help="Instead of asking the server for its own.")
@options.run_options
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), default="trace-replays")
@click.option("--resume", is_flag=True, help="Leave out the runs that are saved already.")
def replay(trace: str, target: str | None, models: Any, dialect: Any, output: Path, resume: bool, **more: Any) -> None:
    """Replay a trace, all traces in a folder, or a .flow file to the model that is loaded, or to those named.

    Each result is saved in ./trace-replays; several models are compared at the end.
    """
    from replay import locate, session

    with options.skips_told() as skipped:
        traces = locate.traces(trace, skipped)
    plan = session.Plan(traces, target, models, dialect, session.options(more), output, resume)
    raise SystemExit(session.Session(plan).play())


@main.command()
@click.argument("paths", nargs=-1, required=True, metavar="FOLDER|FILE...", type=click.Path(path_type=Path))
@click.option("--sort", type=click.Choice(list(SORTS)), default="time", show_default=True, help="Best first.")
@options.format_option
def compare(paths: tuple[Path, ...], sort: str, style: str) -> None:
    """Compare results: which model is fastest, by how much, and whether its answers were right."""
    from replay import render_comparison, results

    with options.skips_told() as skipped:
        say(render_comparison.shown(results.load_all(paths, skipped), sort, style))


@main.command()
@options.target_option
@options.format_option
def models(target: str | None, style: str) -> None:
    """List the models of a server, which of them are loaded, and how much context they take."""
    import asyncio

    from replay import api, render_models

    say(render_models.SHOWN[style](asyncio.run(api.survey(target))))


@main.command("calibrate")
@click.option("--streams", multiple=True, type=click.IntRange(min=1), default=(1, 16, 64), show_default=True)
def calibrate_(streams: tuple[int, ...]) -> None:
    """Measure how well this machine measures, against a built-in server whose times are known."""
    from replay import calibrate, render_calibration

    say(render_calibration.HEAD)
    for errors in calibrate.calibrate(streams):
        say(render_calibration.line(errors))
