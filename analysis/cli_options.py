"""What the analyzer's commands share: who counts, and how modes are named to a shell.

Every command imports this, so it imports little itself. Counts nothing.
"""

import click
from click.shell_completion import CompletionItem

from analysis.tokens import counters
from ui.cli import Command, completions, format_option


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
        shell_complete=lambda context, parameter, incomplete: completions(counters.names(), incomplete),
    )(command)


def mode_names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from traces.storage import store

    root = store.root()
    folders = sorted(folder.name for folder in root.iterdir() if folder.is_dir()) if root.is_dir() else []
    return completions(folders, incomplete)
