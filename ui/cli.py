"""What all commands share: how they fail, in which formats they print, and how they tell what they left out.

Every command imports this, so it imports little itself. It must not know what any command does.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from traces.errors import ToolkitError
from ui.terminal import colour_setting, encodable, printable, say

Command = TypeVar("Command", bound=Callable[..., Any])

FORMATS = ("table", "json", "csv", "markdown")

RECENT = 20
"""How many traces a shell is offered, newest first."""


class Commands(click.Group):
    """A group whose commands end with one line and exit code 1 where the user can fix what is wrong."""

    def invoke(self, context: click.Context) -> Any:
        context.color = colour_setting()
        try:
            return super().invoke(context)
        except ToolkitError as error:
            raise _click_error(str(error)) from error
        except OSError as error:
            if error.filename is None:  # not about a file: a pipe was closed, which click sees to
                raise
            raise _click_error(f"{error.filename}: {error.strerror}.") from error


def _click_error(reason: str) -> click.ClickException:
    return click.ClickException(encodable(printable(reason), sys.stderr))


def format_option(command: Command) -> Command:
    choice = click.Choice(FORMATS)
    return click.option(
        "--format", "style", type=choice, default="table", show_default=True, help="How it is printed."
    )(command)


def trace_names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return what a name of traces may be: see `traces.storage.resolve`."""
    from traces.sessions import lookup

    return [*completions(lookup.names(RECENT), incomplete), CompletionItem(incomplete, type="file")]


def completions(names: Sequence[str], incomplete: str) -> list[CompletionItem]:
    """Return those of the names that go on from what was typed."""
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


@contextmanager
def report_skipped() -> Iterator[list[str]]:
    """A list for the reasons why files were skipped; at the end, come what may, they are told and counted."""
    skipped: list[str] = []
    try:
        yield skipped
    finally:
        for reason in skipped:
            say(f"Warning: skipped {printable(reason)}", error=True)
        if skipped:
            say(f"Skipped {len(skipped)} {'file' if len(skipped) == 1 else 'files'}.", error=True)
