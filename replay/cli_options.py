"""What the commands share: their options, and how they fail.

Every command imports this, so it imports little itself.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from replay.tables import FORMATS
from replay.terminal import encodable, printable, say
from traces.errors import ToolkitError

Command = TypeVar("Command", bound=Callable[..., Any])


class Commands(click.Group):
    """A group whose commands end with one line and exit code 1 where the user can mend what is wrong."""

    def invoke(self, context: click.Context) -> Any:
        context.color = False if os.environ.get("NO_COLOR") else None
        try:
            return super().invoke(context)
        except ToolkitError as error:
            raise _told(str(error)) from error
        except OSError as error:
            if error.filename is None:  # not about a file: a pipe was closed, which click sees to
                raise
            raise _told(f"{error.filename}: {error.strerror}.") from error


def _told(reason: str) -> click.ClickException:
    return click.ClickException(encodable(printable(reason), sys.stderr))


def format_option(command: Command) -> Command:
    choice = click.Choice(FORMATS)
    return click.option(
        "--format", "style", type=choice, default="table", show_default=True, help="How it is printed."
    )(command)


def target_option(command: Command) -> Command:
    return click.option(
        "--target",
        metavar="URL|NAME",
        help="A URL, or lmstudio, ollama, llamacpp, vllm, openrouter, claude.  [default: LMSTUDIO_URL, else lmstudio]",
    )(command)


def setting(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, object]:
    """`--set temperature=0 --set thinking=null`"""
    from replay import prepare

    try:
        return dict(map(prepare.setting, values))
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


_SECONDS = click.FloatRange(min=0, min_open=True)
_COUNT = click.IntRange(min=0)


def run_options(command: Command) -> Command:
    """How often and how a request is sent: the fields of `replay.model.Options`."""
    for option in reversed(_RUN_OPTIONS):
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
    click.option("--set", "settings", multiple=True, metavar="K=V", callback=setting, help="Set a field of the body."),
    click.option("--seed", type=int, help="Of the order in which the models take turns; printed if left out."),
    click.option("--timeout", type=_SECONDS, default=600.0, show_default=True, help="Seconds to the first byte."),
    click.option(
        "--stall-timeout", type=_SECONDS, default=300.0, show_default=True, help="Seconds between bytes after it."
    ),
    click.option("--retries", type=_COUNT, default=0, show_default=True, help="Further tries of a run that failed."),
    click.option("--force", is_flag=True, help="Send even what doesn't fit the model's context."),
)


@contextmanager
def skips_told() -> Iterator[list[str]]:
    """A list for the reasons why files were skipped; at the end, come what may, they are told."""
    skipped: list[str] = []
    try:
        yield skipped
    finally:
        for reason in skipped:
            say(f"Warning: skipped {printable(reason)}", error=True)
