"""Claude Code is led to the proxy, whatever its own settings say, and keys go only where they belong."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from addons.launcher import claude, claude_settings
from addons.launcher.claude import Start
from addons.launcher.settings import Settings

LMSTUDIO = Settings("lmstudio", "http://localhost:1234")
GATEWAY = Settings("local", "http://gateway:4000")
CLAUDE = Settings("claude", "https://api.anthropic.com")
PROXY = "http://127.0.0.1:99"


def start(
    folder: Path,
    settings: Settings,
    theirs: Any,
    *arguments: str,
    env: Mapping[str, str] | None = None,
    status_line: Mapping[str, object] | None = None,
) -> tuple[Start, Any]:
    """Return how Claude Code is started with these settings of its user, and what `--settings` then holds."""
    (folder / ".claude").mkdir()
    (folder / ".claude" / "settings.json").write_text(json.dumps(theirs))
    written: dict[str, str] = {}

    def write(name: str, text: str) -> Path:
        written[name] = text
        return Path("/run", name)

    found = claude_settings.read(arguments, {}, folder / "work", folder, folder / "managed")
    begun = claude.start(settings, found, arguments, env or {}, 99, "/ca.pem", write, status_line)
    return begun, json.loads(written["settings.json"]) if written else None


LINE = {"type": "command", "command": "head"}


def test_a_status_line_is_shown_where_its_user_has_none(tmp_path: Path) -> None:
    begun, given = start(tmp_path, LMSTUDIO, {"statusLine": None}, "hi", status_line=LINE)
    assert (begun.arguments, given) == (["--settings", "/run/settings.json", "hi"], {"statusLine": LINE})


def test_a_status_line_of_the_users_own_stays(tmp_path: Path) -> None:
    begun, given = start(tmp_path, LMSTUDIO, {"statusLine": {"type": "command", "command": "mine"}}, status_line=LINE)
    where = tmp_path / ".claude" / "settings.json"
    assert (begun.arguments, given) == ([], None)
    assert begun.notes == [f"your own status line stays ({where}): what is spent is on the pages of view"]


def env_of(**variables: str) -> dict[str, Any]:
    return {"env": variables}


def test_an_address_in_the_settings_is_overridden_by_the_proxys(tmp_path: Path) -> None:
    begun, given = start(tmp_path, GATEWAY, env_of(ANTHROPIC_BASE_URL="http://gateway:4000/v1"), "-p", "hi")
    assert begun.arguments == ["--settings", "/run/settings.json", "-p", "hi"]
    assert given == env_of(ANTHROPIC_BASE_URL=PROXY)
    assert begun.environment["ANTHROPIC_BASE_URL"] == PROXY
    assert begun.notes == []


def test_without_anything_of_that_kind_nothing_is_added(tmp_path: Path) -> None:
    begun, given = start(tmp_path, LMSTUDIO, {"model": "opus", "env": {"DISABLE_TELEMETRY": "1"}}, "-p", "hi")
    assert (begun.arguments, given, begun.notes) == (["-p", "hi"], None, [])


def test_settings_of_the_users_own_are_joined_with_ours(tmp_path: Path) -> None:
    own = {"model": "opus", "env": {"ANTHROPIC_BASE_URL": "http://other", "KEPT": "1"}}
    begun, given = start(tmp_path, LMSTUDIO, {}, "-p", f"--settings={json.dumps(own)}", "hi")
    assert begun.arguments == ["--settings", "/run/settings.json", "-p", "hi"]
    assert given == {
        "model": "opus",
        "env": {"ANTHROPIC_BASE_URL": PROXY, "KEPT": "1"},
    }


def test_settings_of_the_users_own_that_need_nothing_stay_as_they_are(tmp_path: Path) -> None:
    begun, given = start(tmp_path, LMSTUDIO, {}, "--settings", '{"model": "opus"}', "hi")
    assert (begun.arguments, given) == (["--settings", '{"model": "opus"}', "hi"], None)


def test_settings_that_cannot_be_read_are_left_for_claude_to_refuse(tmp_path: Path) -> None:
    begun, given = start(tmp_path, LMSTUDIO, env_of(ANTHROPIC_BASE_URL="http://other"), "--settings", "/no/such.json")
    assert (begun.arguments, given) == (["--settings", "/no/such.json"], None)


def test_a_key_beside_the_address_goes_to_that_address(tmp_path: Path) -> None:
    theirs = env_of(ANTHROPIC_BASE_URL="http://gateway:4000", ANTHROPIC_API_KEY="gateway-key")
    begun, given = start(tmp_path, GATEWAY, theirs)
    assert given == env_of(ANTHROPIC_BASE_URL=PROXY)
    assert begun.environment["ANTHROPIC_API_KEY"] == "gateway-key"
    assert "ANTHROPIC_AUTH_TOKEN" not in begun.environment


@pytest.mark.parametrize("settings", [LMSTUDIO, CLAUDE])
def test_a_key_beside_another_address_stays_at_home(tmp_path: Path, settings: Settings) -> None:
    theirs = env_of(ANTHROPIC_BASE_URL="http://gateway:4000", ANTHROPIC_AUTH_TOKEN="gateway-key")
    begun, given = start(tmp_path, settings, theirs)
    placeholder = "local" if settings is LMSTUDIO else ""
    assert given == env_of(ANTHROPIC_BASE_URL=PROXY, ANTHROPIC_AUTH_TOKEN=placeholder)
    assert begun.environment.get("ANTHROPIC_AUTH_TOKEN", "") == placeholder


def test_a_key_of_anthropics_in_the_settings_goes_to_no_other_server(tmp_path: Path) -> None:
    begun, given = start(tmp_path, LMSTUDIO, env_of(ANTHROPIC_API_KEY="sk-ant-own"))
    assert given == env_of(ANTHROPIC_API_KEY="")
    assert begun.environment["ANTHROPIC_AUTH_TOKEN"] == "local"


def test_a_key_helper_is_kept_for_its_own_server_alone(tmp_path: Path) -> None:
    theirs = {**env_of(ANTHROPIC_BASE_URL="http://gateway:4000"), "apiKeyHelper": "print-key"}
    begun, given = start(tmp_path, GATEWAY, theirs)
    assert given == env_of(ANTHROPIC_BASE_URL=PROXY)
    assert "ANTHROPIC_AUTH_TOKEN" not in begun.environment, "the helper's key is the server's"
    (tmp_path / "other").mkdir()
    begun, given = start(tmp_path / "other", LMSTUDIO, theirs)
    assert given == {**env_of(ANTHROPIC_BASE_URL=PROXY), "apiKeyHelper": ""}
    assert begun.environment["ANTHROPIC_AUTH_TOKEN"] == "local"
    where = tmp_path / "other" / ".claude" / "settings.json"
    assert begun.notes == [f"the apiKeyHelper of {where} is left out for this run: its key isn't for this server"]


def test_another_service_is_left_out_for_a_server_of_the_users_own(tmp_path: Path) -> None:
    begun, given = start(tmp_path, LMSTUDIO, env_of(CLAUDE_CODE_USE_BEDROCK="1"))
    assert given == env_of(CLAUDE_CODE_USE_BEDROCK="")
    assert begun.notes == [
        "CLAUDE_CODE_USE_BEDROCK is left out for this run: it would ask Amazon Bedrock, past the proxy"
    ]
    (tmp_path / "env").mkdir()
    begun, given = start(tmp_path / "env", LMSTUDIO, {}, env={"CLAUDE_CODE_USE_VERTEX": "1"})
    assert (begun.environment["CLAUDE_CODE_USE_VERTEX"], given) == ("", None)


def test_with_anthropic_itself_another_service_is_only_told(tmp_path: Path) -> None:
    begun, _ = start(tmp_path, CLAUDE, {}, env={"CLAUDE_CODE_USE_VERTEX": "1"})
    assert begun.environment["CLAUDE_CODE_USE_VERTEX"] == "1"
    assert begun.notes == [
        "CLAUDE_CODE_USE_VERTEX is set: Claude Code asks Google Vertex AI, and nothing of that passes the proxy"
    ]


def test_what_an_organisation_sets_cannot_be_overridden_and_that_is_told(tmp_path: Path) -> None:
    (tmp_path / "managed").mkdir()
    (tmp_path / "managed" / "managed-settings.json").write_text(json.dumps(env_of(ANTHROPIC_BASE_URL="http://corp")))
    begun, _ = start(tmp_path, LMSTUDIO, {})
    assert begun.notes == [
        "nothing overrides ANTHROPIC_BASE_URL of your organisation's settings: the proxy may see nothing"
    ]


def test_a_proxy_in_the_settings_does_not_come_between(tmp_path: Path) -> None:
    _, given = start(tmp_path, LMSTUDIO, env_of(HTTPS_PROXY="http://corp:3128", NO_PROXY="corp"))
    assert given == env_of(NO_PROXY="corp,127.0.0.1,localhost")
    (tmp_path / "forward").mkdir()
    forward = Settings("claude", "https://api.anthropic.com", forward=True)
    _, given = start(tmp_path / "forward", forward, env_of(HTTPS_PROXY="http://corp:3128", NO_PROXY="corp"))
    assert given == env_of(HTTPS_PROXY=PROXY, NO_PROXY="")


def test_the_models_that_the_settings_name_stay(tmp_path: Path) -> None:
    settings = Settings("lmstudio", "http://localhost:1234", model="qwen3")
    begun, given = start(tmp_path, settings, env_of(ANTHROPIC_MODEL="mine"))
    assert given is None
    assert begun.environment["ANTHROPIC_MODEL"] == "mine"
    assert begun.environment["ANTHROPIC_DEFAULT_HAIKU_MODEL"] == "qwen3"
