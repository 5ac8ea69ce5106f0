"""What each kind of server reports, in the shapes of its own documentation, and how it loads a model."""

import asyncio
from typing import Any

import pytest

from replay.errors import TargetError
from replay.exchange import ReplayError, Reply
from replay.request import Target
from replay.targets import resolve
from replay.targets.kinds import IDLE_POLLS, STALE_POLLS, until_loaded
from tests.support.asking import LMSTUDIO_SAYS_NO, Answering
from traces.model import Json
from traces.surveys import Served, ServedModel

LMSTUDIO = {
    "/api/v1/models": {
        "models": [
            {"type": "llm", "key": "a/big", "loaded_instances": [], "max_context_length": 131072},
            {
                "type": "llm",
                "key": "a/small",
                "loaded_instances": [{"id": "a/small:2", "config": {"context_length": 8192}}],
                "max_context_length": 32768,
            },
            {"type": "embedding", "key": "embed", "loaded_instances": [{"id": "embed", "config": {}}]},
        ]
    }
}
OLDER_LMSTUDIO = {
    "/api/v1/models": LMSTUDIO_SAYS_NO,
    "/api/v0/models": {
        "object": "list",
        "data": [
            {"id": "big", "type": "llm", "state": "not-loaded", "max_context_length": 131072},
            {
                "id": "small",
                "type": "vlm",
                "state": "loaded",
                "max_context_length": 32768,
                "loaded_context_length": 4096,
            },
            {"id": "embed", "type": "embeddings", "state": "loaded", "max_context_length": 2048},
        ],
    },
}
OLLAMA = {
    "/api/ps": {"models": [{"name": "hermes3:8b", "model": "hermes3:8b", "context_length": 16384}]},
    "/api/tags": {"models": [{"name": "hermes3:8b"}, {"name": "gemma3:latest"}]},
    "/api/version": {"version": "0.12.6"},
    "/v1/models": {"object": "list", "data": [{"id": "hermes3:8b", "owned_by": "library"}]},
}
LLAMACPP = {
    "/v1/models": {
        "models": [{"name": "tool", "model": "tool"}],
        "object": "list",
        "data": [{"id": "tool", "owned_by": "llamacpp", "meta": {"n_ctx": 8192, "n_ctx_train": 131072}}],
    },
    "/props": {"default_generation_settings": {"n_ctx": 4096}, "build_info": "b8681-abc"},
}
ROUTER = {
    "/v1/models": {
        "data": [
            {"id": "big", "owned_by": "llamacpp", "status": {"value": "unloaded", "args": []}},
            {"id": "small", "owned_by": "llamacpp", "status": {"value": "loaded"}},
        ]
    },
    "/models/load": {"success": True},
}
VLLM = {
    "/v1/models": {"data": [{"id": "Qwen/Qwen3-0.6B", "owned_by": "vllm", "max_model_len": 40960}]},
    "/version": {"version": "0.11.0"},
}
OPENROUTER = {"/v1/models": {"data": [{"id": "z-ai/glm-5", "context_length": 202752, "top_provider": {}}, {"id": "x"}]}}

SERVERS = [
    pytest.param(
        LMSTUDIO,
        Served(
            "lmstudio",
            (ServedModel("a/big", False, None, 131072), ServedModel("a/small:2", True, 8192, 32768, "a/small")),
        ),
        id="LM Studio",
    ),
    pytest.param(
        OLDER_LMSTUDIO,
        Served("lmstudio", (ServedModel("big", False, None, 131072), ServedModel("small", True, 4096, 32768))),
        id="older LM Studio",
    ),
    pytest.param(
        OLLAMA,
        Served("ollama", (ServedModel("hermes3:8b", True, 16384), ServedModel("gemma3:latest", False)), "0.12.6"),
        id="Ollama",
    ),
    pytest.param(LLAMACPP, Served("llamacpp", (ServedModel("tool", True, 4096, 131072),), "b8681-abc"), id="llama.cpp"),
    pytest.param(
        ROUTER,
        Served("llamacpp", (ServedModel("big", False), ServedModel("small", True))),
        id="a router of llama.cpp",
    ),
    pytest.param(VLLM, Served("vllm", (ServedModel("Qwen/Qwen3-0.6B", True, 40960),), "0.11.0"), id="vLLM"),
    pytest.param(
        OPENROUTER, Served("", (ServedModel("z-ai/glm-5", None, 202752), ServedModel("x", None))), id="OpenRouter"
    ),
    pytest.param({"/v1/models": {"data": [{"id": "only"}]}}, Served("", (ServedModel("only", True),)), id="MLX"),
    pytest.param({}, Served("", ()), id="one that lists nothing"),
    pytest.param({"/v1/models": {"data": [None, {"id": 5}]}}, Served("", ()), id="one that lists nonsense"),
]


def at(url: str, **more: Any) -> Target:
    return Target(url, url, **more)


@pytest.mark.parametrize(("table", "expected"), SERVERS)
@pytest.mark.parametrize("suggested", ["", "lmstudio", "ollama", "llamacpp"])
def test_each_kind_of_server_is_recognised_wherever_it_listens(
    table: dict[str, Any], expected: Served, suggested: str
) -> None:
    target = at("http://127.0.0.1:7", server=suggested)
    assert asyncio.run(resolve.survey(target, Answering(table))) == expected


ASKED_FOR_X = {"model": "x", "max_tokens": 1, "messages": [{"role": "user", "content": "."}]}
LOADS = [
    pytest.param(
        "lmstudio",
        LMSTUDIO | {"/api/v1/models/load": {"type": "llm", "instance_id": "a/big", "status": "loaded"}},
        "a/big",
        [("/api/v1/models/load", {"model": "a/big"})],
        id="LM Studio",
    ),
    pytest.param("lmstudio", LMSTUDIO, "a/small:2", [], id="LM Studio has it already"),
    pytest.param(
        "lmstudio",
        OLDER_LMSTUDIO | {"/api/v1/models/load": LMSTUDIO_SAYS_NO, "/v1/chat/completions": {"choices": []}},
        "big",
        [
            ("/api/v1/models/load", {"model": "big"}),
            (
                "/v1/chat/completions",
                {"model": "big", "max_tokens": 1, "messages": [{"role": "user", "content": "."}]},
            ),
        ],
        id="older LM Studio",
    ),
    pytest.param(
        "ollama",
        OLLAMA | {"/api/generate": {"done": True, "done_reason": "load"}},
        "gemma3",
        [("/api/generate", {"model": "gemma3"})],
        id="Ollama",
    ),
    pytest.param("ollama", OLLAMA, "hermes3:8b", [], id="Ollama has it already"),
    pytest.param("llamacpp", LLAMACPP, "another", [("/models/load", {"model": "another"})], id="llama.cpp"),
    pytest.param("llamacpp", ROUTER, "small", [], id="a router has it already"),
    pytest.param("vllm", VLLM, "another", [], id="vLLM loads nothing"),
    pytest.param("", OPENROUTER, "x", [("/v1/chat/completions", ASKED_FOR_X)], id="any router loads what is asked for"),
    pytest.param("", {"/v1/models": {"data": [{"id": "x"}]}}, "x", [], id="any server's only model"),
]


@pytest.mark.parametrize(("server", "table", "model", "posts"), LOADS)
def test_a_model_is_loaded_before_the_first_run(
    server: str, table: dict[str, Any], model: str, posts: list[tuple[str, Any]]
) -> None:
    ask = Answering(table)
    assert asyncio.run(resolve.ensure_loaded(at("http://box:7", server=server), model, ask)) is None
    assert ask.posts == posts


def test_a_service_on_the_internet_is_asked_for_nothing_but_its_list() -> None:
    ask = Answering(OPENROUTER)
    target = resolve.find("openrouter", {})
    assert asyncio.run(resolve.survey(target, ask)).find("x")
    assert asyncio.run(resolve.ensure_loaded(target, "x", ask)) is None
    assert ask.asked == [("GET", "/v1/models", None)]


def test_a_router_that_goes_on_loading_is_waited_for() -> None:
    states = iter(["unloaded", "loading", "loaded"])

    class Loading(Answering):
        async def __call__(
            self, target: Target, method: str, path: str, body: Json = None, timeout: float = 10.0
        ) -> Reply:
            if path == "/v1/models":
                entry = {"id": "big", "owned_by": "llamacpp", "status": {"value": next(states)}}
                return Reply(200, body={"data": [entry]})
            return await super().__call__(target, method, path, body, timeout)

    ask = Loading({"/models/load": {"success": True}})
    assert asyncio.run(resolve.ensure_loaded(at("http://box:7", server="llamacpp"), "big", ask)) is None
    assert list(states) == []


UNLOADED, FAILED = {"value": "unloaded"}, {"value": "unloaded", "failed": True, "exit_code": 1}
LOADING, LOADED = {"value": "loading"}, {"value": "loaded"}
SILENCE: dict[str, Any] = {}
DIED = "listed as failed, with exit code 1"


@pytest.mark.parametrize(
    ("statuses", "why"),
    [
        pytest.param([UNLOADED, LOADING, LOADED], None, id="loads"),
        pytest.param([FAILED, FAILED, LOADING, LOADED], None, id="had failed before, and now loads"),
        pytest.param([LOADING, FAILED], DIED, id="died while it loaded"),
        pytest.param([FAILED, LOADING, FAILED], DIED, id="failed before, and now again"),
        pytest.param([FAILED] * (STALE_POLLS + 1), DIED, id="died before anybody looked"),
        pytest.param([LOADING, {"value": "failed"}], "listed as failed.", id="a router with a word for it"),
        pytest.param([LOADING, {"value": "unloaded", "exit_code": 137}], "exit code 137", id="an exit code alone"),
        pytest.param([LOADING, UNLOADED], "listed as unloaded", id="without a word"),
        pytest.param([UNLOADED] * (IDLE_POLLS + 1), "listed as unloaded", id="never begun"),
        pytest.param([*[UNLOADED] * IDLE_POLLS, LOADING, LOADED], None, id="begun late"),
        pytest.param([UNLOADED, None], None, id="no router after all"),
        pytest.param([LOADING, SILENCE, SILENCE, LOADED], None, id="too busy to answer"),
        pytest.param([SILENCE, LOADING, FAILED], DIED, id="too busy to answer, and then died"),
    ],
)
def test_a_router_is_waited_for_until_its_list_shows_how_loading_ended(
    statuses: list[dict[str, Any] | None], why: str | None
) -> None:
    left = iter(statuses)

    class Router(Answering):
        async def __call__(
            self, target: Target, method: str, path: str, body: Json = None, timeout: float = 10.0
        ) -> Reply:
            status = next(left)
            if status == SILENCE:
                return Reply(None, error=ReplayError("timeout", "no answer within 10 s"))
            entry = {"id": "big", "owned_by": "llamacpp"} | ({} if status is None else {"status": status})
            return Reply(200, body={"data": [entry]})

    async def at_once(seconds: float) -> None:
        pass

    waiting = until_loaded(at("http://box:7"), "big", Router({}), at_once)
    if why is None:
        asyncio.run(waiting)
    else:
        with pytest.raises(TargetError, match=f"can't load big: .*{why}"):
            asyncio.run(waiting)
    assert list(left) == []


def test_a_model_that_cannot_be_loaded_is_a_failed_run_with_the_servers_words() -> None:
    ask = Answering(OLLAMA | {"/api/generate": Reply(404, body={"error": "model 'nope' not found"})})
    error = asyncio.run(resolve.ensure_loaded(Target("http://box:7", "ollama", server="ollama"), "nope", ask))
    assert error == ReplayError("no_model", "ollama can't load nope: model 'nope' not found")
