"""How every command fails, and how it reports skipped files."""

import click
import pytest
from click.testing import CliRunner

from traces.errors import ToolkitError
from ui.cli import FORMATS, Commands, RenamedOption, format_option, report_skipped

REASONS: dict[str, Exception] = {
    "what the user can put right": ToolkitError("in\x1b[2J a trace"),
    "a file": PermissionError(13, "Permission denied", "in\x1b[2J a trace"),
}


@click.group(cls=Commands)
def main() -> None: ...


@main.command()
@click.argument("what")
def fail(what: str) -> None:
    raise REASONS[what]


@main.command()
@click.argument("files", nargs=-1)
def skip(files: tuple[str, ...]) -> None:
    with report_skipped() as skipped:
        skipped += files
        raise ToolkitError("Nothing is left.")


@main.command("print")
@format_option
def print_(style: str) -> None:
    click.echo(style)


@pytest.mark.parametrize("what", REASONS)
def test_an_error_is_one_line_without_escape_sequences(what: str) -> None:
    result = CliRunner().invoke(main, ["fail", what])
    assert (result.exit_code, result.stdout) == (1, "")
    [line] = result.stderr.splitlines()
    assert line.startswith("Error: in\\x1b[2J a trace")


@pytest.mark.parametrize(
    ("files", "reported"),
    [
        ([], []),
        (["a\x1b"], ["Warning: skipped a\\x1b", "Skipped 1 file."]),
        (["a", "b"], ["Warning: skipped a", "Warning: skipped b", "Skipped 2 files."]),
    ],
)
def test_skipped_files_are_reported_and_counted_even_if_the_rest_fails(files: list[str], reported: list[str]) -> None:
    result = CliRunner().invoke(main, ["skip", *files])
    assert result.stderr.splitlines() == [*reported, "Error: Nothing is left."]


@main.command()
@click.option("--fix", cls=RenamedOption, former="--mend", default="none")
def repair(fix: str) -> None:
    click.echo(fix)


@pytest.mark.parametrize("option", ["--fix", "--mend"])
@pytest.mark.parametrize("given", [["date"], ["none", "date"]])
def test_a_renamed_option_is_accepted_by_both_names(option: str, given: list[str]) -> None:
    result = CliRunner().invoke(main, ["repair", *(f"{option}={value}" for value in given)])
    assert (result.exit_code, result.stdout) == (0, "date\n")


def test_a_renamed_option_is_shown_by_its_new_name_alone() -> None:
    shown = CliRunner().invoke(main, ["repair", "--help"]).stdout
    assert "--fix" in shown
    assert "--mend" not in shown


@pytest.mark.parametrize("style", FORMATS)
def test_every_format_can_be_asked_for(style: str) -> None:
    assert CliRunner().invoke(main, ["print", "--format", style]).stdout == f"{style}\n"
