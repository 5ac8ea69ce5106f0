"""What Claude Code finds in its environment: what we add, and what of the user's own stays."""

from collections.abc import Mapping

import pytest

from addons.launcher.environment import client_environment
from addons.launcher.settings import Settings

LMSTUDIO = Settings("lmstudio", "http://localhost:1234")
OPENROUTER = Settings("openrouter", "https://openrouter.ai/api")
CLAUDE = Settings("claude", "https://api.anthropic.com")


def added(settings: Settings, env: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in client_environment(settings, env, 99, "/ca.pem").items()
        if env.get(name) != value
    }


def test_a_local_mode_sets_what_helps_and_needs_no_account() -> None:
    assert added(LMSTUDIO, {}) == {
        "ANTHROPIC_BASE_URL": "http://127.0.0.1:99",
        "ANTHROPIC_AUTH_TOKEN": "local",
        "ANTHROPIC_API_KEY": "",
        "CLAUDE_CODE_ATTRIBUTION_HEADER": "0",
        "API_TIMEOUT_MS": "3600000",
        "CLAUDE_CODE_GATEWAY_HINT_HEADERS": "1",
    }


def test_what_the_user_set_stays() -> None:
    own = {
        "CLAUDE_CODE_ATTRIBUTION_HEADER": "1",
        "API_TIMEOUT_MS": "5",
        "CLAUDE_CODE_GATEWAY_HINT_HEADERS": "",
        "ANTHROPIC_API_KEY": "the local server's",
    }
    assert added(LMSTUDIO, own) == {"ANTHROPIC_BASE_URL": "http://127.0.0.1:99"}


def test_with_anthropic_only_the_base_url_changes() -> None:
    env = {"ANTHROPIC_API_KEY": "sk-ant-own", "ANTHROPIC_BASE_URL": "https://api.anthropic.com"}
    assert added(CLAUDE, env) == {"ANTHROPIC_BASE_URL": "http://127.0.0.1:99"}


@pytest.mark.parametrize("name", ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"])
def test_a_key_of_anthropics_goes_to_no_other_server(name: str) -> None:
    result = client_environment(LMSTUDIO, {name: "sk-ant-api03-own"}, 99)
    assert (result["ANTHROPIC_AUTH_TOKEN"], result["ANTHROPIC_API_KEY"]) == ("local", "")


def test_a_backend_key_goes_before_any_other() -> None:
    settings = Settings("openrouter", "https://openrouter.ai/api", api_key="sk-or-1")
    result = client_environment(settings, {"ANTHROPIC_API_KEY": "sk-ant-own"}, 99)
    assert (result["ANTHROPIC_AUTH_TOKEN"], result["ANTHROPIC_API_KEY"]) == ("sk-or-1", "")


def test_the_path_of_the_backend_is_kept_because_the_proxy_only_knows_its_host() -> None:
    assert added(OPENROUTER, {})["ANTHROPIC_BASE_URL"] == "http://127.0.0.1:99/api"


def test_a_model_is_asked_for_under_every_name_that_claude_code_uses() -> None:
    result = added(Settings("vllm", "http://localhost:8000", model="qwen"), {"ANTHROPIC_DEFAULT_HAIKU_MODEL": "small"})
    assert {name for name, value in result.items() if value == "qwen"} == {
        "ANTHROPIC_MODEL",
        "ANTHROPIC_DEFAULT_OPUS_MODEL",
        "ANTHROPIC_DEFAULT_SONNET_MODEL",
    }


def test_a_proxy_of_the_users_own_does_not_come_before_ours() -> None:
    result = added(LMSTUDIO, {"HTTPS_PROXY": "http://corp:3128", "NO_PROXY": "intranet"})
    assert result["NO_PROXY"] == "intranet,127.0.0.1,localhost"
    assert result["no_proxy"] == "127.0.0.1,localhost"


def test_forwarded_claude_code_keeps_its_base_url_and_trusts_the_proxy() -> None:
    env = {"ANTHROPIC_BASE_URL": "https://gateway.example", "NO_PROXY": "gateway.example", "HOME": "/h"}
    forward = Settings("claude", "https://gateway.example", forward=True)
    assert client_environment(forward, env, 99, "/ca.pem") == {
        "HOME": "/h",
        "ANTHROPIC_BASE_URL": "https://gateway.example",
        "NO_PROXY": "",
        **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:99"),
        "NODE_EXTRA_CA_CERTS": "/ca.pem",
    }
