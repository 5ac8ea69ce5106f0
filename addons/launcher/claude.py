"""How Claude Code is started behind the proxy, whatever its own settings files say."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from addons.launcher import login
from addons.launcher.claude_settings import BASE_URL, FLAG, ClaudeSettings, join, other_service, without_flag
from addons.launcher.environment import KEY_VARIABLES, client_environment
from addons.launcher.settings import Settings, SetValue, base_url
from traces.servers import KINDS

Write = Callable[[str, str], Path]
"""Writes a file with this name and content for as long as the client runs."""

NO_HELPER = {"apiKeyHelper": ""}


class Start(NamedTuple):
    """What a client is started with: arguments without the program, its environment, and lines for the user."""

    arguments: list[str]
    environment: dict[str, str]
    notes: Sequence[str] = ()


def address_in(theirs: ClaudeSettings, env: Mapping[str, str]) -> SetValue | None:
    """Return the address of the server that Claude Code would ask without us; None where nothing names one.

    What stands in a folder's files may be somebody else's.
    """
    found = theirs.variables.get(BASE_URL)
    if BASE_URL in theirs.managed:
        return None
    if found is None or not found.value:
        return SetValue(env[BASE_URL], BASE_URL) if env.get(BASE_URL) else None
    return SetValue(found.value, f"{found.where}: env.{BASE_URL}", in_a_file=found.of_folder)


def start(
    settings: Settings,
    theirs: ClaudeSettings,
    arguments: Sequence[str],
    env: Mapping[str, str],
    port: int,
    certificate: str,
    write: Write,
    status_line: Mapping[str, object] | None = None,
) -> Start:
    """Return how to start Claude Code; where its own settings lead elsewhere, with `--settings` that win over them.

    A `status_line` is set where its user has none.
    """
    own = _own_environment(theirs, env, settings)
    keeps_helper = bool(theirs.key_helper) and (KINDS[settings.mode].is_claude_service or _is_meant(theirs, settings))
    environment = client_environment(settings, own, port, certificate, has_key=keeps_helper)
    notes: list[str] = []
    if service := other_service(environment):
        name, title = service
        if KINDS[settings.mode].is_claude_service:
            notes.append(f"{name} is set: Claude Code asks {title}, and nothing of that passes the proxy")
        else:
            notes.append(f"{name} is left out for this run: it would ask {title}, past the proxy")
            environment[name] = ""
    more: dict[str, Any] = {}
    if theirs.key_helper and not keeps_helper:
        notes.append(f"the apiKeyHelper of {theirs.key_helper} is left out for this run: its key isn't for this server")
        more |= NO_HELPER
    overrides = theirs.overrides(environment)
    if fixed := sorted(overrides.keys() & theirs.managed):
        names = ", ".join(fixed)
        notes.append(f"nothing overrides {names} of your organisation's settings: the proxy may see nothing")
    if overrides:
        more["env"] = overrides
    if status_line and theirs.status_line:
        notes.append(f"your own status line stays ({theirs.status_line}): what is spent is on the pages of view")
    elif status_line:
        more["statusLine"] = status_line
    if not more or theirs.given is None:  # what can't be read is refused by Claude Code itself
        return Start(list(arguments), environment, notes)
    path = write("settings.json", json.dumps(join(theirs.given, more)))
    return Start([FLAG, str(path), *without_flag(arguments)], environment, notes)


def _own_environment(theirs: ClaudeSettings, env: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """Return the environment as Claude Code would see it, without keys that its settings hold for another server."""
    own = theirs.environment(env)
    if BASE_URL not in theirs.variables or _is_meant(theirs, settings):
        return own
    others = [name for name in KEY_VARIABLES if name in theirs.variables]
    without = {name: value for name, value in own.items() if name not in others}
    return without | {name: env[name] for name in others if name in env}


def _is_meant(theirs: ClaudeSettings, settings: Settings) -> bool:
    """Return whether the server is the one that Claude Code's settings name."""
    found = theirs.variables.get(BASE_URL)
    try:
        return found is not None and login.split(base_url(found.value))[0] == settings.backend
    except ValueError:
        return False
