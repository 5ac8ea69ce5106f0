"""Model servers of several kinds, as far as they say what they are: scripted, in the shapes of their documentation."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.support import answers
from tests.support.scripted import Answer, Received, Script, whole

OLLAMA = {
    "/api/ps": {"models": [{"name": "qwen3:8b", "context_length": 32768}]},
    "/api/tags": {"models": [{"name": "qwen3:8b"}, {"name": "gemma3:latest"}]},
    "/api/version": {"version": "0.12.6"},
}
IDLE_OLLAMA = {**OLLAMA, "/api/ps": {"models": []}}
LMSTUDIO = {"/api/v1/models": {"models": [{"type": "llm", "key": "a/big", "loaded_instances": []}]}}
LLAMACPP = {
    "/v1/models": {"data": [{"id": "tool", "owned_by": "llamacpp", "meta": {"n_ctx": 8192}}]},
    "/props": {"default_generation_settings": {"n_ctx": 8192}, "build_info": "b1-abc"},
}
SILENT_KIND = {"/v1/models": {"data": [{"id": "mlx-community/Qwen3"}]}}

NO_SERVERS = dict.fromkeys(
    ("LMSTUDIO_URL", "OLLAMA_URL", "LLAMACPP_URL", "VLLM_URL", "MLX_URL", "LITELLM_URL"), "http://127.0.0.1:9"
)
"""Variables with which no kind of server is at its usual address, where the machine may have one."""


def listing(table: Mapping[str, Any]) -> Script:
    """Return a server that answers these paths, and requests for an answer with a text."""

    def respond(request: Received) -> Answer:
        if request.method == "POST":
            return whole(answers.message(answers.text("Hello")))
        found = table.get(request.path)
        return whole({"error": "Not Found"}, 404) if found is None else whole(found)

    return respond


@contextmanager
def silent_port() -> Iterator[str]:
    """Yield the URL of a port that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
