"""What the analyzer's commands share: who counts, and how traces are named to a shell.

Every command imports this, so it imports little itself. Counts nothing.
"""

from collections.abc import Sequence

import click
from click.shell_completion import CompletionItem

from analysis.tokens import counters
from ui.cli import Command, format_option

RECENT = 20
"""How many traces a shell is offered."""


def counting_options(command: Command) -> Command:
    """For a command that counts tokens and prints what it counted."""
    return tokenizer_option(format_option(command))


def tokenizer_option(command: Command) -> Command:
    return click.option(
        "--tokenizer",
        default=counters.DEFAULT,
        show_default=True,
        metavar="NAME",
        help="Who counts: a name of tiktoken's, claude, auto (by the model), or the path of a tokenizer.json.",
        shell_complete=lambda context, parameter, incomplete: starting(counters.names(), incomplete),
    )(command)


def trace_names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """`latest`, `last:2`, the newest traces by name, and files."""
    from traces.storage import store

    root = store.root()
    stems = [file.stem for file in store.files(root)[: -RECENT - 1 : -1]] if root.is_dir() else []
    return [*starting(["latest", "last:2", *stems], incomplete), CompletionItem(incomplete, type="file")]


def mode_names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from traces.storage import store

    root = store.root()
    folders = sorted(folder.name for folder in root.iterdir() if folder.is_dir()) if root.is_dir() else []
    return starting(folders, incomplete)


def starting(names: Sequence[str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]
