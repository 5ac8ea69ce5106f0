"""Options that the replayer's commands share: which server to use, and how often and how to send a request.

Every command imports this, so it imports little itself.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from replay.compare.sorting import SORTS
from traces.servers import KINDS
from ui.cli import Command, LazyChoice, RenamedOption
from ui.page.options import share_option

sort_option = click.option(
    "--sort",
    type=click.Choice(list(SORTS)),
    default="time",
    show_default=True,
    help="Best first; `time` keeps the order of the runs.",
)


_TARGETS = f"A URL, or {', '.join(KINDS)}.  [default: LMSTUDIO_URL, else lmstudio]"


def target_option(command: Command) -> Command:
    """Add `--target` to a command."""
    return click.option("--target", metavar="URL|NAME", help=_TARGETS)(command)


def _format_names() -> Iterable[str]:
    from traces.dialects import FORMATS

    return FORMATS


def dialect_option(command: Command) -> Command:
    """Add `--dialect` to a command."""
    return click.option(
        "--dialect",
        type=LazyChoice(_format_names),
        help="API format to send in.  [default: the recording's, else one that the server takes]",
    )(command)


def _read_settings(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, object]:
    """Read `--set temperature=0 --set thinking=null`."""
    from replay.prepare import prepare

    try:
        return dict(map(prepare.parse_setting, values))
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


class _Seconds(click.FloatRange):
    """A number greater than 0, which "nan" isn't."""

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> Any:
        seconds = super().convert(value, parameter, context)
        return seconds if seconds > 0 else self.fail(f"{value} is not a number of seconds.", parameter, context)


_SECONDS = _Seconds(min=0, min_open=True)
_COUNT = click.IntRange(min=0)


def _read_variants(context: click.Context, parameter: click.Parameter, value: str) -> object:
    """Read `--fix none,attribution+date`."""
    from replay.session import turn

    try:
        return turn.parse_variants(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def run_options(command: Command) -> Command:
    """Add the options that say how often and how a request is sent: the fields of `replay.request.Options`."""
    return _with(_RUN_OPTIONS + _SENDING_OPTIONS, command)


def session_options(command: Command) -> Command:
    """Add the options that say how a session is played, and how its requests are sent."""
    return _with(_SESSION_OPTIONS + _SENDING_OPTIONS, command)


def load_sending_options(command: Command) -> Command:
    """Add the options that say how a load's requests are sent."""
    return _with([option for option in _SENDING_OPTIONS if option is not _FORCE], command)


def variant_options(command: Command) -> Command:
    """Add the options that send a request changed, beside as it was recorded."""
    return _with(_VARIANT_OPTIONS, command)


def exam_options(command: Command) -> Command:
    """Add the options of an exam: whom to ask, how much, and what to compare with."""
    return dialect_option(_with(_EXAM_OPTIONS + _SENDING_OPTIONS, command))


def _with(given: Sequence[Callable[[Command], Command]], command: Command) -> Command:
    for option in reversed(given):
        command = option(command)
    return command


_RUN_OPTIONS = (
    click.option("--runs", type=click.IntRange(min=1), default=1, show_default=True, help="Runs of each model."),
    click.option("--warmup", type=_COUNT, default=0, show_default=True, help="Runs before these that aren't counted."),
    click.option(
        "--cache",
        type=click.Choice(["as-is", "cold", "warm"]),
        default="as-is",
        show_default=True,
        help="cold: no part of the prompt is in the server's cache. warm: as much of it as possible is.",
    ),
    click.option(
        "--seed", type=int, help="Seed of the order in which the models take turns; drawn and printed if left out."
    ),
    click.option("--retries", type=_COUNT, default=0, show_default=True, help="Further tries of a run that fails."),
)

_SESSION_OPTIONS = (
    click.option(
        "--fix",
        "variants",
        cls=RenamedOption,
        former="--mend",
        metavar="none,A,B+C",
        default="none",
        show_default=True,
        callback=_read_variants,
        help="Fixes to apply to the requests: attribution, date, environment, tool-order, tools, or all; + combines "
        "several. Each variant in the list is played.",
    ),
    click.option(
        "--pace",
        type=click.Choice(["none", "recorded"]),
        default="none",
        show_default=True,
        help="recorded: no turn is sent earlier than in the recording. none: as fast as answers come.",
    ),
    click.option(
        "--runs",
        type=click.IntRange(min=1),
        default=1,
        show_default=True,
        help="Runs of each variant, in turns.",
    ),
    click.option(
        "--max-tokens",
        type=click.IntRange(min=1),
        metavar="N",
        help="Limit each answer to N tokens. With too few, an answer may have no content to measure.",
    ),
)

_FORCE = click.option("--force", is_flag=True, help="Send a request even if it doesn't fit the model's context.")


def _read_depths(context: click.Context, parameter: click.Parameter, value: str | None) -> object:
    """Read `--depth 4k,16k`."""
    from replay.variants import depth

    try:
        return depth.parse(value) if value else []
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


_VARIANT_OPTIONS = (
    click.option(
        "--edit",
        "edits",
        multiple=True,
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Also send the request with this change: a JSON Patch, or the whole request.",
    ),
    click.option("--editor", is_flag=True, help="Also send the request as you change it in $VISUAL or $EDITOR."),
    click.option(
        "--depth",
        "depths",
        metavar="4k,16k,…",
        callback=_read_depths,
        help="Also send the request with its history cut, or grown by its session's, to so many tokens.",
    ),
)

_EXAM_OPTIONS = (
    click.option("--target", "targets", multiple=True, metavar="URL|NAME", help=_TARGETS),
    click.option(
        "--model",
        "models",
        multiple=True,
        metavar="M",
        help="Model to ask; several one after the other.  [default: the one that is loaded]",
    ),
    click.option(
        "--turns", "most", type=click.IntRange(min=1), metavar="N", help="Ask at most N turns, chosen evenly by tool."
    ),
    click.option("--seed", type=int, default=0, show_default=True, help="Seed of that choice."),
    click.option(
        "--runs", type=click.IntRange(min=1), default=1, show_default=True, help="Answers of each model to each turn."
    ),
    click.option(
        "--control/--no-control", default=True, help="Also ask the recorded model, where the server has it.  [default]"
    ),
    click.option("--again", is_flag=True, help="Begin a new exam, and ask what was answered before, too."),
    click.option(
        "--against", metavar="last|FOLDER", help="Compare with the exam before, another one, or all in a folder."
    ),
    click.option(
        "-o",
        "--output",
        "folder",
        type=click.Path(path_type=Path, file_okay=False),
        default="trace-exams",
        show_default=True,
        help="Where exams are kept.",
    ),
    share_option,
)

_SENDING_OPTIONS = (
    click.option(
        "--set", "settings", multiple=True, metavar="K=V", callback=_read_settings, help="Set a field of the body."
    ),
    click.option("--timeout", type=_SECONDS, default=600.0, show_default=True, help="Seconds until the first content."),
    click.option(
        "--stall-timeout", type=_SECONDS, default=300.0, show_default=True, help="Seconds between bytes after that."
    ),
    _FORCE,
    click.option(
        "--system-role",
        type=click.Choice(["keep", "fold"]),
        help="How to send system messages in mid-conversation, which many chat templates refuse. fold: within the "
        "user's message. keep: as recorded.  [default: fold where a request is translated, else keep]",
    ),
)
