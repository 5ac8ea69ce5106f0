"""The settings of `anyclaude`: from flags, then the environment, then `.anyclauderc.json`, then defaults."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from addons.bridge.plan import TRANSLATIONS
from addons.launcher import login
from traces import repairs
from traces.dialects.translation.written import THINKING, TOOL_PARSERS
from traces.errors import ToolkitError
from traces.money.budget import Budget
from traces.servers import DEFAULT, KINDS, mode_of, split_address


class SettingsError(ToolkitError):
    """A setting that can't be used. The message says where it was set and what is allowed there."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What one run of `anyclaude` does.

    backend          the base URL that requests go to, without `/v1`, user name and password
    login            the `Authorization` header for the user name and password in the backend's URL; "" without any
    port             the proxy's own port; 0 for any free one
    trace_dir        where traces go; "" for the addon's default
    archive          whether to pack old traces meanwhile
    model, api_key   what to ask the backend for, and with which key; "" leaves it to Claude Code
    found_in         where Claude Code's own settings name the backend; "" where the user named it, or nobody
    translate        the API format that the backend gets, `auto` or `off`; "" leaves it to the mode
    repair           names of repairs, with commas between them
    tool_parser      how the model writes tool calls into its text; "" where it doesn't
    thinking         how it writes its thinking there
    budget           the most that may be spent: dollars or tokens, as `traces.money.budget` reads it; "" for no limit
    status           whether Claude Code shows below its prompt what is spent
    """

    mode: str
    backend: str
    port: int = 0
    debug: int = 0
    proxy_only: bool = False
    web: bool = False
    forward: bool = False
    trace_dir: str = ""
    archive: bool = False
    claude: str = "claude"
    model: str = ""
    api_key: str = ""
    login: str = field(default="", repr=False)
    found_in: str = ""
    translate: str = ""
    repair: str = ""
    tool_parser: str = ""
    thinking: str = ""
    budget: str = ""
    status: bool = False

    @property
    def authorization(self) -> str:
        """The `Authorization` header with which the backend is asked; "" where it is asked without."""
        return self.login or (f"Bearer {self.api_key}" if self.api_key else "")


@dataclass(frozen=True, slots=True)
class SetValue:
    """A value, and where it was set, in words for the user."""

    value: object
    where: str
    in_a_file: bool = False


Layer = Mapping[str, SetValue]
"""The values of one source, by a setting's name; `lmstudio.backend` counts only in that mode."""


def mode_name(value: object) -> str:
    """Return the name of a mode. Like all parsers here, raise ValueError, with what is allowed, for other values."""
    name = str(value).lower()
    if name not in KINDS:
        raise ValueError(f"one of {', '.join(KINDS)}")
    return name


def base_url(value: object) -> str:
    """Return a URL as Claude Code wants it, without the `/v1` that OpenAI's clients are given."""
    url = str(value).rstrip("/")
    try:
        host, _ = split_address(url)
    except ValueError:  # a port that is no number
        host = ""
    if not host or not url.startswith(("http://", "https://")):
        raise ValueError("a URL such as http://localhost:1234")
    return url.removesuffix("/v1")


def number_up_to(most: int) -> Callable[[object], int]:
    """Return a parser of numbers from 0 to `most`."""

    def number(value: object) -> int:
        if isinstance(value, bool) or not str(value).isdecimal() or int(str(value)) > most:
            raise ValueError(f"a number from 0 to {most}")
        return int(str(value))

    return number


def boolean(value: object) -> bool:
    known = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
    if str(value).lower() not in known:
        raise ValueError("true or false")
    return known[str(value).lower()]


def text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("text")
    return value


def path(value: object) -> str:
    return str(Path(text(value)).expanduser())


def translation(value: object) -> str:
    name = text(value).lower()
    if name not in TRANSLATIONS:
        raise ValueError(f"one of {', '.join(TRANSLATIONS)}")
    return name


def one_of(names: Iterable[str]) -> Callable[[object], str]:
    """Return a parser of these names."""

    def name(value: object) -> str:
        if text(value) not in names:
            raise ValueError(f"one of {', '.join(names)}")
        return str(value)

    return name


def repair_names(value: object) -> str:
    try:
        return ",".join(repairs.parse(text(value)))
    except ValueError as error:
        raise ValueError(f"a list of repairs: {error}") from error


def budget(value: object) -> str:
    words = str(value) if isinstance(value, int | float) and not isinstance(value, bool) else text(value)
    Budget.parse(words)
    return words


PARSERS: Mapping[str, Callable[[object], Any]] = {
    "mode": mode_name,
    "backend": base_url,
    "port": number_up_to(65535),
    "debug": number_up_to(3),
    "proxy_only": boolean,
    "web": boolean,
    "forward": boolean,
    "trace_dir": path,
    "archive": boolean,
    "claude": path,
    "model": text,
    "api_key": text,
    "translate": translation,
    "repair": repair_names,
    "tool_parser": one_of(TOOL_PARSERS),
    "thinking": one_of(THINKING),
    "budget": budget,
    "status": boolean,
}

OWN_VARIABLES: Mapping[str, str] = {
    "ANYCLAUDE_MODE": "mode",
    "ANYCLAUDE_BACKEND": "backend",
    "ANYCLAUDE_PORT": "port",
    "ANYCLAUDE_DEBUG": "debug",
    "PROXY_ONLY": "proxy_only",
    "ANYCLAUDE_WEB": "web",
    "ANYCLAUDE_FORWARD": "forward",
    "ANYCLAUDE_TRACE_DIR": "trace_dir",
    "ANYCLAUDE_ARCHIVE": "archive",
    "ANYCLAUDE_CLAUDE": "claude",
    "ANYCLAUDE_TRANSLATE": "translate",
    "ANYCLAUDE_REPAIR": "repair",
    "ANYCLAUDE_TOOL_PARSER": "tool_parser",
    "ANYCLAUDE_THINKING": "thinking",
    "ANYCLAUDE_BUDGET": "budget",
    "ANYCLAUDE_STATUS": "status",
}


def variables() -> dict[str, str]:
    """Name each environment variable's setting: our own variables, and those of each kind of server."""
    found = dict(OWN_VARIABLES)
    for kind in KINDS.values():
        found[kind.url_env] = f"{kind.name}.backend"
        if not kind.is_claude_service:  # Claude Code reads the user's own ANTHROPIC_MODEL and ANTHROPIC_API_KEY itself
            found[kind.model_env] = f"{kind.name}.model"
            # Of several names for one key the first wins, so it comes last here.
            found |= dict.fromkeys(reversed(kind.key_envs), f"{kind.name}.api_key")
    return found


def resolve(
    flags: Mapping[str, object],
    env: Mapping[str, str],
    files: Sequence[Layer] = (),
    address: SetValue | None = None,
    of_client: str = "",
) -> Settings:
    """Return the settings: of each the first that is set, by a flag, the environment or a file (nearest first).

    `address` is the backend where nothing of ours names one. `of_client` is the kind of server that the client is for,
    wherever that is: what is set for others stands in the environment and in files. Raise SettingsError where a value
    can't be used.
    """
    layers = layers_of(flags, env, files)
    if of_client:
        mode = str(_parse("mode", layers[0]["mode"])) if "mode" in layers[0] else of_client
    else:
        mode = named_mode(layers, address) or DEFAULT
    values: dict[str, Any] = {"mode": mode, "backend": KINDS[mode].url}
    for name in PARSERS.keys() - {"mode"}:
        found = _first(layers, name, f"{mode}.{name}")
        if found is not None:
            values[name] = _parse(name, found)
            if name == "backend":
                _check_that_no_file_redirects_the_login(mode, values[name], found)
    if address and _first(layers, "backend", f"{mode}.backend") is None and _fits(mode, _parse("backend", address)):
        values |= {"backend": _parse("backend", address), "found_in": address.where}
        _check_that_no_file_redirects_the_login(mode, values["backend"], address)
    values["backend"], values["login"] = login.split(values["backend"])
    settings = Settings(**values)
    if not settings.backend:
        raise SettingsError(f"mode {mode} has no usual address: give one with --backend URL or {KINDS[mode].url_env}")
    if settings.forward and not KINDS[mode].is_claude_service:
        raise SettingsError(f"--forward shows traffic to Anthropic's own host and needs --mode claude, not {mode}")
    return settings


def layers_of(flags: Mapping[str, object], env: Mapping[str, str], files: Sequence[Layer]) -> list[Layer]:
    """Return the sources of settings, the one that wins first."""
    return [
        {name: SetValue(value, "--" + name.replace("_", "-")) for name, value in flags.items() if value is not None},
        {name: SetValue(env[key], key) for key, name in variables().items() if env.get(key)},
        *files,
    ]


def named_mode(layers: Sequence[Layer], address: SetValue | None = None) -> str:
    """Return the mode of the first source that names one, or that gives an address, which has a usual mode.

    "" where nothing does. An address for one kind of local server alone names that kind.
    """
    for layer in layers:
        if "mode" in layer:
            return str(_parse("mode", layer["mode"]))
        if "backend" in layer:
            return mode_of(*split_address(_parse("backend", layer["backend"])))
    forward = _first(layers, "forward")
    if forward and _parse("forward", forward):
        return next(kind.name for kind in KINDS.values() if kind.is_claude_service)
    if address:
        return mode_of(*split_address(_parse("backend", address)))
    local = given(layers, "backend")
    return next(iter(local)) if len(local) == 1 else ""


def given(layers: Sequence[Layer], name: str) -> dict[str, str]:
    """Return what is set for each kind of local server, by the kind's name."""
    found = {kind.name: _first(layers, f"{kind.name}.{name}") for kind in KINDS.values() if kind.is_local}
    return {kind: str(_parse(name, value)) for kind, value in found.items() if value}


def _fits(mode: str, backend: str) -> bool:
    """Return whether a server of this kind may be at this address."""
    return mode_of(*split_address(backend)) in (mode, "local") or not KINDS[mode].url or KINDS[mode].is_claude_service


def _first(layers: Sequence[Layer], *names: str) -> SetValue | None:
    return next((layer[name] for layer in layers for name in names if name in layer), None)


def _parse(name: str, found: SetValue) -> Any:
    try:
        return PARSERS[name](found.value)
    except ValueError as allowed:
        shown = login.hide(found.value) if isinstance(found.value, str) else found.value
        raise SettingsError(f"{found.where}: {shown!r} can't be used: it must be {allowed}") from None


def _check_that_no_file_redirects_the_login(mode: str, backend: str, found: SetValue) -> None:
    """Raise SettingsError where a file sets where the user's login is sent: somebody else may have written it."""
    if found.in_a_file and not KINDS[mode].is_local and login.split(backend)[0] != KINDS[mode].url:
        raise SettingsError(
            f"{found.where}: mode {mode} sends your own login, so only --backend or {KINDS[mode].url_env} may move it"
        )
