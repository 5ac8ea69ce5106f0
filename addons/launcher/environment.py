"""The environment variables of a Claude Code that runs behind the proxy: the user's own, and what we add to them."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from addons.launcher.settings import Settings
from traces.servers import KINDS

PLACEHOLDER_TOKEN = "local"  # noqa: S105 - no secret
"""For servers that ask for no token; without any, Claude Code wants the user to log in to Anthropic."""

LOCAL_SERVER_VARIABLES = {
    # Otherwise its first system block changes with each request, and a server with a prefix cache reuses nothing.
    "CLAUDE_CODE_ATTRIBUTION_HEADER": "0",
    # An hour, in milliseconds: a long prompt takes minutes to prefill on small hardware.
    "API_TIMEOUT_MS": "3600000",
    # Marks main and side requests, so that traces show which is which.
    "CLAUDE_CODE_GATEWAY_HINT_HEADERS": "1",
}
MODEL_VARIABLES = (
    "ANTHROPIC_MODEL",
    "ANTHROPIC_DEFAULT_OPUS_MODEL",
    "ANTHROPIC_DEFAULT_SONNET_MODEL",
    "ANTHROPIC_DEFAULT_HAIKU_MODEL",
)
"""The main model, and the models that its aliases stand for, which subagents and side requests use."""
KEY_VARIABLES = ("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY")
PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")


def client_environment(
    settings: Settings, env: Mapping[str, str], port: int, certificate: str = "", has_key: bool = False
) -> dict[str, str]:
    """Return the environment with which Claude Code's traffic passes the proxy at `port`.

    `has_key` says that Claude Code gets the server's key from elsewhere.
    """
    proxy = f"http://127.0.0.1:{port}"
    if settings.forward:
        return forward_environment(env, proxy, certificate)
    result = {**env, **past_other_proxies(env), "ANTHROPIC_BASE_URL": proxy + urlsplit(settings.backend).path}
    if not KINDS[settings.mode].is_claude_service:
        result |= credentials(settings, env) if settings.api_key or not has_key else {}
        if settings.model:
            result |= {name: settings.model for name in MODEL_VARIABLES if not env.get(name)}
    if KINDS[settings.mode].is_local:
        result |= {name: value for name, value in LOCAL_SERVER_VARIABLES.items() if name not in env}
    return result


def past_other_proxies(env: Mapping[str, str]) -> dict[str, str]:
    """Return the variables by which no proxy of the user's own comes between the client and ours."""
    if not any(env.get(name) for name in PROXY_VARIABLES):
        return {}
    return {name: ",".join(filter(None, (env.get(name), "127.0.0.1,localhost"))) for name in ("NO_PROXY", "no_proxy")}


def forward_environment(env: Mapping[str, str], proxy: str, certificate: str) -> dict[str, str]:
    """Return an environment in which the base URL stays as it is, and the proxy is used and its certificate trusted."""
    no_exceptions = {name: "" for name in ("NO_PROXY", "no_proxy") if name in env}
    return {**env, **no_exceptions, **dict.fromkeys(PROXY_VARIABLES, proxy), "NODE_EXTRA_CA_CERTS": certificate}


def credentials(settings: Settings, env: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that hold the backend's key.

    A token goes before a login that Claude Code may hold. Anthropic's own keys are sent to no other server.
    """
    own = {name: value for name in KEY_VARIABLES if (value := env.get(name))}
    if settings.api_key:
        return {"ANTHROPIC_AUTH_TOKEN": settings.api_key, "ANTHROPIC_API_KEY": ""}
    if own and not any(value.startswith("sk-ant-") for value in own.values()):
        return {}
    return {"ANTHROPIC_AUTH_TOKEN": PLACEHOLDER_TOKEN, "ANTHROPIC_API_KEY": ""}
