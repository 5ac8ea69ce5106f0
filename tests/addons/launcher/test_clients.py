"""Which program runs, and what it is started with, so that its requests pass the proxy."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from addons.launcher import clients
from addons.launcher.clients import Choice, choose
from addons.launcher.settings import Settings
from traces.clients import CLIENTS, UNKNOWN
from traces.clients.codex import CODEX
from traces.clients.opencode import CONFIG
from traces.errors import ToolkitError

LOCAL = Settings("llamacpp", "http://localhost:8080")
OPENAI = Settings("openai", "https://api.openai.com")
GEMINI = Settings("gemini", "https://generativelanguage.googleapis.com", api_key="AIza")

CHOICES = {
    "nothing": ([], Choice("claude", ())),
    "arguments of Claude Code's": (["-p", "codex"], Choice("claude", ("-p", "codex"))),
    "Claude Code by name": (["claude", "-p", "hi"], Choice("claude", ("-p", "hi"))),
    "a client": (["codex", "exec", "--", "hi"], Choice("codex", ("exec", "--", "hi"), CODEX)),
    "any program": (["run", "--", "aider", "--model", "m"], Choice("aider", ("--model", "m"), UNKNOWN)),
    "any program, without dashes": (["run", "aider"], Choice("aider", (), UNKNOWN)),
    "another client, not as ours starts it": (["run", "codex"], Choice("codex", (), UNKNOWN)),
}


@pytest.mark.parametrize("case", CHOICES)
def test_the_first_argument_names_the_program(case: str) -> None:
    arguments, choice = CHOICES[case]
    assert choose(arguments) == choice


def test_run_wants_a_program() -> None:
    with pytest.raises(ToolkitError, match="run what"):
        choose(["run", "--"])


@pytest.mark.parametrize("name", [*clients.COMMANDS, "claude"])
def test_a_missing_client_is_told_with_how_to_install_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ToolkitError, match=f"no {name} on the PATH: install it with `npm install -g "):
        clients.find(choose([name]))


def started(
    arguments: list[str], settings: Settings, env: Mapping[str, str], folder: Path, model: str = "m"
) -> tuple[list[str], dict[str, str]]:
    """Return the arguments, and what is new in the environment."""

    def write(name: str, text: str) -> Path:
        (folder / name).write_text(text)
        return folder / name

    line, environment, _ = clients.command(choose(arguments), settings, env, 99, model, write)
    return line, {name: value for name, value in environment.items() if env.get(name) != value}


def test_codex_gets_a_provider_as_options_and_the_key_in_a_variable(tmp_path: Path) -> None:
    line, added = started(["codex", "exec", "hi"], LOCAL, {}, tmp_path)
    settings = dict(word.split("=", 1) for word in line[1:-2:2])
    assert (line[::2][:-1], line[-2:]) == (["-c"] * len(settings), ["exec", "hi"])
    assert settings == {
        "model_providers.anyclaude.name": '"anyclaude"',
        "model_providers.anyclaude.base_url": '"http://127.0.0.1:99/v1"',
        "model_providers.anyclaude.wire_api": '"responses"',
        "model_providers.anyclaude.env_key": '"ANYCLAUDE_API_KEY"',
        "model_providers.anyclaude.stream_idle_timeout_ms": "3600000",
        "model_provider": '"anyclaude"',
        "model": '"m"',
    }
    assert added == {"ANYCLAUDE_API_KEY": "local"}


def test_codex_keeps_its_own_login_and_model_for_openais_service(tmp_path: Path) -> None:
    line, added = started(["codex"], OPENAI, {}, tmp_path, model="")
    assert "model_providers.anyclaude.requires_openai_auth=true" in line
    assert not [word for word in line if word.startswith(("model=", "model_providers.anyclaude.env_key"))]
    assert added == {}


def test_opencode_gets_a_configuration_that_leaves_the_users_own(tmp_path: Path) -> None:
    limits = {"m": {"name": "x", "limit": {"context": 9, "output": 5}}, "n": {}}
    own = {"theme": "dark", "provider": {"mine": {"npm": "x"}, "anyclaude": {"models": limits}}}
    line, added = started(["opencode", "run", "hi"], LOCAL, {CONFIG: json.dumps(own)}, tmp_path)
    config = json.loads(added.pop(CONFIG))
    assert (line, added) == (["run", "hi"], {"ANYCLAUDE_API_KEY": "local"})
    assert config == {
        "theme": "dark",
        "model": "anyclaude/m",
        "small_model": "anyclaude/m",
        "provider": {
            "mine": {"npm": "x"},
            "anyclaude": {
                "npm": "@ai-sdk/openai-compatible",
                "name": "anyclaude",
                "options": {
                    "baseURL": "http://127.0.0.1:99/v1",
                    "apiKey": "{env:ANYCLAUDE_API_KEY}",
                    "timeout": False,
                },
                "models": {"m": {"name": "m", "limit": {"context": 9, "output": 5}}, "n": {}},
            },
        },
    }


@pytest.mark.parametrize("odd", ["", "{", "[]", '{"provider": 7}'])
def test_an_odd_configuration_of_the_users_does_not_hinder_opencode(odd: str, tmp_path: Path) -> None:
    _, added = started(["opencode"], LOCAL, {CONFIG: odd}, tmp_path)
    assert list(json.loads(added[CONFIG])["provider"]) == ["anyclaude"]


def test_opencode_cannot_do_without_a_models_name() -> None:
    with pytest.raises(ToolkitError, match=r"opencode needs a model's name.* lists none: set LLAMACPP_MODEL"):
        clients.check_model(choose(["opencode"]), LOCAL, "", "")
    with pytest.raises(ToolkitError, match=r"lists none \(it hangs\): set"):
        clients.check_model(choose(["opencode"]), LOCAL, "", "it hangs")
    for name in ("codex", "claude"):
        clients.check_model(choose([name]), LOCAL, "", "")


def test_qwen_code_gets_variables_and_the_options_that_go_before_its_settings(tmp_path: Path) -> None:
    url = "http://127.0.0.1:99/v1"
    line, added = started(["qwen", "-p", "hi"], LOCAL, {}, tmp_path)
    assert line == ["--auth-type", "openai", "--openai-base-url", url, "-p", "hi"]
    assert added == {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "local", "OPENAI_MODEL": "m"}


@pytest.mark.parametrize(
    ("own", "kept"),
    [
        (None, {}),
        ("", {}),
        ('{"security": 7}', {}),
        ('{"ui": {"theme": "x"}, "security": {"auth": {"selectedType": "oauth-personal"}, "folderTrust": {}}}', None),
        (
            """{
                // what I like
                "ui": {"theme": "x"}, /* "ui": {}, */
                "more": "http://x, \\"// not a comment\\"",
            "security": {"auth": {}, "folderTrust": {}}}""",
            {
                "ui": {"theme": "x"},
                "more": 'http://x, "// not a comment"',
                "security": {"auth": {"selectedType": "gemini-api-key"}, "folderTrust": {}},
            },
        ),
    ],
)
def test_gemini_gets_variables_and_settings_that_make_it_heed_them(own: str | None, kept: Any, tmp_path: Path) -> None:
    folder = tmp_path / "home" / ".gemini"
    folder.mkdir(parents=True)
    (folder / "GEMINI.md").write_text("Be brief.")
    if own is not None:
        (folder / "settings.json").write_text(own)
    run = tmp_path / "run"
    (run / ".gemini").mkdir(parents=True)
    line, added = started(["gemini", "-p", "hi"], GEMINI, {"GEMINI_CLI_HOME": str(folder.parent)}, run, model="")
    assert added.pop("GEMINI_CLI_HOME") == str(run)
    assert (run / ".gemini" / "GEMINI.md").read_text() == "Be brief."
    written = json.loads((run / ".gemini" / "settings.json").read_text())
    assert line == ["-p", "hi"]
    assert added == {"GOOGLE_GEMINI_BASE_URL": "http://127.0.0.1:99", "GEMINI_API_KEY": "AIza"}
    security = {"auth": {"selectedType": "gemini-api-key"}}
    expected = {"ui": {"theme": "x"}, "security": {**security, "folderTrust": {}}} if kept is None else kept
    assert written == {"security": security, **expected}
    assert not (folder / "settings.json").exists() if own is None else (folder / "settings.json").read_text() == own


@pytest.mark.parametrize("own", ["{", '{"ui": {},}', "\udcff"])
def test_settings_of_geminis_that_cannot_be_read_are_told(own: str, tmp_path: Path) -> None:
    (tmp_path / ".gemini").mkdir()
    (tmp_path / ".gemini" / "settings.json").write_bytes(own.encode("utf-8", "surrogateescape"))
    with pytest.raises(ToolkitError, match=r"\.gemini/settings\.json can't be read"):
        started(["gemini"], GEMINI, {"GEMINI_CLI_HOME": str(tmp_path)}, tmp_path)


def test_gemini_is_for_its_own_service_unless_told_otherwise() -> None:
    assert choose(["gemini"]).server == "gemini"
    assert {choose([name]).server for name in clients.COMMANDS if name != "gemini"} == {""}


def test_any_program_gets_the_usual_variables_and_keeps_its_own_models(tmp_path: Path) -> None:
    line, added = started(["run", "--", "aider", "-x"], LOCAL, {"OPENAI_MODEL": "mine"}, tmp_path)
    assert line == ["-x"]
    for name in ("OPENAI_BASE_URL", "OPENAI_API_BASE"):
        assert added[name] == "http://127.0.0.1:99/v1"
    for name in ("ANTHROPIC_BASE_URL", "GOOGLE_GEMINI_BASE_URL"):
        assert added[name] == "http://127.0.0.1:99"
    assert (added["ANTHROPIC_MODEL"], added["OPENAI_API_KEY"]) == ("m", "local")
    assert "OPENAI_MODEL" not in added


def test_a_key_of_the_users_own_goes_to_no_local_server(tmp_path: Path) -> None:
    _, added = started(["run", "x"], LOCAL, {"OPENAI_API_KEY": "sk-own", "ANTHROPIC_API_KEY": "sk-ant-own"}, tmp_path)
    assert (added["OPENAI_API_KEY"], added["ANTHROPIC_API_KEY"]) == ("local", "local")


def test_no_proxy_of_the_users_own_comes_between(tmp_path: Path) -> None:
    _, added = started(["codex"], LOCAL, {"HTTPS_PROXY": "http://corp:3128"}, tmp_path)
    assert added["NO_PROXY"] == "127.0.0.1,localhost"


PRINTS = {
    "codex": (["exec", "hi"], ["hi"]),
    "opencode": (["run", "hi"], []),
    "qwen": (["hi"], ["-i", "hi"]),
    "gemini": (["-p", "hi"], ["-i", "hi"]),
    "claude": (["-p", "hi"], ["hi"]),
}


@pytest.mark.parametrize("name", PRINTS)
def test_it_is_known_when_a_client_leaves_the_screen_alone(name: str) -> None:
    prints, draws = PRINTS[name]
    assert choose([name, *prints]).prints
    assert not choose([name, *draws]).prints


def test_every_client_but_claude_code_says_how_it_is_started() -> None:
    assert [name for name, client in CLIENTS.items() if client.launch is None] == ["claude_code"]
