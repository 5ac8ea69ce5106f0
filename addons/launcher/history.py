"""The commands of `anyclaude` about traces that are there already: archive, prune, star, unstar and mcp."""

import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from os import environ, getpid
from pathlib import Path
from subprocess import DEVNULL, Popen, call
from sys import executable

import click

from traces import moments
from traces.errors import ToolkitError

REPOSITORY = Path(__file__).resolve().parents[2]

_ARCHIVER = """
import os, sys
os.nice(10)
sys.path.insert(0, sys.argv[1])
from addons.launcher.history import keep_archiving
keep_archiving(sys.argv[2], lambda: os.getppid() == int(sys.argv[3]))
"""

AGAIN = 3600.0
"""Seconds until old traces are packed again: what was recorded meanwhile may have become old."""

LOOK = 5.0
"""Seconds after which it is looked whether the recording goes on."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def history() -> None:
    """Commands about traces that are there already."""


COMMANDS = ("archive", "prune", "star", "unstar")


def is_meant(arguments: Sequence[str]) -> bool:
    """Return whether the arguments are one of the commands; `mcp` with more behind it is Claude Code's own."""
    return tuple(arguments) == ("mcp",) or any(name in COMMANDS for name in arguments[:1])


def run(arguments: Sequence[str], trace_dir: str | None) -> int:
    """Run one of the commands and return its exit code. `trace_dir` is the folder of all traces, if not the usual."""
    if trace_dir:
        environ["ANYCLAUDE_TRACE_DIR"] = trace_dir
    with warnings.catch_warnings():
        warnings.simplefilter("default", UserWarning)
        warnings.showwarning = lambda message, *_: click.echo(f"anyclaude: warning: {message}", err=True)
        return history.main(list(arguments), prog_name="anyclaude", standalone_mode=False) or 0


def start_archiving(trace_dir: str) -> "Popen[bytes]":
    """Pack old traces now, and each hour as long as this process lives.

    A process of its own does so, which nobody waits for: what it leaves, the next one packs.
    """
    line = [executable, "-P", "-c", _ARCHIVER, str(REPOSITORY), trace_dir, str(getpid())]
    return Popen(line, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL, start_new_session=True)


def keep_archiving(
    trace_dir: str,
    goes_on: Callable[[], bool],
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Pack old traces once, and again each hour while the recording goes on."""
    due = clock()
    while True:
        if clock() >= due:
            due = clock() + AGAIN
            with suppress(ToolkitError):  # another command is doing so
                run(["archive"], trace_dir)
        if not goes_on():
            return
        sleep(LOOK)


@history.command()
@click.option("--older-than", default="1d", show_default=True, metavar="1d|DATE", help="Traces that are older.")
@click.option("--verify", is_flag=True, help="Read all that is in the archive, and say what is damaged.")
@click.option("--repair", is_flag=True, help="Write damaged files of the archive anew, from the copies in them.")
@click.option("--unpack", is_flag=True, help="Write all traces of the archive as files again.")
def archive(older_than: str, verify: bool, repair: bool, unpack: bool) -> int:
    """Pack old traces: what their requests repeat is kept once, compressed. All commands read them as before.

    A file is deleted only when the archive has given it back byte for byte.
    """
    from traces import packing
    from traces.storage import store

    root = store.root()
    if verify + repair + unpack > 1:
        raise click.UsageError("Choose one of --verify, --repair and --unpack.")
    if verify:
        done = packing.verify(root)
        _say(f"{_traces(done.traces)} in the archive can be read: {_size(done.before)} in {_size(done.after)}.")
    elif repair:
        done = packing.repair(root)
        _say(
            f"{_traces(done.traces)} in damaged files of the archive written anew."
            if done.traces
            else "Nothing to repair."
        )
    elif unpack:
        done = packing.unpack(root)
        _say(f"{_traces(done.traces)} unpacked: {_size(done.after)}, from {_size(done.before)}.")
    else:
        done = packing.pack(root, moments.moment(older_than, datetime.now(UTC)))
        _say(f"{_traces(done.traces)} packed: {_size(done.before)} into {_size(done.after)}.")
    return _report(done.problems)


@history.command()
@click.option("--older-than", required=True, metavar="30d|DATE", help="Sessions whose traces are all older.")
@click.option("--keep-starred/--starred-too", default=True, show_default=True, help="Leave what is starred alone.")
@click.option("--numbers-only", is_flag=True, help="Delete the texts; keep figures, times, names of tools and models.")
@click.option("--yes", is_flag=True, help="Do it. Without this, nothing is changed: it is only said what would go.")
def prune(older_than: str, keep_starred: bool, numbers_only: bool, yes: bool) -> int:
    """Say which old sessions would be deleted, and with --yes, delete them."""
    from traces import retention
    from traces.storage import store

    skipped: list[str] = []
    root, before = store.root(), moments.moment(older_than, datetime.now(UTC))
    going = retention.old(root, before, keep_starred, numbers_only, skipped) if root.is_dir() else []
    for one in going:
        begun = one.begun[:19].replace("T", " ")
        _say(f"{begun}  {one.name}  {one.model or '–'}  {_traces(len(one.files))}, {_size(one.size)}")
    if not going:
        _say("Nothing is that old.")
        return _report(skipped)
    what = "the texts of " if numbers_only else ""
    sessions = "1 session" if len(going) == 1 else f"{len(going):,} sessions"
    if not yes:
        _say(f"Would delete {what}{_traces(sum(len(one.files) for one in going))} of {sessions}. To do it, add --yes.")
        return _report(skipped)
    done = retention.prune(root, going, numbers_only)
    _say(f"Deleted {what}{_traces(done.traces)} of {sessions}: {_size(done.before)} became {_size(done.after)}.")
    return _report([*skipped, *done.problems])


@history.command()
@click.argument("names", nargs=-1, metavar="[SESSION|TRACE]...")
def star(names: Sequence[str]) -> int:
    """Mark sessions to be kept: `prune` leaves them alone. Without a name, list those that are marked."""
    from traces import stars
    from traces.storage import store

    if names:
        stars.star(store.root(), [id for name in names for id in stars.meant_by(name)])
    for line in stars.starred(store.root()):
        _say(line)
    return 0


@history.command()
@click.argument("names", nargs=-1, required=True, metavar="SESSION|TRACE...")
def unstar(names: Sequence[str]) -> int:
    """Take the mark of `star` away."""
    from traces import stars
    from traces.storage import store

    known = stars.starred(store.root())
    for name in names:
        meant = [one for one in known if one == name or one.startswith(name)] or stars.meant_by(name)
        stars.unstar(store.root(), meant)
    return 0


@history.command()
def mcp() -> int:
    """Answer an agent's questions about recorded sessions: an MCP server on standard input and output.

    \b
    claude mcp add anyclaude -- anyclaude mcp
    """
    # A process of its own, as the launcher knows nothing of analysis. -P: a project may have a folder of that name.
    return call([executable, "-P", "-m", "analysis", "mcp"])


def _report(problems: Sequence[str]) -> int:
    """Say what went wrong, and return the exit code."""
    for problem in problems:
        click.echo(f"anyclaude: {problem}", err=True)
    return 1 if problems else 0


def _traces(count: int) -> str:
    return f"{count:,} {'trace' if count == 1 else 'traces'}"


def _size(size: float) -> str:
    for unit in ("B", "KiB", "MiB"):
        if abs(size) < 1024:
            return f"{size:.0f} {unit}"
        size /= 1024
    return f"{size:.1f} GiB"


def _say(line: str) -> None:
    click.echo(line if line.isprintable() else repr(line))
