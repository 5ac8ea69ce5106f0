"""`anyclaude doctor`: looks at all that a recorded session needs, and says what to mend, each with its command."""

import asyncio
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from addons.launcher import claude, claude_settings, clients, config_file, finding
from addons.launcher.check import OK, PROBLEM, SKIPPED, WARNING, Check
from addons.launcher.claude_settings import BASE_URL, ClaudeSettings, other_service
from addons.launcher.clients import Choice
from addons.launcher.server_checks import AFTER_SERVER, Asker, ServerChecks
from addons.launcher.settings import Settings, given, layers_of, named_mode, resolve
from traces.servers import KINDS
from traces.storage import store

COMMAND = "doctor"

VERSION_LIMIT = 20.0
"""Seconds that `claude --version` may take: on a busy machine a first start is slow."""

ROOM = 1 << 30
"""Bytes that should be free for traces: a long session's are some hundred MiB."""

Say = Callable[[Check], None]


def run(arguments: Sequence[str], flags: Mapping[str, Any]) -> int:
    """Run the command and return its exit code. `flags` are those that stood before it."""
    return int(doctor.main(list(arguments[1:]), prog_name="anyclaude doctor", obj=flags, standalone_mode=False) or 0)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--mode", metavar="MODE", help="The kind of model server. Default: what runs here.")
@click.option("--backend", metavar="URL", help="The model server's address.")
@click.option("--claude", metavar="PATH", help="The claude to look at. Default: the one on the PATH.")
@click.option("--trace-dir", metavar="DIR", help="Where traces go. Default: ~/.anyclaude/traces.")
@click.option("--translate", metavar="FORMAT", help="As you will give it to anyclaude.")
@click.option("--repair", metavar="NAMES", help="As you will give it to anyclaude.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
@click.argument("client", required=False, type=click.Choice([clients.CLAUDE, *clients.COMMANDS]))
@click.pass_context
def doctor(ctx: click.Context, /, form: str, client: str | None, **flags: Any) -> int:
    """Check client, settings, server, model, context size, translation, tools, prefix cache and the folder of traces.

    For Claude Code, or for the client that is named.
    Each finding that isn't right is printed with what mends it. It sends the server a few short requests. The exit code
    is 1 where something must be mended, else 0. Every check ends by itself, also where a server hangs.
    """
    checks: list[Check] = []

    def say(check: Check) -> None:
        checks.append(check)
        if form == "text":
            click.echo(check.lines())

    chosen = {**(ctx.obj or {}), **{name: value for name, value in flags.items() if value is not None}}
    choice = clients.choose([client] if client else [])
    examine(choice, chosen, os.environ, Path.cwd(), Path.home(), say)
    is_well = not any(check.state == PROBLEM for check in checks)
    if form == "json":
        click.echo(json.dumps({"ok": is_well, "checks": [check.fields() for check in checks]}, indent=2))
    return 0 if is_well else 1


def examine(
    choice: Choice, flags: Mapping[str, Any], env: Mapping[str, str], folder: Path, home: Path, say: Say
) -> None:
    """Do all checks, and hand each on as it is done. Raise ToolkitError where a setting can't be used."""
    theirs = claude_settings.read((), env, folder, home)
    files = config_file.read_all(folder, home)
    is_claude = choice.client is None
    address = claude.address_in(theirs, env) if is_claude else None
    settings = resolve(flags, env, files, address, choice.server)
    say(_client(settings.claude if is_claude else choice.program, choice.package))
    layers = layers_of(flags, env, files)
    found: Settings | None = settings
    if not choice.server and not named_mode(layers, address):
        check, chosen = _search(given(layers, "backend"), given(layers, "api_key"))
        say(check)
        found = finding.settings_for(chosen, flags, env, files) if chosen else None
    for check in _settings_files(theirs, env, found) if is_claude else ():
        say(check)
    if found:
        asyncio.run(_all_of_the_server(ServerChecks(found, _asker(choice)), say))
    else:
        for name in ("server", *AFTER_SERVER):
            say(Check(name, SKIPPED, "no server answers"))
    say(_folder(Path(settings.trace_dir) if settings.trace_dir else store.root()))


def _asker(choice: Choice) -> Asker:
    launch = choice.client.launch if choice.client else None
    return Asker(choice.title, launch.program, launch.dialect, launch.context) if launch else Asker()


async def _all_of_the_server(checks: ServerChecks, say: Say) -> None:
    async for check in checks.run():
        say(check)


def _client(program: str, package: str) -> Check:
    path = shutil.which(program)
    install = f"npm install -g {package}"
    if path is None:
        return Check("client", PROBLEM, f"no {program}", install)
    try:
        done = subprocess.run(
            [path, "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=VERSION_LIMIT
        )
    except subprocess.TimeoutExpired:
        return Check("client", PROBLEM, f"{path} --version doesn't end", install)
    except OSError as error:
        return Check("client", PROBLEM, f"{path} can't be run: {error}", install)
    version = done.stdout.strip().partition("\n")[0]
    if done.returncode or not version:
        found = f"{path} --version fails ({done.returncode})"
        return Check("client", PROBLEM, found, install)
    return Check("client", OK, f"{version} at {path}")


def _search(addresses: Mapping[str, str], keys: Mapping[str, str]) -> tuple[Check, finding.Found | None]:
    found = finding.find(addresses, keys)
    chosen = finding.choose(found)
    if chosen:
        return Check("search", OK, finding.explain(found, chosen)), chosen
    first, *starts = finding.nothing_found(found, addresses).split("\n")
    return Check("search", PROBLEM, first, "\n".join(line.strip() for line in starts)), None


def _settings_files(theirs: ClaudeSettings, env: Mapping[str, str], settings: Settings | None) -> Iterator[Check]:
    """Yield what in Claude Code's own settings concerns the proxy; one check that all is well where nothing does."""
    notes: list[Check] = []
    if BASE_URL in theirs.managed:
        where = theirs.variables[BASE_URL].where
        mend = "ask who manages this machine: nothing overrides it"
        notes.append(Check("settings.json", PROBLEM, f"{where} sets {BASE_URL}, past the proxy", mend))
    elif found := theirs.variables.get(BASE_URL):
        used = settings is not None and bool(settings.found_in)
        what = "is the server that anyclaude takes" if used else "is overridden for the run"
        notes.append(Check("settings.json", OK, f"{BASE_URL} of {found.where} {what}"))
    if service := other_service(theirs.environment(env)):
        is_claude = settings is not None and KINDS[settings.mode].is_claude_service
        what = "nothing of that passes the proxy" if is_claude else "it is left out for the run"
        state = PROBLEM if is_claude else WARNING
        notes.append(Check("settings.json", state, f"{service[0]} asks {service[1]}: {what}", f"unset {service[0]}"))
    if theirs.key_helper and settings and not settings.found_in and not KINDS[settings.mode].is_claude_service:
        notes.append(Check("settings.json", OK, f"the apiKeyHelper of {theirs.key_helper} is left out for the run"))
    yield from notes or [Check("settings.json", OK, "nothing in it leads past the proxy")]


def _folder(root: Path) -> Check:
    """Return whether traces can be written."""
    mend = "anyclaude --trace-dir DIR, or ANYCLAUDE_TRACE_DIR=DIR"
    existing = next(each for each in (root, *root.parents) if each.exists())
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
        free = shutil.disk_usage(existing).free
    except OSError as error:
        return Check("traces", PROBLEM, f"{root} can't be written: {error.strerror or error}", mend)
    found = f"{root}, {free / (1 << 30):,.1f} GiB free"
    return Check("traces", OK if free >= ROOM else WARNING, found, "" if free >= ROOM else f"make room, or {mend}")
