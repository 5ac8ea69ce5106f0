"""What the commands share: their options, how they name traces to a shell, and how they fail.

Every command imports this, so it imports little itself. Counts nothing.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from analysis import tokens
from analysis.terminal import colours, encodable, printable, say
from traces.errors import ToolkitError

Command = TypeVar("Command", bound=Callable[..., Any])

FORMATS = ("table", "json", "csv", "markdown")

RECENT = 20
"""How many traces a shell is offered."""


class Commands(click.Group):
    """A group whose commands end with one line and exit code 1 where the user can mend what is wrong."""

    def invoke(self, context: click.Context) -> Any:
        context.color = colours()
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


def counting_options(command: Command) -> Command:
    """For a command that counts tokens and prints what it counted."""
    return tokenizer_option(format_option(command))


def tokenizer_option(command: Command) -> Command:
    return click.option(
        "--tokenizer",
        default=tokens.DEFAULT,
        show_default=True,
        metavar="NAME",
        help="Who counts: a name of tiktoken's, claude, auto (by the model), or the path of a tokenizer.json.",
        shell_complete=lambda context, parameter, incomplete: starting(tokens.names(), incomplete),
    )(command)


def trace_names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """`latest`, `last:2`, the newest traces by name, and files."""
    from traces import store

    root = store.root()
    stems = [file.stem for file in store.files(root)[: -RECENT - 1 : -1]] if root.is_dir() else []
    return [*starting(["latest", "last:2", *stems], incomplete), CompletionItem(incomplete, type="file")]


def mode_names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from traces import store

    root = store.root()
    folders = sorted(folder.name for folder in root.iterdir() if folder.is_dir()) if root.is_dir() else []
    return starting(folders, incomplete)


def starting(names: Sequence[str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


@contextmanager
def skips_told() -> Iterator[list[str]]:
    """A list for the reasons why files were skipped; at the end, come what may, they are told and counted."""
    skipped: list[str] = []
    try:
        yield skipped
    finally:
        for reason in skipped:
            say(f"Warning: skipped {printable(reason)}", error=True)
        if skipped:
            say(f"Skipped {len(skipped)} {'file' if len(skipped) == 1 else 'files'}.", error=True)
