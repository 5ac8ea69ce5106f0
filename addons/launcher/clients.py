"""The clients that the launcher starts: Claude Code unless another one is named, `run` for any program.

A client that is named, as in `anyclaude codex …`, has a row in `traces.clients.CLIENTS`.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from addons.launcher.claude import Start, Write
from addons.launcher.environment import PLACEHOLDER_TOKEN, past_other_proxies
from addons.launcher.settings import Settings
from traces.clients import CLIENTS, UNKNOWN, Client
from traces.clients.launch import Address, Home
from traces.errors import ToolkitError
from traces.servers import KINDS

CLAUDE = "claude"
PACKAGE = "@anthropic-ai/claude-code"
RUN = "run"

COMMANDS = {client.launch.program: client for client in CLIENTS.values() if client.launch}
"""Our command, which is also the program's name -> the client."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which program runs behind the proxy.

    program     its name on the PATH, or its path
    arguments   the user's own
    client      None for Claude Code
    """

    program: str
    arguments: tuple[str, ...]
    client: Client | None = None

    @property
    def title(self) -> str:
        if self.client is None:
            return "Claude Code"
        return self.client.title if self.client.name else self.program

    @property
    def package(self) -> str:
        """Its name at npm; "" where that isn't known."""
        if self.client is None:
            return PACKAGE
        return self.client.launch.package if self.client.launch else ""

    @property
    def server(self) -> str:
        """The kind of server that it is for; "" where it has none of its own."""
        return self.client.launch.server if self.client and self.client.launch else ""

    @property
    def prints(self) -> bool:
        """Whether it only prints, and doesn't draw on the terminal that we'd write to."""
        if self.client is None:
            return any(argument in ("-p", "--print") for argument in self.arguments)
        assert self.client.launch
        return self.client.launch.prints(self.arguments)


def choose(arguments: Sequence[str], claude: str = CLAUDE) -> Choice:
    """Return the program that the arguments begin with, and those for it. Raise ToolkitError where `run` has none."""
    first, rest = next(iter(arguments), ""), tuple(arguments[1:])
    if first in COMMANDS:
        return Choice(first, rest, COMMANDS[first])
    if first == RUN:
        rest = rest[1:] if rest[:1] == ("--",) else rest
        if not rest:
            raise ToolkitError("run what? Name a program: anyclaude run -- COMMAND [ARGUMENTS]")
        return Choice(rest[0], rest[1:], UNKNOWN)
    return Choice(claude, rest if first == CLAUDE else tuple(arguments))


def find(choice: Choice) -> str:
    """Return the program's path. Raise ToolkitError, which says how to install it, where there is none."""
    found = shutil.which(choice.program)
    if found:
        return found
    where = "on the PATH" if "/" not in choice.program else f"at {choice.program}"
    how = f": install it with `npm install -g {choice.package}`" if choice.package else ""
    name = CLAUDE if choice.client is None else choice.program.rpartition("/")[2]
    raise ToolkitError(f"no {name} {where}{how}")


def check_model(choice: Choice, settings: Settings, model: str, why_none: str) -> None:
    """Raise ToolkitError where the client needs a model's name, and there is none, for this reason if one is known."""
    if model or choice.client is None or not (choice.client.launch and choice.client.launch.needs_model):
        return
    why = f" ({why_none})" if why_none else ""
    name = KINDS[settings.mode].model_env or "a model"
    raise ToolkitError(f"{choice.title} needs a model's name, and {settings.backend} lists none{why}: set {name}")


def command(choice: Choice, settings: Settings, env: Mapping[str, str], port: int, model: str, write: Write) -> Start:
    """Return how a client other than Claude Code is started so that it passes the proxy at `port`.

    `model` is the one to ask for, "" where that isn't known.
    """
    assert choice.client
    launch = choice.client.launch
    assert launch
    kind = KINDS[settings.mode]
    proxy = f"http://127.0.0.1:{port}{urlsplit(settings.backend).path}"
    key = settings.api_key or (PLACEHOLDER_TOKEN if kind.is_local else "")
    setup = launch.setup(Address(proxy, model, key, kind.is_local), env)
    home = _home(setup.home, write) if setup.home else {}
    environment = {**env, **past_other_proxies(env), **setup.variables, **home}
    return Start([*setup.arguments, *choice.arguments], environment)


def _home(home: Home, write: Write) -> dict[str, str]:
    """Write a folder of settings for the run, and return the variable that names what holds it."""
    settings = write(f"{home.own.name}/{home.file}", json.dumps(home.settings))
    for held in home.own.iterdir() if home.own.is_dir() else ():
        if held.name != home.file:
            (settings.parent / held.name).symlink_to(held.absolute())
    return {home.variable: str(settings.parent.parent)}
