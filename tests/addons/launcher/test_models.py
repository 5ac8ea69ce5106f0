"""Which model a client is told of, by the lists that servers have."""

from typing import Any

import pytest

from addons.launcher import models
from tests.support.scripted import Received, serving, whole

LISTS: dict[str, tuple[dict[str, Any], str]] = {
    "llama.cpp": ({"/v1/models": {"data": [{"id": "qwen", "owned_by": "llamacpp"}]}}, "qwen"),
    "LM Studio": (
        {
            "/v1/models": {"data": [{"id": "a"}, {"id": "b"}]},
            "/api/v0/models": {"data": [{"id": "a", "state": "not-loaded"}, {"id": "b", "state": "loaded"}]},
        },
        "b",
    ),
    "LM Studio, where only embeddings are loaded": (
        {
            "/v1/models": {"data": [{"id": "a"}, {"id": "e"}]},
            "/api/v0/models": {
                "data": [{"id": "e", "state": "loaded", "type": "embeddings"}, {"id": "a", "state": "not-loaded"}]
            },
        },
        "a",
    ),
    "a list that says which only embed": (
        {"/v1/models": {"data": [{"id": "e", "type": "embedding"}, {"id": "a", "type": "llm"}]}},
        "a",
    ),
    "a list with an embedding's usual name": (
        {"/v1/models": {"data": [{"id": "text-embedding-nomic-embed-text-v1.5"}, {"id": "a"}]}},
        "a",
    ),
    "Ollama, where an embedding runs first": (
        {
            "/api/ps": {
                "models": [{"name": "e:latest", "details": {"family": "nomic-bert"}}, {"name": "b", "details": {}}]
            }
        },
        "b",
    ),
    "Ollama": ({"/v1/models": {"data": [{"id": "a"}]}, "/api/ps": {"models": [{"name": "b:7b"}]}}, "b:7b"),
    "Ollama, where none runs": ({"/api/tags": {"models": [{"name": "a"}]}, "/api/ps": {"models": []}}, "a"),
    "LM Studio 0.4": (
        {
            "/api/v1/models": {
                "models": [
                    {"key": "a", "type": "llm", "loaded_instances": []},
                    {"key": "b", "type": "llm", "loaded_instances": [{"id": "b:2"}]},
                ]
            }
        },
        "b:2",
    ),
    "none": ({"/v1/models": {"data": []}}, ""),
    "odd lists": ({"/v1/models": {"data": [7, {"id": None}]}, "/api/ps": [], "/api/v0/models": {"data": "x"}}, ""),
    "no list": ({}, ""),
}


@pytest.mark.parametrize("case", LISTS)
def test_the_model_that_is_loaded_comes_first(case: str) -> None:
    lists, model = LISTS[case]

    def server(request: Received) -> Any:
        held = lists.get(request.path)
        return whole({"error": "not found"}, 404) if held is None else whole(held)

    with serving(server) as started:
        assert models.loaded(started.url, "local", "key") == (model, "")


def test_a_server_that_does_not_answer_has_no_model() -> None:
    assert models.loaded("http://127.0.0.1:9", "local", "") == ("", "connection refused: nothing listens there")


def test_a_server_that_wants_a_key_is_told_with_its_variable() -> None:
    with serving(lambda request: whole({"error": "no key"}, 401)) as started:
        found = models.loaded(started.url, "vllm", "")
    assert found == ("", "it wants a key, or another one: set VLLM_API_KEY")
