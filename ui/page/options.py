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


def optional_page_options(command: Command) -> Command:
    """Add the same options to a command that also prints: `output` is None where no page is wanted."""
    _, share = _OPTIONS
    no_page = click.option("-o", "--output", type=_FILE, callback=_check_suffix, help="Write a page to this .html.")
    return no_page(share(command))


def _check_suffix(context: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
    """Refuse a file that isn't named as a page: a file that is there is replaced, and a typo mustn't cost a trace."""
    if path is not None and path.suffix.lower() not in (".html", ".htm"):
        raise click.BadParameter("it is a page: name it .html")
    return path


_FILE: click.Path = click.Path(path_type=Path, dir_okay=False)

share_option = click.option(
    "--share",
    type=click.Choice(["names", "numbers"]),
    is_flag=False,
    flag_value="names",
    help="For others to see. --share replaces home paths, user and host names, e-mail addresses and ids; "
    "--share=numbers leaves out all text.",
)
"""Gives a command `share`: None, names or numbers."""

_OPTIONS = (
    click.option(
        "-o",
        "--output",
        type=_FILE,
        default="report.html",
        show_default=True,
        callback=_check_suffix,
        help="The file to write.",
    ),
    share_option,
)
