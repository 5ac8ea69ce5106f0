"""The model servers we know: what each is called, where it listens, and what starts it.

One table serves the recorder, which names a server by its address, the launcher, which needs the address of a name, and
whoever needs a server's key. This module knows nothing of settings or of mitmproxy.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Mode:
    """A kind of model server.

    url       its usual base URL, the part before `/v1/messages`; "" where there is none
    url_env   the environment variable that moves it
    start     the command that starts it; "" where we can't name one
    key_envs  the environment variables of its key, the first that is set wins: ours, then those it documents itself
    is_local  runs on the user's own hardware and needs no account; otherwise a service on the internet
    """

    name: str
    url: str
    url_env: str
    start: str = ""
    key_envs: tuple[str, ...] = ()
    is_local: bool = True


MODES = {
    mode.name: mode
    for mode in (
        Mode(
            "lmstudio",
            "http://localhost:1234",
            "LMSTUDIO_URL",
            "lms server start",
            ("LMSTUDIO_API_KEY", "LM_API_TOKEN"),
        ),
        Mode("ollama", "http://localhost:11434", "OLLAMA_URL", "ollama serve", ("OLLAMA_API_KEY",)),
        Mode(
            "llamacpp",
            "http://localhost:8080",
            "LLAMACPP_URL",
            "llama-server -m MODEL.gguf",
            ("LLAMACPP_API_KEY", "LLAMA_API_KEY"),
        ),
        Mode("vllm", "http://localhost:8000", "VLLM_URL", "vllm serve MODEL", ("VLLM_API_KEY",)),
        # mlx_lm.server listens where llama.cpp does: an address alone says llamacpp, the first of the two.
        Mode("mlx", "http://localhost:8080", "MLX_URL", "mlx_lm.server --model MODEL", ("MLX_API_KEY",)),
        Mode("local", "", "LOCAL_URL", "", ("LOCAL_API_KEY",)),
        Mode("claude", "https://api.anthropic.com", "ANTHROPIC_BASE_URL", "", ("ANTHROPIC_API_KEY",), is_local=False),
        Mode(
            "openrouter",
            "https://openrouter.ai/api",
            "OPENROUTER_BASE_URL",
            "",
            ("OPENROUTER_API_KEY",),
            is_local=False,
        ),
    )
}


def mode_of(host: str, port: int) -> str:
    """The name of the server at this address: services by their host, local servers by their port, else `local`."""
    for mode in MODES.values():
        usual = urlsplit(mode.url)
        if (usual.port == port) if mode.is_local else (usual.hostname == host.lower()):
            return mode.name
    return "local"


def split_address(url: str) -> tuple[str, int]:
    """The host and the port that a URL leads to."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
