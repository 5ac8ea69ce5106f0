"""Names, URLs and keys; the API format and the model that are chosen."""

import asyncio
import re
from typing import Any

import pytest

from replay.errors import TargetError
from replay.exchange import ReplayError, Reply
from replay.request import Target
from replay.targets import resolve
from tests.support.asking import LMSTUDIO_SAYS_NO, Answering
from traces.surveys import Served, ServedModel

LLAMACPP = {
    "/v1/models": {
        "models": [{"name": "tool", "model": "tool"}],
        "object": "list",
        "data": [{"id": "tool", "owned_by": "llamacpp", "meta": {"n_ctx": 8192, "n_ctx_train": 131072}}],
    },
    "/props": {"default_generation_settings": {"n_ctx": 4096}, "build_info": "b8681-abc"},
}


def at(url: str, **more: Any) -> Target:
    return Target(url, url, **more)


@pytest.mark.parametrize(
    ("where", "environment", "url", "name"),
    [
        (None, {}, "http://localhost:1234", "lmstudio"),
        (None, {"LMSTUDIO_URL": "http://box:9/"}, "http://box:9", "lmstudio"),
        ("ollama", {"LMSTUDIO_URL": "http://box:9"}, "http://localhost:11434", "ollama"),
        ("openrouter", {}, "https://openrouter.ai/api", "openrouter"),
        ("https://api.anthropic.com/v1", {}, "https://api.anthropic.com", "claude"),
        ("http://box:8000/v1", {}, "http://box:8000", "http://box:8000"),
        ("http://box:8000/v1/chat/completions", {}, "http://box:8000", "http://box:8000"),
        ("https://gate.example/llm/v1/messages?beta=true", {}, "https://gate.example/llm", "https://gate.example/llm"),
        ("http://me:hunter2@box:8000", {}, "http://box:8000", "http://box:8000"),
    ],
)
def test_a_target_is_a_name_or_a_url(where: str | None, environment: dict[str, str], url: str, name: str) -> None:
    target = resolve.find(where, environment)
    assert (target.url, target.name) == (url, name)


@pytest.mark.parametrize(
    ("where", "complaint"),
    [
        ("lm-studio", r"lm-studio is not a known target. Use a URL .* lmstudio, ollama, llamacpp"),
        ("ftp://box", "ftp://box is no URL"),
        ("http://", "http:// is no URL"),
        ("http://box:port", "http://box:port is no URL"),
        ("http://[::1", r"http://\[::1 is no URL"),
        ("ftp://me:hunter2@box", r"ftp://\[redacted\]@box is no URL"),
        ("local", "Where is local\\? Set LOCAL_URL"),
    ],
)
def test_an_unknown_target_is_reported_in_a_line(where: str, complaint: str) -> None:
    with pytest.raises(TargetError, match=complaint):
        resolve.find(where, {})


KEYS = {"ANTHROPIC_API_KEY": "for-claude", "OPENROUTER_API_KEY": "for-openrouter"}


@pytest.mark.parametrize(
    ("where", "key"),
    [
        ("claude", "for-claude"),
        ("https://api.anthropic.com", "for-claude"),
        ("openrouter", "for-openrouter"),
        ("lmstudio", None),
        ("http://box:8000", None),
        ("https://api.anthropic.com.evil.example", None),
        ("http://me:hunter2@box:8000", "hunter2"),
        ("https://me:hunter%402@openrouter.ai/api", "hunter@2"),
    ],
)
def test_a_key_goes_only_to_the_server_it_is_meant_for(where: str, key: str | None) -> None:
    target = resolve.find(where, KEYS)
    assert target.key == key
    assert key is None or key not in repr(target)


def test_a_key_for_any_server_can_be_named() -> None:
    assert resolve.find("http://box:99", {"REPLAY_API_KEY": "mine"}).key == "mine"


@pytest.mark.parametrize(
    ("where", "environment", "key"),
    [
        (None, {"LM_API_TOKEN": "its", "REPLAY_API_KEY": "any"}, "its"),
        (None, {"LM_API_TOKEN": "its", "LMSTUDIO_API_KEY": "ours"}, "ours"),
        ("llamacpp", {"LLAMA_API_KEY": "its", "LLAMACPP_API_KEY": "ours"}, "ours"),
        ("mlx", {"MLX_API_KEY": "ours"}, "ours"),
        ("http://box:8000", {"VLLM_API_KEY": "by its port"}, "by its port"),
        ("local", {"LOCAL_URL": "http://box:99", "LOCAL_API_KEY": "ours"}, "ours"),
        ("https://elsewhere.example", {"LOCAL_API_KEY": "ours"}, None),
    ],
)
def test_a_key_is_named_as_for_the_proxy_or_as_the_server_names_it(
    where: str | None, environment: dict[str, str], key: str | None
) -> None:
    assert resolve.find(where, environment).key == key


LOCKED = Reply(401, body={"error": {"message": "Invalid API key."}})


@pytest.mark.parametrize(
    ("target", "reply", "complaint"),
    [
        (
            Target("http://localhost:1234", "lmstudio"),
            LOCKED,
            "lmstudio wants a key (401): Invalid API key. Set LMSTUDIO_API_KEY or LM_API_TOKEN or REPLAY_API_KEY.",
        ),
        (at("http://box:7", key="old"), LOCKED, "http://box:7 refuses the key (401): Invalid API key. Set REPLAY_API"),
        (at("http://box:7"), Reply(403), "http://box:7 wants a key (403): status 403. Set REPLAY_API_KEY."),
        (
            at("http://box:7"),
            Reply(503, body={"error": {"message": "Loading model"}}),
            "http://box:7 doesn't list its models (503): Loading model.",
        ),
    ],
    ids=["no key", "a wrong key", "forbidden", "not ready"],
)
def test_a_server_that_refuses_to_say_what_it_has_is_not_one_without_models(
    target: Target, reply: Reply, complaint: str
) -> None:
    served = asyncio.run(resolve.survey(target, Answering({}, otherwise=reply)))
    for refused in (resolve.require_report, lambda served: resolve.choose_models(served, [])):
        with pytest.raises(TargetError, match=f"^{re.escape(complaint)}"):
            refused(served)
    assert resolve.choose_models(served, ["m"]) == ["m"]


COMPLAINS = Reply(400, body={"error": {"message": "'messages' is required"}})


@pytest.mark.parametrize(
    ("messages", "chat", "recorded", "expected"),
    [
        (COMPLAINS, COMPLAINS, "anthropic", "anthropic"),
        (COMPLAINS, COMPLAINS, "chat", "chat"),
        (Reply(404), COMPLAINS, "anthropic", "chat"),
        (Reply(405), COMPLAINS, "anthropic", "chat"),
        (LMSTUDIO_SAYS_NO, COMPLAINS, "anthropic", "chat"),
        (COMPLAINS, Reply(404), "chat", "anthropic"),
        (Reply(500, body={"error": {"message": "'messages' is required"}}), COMPLAINS, "anthropic", "anthropic"),
        (Reply(401), Reply(401), "anthropic", "anthropic"),
    ],
)
def test_the_format_of_the_recording_is_used_where_the_server_takes_it(
    messages: Reply, chat: Reply, recorded: Any, expected: str
) -> None:
    ask = Answering({"/v1/messages": messages, "/v1/chat/completions": chat})
    target, _ = asyncio.run(resolve.connect(at("http://box:7"), recorded, ask))
    assert target.dialect == expected


def test_a_fixed_format_is_not_looked_for() -> None:
    ask = Answering(LLAMACPP)
    target, served = asyncio.run(resolve.connect(at("http://box:7"), "anthropic", ask, fixed="chat"))
    assert (target.dialect, target.server, target.version) == ("chat", "llamacpp", "b8681-abc")
    assert served.find("tool")
    assert ask.posts == []


def test_a_server_that_takes_no_known_format_is_no_model_server() -> None:
    with pytest.raises(TargetError, match="answers neither /v1/messages nor /v1/chat/completions"):
        asyncio.run(resolve.connect(at("http://box:7"), "anthropic", Answering({})))


def test_a_server_that_does_not_answer_is_reported_with_its_address() -> None:
    nobody = Answering({}, otherwise=Reply(error=ReplayError("refused", "Connection refused")))
    with pytest.raises(TargetError, match=r"http://localhost:1234: Connection refused. Start it \(lms server start\)"):
        asyncio.run(resolve.connect(resolve.find(None, {}), "anthropic", nobody))


def test_a_server_that_hangs_on_some_questions_is_another_kind_and_one_that_hangs_on_all_is_none() -> None:
    hangs = Reply(error=ReplayError("timeout", "no answer within 10 s"))
    known = {"/v1/models": {"data": [{"id": "m"}]}, "/v1/messages": COMPLAINS}
    target, served = asyncio.run(resolve.connect(at("http://box:7"), "anthropic", Answering(known, otherwise=hangs)))
    assert (target.server, [model.name for model in served.models]) == ("", ["m"])
    with pytest.raises(TargetError, match="The server doesn't answer at http://box:7: no answer within 10 s"):
        asyncio.run(resolve.survey(at("http://box:7"), Answering({}, otherwise=hangs)))


INSTANCES = Served("lmstudio", (ServedModel("mine", True, key="a/big"), ServedModel("a/small", True, key="a/small")))
UNLOADED = Served("lmstudio", (ServedModel("a", False), ServedModel("b", False)))


@pytest.mark.parametrize(
    ("served", "asked", "models"),
    [
        (UNLOADED, ["b", "x"], ["b", "x"]),
        (Served("ollama", (ServedModel("a", False), ServedModel("b", True), ServedModel("c", True))), [], ["b"]),
        (Served("", (ServedModel("only", True),)), [], ["only"]),
        (INSTANCES, ["a/big", "a/small", "mine", "x"], ["mine", "a/small", "mine", "x"]),
    ],
)
def test_the_model_is_the_one_asked_for_or_the_one_loaded(served: Served, asked: list[str], models: list[str]) -> None:
    assert resolve.choose_models(served, asked) == models


@pytest.mark.parametrize(
    ("served", "complaint"),
    [
        (UNLOADED, r"^No models loaded\. Load one in LM Studio, or: lms load MODEL It has: a, b\.$"),
        (Served("ollama", ()), r"^No models loaded\. .* ollama run MODEL ''$"),
        (Served("", ()), r"^No models loaded\. Name one with --model\.$"),
        (Served("", tuple(ServedModel(f"m{n}") for n in range(10))), r"^Which model\? .*: m0, .* m7 and 2 more\.$"),
    ],
)
def test_without_a_loaded_model_the_error_says_how_to_load_one(served: Served, complaint: str) -> None:
    with pytest.raises(TargetError, match=complaint):
        resolve.choose_models(served, [])
