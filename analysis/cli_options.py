"""Options and shell completions that the analyzer's commands share.

Every command imports this module, so it imports little itself.
"""

from collections.abc import Iterable

import click
from click.shell_completion import CompletionItem

from analysis.tokens import counters
from ui.cli import Command, LazyChoice, completions, format_option


def counting_options(command: Command) -> Command:
    """Add the options of a command that counts tokens and prints the result: --tokenizer and --format."""
    return tokenizer_option(format_option(command))


def export_format_option(command: Command) -> Command:
    """Add --format of `export`, whose names are those of files."""

    def names() -> Iterable[str]:
        from analysis.exports import command

        return command.names()

    said = "By default, what the file's ending says."
    return click.option("--format", "kind", type=LazyChoice(names), help=said)(command)


def tokenizer_option(command: Command) -> Command:
    """Add --tokenizer."""
    return click.option(
        "--tokenizer",
        default=counters.DEFAULT,
        show_default=True,
        metavar="NAME",
        help="The tokenizer: an encoding of tiktoken, claude, auto (by the model), or the path of a tokenizer.json.",
        shell_complete=lambda context, parameter, incomplete: completions(counters.tokenizer_names(), incomplete),
    )(command)


def cluster_option(command: Command) -> Command:
    """Add --cluster of what reads many traces."""
    said = "Read and count on a Dask cluster: its scheduler (tcp://HOST:8786), or local:N for N processes here."
    return click.option("--cluster", metavar="ADDRESS|local:N", help=said)(command)


def mode_names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete a mode: the folders below the traces' root."""
    from traces.storage import store

    root = store.root()
    folders = sorted(folder.name for folder in root.iterdir() if folder.is_dir()) if root.is_dir() else []
    return completions(folders, incomplete)
