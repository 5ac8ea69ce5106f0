"""Claude Code's own settings files: what in them leads past the proxy, and how that is overridden for one run.

Measured on Claude Code 2.1.332: variables of `env` in its settings win over the environment; a later file wins over an
earlier one, in the order user, project, local; `--settings` wins over all of these, and of several the last one counts
alone. Only what an organisation manages wins over that.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FLAG = "--settings"
SOURCES_FLAG = "--setting-sources"
BASE_URL = "ANTHROPIC_BASE_URL"

OTHER_SERVICES = {
    "CLAUDE_CODE_USE_BEDROCK": "Amazon Bedrock",
    "CLAUDE_CODE_USE_MANTLE": "Amazon Bedrock",
    "CLAUDE_CODE_USE_ANTHROPIC_AWS": "Claude Platform on AWS",
    "CLAUDE_CODE_USE_VERTEX": "Google Vertex AI",
    "CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD": "Claude Platform on Google Cloud",
    "CLAUDE_CODE_USE_FOUNDRY": "Microsoft Foundry",
}
"""Variables that make Claude Code ask another service, in that service's own way, past any base URL."""

_TRUE = ("1", "true", "yes", "on")
"""What Claude Code takes as a yes."""

_MANAGED = Path("/Library/Application Support/ClaudeCode" if sys.platform == "darwin" else "/etc/claude-code")


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that a settings file sets, the file's path, and whether that is in the folder that is worked in."""

    value: str
    where: str
    of_folder: bool = False


@dataclass(frozen=True, slots=True)
class ClaudeSettings:
    """What Claude Code will read, as far as it matters to the proxy.

    variables   of `env`, each with the value that wins
    managed     names of those that an organisation sets, which nothing overrides
    key_helper  where a command is set that prints the key; "" where there is none
    status_line where one is set; "" where there is none
    given       what the user's own `--settings` holds; None where it can't be read, of which Claude Code complains
    """

    variables: Mapping[str, Variable]
    managed: frozenset[str] = frozenset()
    key_helper: str = ""
    status_line: str = ""
    given: Mapping[str, Any] | None = None

    def environment(self, env: Mapping[str, str]) -> dict[str, str]:
        """Return the environment as Claude Code will see it."""
        return {**env, **{name: variable.value for name, variable in self.variables.items()}}

    def overrides(self, environment: Mapping[str, str]) -> dict[str, str]:
        """Return the variables of this environment that the settings would replace by other values."""
        return {
            name: environment.get(name, "")
            for name, variable in self.variables.items()
            if environment.get(name, "") != variable.value
        }


def read(
    arguments: Sequence[str], env: Mapping[str, str], folder: Path, home: Path, managed: Path = _MANAGED
) -> ClaudeSettings:
    """Return the settings with which Claude Code will run in this folder, with these arguments.

    A file that can't be read counts as an empty one: Claude Code itself says what is wrong with it.
    """
    variables: dict[str, Variable] = {}
    key_helper = status_line = ""
    given = _given(arguments, folder)
    by_organisation = list(_managed_files(managed))
    files = list(_files(arguments, env, folder, home))
    user = str(_user_folder(env, home) / "settings.json")
    of_folder = {where for where, _ in files if where != user}
    layers = [*files, (FLAG, given or {}), *by_organisation]
    for where, settings in layers:
        held = settings.get("env")
        for name, value in held.items() if isinstance(held, dict) else ():
            variables[name] = Variable(_text(value), where, where in of_folder)
        if "apiKeyHelper" in settings:
            key_helper = where if settings["apiKeyHelper"] else ""
        if "statusLine" in settings:
            status_line = where if settings["statusLine"] else ""
    fixed = {name for _, settings in by_organisation for name in settings.get("env") or {}}
    return ClaudeSettings(variables, frozenset(fixed), key_helper, status_line, given)


def other_service(environment: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the variable that makes Claude Code ask another service, and that service; None where none does."""
    found = (name for name in OTHER_SERVICES if environment.get(name, "").strip().lower() in _TRUE)
    return next(((name, OTHER_SERVICES[name]) for name in found), None)


def join(given: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Return the user's own settings with ours, which count where both set the same."""
    held = given.get("env")
    env = {**(held if isinstance(held, dict) else {}), **more.get("env", {})}
    return {**given, **more, **({"env": env} if env else {})}


def without_flag(arguments: Sequence[str]) -> list[str]:
    """Return the arguments without `--settings` and its value."""
    places = {at for start, end, _ in _values(arguments, FLAG) for at in range(start, end)}
    return [argument for at, argument in enumerate(arguments) if at not in places]


def _values(arguments: Sequence[str], flag: str) -> Iterator[tuple[int, int, str]]:
    """Yield each use of an option among Claude Code's arguments: where it begins and ends, and its value."""
    at = 0
    while at < len(arguments) and arguments[at] != "--":
        name, equals, value = arguments[at].partition("=")
        end = at + 1
        if name == flag and (equals or end < len(arguments)):
            end = end if equals else end + 1
            yield at, end, value if equals else arguments[at + 1]
        at = end


def _given(arguments: Sequence[str], folder: Path) -> Mapping[str, Any] | None:
    """Return what the last `--settings` holds: JSON, or a file with it."""
    given = [value for _, _, value in _values(arguments, FLAG)]
    if not given:
        return {}
    text = given[-1].strip()
    return _parse(text) if text.startswith("{") else _load(folder / text)


def _files(
    arguments: Sequence[str], env: Mapping[str, str], folder: Path, home: Path
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the files that Claude Code reads, the weakest first, each with what it holds."""
    chosen = [value for _, _, value in _values(arguments, SOURCES_FLAG)]
    sources = chosen[-1].split(",") if chosen else ["user", "project", "local"]
    local = Path(".claude", "settings.local.json")
    places = {
        "user": [_user_folder(env, home) / "settings.json"],
        "project": [folder / ".claude" / "settings.json"],
        "local": [folder / local, _repository(folder) / local],  # of a repository, that at its root wins
    }
    for name, paths in places.items():
        for path in dict.fromkeys(paths) if name in sources else ():
            if settings := _load(path):
                yield str(path), settings


def _user_folder(env: Mapping[str, str], home: Path) -> Path:
    return Path(env["CLAUDE_CONFIG_DIR"]) if env.get("CLAUDE_CONFIG_DIR") else home / ".claude"


def _repository(folder: Path) -> Path:
    """Return the root of the repository that this folder is in; the folder itself where it is in none."""
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), folder)


def _managed_files(folder: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path in (folder / "managed-settings.json", *sorted((folder / "managed-settings.d").glob("*.json"))):
        if settings := _load(path):
            yield str(path), settings


def _load(path: Path) -> Mapping[str, Any] | None:
    try:
        return _parse(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return None


def _parse(text: str) -> Mapping[str, Any] | None:
    try:
        settings = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return settings if isinstance(settings, dict) else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
