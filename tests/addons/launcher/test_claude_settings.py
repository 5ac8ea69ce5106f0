"""What Claude Code reads of its settings is known before it starts."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from addons.launcher import claude_settings
from addons.launcher.claude_settings import ClaudeSettings, join, other_service, without_flag


def put(path: Path, settings: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(settings if isinstance(settings, str) else json.dumps(settings))
    return path


def base_url(url: str) -> dict[str, Any]:
    return {"env": {"ANTHROPIC_BASE_URL": url}}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    put(tmp_path / "home" / ".claude" / "settings.json", base_url("http://user"))
    (tmp_path / "project" / "folder").mkdir(parents=True)
    return tmp_path / "home"


def read(home: Path, *arguments: str, folder: str = "project", env: Mapping[str, str] | None = None) -> ClaudeSettings:
    top = home.parent
    return claude_settings.read(arguments, env or {}, top / folder, home, top / "managed")


def address(settings: ClaudeSettings) -> str | None:
    variable = settings.variables.get("ANTHROPIC_BASE_URL")
    return variable.value if variable else None


def test_the_users_file_is_named_as_the_place(home: Path) -> None:
    found = read(home)
    assert address(found) == "http://user"
    assert found.variables["ANTHROPIC_BASE_URL"].where == str(home / ".claude" / "settings.json")
    assert (found.given, found.key_helper, found.managed) == ({}, "", frozenset())


def test_a_nearer_file_wins(home: Path, tmp_path: Path) -> None:
    put(tmp_path / "project" / ".claude" / "settings.json", base_url("http://project"))
    assert address(read(home)) == "http://project"
    put(tmp_path / "project" / ".claude" / "settings.local.json", base_url("http://local"))
    assert address(read(home)) == "http://local"
    assert address(read(home, "-p", "--settings", json.dumps(base_url("http://given")))) == "http://given"
    put(tmp_path / "managed" / "managed-settings.d" / "1.json", base_url("http://managed"))
    managed = read(home, "--settings", json.dumps(base_url("http://given")))
    assert (address(managed), managed.managed) == ("http://managed", frozenset({"ANTHROPIC_BASE_URL"}))


def test_of_a_repository_only_the_local_file_counts_in_folders_within(home: Path, tmp_path: Path) -> None:
    (tmp_path / "project" / ".git").mkdir()
    put(tmp_path / "project" / ".claude" / "settings.json", base_url("http://project"))
    assert address(read(home, folder="project/folder")) == "http://user"
    put(tmp_path / "project" / "folder" / ".claude" / "settings.local.json", base_url("http://within"))
    assert address(read(home, folder="project/folder")) == "http://within"
    put(tmp_path / "project" / ".claude" / "settings.local.json", base_url("http://root"))
    assert address(read(home, folder="project/folder")) == "http://root"


def test_another_configuration_folder_and_chosen_sources_are_heeded(home: Path, tmp_path: Path) -> None:
    put(tmp_path / "other" / "settings.json", base_url("http://other"))
    assert address(read(home, env={"CLAUDE_CONFIG_DIR": str(tmp_path / "other")})) == "http://other"
    assert address(read(home, "--setting-sources", "project,local")) is None
    assert address(read(home, "--setting-sources=user")) == "http://user"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--settings", "FILE"],
        ["--settings=FILE"],
        ["-p", "--settings", '{"env": {"ANTHROPIC_BASE_URL": "http://first"}}', "--settings", "../given.json"],
        ['--settings={"env": {"ANTHROPIC_BASE_URL": "http://file"}}', "hi"],
        ["--settings", ' {"env": {"ANTHROPIC_BASE_URL": "http://file"}}'],
    ],
)
def test_the_users_own_settings_are_json_or_a_file_and_the_last_counts(
    home: Path, tmp_path: Path, arguments: Sequence[str]
) -> None:
    file = put(tmp_path / "given.json", base_url("http://file"))
    found = read(home, *(argument.replace("FILE", str(file)) for argument in arguments))
    assert (address(found), found.given) == ("http://file", base_url("http://file"))


@pytest.mark.parametrize("value", ["/no/such.json", '{"env": ', "[1]", "{]"])
def test_settings_of_the_user_that_cannot_be_read_are_claudes_affair(home: Path, value: str) -> None:
    found = read(home, "--settings", value)
    assert (address(found), found.given) == ("http://user", None)


@pytest.mark.parametrize("arguments", [["--", "--settings", "{}"], ["--settings"], ["--settingsx", "{}"]])
def test_what_is_no_such_option_is_left_alone(home: Path, arguments: list[str]) -> None:
    assert read(home, *arguments).given == {}
    assert without_flag(arguments) == arguments


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"env": 5}', '{"env": [1]}', "\ufeff{}"])
def test_a_broken_file_is_an_empty_one(home: Path, broken: str) -> None:
    put(home / ".claude" / "settings.json", broken)
    assert dict(read(home).variables) == {}


def test_values_that_are_no_text_are_written_as_claude_writes_them(home: Path) -> None:
    put(home / ".claude" / "settings.json", {"env": {"A": 1, "B": True}, "apiKeyHelper": "print-key"})
    found = read(home)
    assert {name: variable.value for name, variable in found.variables.items()} == {"A": "1", "B": "true"}
    assert found.key_helper == str(home / ".claude" / "settings.json")
    assert read(home, "--settings", '{"apiKeyHelper": ""}').key_helper == ""


def test_only_what_the_settings_would_replace_is_overridden(home: Path) -> None:
    put(home / ".claude" / "settings.json", {"env": {"ANTHROPIC_BASE_URL": "http://user", "KEPT": "1", "GONE": "x"}})
    found = read(home)
    assert found.environment({"ANTHROPIC_BASE_URL": "http://env", "MORE": "1"}) == {
        "ANTHROPIC_BASE_URL": "http://user",
        "KEPT": "1",
        "GONE": "x",
        "MORE": "1",
    }
    ours = {"ANTHROPIC_BASE_URL": "http://proxy", "KEPT": "1", "MORE": "1"}
    assert found.overrides(ours) == {"ANTHROPIC_BASE_URL": "http://proxy", "GONE": ""}


def test_the_users_own_settings_are_joined_with_ours() -> None:
    given = {"model": "opus", "env": {"ANTHROPIC_BASE_URL": "http://user", "KEPT": "1"}}
    assert join(given, base_url("http://proxy")) == {
        "model": "opus",
        "env": {"ANTHROPIC_BASE_URL": "http://proxy", "KEPT": "1"},
    }
    assert join({"env": 5}, {}) == {"env": 5}
    assert without_flag(["-p", "--settings", "{}", "hi", "--settings=x", "--", "--settings", "y"]) == [
        *("-p", "hi", "--", "--settings", "y"),
    ]


@pytest.mark.parametrize(("value", "is_on"), [("1", True), ("true", True), ("Yes", True), ("0", False), ("", False)])
def test_another_service_is_named(value: str, is_on: bool) -> None:
    found = other_service({"CLAUDE_CODE_USE_BEDROCK": value})
    assert found == (("CLAUDE_CODE_USE_BEDROCK", "Amazon Bedrock") if is_on else None)
