"""The table of server kinds: addresses, variables, and how a server is recognised."""

from pathlib import Path

import pytest

from traces.servers import KINDS, ServerKind, identify, mode_of, split_address


@pytest.mark.parametrize(
    ("host", "port", "mode"),
    [
        ("api.anthropic.com", 443, "claude"),
        ("API.Anthropic.com", 443, "claude"),
        ("openrouter.ai", 443, "openrouter"),
        ("localhost", 1234, "lmstudio"),
        ("192.168.1.20", 1234, "lmstudio"),
        ("localhost", 11434, "ollama"),
        ("localhost", 8080, "llamacpp"),
        ("localhost", 8000, "vllm"),
        ("localhost", 9999, "local"),
        ("example.com", 443, "local"),
        ("notopenrouter.ai", 443, "local"),
        ("", 0, "local"),
    ],
)
def test_an_address_shows_the_kind_of_server(host: str, port: int, mode: str) -> None:
    assert mode_of(host, port) == mode


@pytest.mark.parametrize(
    "mode", [mode for mode in KINDS.values() if mode.url and mode.name != "mlx"], ids=lambda m: m.name
)
def test_the_usual_address_of_a_mode_is_recognized_as_its_own(mode: ServerKind) -> None:
    assert mode_of(*split_address(mode.url)) == mode.name


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://localhost:1234", ("localhost", 1234)),
        ("https://openrouter.ai/api", ("openrouter.ai", 443)),
        ("http://box.lan", ("box.lan", 80)),
        ("http://[::1]:8080/v1", ("::1", 8080)),
    ],
)
def test_a_url_leads_to_a_host_and_a_port(url: str, address: tuple[str, int]) -> None:
    assert split_address(url) == address


GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "launcher.md").read_text()


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_the_guide_lists_each_kind_with_its_address_and_variables(kind: ServerKind) -> None:
    (row,) = [line for line in GUIDE.splitlines() if line.startswith(f"| `{kind.name}` |")]
    assert f"`{kind.url_env}`" in row
    assert f"`{kind.url}`" in row or not kind.url
    assert all(f"`{name}`" in row for name in (kind.model_env, *kind.key_envs[:1])) or kind.is_claude_service


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_no_two_kinds_share_a_variable(kind: ServerKind) -> None:
    own = {kind.url_env, kind.model_env, *kind.key_envs} - {""}
    others = {
        name
        for other in KINDS.values()
        if other is not kind
        for name in (other.url_env, other.model_env, *other.key_envs)
    }
    assert not own & others


@pytest.mark.parametrize(
    ("mode", "header", "name"),
    [
        ("llamacpp", "", "llamacpp"),
        ("local", "llama.cpp", "llamacpp"),
        ("", "llama.cpp", "llamacpp"),
        ("claude", "llama.cpp", "claude"),
        ("local", "nginx", "local"),
        ("", "", "local"),
    ],
)
def test_a_server_is_known_by_its_mode_else_by_its_answers(mode: str, header: str, name: str) -> None:
    assert identify(mode, {"server": header}).name == name
