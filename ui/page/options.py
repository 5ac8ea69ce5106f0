"""The options of every command that writes a page."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def page_options(command: Command) -> Command:
    """Add the options `output`, a path, and `share`: None, names or numbers."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def _check_suffix(context: click.Context, parameter: click.Parameter, path: Path) -> Path:
    """Refuse a file that isn't named as a page: a file that is there is replaced, and a typo mustn't cost a trace."""
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
        callback=_check_suffix,
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
