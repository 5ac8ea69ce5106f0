"""The options of every command that makes a page. Knows nothing of what is on it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def page_options(command: Command) -> Command:
    """`output`, a path, and `share`: None, names or numbers."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def _a_page(context: click.Context, parameter: click.Parameter, path: Path) -> Path:
    """What is there is replaced: a slip of the hand mustn't cost a trace."""
    if path.suffix.lower() not in (".html", ".htm"):
        raise click.BadParameter("it is a page: name it .html")
    return path


_OPTIONS = (
    click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path, dir_okay=False),
        default="report.html",
        show_default=True,
        callback=_a_page,
        help="The file to write.",
    ),
    click.option(
        "--share",
        type=click.Choice(["names", "numbers"]),
        is_flag=False,
        flag_value="names",
        help="For others to see. --share replaces home paths, user and host names, e-mail addresses and ids; "
        "--share=numbers leaves out all text.",
    ),
)
