"""Who wins when several sources set the same thing, and what a bad value is answered with."""

from collections.abc import Mapping
from typing import Any

import pytest

from addons.launcher.settings import Layer, SettingsError, SetValue, resolve


def file(**values: object) -> Layer:
    """Return a layer as a file makes one; `ollama__backend` is what the file says of one mode."""
    names = {name.replace("__", "."): value for name, value in values.items()}
    return {name: SetValue(value, f"rc: {name}", in_a_file=True) for name, value in names.items()}


NEAR, FAR = file(mode="ollama", port=1), file(mode="vllm", port=2, debug=2)


@pytest.mark.parametrize(
    ("flags", "env", "files", "expected"),
    [
        pytest.param({}, {}, [], {"mode": "lmstudio", "backend": "http://localhost:1234"}, id="defaults"),
        pytest.param({"mode": "claude"}, {"ANYCLAUDE_MODE": "mlx"}, [NEAR], {"mode": "claude"}, id="a flag wins"),
        pytest.param({"mode": None}, {"ANYCLAUDE_MODE": "mlx"}, [NEAR], {"mode": "mlx"}, id="then the environment"),
        pytest.param({}, {}, [NEAR, FAR], {"mode": "ollama", "port": 1, "debug": 2}, id="then the nearest file"),
        pytest.param({}, {"ANYCLAUDE_PORT": "7"}, [NEAR], {"mode": "ollama", "port": 7}, id="each name by itself"),
        pytest.param({}, {"ANYCLAUDE_MODE": ""}, [NEAR], {"mode": "ollama"}, id="an empty variable says nothing"),
        pytest.param({"mode": "Claude"}, {}, [], {"mode": "claude"}, id="capitals don't matter"),
        pytest.param({"translate": "Chat"}, {}, [], {"translate": "chat"}, id="--translate"),
        pytest.param({}, {"ANYCLAUDE_TRANSLATE": "auto"}, [], {"translate": "auto"}, id="ANYCLAUDE_TRANSLATE"),
        pytest.param({}, {}, [file(mode="mlx", mlx__translate="off")], {"translate": "off"}, id="of one mode"),
        pytest.param({"repair": "betas, auto"}, {}, [], {"repair": "betas,auto"}, id="--repair"),
        pytest.param({}, {"PROXY_ONLY": "true"}, [], {"proxy_only": True}, id="PROXY_ONLY"),
        pytest.param({}, {"PROXY_ONLY": "false"}, [file(proxy_only=True)], {"proxy_only": False}, id="off wins, too"),
        pytest.param({}, {"ANYCLAUDE_DEBUG": "2"}, [], {"debug": 2}, id="ANYCLAUDE_DEBUG"),
        pytest.param({}, {"ANYCLAUDE_ARCHIVE": "1"}, [], {"archive": True}, id="ANYCLAUDE_ARCHIVE"),
        pytest.param({}, {"ANYCLAUDE_TRACE_DIR": "/t"}, [], {"trace_dir": "/t"}, id="ANYCLAUDE_TRACE_DIR"),
        pytest.param(
            {}, {"LMSTUDIO_URL": "http://box:5/v1/"}, [], {"mode": "lmstudio", "backend": "http://box:5"}, id="no /v1"
        ),
        pytest.param(
            {"mode": "ollama"},
            {"LMSTUDIO_URL": "http://box:5"},
            [],
            {"backend": "http://localhost:11434"},
            id="its own URL",
        ),
        pytest.param(
            {"backend": "http://flag:1"},
            {"LOCAL_URL": "http://env:2"},
            [],
            {"backend": "http://flag:1"},
            id="--backend",
        ),
        pytest.param({"backend": "http://box:11434"}, {}, [NEAR], {"mode": "ollama"}, id="an address implies the mode"),
        pytest.param(
            {"backend": "http://box:9"},
            {"ANYCLAUDE_MODE": "claude"},
            [],
            {"mode": "local"},
            id="the nearer address implies it",
        ),
        pytest.param(
            {"mode": "mlx", "backend": "http://box:9"},
            {},
            [],
            {"mode": "mlx", "backend": "http://box:9"},
            id="both named",
        ),
        pytest.param(
            {},
            {"VLLM_MODEL": "qwen", "VLLM_API_KEY": "k", "LMSTUDIO_MODEL": "other"},
            [FAR],
            {"mode": "vllm", "model": "qwen", "api_key": "k"},
            id="model and key of the mode",
        ),
        pytest.param(
            {"mode": "lmstudio"},
            {"LM_API_TOKEN": "its", "LMSTUDIO_API_KEY": "ours"},
            [],
            {"mode": "lmstudio", "api_key": "ours"},
            id="our name for a key before the server's",
        ),
        pytest.param(
            {}, {}, [file(ollama__model="far", mode="ollama")], {"model": "far"}, id="a file's model of the mode"
        ),
        pytest.param({"forward": True}, {}, [], {"mode": "claude", "forward": True}, id="--forward means claude"),
        pytest.param(
            {"mode": "claude"},
            {"ANTHROPIC_BASE_URL": "https://gateway.example/claude"},
            [],
            {"backend": "https://gateway.example/claude"},
            id="a gateway of the user's own",
        ),
    ],
)
def test_the_first_source_that_says_something_wins(
    flags: Mapping[str, Any], env: Mapping[str, str], files: list[Layer], expected: Mapping[str, Any]
) -> None:
    settings = resolve(flags, env, files)
    assert {name: getattr(settings, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("flags", "env", "files", "message"),
    [
        ({"mode": "lmstudios"}, {}, [], r"^--mode: 'lmstudios' can't be used: it must be one of lmstudio, ollama,"),
        ({}, {"ANYCLAUDE_MODE": "x"}, [], r"^ANYCLAUDE_MODE: 'x' can't be used: it must be one of lmstudio"),
        ({"backend": "localhost:1234"}, {}, [], r"^--backend: .* must be a URL such as http://localhost:1234"),
        ({"backend": "http://box:port"}, {}, [], r"^--backend: 'http://box:port' can't be used"),
        ({}, {"OLLAMA_URL": "nowhere", "ANYCLAUDE_MODE": "ollama"}, [], r"^OLLAMA_URL: 'nowhere'"),
        ({"port": "80000"}, {}, [], r"^--port: '80000' .* a number from 0 to 65535"),
        ({}, {"ANYCLAUDE_DEBUG": "loud"}, [], r"^ANYCLAUDE_DEBUG: 'loud' .* a number from 0 to 3"),
        ({}, {"PROXY_ONLY": "perhaps"}, [], r"^PROXY_ONLY: 'perhaps' .* true or false"),
        ({}, {}, [file(port=True)], r"^rc: port: True"),
        ({}, {}, [file(trace_dir=5)], r"^rc: trace_dir: 5 can't be used: it must be text"),
        ({"mode": "local"}, {}, [], r"^mode local has no usual address: give one with --backend URL or LOCAL_URL"),
        ({"mode": "ollama", "forward": True}, {}, [], r"^--forward .* needs --mode claude, not ollama"),
    ],
)
def test_a_bad_value_is_named_with_its_place_and_what_is_allowed(
    flags: Mapping[str, Any], env: Mapping[str, str], files: list[Layer], message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        resolve(flags, env, files)


@pytest.mark.parametrize("mode", ["claude", "openrouter"])
def test_a_file_cannot_send_the_users_login_elsewhere(mode: str) -> None:
    with pytest.raises(SettingsError, match="only --backend or"):
        resolve({"mode": mode}, {}, [file(backend="https://elsewhere.example")])


def test_a_file_may_name_the_usual_address_of_a_service() -> None:
    usual = file(mode="openrouter", openrouter__backend="https://openrouter.ai/api/v1")
    assert resolve({}, {}, [usual]).backend == "https://openrouter.ai/api"


@pytest.mark.parametrize(
    ("flags", "env", "files", "mode", "backend"),
    [
        ({}, {}, [], "gemini", "https://generativelanguage.googleapis.com"),
        ({"backend": "http://gateway:9"}, {}, [], "gemini", "http://gateway:9"),
        ({"backend": "http://box:8080"}, {}, [], "gemini", "http://box:8080"),
        ({"backend": "http://gateway:9", "mode": "local"}, {}, [], "local", "http://gateway:9"),
        ({}, {"GOOGLE_GEMINI_BASE_URL": "http://gateway:9"}, [], "gemini", "http://gateway:9"),
        ({}, {"LMSTUDIO_URL": "http://box:1234"}, [], "gemini", "https://generativelanguage.googleapis.com"),
        ({}, {"ANYCLAUDE_MODE": "ollama"}, [NEAR], "gemini", "https://generativelanguage.googleapis.com"),
    ],
)
def test_a_client_for_one_kind_of_server_alone_is_for_it_wherever_that_is(
    flags: dict[str, object], env: dict[str, str], files: list[Layer], mode: str, backend: str
) -> None:
    settings = resolve(flags, env, files, of_client="gemini")
    assert (settings.mode, settings.backend) == (mode, backend)


FOUND = SetValue("http://localhost:11434/v1", "settings.json: env.ANTHROPIC_BASE_URL")


@pytest.mark.parametrize(
    ("address", "flags", "env", "mode", "backend"),
    [
        ("http://localhost:11434/v1", {}, {}, "ollama", "http://localhost:11434"),
        ("http://gateway:4444", {}, {}, "local", "http://gateway:4444"),
        ("https://api.anthropic.com", {}, {}, "claude", "https://api.anthropic.com"),
        ("http://gateway:4444", {"mode": "local"}, {}, "local", "http://gateway:4444"),
        ("http://gateway:4444", {"mode": "ollama"}, {}, "ollama", "http://gateway:4444"),
        ("http://localhost:1234", {"mode": "lmstudio"}, {}, "lmstudio", "http://localhost:1234"),
        ("https://gateway", {"mode": "claude"}, {}, "claude", "https://gateway"),
    ],
)
def test_an_address_in_claudes_own_settings_is_the_backend_where_none_is_named(
    address: str, flags: dict[str, object], env: dict[str, str], mode: str, backend: str
) -> None:
    settings = resolve(flags, env, address=SetValue(address, "here"))
    assert (settings.mode, settings.backend, settings.found_in) == (mode, backend, "here")


@pytest.mark.parametrize(
    ("flags", "env", "backend"),
    [
        ({"backend": "http://other:1"}, {}, "http://other:1"),
        ({"mode": "lmstudio"}, {}, "http://localhost:1234"),
        ({"mode": "ollama"}, {"OLLAMA_URL": "http://box:11434"}, "http://box:11434"),
        ({}, {"ANYCLAUDE_MODE": "vllm"}, "http://localhost:8000"),
    ],
)
def test_what_the_user_names_goes_before_claudes_own_settings(
    flags: dict[str, object], env: dict[str, str], backend: str
) -> None:
    settings = resolve(flags, env, address=FOUND)
    assert (settings.backend, settings.found_in) == (backend, "")


def test_a_folders_settings_cannot_send_the_login_elsewhere() -> None:
    found = SetValue("https://evil.example", "settings.json", in_a_file=True)
    assert resolve({}, {}, address=found).mode == "local", "which gets no login"
    with pytest.raises(SettingsError, match="sends your own login"):
        resolve({"mode": "claude"}, {}, address=found)
