"""What the replayer's commands share: which server is meant, and how often and how a request is sent.

Every command imports this, so it imports little itself.
"""

from collections.abc import Callable, Sequence
from typing import Any

import click

from replay.compare.summary import SORTS
from ui.cli import Command, RenamedOption

sort_option = click.option(
    "--sort",
    type=click.Choice(list(SORTS)),
    default="time",
    show_default=True,
    help="Best first; by time, they stand in the order of the runs.",
)


def target_option(command: Command) -> Command:
    return click.option(
        "--target",
        metavar="URL|NAME",
        help="A URL, or lmstudio, ollama, llamacpp, vllm, openrouter, claude.  [default: LMSTUDIO_URL, else lmstudio]",
    )(command)


def setting(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, object]:
    """`--set temperature=0 --set thinking=null`"""
    from replay.prepare import prepare

    try:
        return dict(map(prepare.setting, values))
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


class _Seconds(click.FloatRange):
    """A number more than 0, which "nan" isn't."""

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> Any:
        seconds = super().convert(value, parameter, context)
        return seconds if seconds > 0 else self.fail(f"{value} is no number of seconds.", parameter, context)


_SECONDS = _Seconds(min=0, min_open=True)
_COUNT = click.IntRange(min=0)


def variants(context: click.Context, parameter: click.Parameter, value: str) -> object:
    """`--fix none,attribution+date`"""
    from replay.session import turn

    try:
        return turn.parse_variants(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def run_options(command: Command) -> Command:
    """How often and how a request is sent: the fields of `replay.request.Options`."""
    return _with(_RUN_OPTIONS + _SENDING_OPTIONS, command)


def session_options(command: Command) -> Command:
    """How a session is played, and how its requests are sent."""
    return _with(_SESSION_OPTIONS + _SENDING_OPTIONS, command)


def _with(given: Sequence[Callable[[Command], Command]], command: Command) -> Command:
    for option in reversed(given):
        command = option(command)
    return command


_RUN_OPTIONS = (
    click.option("--runs", type=click.IntRange(min=1), default=1, show_default=True, help="Runs of each model."),
    click.option("--warmup", type=_COUNT, default=0, show_default=True, help="Runs before these that don't count."),
    click.option(
        "--cache",
        type=click.Choice(["as-is", "cold", "warm"]),
        default="as-is",
        show_default=True,
        help="cold: no part of the prompt can come from the server's cache. warm: all of it that can, does.",
    ),
    click.option("--seed", type=int, help="Of the order in which the models take turns; printed if left out."),
    click.option("--retries", type=_COUNT, default=0, show_default=True, help="Further tries of a run that failed."),
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
        callback=variants,
        help="What is fixed in the requests: attribution, date, environment, tool-order, tools, or all; + joins some. "
        "Each of the variants is played.",
    ),
    click.option(
        "--pace",
        type=click.Choice(["none", "recorded"]),
        default="none",
        show_default=True,
        help="recorded: no turn sooner than it came. none: as fast as answers come.",
    ),
    click.option("--runs", type=click.IntRange(min=1), default=1, show_default=True, help="Of each variant, in turns."),
    click.option(
        "--max-tokens",
        type=click.IntRange(min=1),
        metavar="N",
        help="No answer longer than this; too short a one has no content.",
    ),
)

_SENDING_OPTIONS = (
    click.option("--set", "settings", multiple=True, metavar="K=V", callback=setting, help="Set a field of the body."),
    click.option("--timeout", type=_SECONDS, default=600.0, show_default=True, help="Seconds to the first content."),
    click.option(
        "--stall-timeout", type=_SECONDS, default=300.0, show_default=True, help="Seconds between bytes after it."
    ),
    click.option("--force", is_flag=True, help="Send even what doesn't fit the model's context."),
    click.option(
        "--system-role",
        type=click.Choice(["keep", "fold"]),
        help="Of system messages in mid-conversation, which many chat templates refuse. fold: into the user's message. "
        "keep: as recorded.  [default: fold where the request is translated, else keep]",
    ),
)
