"""How a client is started so that its requests go to a given address: by variables, options, or a file of settings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

KEY_VARIABLE = "ANYCLAUDE_API_KEY"
"""Holds the server's key where a client reads it from a variable that we choose: command lines are no place for it."""

PATIENCE_MS = 3_600_000
"""Milliseconds that a client shall wait for a local server: on small hardware a long prompt takes minutes."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a client's requests shall go.

    url        the proxy's, with the server's own path, without `/v1`
    model      the model to ask for; "" leaves it to the client
    key        the server's key, a made-up one for a local server without; "" leaves it to the client's own login
    is_local   the server runs on the user's own hardware
    """

    url: str
    model: str = ""
    key: str = ""
    is_local: bool = True


@dataclass(frozen=True, slots=True)
class Home:
    """A folder in the place of the user's own, to which all in it leads but one file of settings.

    variable   names the folder that holds it, as HOME does
    own        the user's own folder
    file       the file's name, and `settings` what is to be in it, as JSON
    """

    variable: str
    own: Path
    file: str
    settings: Any


@dataclass(frozen=True, slots=True)
class Setup:
    """What a client is started with.

    variables   of its environment
    arguments   before the user's own
    home        a folder of settings for the run
    """

    variables: Mapping[str, str] = field(default_factory=dict)
    arguments: Sequence[str] = ()
    home: Home | None = None


@dataclass(frozen=True, slots=True)
class Launch:
    """How a client is started.

    program       its name on the PATH, and as a command of ours
    package       its name at npm
    setup         what it is started with, by the address and the user's own environment
    prints        whether it only prints with these arguments, and doesn't draw on the terminal
    server        the kind of server that it is for, where it isn't for those on the user's own hardware
    needs_model   it can't be started without a model's name
    dialect       the API format that the server must have; "" where nobody knows
    context       tokens of context that it needs: those of its first prompt, as seen, and some room
    """

    program: str
    package: str
    setup: Callable[[Address, Mapping[str, str]], Setup]
    prints: Callable[[Sequence[str]], bool] = lambda arguments: False
    server: str = ""
    needs_model: bool = False
    dialect: str = ""
    context: int = 0


def has_any(*options: str) -> Callable[[Sequence[str]], bool]:
    """Return a function that tells whether one of these words is among the arguments."""
    return lambda arguments: any(argument.partition("=")[0] in options for argument in arguments)


def any_program(address: Address, env: Mapping[str, str]) -> Setup:
    """Return the variables by which programs of many makers are told where a model is."""
    with_version = f"{address.url}/v1"
    urls = {
        **dict.fromkeys(("OPENAI_BASE_URL", "OPENAI_API_BASE", "OPENAI_ENDPOINT"), with_version),
        "OPENAI_HOST": address.url,
        "ANTHROPIC_BASE_URL": address.url,
        "ANTHROPIC_API_BASE": address.url,
        "GOOGLE_GEMINI_BASE_URL": address.url,
        "GOOGLE_VERTEX_BASE_URL": address.url,
        "GEMINI_API_BASE": address.url,
    }
    models = dict.fromkeys(("OPENAI_MODEL", "ANTHROPIC_MODEL", "GEMINI_MODEL"), address.model)
    keys = dict.fromkeys(("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY"), address.key)
    return Setup({**urls, **_unset(models, env), **(keys if address.is_local else _unset(keys, env))})


def _unset(variables: Mapping[str, str], env: Mapping[str, str]) -> dict[str, str]:
    """Return those that have a value, and that the user hasn't set."""
    return {name: value for name, value in variables.items() if value and not env.get(name)}
