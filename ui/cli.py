"""What all commands share: how they fail, in which formats they print, and how they report skipped files.

Every command imports this module, so it imports little itself.
"""

import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar
from warnings import catch_warnings

import click
from click.shell_completion import CompletionItem

from traces.errors import ToolkitError
from ui.terminal import colour_setting, encodable, printable, say

Command = TypeVar("Command", bound=Callable[..., Any])

FORMATS = ("table", "json", "csv", "markdown")

RECENT = 20
"""How many traces shell completion offers, newest first."""


class Commands(click.Group):
    """A group whose commands report what a user can put right in one line, and end with exit code 1."""

    def invoke(self, context: click.Context) -> Any:
        context.color = colour_setting()
        try:
            with catch_warnings():
                warnings.showwarning = _print_warning  # type: ignore[assignment]
                return super().invoke(context)
        except ToolkitError as error:
            raise _click_error(str(error)) from error
        except OSError as error:
            if error.filename is None:  # not about a file: a pipe was closed, which click handles
                raise
            raise _click_error(f"{error.filename}: {error.strerror}.") from error


def _print_warning(message: Warning | str, *_: Any) -> None:
    say(f"Warning: {printable(message)}", error=True)


def _click_error(reason: str) -> click.ClickException:
    return click.ClickException(encodable(printable(reason), sys.stderr))


class RenamedOption(click.Option):
    """An option whose former name is still accepted, but neither shown in the help nor completed."""

    def __init__(self, *arguments: Any, former: str, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self._former = former

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        super().add_to_parser(parser, ctx)
        parser.add_option(self, [self._former], self.name, nargs=self.nargs)


class LazyChoice(click.Choice[str]):
    """A choice whose words are looked up when they are needed, so that `--help` of other commands needn't wait."""

    def __init__(self, words: Callable[[], Iterable[str]]) -> None:
        self._words = words
        self.case_sensitive = True

    @property
    def choices(self) -> Sequence[str]:  # type: ignore[override]
        """Return the words that can be chosen."""
        return tuple(self._words())


def format_option(command: Command) -> Command:
    choice = click.Choice(FORMATS)
    return click.option(
        "--format", "style", type=choice, default="table", show_default=True, help="How it is printed."
    )(command)


def trace_names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return completions of a name of traces: see `traces.storage.resolve`."""
    from traces.sessions import lookup

    return [*completions(lookup.names(RECENT), incomplete), CompletionItem(incomplete, type="file")]


def completions(names: Sequence[str], incomplete: str) -> list[CompletionItem]:
    """Return those of the names that begin with what was typed."""
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


@contextmanager
def report_skipped() -> Iterator[list[str]]:
    """Yield a list for the reasons why files were skipped; print and count them at the end, also after an error."""
    skipped: list[str] = []
    try:
        yield skipped
    finally:
        for reason in skipped:
            say(f"Warning: skipped {printable(reason)}", error=True)
        if skipped:
            say(f"Skipped {len(skipped)} {'file' if len(skipped) == 1 else 'files'}.", error=True)
