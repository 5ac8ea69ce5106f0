"""The `anyclaude` command: Claude Code, or another client, behind a recording proxy.

It starts the proxy, runs the client behind it with the user's own arguments, returns its exit code, stops the proxy and
says which traces there are.
"""

import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import click

from addons.bridge.plan import TRANSLATIONS
from addons.launcher import claude, claude_settings, clients, config_file, doctor, finding, history, models, spending
from addons.launcher.claude_settings import ClaudeSettings
from addons.launcher.clients import COMMANDS, Choice
from addons.launcher.console import Report
from addons.launcher.on_the_way import decide
from addons.launcher.proxy import ADDON, Proxy, proxy_command
from addons.launcher.settings import Layer, Settings, given, layers_of, named_mode, resolve
from traces import dialects, running
from traces.dialects.translation.written import THINKING, TOOL_PARSERS
from traces.errors import ToolkitError
from traces.servers import KINDS, split_address

CONNECT_TIMEOUT = 3.0
CERTIFICATE_TIMEOUT = 15.0
END_TIMEOUT = 10.0
CERTIFICATE = Path("~/.mitmproxy/mitmproxy-ca-cert.pem")


WORDS = (*COMMANDS, clients.CLAUDE, clients.RUN, doctor.COMMAND)
"""The first arguments that name a program to run; behind `--` they are Claude Code's own."""


class OursFirst(click.Command):
    """A command whose own options come first: from the first other argument on, all is the client's, as it is."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ours = {name: option for option in self.get_params(ctx) for name in option.opts if name.startswith("--")}
        end = 0
        while end < len(args):
            name, has_value, _ = args[end].partition("=")
            option = ours.get(name)
            if option is None:
                break
            end += 1 if has_value or getattr(option, "is_flag", False) else 2
        theirs = args[end:]
        if theirs[:1] == ["--"]:
            theirs = theirs[1:] if theirs[1:2] == [] or theirs[1] not in WORDS else [clients.CLAUDE, *theirs[1:]]
        return super().parse_args(ctx, [*args[:end], "--", *theirs])


@click.command(cls=OursFirst)
@click.option("--mode", metavar="MODE", help=f"The kind of model server: {', '.join(KINDS)}. Default: what runs here.")
@click.option("--backend", metavar="URL", help="The model server's address, where it isn't the usual one of its kind.")
@click.option("--proxy-only", is_flag=True, default=None, help="Only the proxy, until Ctrl-C; you start the client.")
@click.option("--web", is_flag=True, default=None, help="Watch the traffic in mitmweb.")
@click.option("--port", metavar="N", help="The proxy's port. Default: any free one.")
@click.option("--forward", is_flag=True, default=None, help="Leave the base URL alone; record as HTTPS proxy (claude).")
@click.option("--trace-dir", metavar="DIR", help="Where traces go. Default: ~/.anyclaude/traces.")
@click.option("--archive", is_flag=True, default=None, help="Meanwhile, pack traces that are older than a day.")
@click.option("--claude", metavar="PATH", help="The claude to run. Default: the one on the PATH.")
@click.option("--translate", metavar="FORMAT", help=f"For servers without /v1/messages: {', '.join(TRANSLATIONS)}.")
@click.option("--repair", metavar="NAMES", help="Repair requests that the server refuses; `auto` learns what it takes.")
@click.option("--tool-parser", metavar="NAME", help=f"Read calls in translated text: {', '.join(TOOL_PARSERS)}.")
@click.option("--thinking", metavar="HOW", help=f"Read thinking in translated text: {', '.join(THINKING)}.")
@click.option("--budget", metavar="LIMIT", help="Refuse requests when so much is spent: 5 (dollars) or 200k-tokens.")
@click.option("--status", is_flag=True, default=None, help="Show what is spent below Claude Code's prompt.")
@click.version_option(package_name="anyclaude-toolkit", prog_name="anyclaude")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[CLIENT] [ITS ARGUMENTS]...")
@click.pass_context
def main(ctx: click.Context, /, arguments: tuple[str, ...], **flags: Any) -> None:
    """Run Claude Code and record what it sends to the model, and what comes back.

    The options below come first. From the first argument that isn't one of them, everything goes to claude as it is:

    \b
        anyclaude --mode ollama -p "What does this project do?"
        anyclaude -- --help              (claude's own help)

    Other clients are named first: codex, opencode, qwen, gemini. `run` takes any program that hears OPENAI_BASE_URL,
    ANTHROPIC_BASE_URL or the like:

    \b
        anyclaude --mode llamacpp codex exec "What does this project do?"
        anyclaude --mode llamacpp run -- aider --model openai/MODEL

    `anyclaude addon-path` prints where the recording script is, for a mitmproxy of your own:

    \b
        mitmdump -s "$(anyclaude addon-path)" --mode reverse:http://localhost:1234

    `anyclaude doctor` checks all that this needs, and says what to mend; claude's own is `anyclaude -- doctor`.

    `anyclaude archive`, `prune`, `star` and `unstar` are about traces that are there already; each has its --help.
    `anyclaude mcp` alone answers an agent's questions about them: claude mcp add anyclaude -- anyclaude mcp

    Settings also come from the environment (ANYCLAUDE_MODE, LMSTUDIO_URL, ANYCLAUDE_DEBUG=1, …) and from
    .anyclauderc.json in this folder or in your home.
    """
    if arguments == ("addon-path",):
        click.echo(ADDON)
        return
    try:
        if history.is_meant(arguments):
            ctx.exit(history.run(arguments, flags["trace_dir"]))
        if arguments and arguments[0] == doctor.COMMAND:
            ctx.exit(doctor.run(arguments, flags))
        files = config_file.read_all(Path.cwd(), Path.home())
        choice = clients.choose(arguments)
        theirs = claude_settings.read(choice.arguments, os.environ, Path.cwd(), Path.home())
        address = None if choice.client else claude.address_in(theirs, os.environ)
        settings = resolve(flags, os.environ, files, address, choice.server)
        choice = choice if choice.client else replace(choice, program=settings.claude)
        if settings.forward and choice.client:
            raise ToolkitError(f"--forward is for Claude Code: leave it out for {choice.title}")
        program = "" if settings.proxy_only else clients.find(choice)
        if not choice.server and not named_mode(layers_of(flags, os.environ, files), address):
            settings = found_here(flags, files)
        ctx.exit(run(settings, choice, program, theirs))
    except ToolkitError as error:
        say(f"anyclaude: {error}")
        ctx.exit(1)


def found_here(flags: Mapping[str, object], files: Sequence[Layer]) -> Settings:
    """Return the settings for a server that runs on this machine, and say which. Raise ToolkitError for none."""
    layers = layers_of(flags, os.environ, files)
    addresses = given(layers, "backend")
    found = finding.find(addresses, given(layers, "api_key"))
    chosen = finding.choose(found)
    if chosen is None:
        raise ToolkitError(finding.nothing_found(found, addresses))
    say(f"anyclaude: {finding.explain(found, chosen)}")
    return finding.settings_for(chosen, flags, os.environ, files)


def run(settings: Settings, choice: Choice, program: str, theirs: ClaudeSettings) -> int:
    """Run the proxy, with a client behind it or alone, and return the exit code."""
    if problem := backend_problem(settings):
        if program:
            raise ToolkitError(problem)
        say(f"anyclaude: warning: {problem}")
    settings = spending.decide(settings)
    place = spending.place(settings)
    settings, changes = decide(settings, None if choice.client else dialects.DEFAULT)
    model, why_none = model_to_ask(settings) if choice.client else NOT_ASKED
    clients.check_model(choice, settings, model, why_none)
    if why_none:
        say(f"anyclaude: warning: {settings.backend}: {why_none}")
    holds = bool(program) and uses_the_screen(choice)
    report = Report(
        say, lambda: time.strftime("%H:%M:%S"), settings.debug, holds, lambda spent: running.write(place, spent)
    )
    proxy = Proxy(proxy_command(settings), report.on_log, settings.login)
    end_on_signals()
    proxy.start()
    try:
        found_in = f" ({settings.found_in})" if settings.found_in else ""
        say(f"anyclaude: recording {settings.mode} at {settings.backend}{found_in}{changes}")
        if settings.archive:
            history.start_archiving(settings.trace_dir)
        if proxy.web_url:
            say(f"anyclaude: watch it in mitmweb: {proxy.web_url}")
        if settings.forward:
            wait_for_certificate(CERTIFICATE.expanduser())
        with tempfile.TemporaryDirectory(prefix="anyclaude-") as folder:
            line = spending.status_line(place) if settings.status else None
            begin = start(settings, choice, theirs, proxy.port, model, partial(write, Path(folder)), line)
            for note in begin.notes:
                say(f"anyclaude: {note}")
            if program:
                return run_client([program, *begin.arguments], begin.environment)
            how = [shell_variables(settings, begin.environment), choice.program, *map(shlex.quote, begin.arguments)]
            print(f"Start {choice.title} with:", *how, flush=True)
            return wait_for_ctrl_c(proxy)
    finally:
        proxy.stop()
        own_folder = "" if settings.trace_dir == os.environ.get("ANYCLAUDE_TRACE_DIR") else settings.trace_dir
        report.finish(own_folder)
        with suppress(OSError):
            place.unlink()


def start(
    settings: Settings,
    choice: Choice,
    theirs: ClaudeSettings,
    port: int,
    model: str,
    write: claude.Write,
    status_line: Mapping[str, object] | None = None,
) -> claude.Start:
    """Return how to start the client that was chosen."""
    if choice.client:
        return clients.command(choice, settings, os.environ, port, model, write)
    certificate = str(CERTIFICATE.expanduser())
    return claude.start(settings, theirs, choice.arguments, os.environ, port, certificate, write, status_line)


NOT_ASKED = models.Found("")


def model_to_ask(settings: Settings) -> models.Found:
    """Return the model that a client is told of: the user's choice, else what a local server has loaded."""
    if settings.model or not KINDS[settings.mode].is_local:
        return models.Found(settings.model)
    return models.loaded(settings.backend, settings.mode, settings.authorization)


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def backend_problem(settings: Settings) -> str:
    """Return what to do where nothing listens at a local server's address; "" where something does."""
    kind = KINDS[settings.mode]
    if not kind.is_local:
        return ""
    try:
        socket.create_connection(split_address(settings.backend), timeout=CONNECT_TIMEOUT).close()
    except OSError as error:
        start = f"start the model server with `{kind.start}`" if kind.start else "start your model server"
        return f"nothing answers at {settings.backend} ({error}): {start}, or name another with --backend URL"
    return ""


def wait_for_certificate(path: Path) -> None:
    """Wait for mitmproxy's certificate: in a new home, mitmproxy 12 may listen a moment before it has written it.

    Raise ToolkitError where it doesn't come.
    """
    until = time.monotonic() + CERTIFICATE_TIMEOUT
    while not path.is_file() or not path.read_text().rstrip().endswith("-----END CERTIFICATE-----"):
        if time.monotonic() > until:
            raise ToolkitError(f"mitmproxy hasn't written {path}: start `mitmdump` once to see why")
        time.sleep(0.02)


def uses_the_screen(choice: Choice) -> bool:
    """Whether the client draws on the terminal that we'd write to."""
    return not choice.prints and all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))


def run_client(line: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a client on our own terminal and return its exit code: 128 + n where signal n ended it, as in a shell."""
    # Ctrl-C reaches the client by itself, and it decides what that means.
    signal.signal(signal.SIGINT, lambda *_: None)
    try:
        process = subprocess.Popen(line, env=environment)
    except OSError as error:
        raise ToolkitError(f"{line[0]} can't be run: {error}") from None
    try:
        code = process.wait()
    except SystemExit:  # raised by `end_on_signals`
        process.terminate()
        try:
            process.wait(END_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        raise
    return code if code >= 0 else 128 - code


def wait_for_ctrl_c(proxy: Proxy) -> int:
    """Wait until the user or the proxy itself ends it, and return the exit code."""
    try:
        code = proxy.wait()
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # let the proxy write what is open
        return 0
    say(f"anyclaude: the proxy ended by itself, with code {code}")
    return 1


def end_on_signals() -> None:
    """Make SIGTERM and SIGHUP raise SystemExit, once, so that all ends in order. Under nohup, SIGHUP stays ignored."""
    numbers = [number for number in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(number) != signal.SIG_IGN]

    def end(number: int, _frame: FrameType | None) -> None:
        for each in numbers:
            signal.signal(each, signal.SIG_IGN)
        raise SystemExit(128 + number)

    for number in numbers:
        signal.signal(number, end)


def shell_variables(settings: Settings, environment: Mapping[str, str]) -> str:
    """Return the variables to set for a client of the proxy, as a shell takes them, without the user's own key."""
    added = {name: value for name, value in environment.items() if os.environ.get(name) != value}
    if settings.api_key:
        added = {name: "YOUR_KEY" if value == settings.api_key else value for name, value in added.items()}
    return " ".join(f"{name}={shlex.quote(value)}" for name, value in added.items())


def say(line: str) -> None:
    """Print a line for the user, beside what the client prints."""
    with suppress(OSError):  # the terminal can be gone
        print(line, file=sys.stderr, flush=True)
