"""The kinds of model servers: one row for each, with all that differs and needs no code.

A new kind is one row in `KINDS`: the proxy names traces by it, the launcher takes it as a mode, the replayer as a
target, and the analyzer models its prefix cache. A kind with a protocol of its own also has a class in
`replay.targets.kinds`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class PrefixCache:
    """How a server reuses the beginning of an earlier prompt, where the user gives no other.

    slots           prompts that it holds at once; 0 for as many as were sent
    in_ram          a prompt that has lost its slot is kept in the host's memory
    by_model        each model has a cache of its own; otherwise one model is loaded, and answers whatever the name
    markers         it keeps what `cache_control` marks, as Anthropic's service does
    rewrites_header it makes `cch=` of Claude Code's billing header the same in all requests of Anthropic's format
    is_reported     its answers say how many tokens came from the cache
    """

    slots: int = 1
    in_ram: bool = False
    by_model: bool = True
    markers: bool = False
    rewrites_header: bool = False
    is_reported: bool = True


@dataclass(frozen=True, slots=True)
class ServerKind:
    """A kind of model server.

    name               what `--mode`, `--target` and traces call it
    title              what its makers call it
    url                its usual base URL, the part before `/v1/messages`; "" where there is none
    url_env            the environment variable that overrides it
    start              the command that starts it; "" where we can't name one
    key_envs           the environment variables of its key: ours, then those it documents; the first that is set wins
    key_header         the header that carries the key; with `authorization` it is a bearer token
    is_local           runs on the user's own hardware and needs no account; otherwise a service on the internet
    is_claude_service  Claude Code's own service: the client itself handles login, key and models
    owned_by           the owner in each entry of its `/v1/models`, by which the server is recognised at any address
    version_path       the path of its version
    lists_only_loaded  it lists only the models that are loaded
    how_to_load        what to do where no model is loaded
    how_to_enlarge     the command that gives {model} a context of {tokens} tokens
    reserves_answer    it needs context for the longest possible answer; others stop where the context ends
    cache              how it reuses the beginning of an earlier prompt
    header             the value of `server` in its answers' headers
    translate          the API format that Anthropic's requests are translated to for it, where the user asks for none
    repairs            what it refuses of a client that is right, by the names in `traces.repairs`
    defers_tools       tools with `defer_loading` are in the prompt once a `tool_reference` loads them; others ignore it
    shows_schema       the schema that an answer must keep to is in the prompt
    price_list         what genai-prices calls the provider; "" where the address says who it is, if it is any
    reports_cost       its answers say what they cost
    """

    name: str
    title: str
    url: str = ""
    url_env: str = ""
    start: str = ""
    key_envs: tuple[str, ...] = ()
    key_header: str = "authorization"
    is_local: bool = True
    is_claude_service: bool = False
    owned_by: str = ""
    version_path: str = ""
    lists_only_loaded: bool = False
    how_to_load: str = ""
    how_to_enlarge: str = ""
    reserves_answer: bool = False
    cache: PrefixCache = PrefixCache()
    header: str = ""
    translate: str = ""
    repairs: tuple[str, ...] = ()
    defers_tools: bool = True
    shows_schema: bool = True
    price_list: str = ""
    reports_cost: bool = False

    @property
    def model_env(self) -> str:
        """The environment variable that names the model to ask it for; "" where the client chooses it itself."""
        return "" if self.is_claude_service else f"{self.name.upper()}_MODEL"


NO_REUSE = (
    "Likely a model with a sliding window or a recurrent state, which can't go back to where the last prompt ended "
    "(llama.cpp: --swa-full, or more --ctx-checkpoints), prompt caching that is turned off, or a server that doesn't "
    "count what it reuses."
)
"""Why a server may reuse nothing of a prompt that begins as the one before it."""

_ROWS = (
    ServerKind(
        "lmstudio",
        "LM Studio",
        url="http://localhost:1234",
        url_env="LMSTUDIO_URL",
        start="lms server start",
        key_envs=("LMSTUDIO_API_KEY", "LM_API_TOKEN"),
        how_to_load="Load one in LM Studio, or: lms load MODEL",
        how_to_enlarge="lms load {model} --context-length {tokens}",
    ),
    ServerKind(
        "ollama",
        "Ollama",
        url="http://localhost:11434",
        url_env="OLLAMA_URL",
        start="ollama serve",
        key_envs=("OLLAMA_API_KEY",),
        how_to_load="Name one with --model, or: ollama run MODEL ''",
        how_to_enlarge="OLLAMA_CONTEXT_LENGTH={tokens} ollama serve",
        cache=PrefixCache(in_ram=True, is_reported=False),
    ),
    ServerKind(
        "llamacpp",
        "llama.cpp",
        url="http://localhost:8080",
        url_env="LLAMACPP_URL",
        start="llama-server -m MODEL.gguf",
        key_envs=("LLAMACPP_API_KEY", "LLAMA_API_KEY"),
        owned_by="llamacpp",
        how_to_load="Name one with --model, or start the server with it: llama-server -m MODEL.gguf",
        how_to_enlarge="llama-server … -c {tokens}",
        # 8 GiB of RAM by default; it rewrites the header since early in 2026.
        cache=PrefixCache(in_ram=True, by_model=False, rewrites_header=True),
        header="llama.cpp",
        repairs=("items",),  # Codex's results without a call, above all
        defers_tools=False,
        shows_schema=False,
    ),
    ServerKind(
        "vllm",
        "vLLM",
        url="http://localhost:8000",
        url_env="VLLM_URL",
        start="vllm serve MODEL",
        key_envs=("VLLM_API_KEY",),
        owned_by="vllm",
        version_path="/version",
        lists_only_loaded=True,
        how_to_load="Start the server with one: vllm serve MODEL",
        how_to_enlarge="vllm serve {model} --max-model-len {tokens}",
        reserves_answer=True,
        cache=PrefixCache(slots=0),  # as many blocks as fit
    ),
    # mlx_lm.server listens where llama.cpp does: an address alone says llamacpp, the first of the two.
    ServerKind(
        "mlx",
        "MLX",
        url="http://localhost:8080",
        url_env="MLX_URL",
        start="mlx_lm.server --model MODEL",
        key_envs=("MLX_API_KEY",),
        cache=PrefixCache(by_model=False),
        translate="chat",  # it has no other
    ),
    ServerKind(
        "litellm",
        "LiteLLM",
        url="http://localhost:4000",
        url_env="LITELLM_URL",
        start="litellm --config config.yaml",
        key_envs=("LITELLM_API_KEY", "LITELLM_MASTER_KEY"),
        cache=PrefixCache(slots=0),  # of the servers behind it
        reports_cost=True,
    ),
    ServerKind("local", "a local server", url_env="LOCAL_URL", key_envs=("LOCAL_API_KEY",)),
    ServerKind(
        "claude",
        "Anthropic",
        url="https://api.anthropic.com",
        url_env="ANTHROPIC_BASE_URL",
        key_envs=("ANTHROPIC_API_KEY",),
        key_header="x-api-key",
        is_local=False,
        is_claude_service=True,
        cache=PrefixCache(slots=0, markers=True),
        price_list="anthropic",
    ),
    ServerKind(
        "openrouter",
        "OpenRouter",
        url="https://openrouter.ai/api",
        url_env="OPENROUTER_BASE_URL",
        key_envs=("OPENROUTER_API_KEY",),
        is_local=False,
        cache=PrefixCache(slots=0, markers=True),
        price_list="openrouter",
        reports_cost=True,
    ),
    ServerKind(
        "openai",
        "OpenAI",
        url="https://api.openai.com",
        url_env="OPENAI_BASE_URL",
        key_envs=("OPENAI_API_KEY",),
        is_local=False,
        cache=PrefixCache(slots=0),
        price_list="openai",
    ),
    ServerKind(
        "gemini",
        "Gemini",
        url="https://generativelanguage.googleapis.com",
        url_env="GOOGLE_GEMINI_BASE_URL",
        key_envs=("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        key_header="x-goog-api-key",
        is_local=False,
        cache=PrefixCache(slots=0),
        price_list="google",
    ),
)

KINDS: dict[str, ServerKind] = {kind.name: kind for kind in _ROWS}

DEFAULT = "lmstudio"

ANY = ServerKind("local", "a server of a kind that we don't know")


def kind_of(mode: str) -> ServerKind:
    """Return the row of a mode; `ANY` for an unknown one: traces may have any mode."""
    return KINDS.get(mode, ANY)


def identify(mode: str, headers: Mapping[str, str]) -> ServerKind:
    """Return the row of a mode; where that is unknown, the row of the server that the headers of an answer name."""
    named = headers.get("server", "")
    by_header = next((kind for kind in KINDS.values() if kind.header and kind.header == named), ANY)
    return by_header if mode not in KINDS or mode == ANY.name else KINDS[mode]


def mode_of(host: str, port: int) -> str:
    """Return the name of the server at this address: services by host, local servers by port, else `local`."""
    for kind in KINDS.values():
        usual = urlsplit(kind.url)
        if (usual.port == port) if kind.is_local else (usual.hostname == host.lower()):
            return kind.name
    return "local"


def split_address(url: str) -> tuple[str, int]:
    """Return the host and the port of a URL."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
