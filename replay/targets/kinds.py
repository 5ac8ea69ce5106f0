"""The kinds of model servers: how each is recognised, what it has, and how a model is loaded there.

A new kind is one row in `SERVERS`. Each row asks over `Ask`, which is the only way to the network; shapes are as each
server's own documentation gives them. This module knows nothing of names, keys and dialects.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from replay.errors import TargetError
from replay.exchange import Reply
from replay.request import Target
from replay.targets.probe import Ask, Served, ServedModel, answer, refusal, said
from traces.model import Json

OPENAI_LIST = "/v1/models"

LOADING = 600.0
"""Seconds that a model may take to load."""


@dataclass(frozen=True, slots=True)
class Server:
    """A kind of server. `served` gives None where the server is of another kind; `load` raises TargetError."""

    name: str
    served: Callable[[Target, Ask], Awaitable[Served | None]]
    load: Callable[[Target, str, Ask], Awaitable[None]] | None = None


async def _lmstudio(target: Target, ask: Ask) -> Served | None:
    """Since 0.4; an unknown address is answered with 200 there, so only the shape tells."""
    models: list[ServedModel] = []
    match (await answer(ask, target, "/api/v1/models")).body:
        case {"models": [*entries]}:
            for entry in entries:
                if entry.get("type") != "embedding":
                    models += _instances(entry)
            return Served("lmstudio", tuple(models))
    match (await answer(ask, target, "/api/v0/models")).body:
        case {"data": [*entries]} if all("state" in entry for entry in entries):
            return Served("lmstudio", tuple(_model_of_v0(e) for e in entries if e.get("type") != "embeddings"))
    return None


def _instances(entry: Mapping[str, Any]) -> list[ServedModel]:
    """A loaded model is asked by its instance's name: asked by its key, another instance might be loaded."""
    largest = _count(entry.get("max_context_length"))
    return [
        ServedModel(
            instance["id"], True, _count(instance.get("config", {}).get("context_length")), largest, entry.get("key")
        )
        for instance in entry.get("loaded_instances") or ()
    ] or [ServedModel(entry["key"], False, None, largest)]


def _model_of_v0(entry: Mapping[str, Any]) -> ServedModel:
    loaded, context = entry["state"] == "loaded", _count(entry.get("loaded_context_length"))
    return ServedModel(entry["id"], loaded, context, _count(entry.get("max_context_length")))


async def _load_lmstudio(target: Target, model: str, ask: Ask) -> None:
    reply = await answer(ask, target, "/api/v1/models/load", {"model": model}, LOADING)
    if "Unexpected endpoint" in said(reply):
        await _load_by_asking(target, model, ask)  # older than 0.4: the first request loads
    else:
        _check(reply, target, model)


async def _load_by_asking(target: Target, model: str, ask: Ask) -> None:
    question = {"model": model, "max_tokens": 1, "messages": [{"role": "user", "content": "."}]}
    reply = await answer(ask, target, "/v1/chat/completions", question, LOADING)
    _check(reply, target, model)


async def _ollama(target: Target, ask: Ask) -> Served | None:
    running = (await answer(ask, target, "/api/ps")).body
    if not (isinstance(running, dict) and isinstance(running.get("models"), list)):
        return None
    models = {m["name"]: ServedModel(m["name"], True, _count(m.get("context_length"))) for m in running["models"]}
    match (await answer(ask, target, "/api/tags")).body:
        case {"models": [*entries]}:
            for entry in entries:
                models.setdefault(entry["name"], ServedModel(entry["name"], False))
    return Served("ollama", tuple(models.values()), _version((await answer(ask, target, "/api/version")).body))


async def _load_ollama(target: Target, model: str, ask: Ask) -> None:
    """A request without a prompt loads the model and generates nothing."""
    reply = await answer(ask, target, "/api/generate", {"model": model}, LOADING)
    _check(reply, target, model)


async def _llamacpp(target: Target, ask: Ask) -> Served | None:
    entries = await _openai_list(target, ask)
    if not any(entry.get("owned_by") == "llamacpp" for entry in entries):
        return None
    props = (await answer(ask, target, "/props")).body
    given = props if isinstance(props, dict) else {}
    context = _count((given.get("default_generation_settings") or {}).get("n_ctx"))  # of one slot
    models = [_llamacpp_model(entry, context) for entry in entries]
    return Served("llamacpp", tuple(models), given.get("build_info"))


def _llamacpp_model(entry: Mapping[str, Any], context: int | None) -> ServedModel:
    """A server of one model says nothing of its state; a router of many does."""
    meta, state = entry.get("meta") or {}, entry.get("status")
    if state is None:
        return ServedModel(entry["id"], True, context or _count(meta.get("n_ctx")), _count(meta.get("n_ctx_train")))
    return ServedModel(entry["id"], state.get("value") == "loaded", _count(meta.get("n_ctx")))


async def _load_llamacpp(target: Target, model: str, ask: Ask) -> None:
    """A router answers at once and goes on loading. A server of one model has no such address, and needs none."""
    reply = await answer(ask, target, "/models/load", {"model": model})
    if reply.status == 404:
        return
    _check(reply, target, model)
    async with asyncio.timeout(LOADING):
        while True:
            served = await _llamacpp(target, ask)
            if served is None or (state := served.find(model)) is None or state.loaded:
                return
            await asyncio.sleep(0.2)


async def _vllm(target: Target, ask: Ask) -> Served | None:
    entries = await _openai_list(target, ask)
    if not any(entry.get("owned_by") == "vllm" for entry in entries):
        return None
    models = [ServedModel(entry["id"], True, _count(entry.get("max_model_len"))) for entry in entries]
    return Served("vllm", tuple(models), _version((await answer(ask, target, "/version")).body))


async def _any(target: Target, ask: Ask) -> Served | None:
    """Whatever lists its models as OpenAI does: services, and routers of any make. Where there is one, it is loaded."""
    reply = await answer(ask, target, OPENAI_LIST)
    entries = [entry for entry in _entries(reply) if isinstance(entry.get("id"), str)]
    loaded = True if len(entries) == 1 else None
    models = tuple(ServedModel(entry["id"], loaded, _context(entry)) for entry in entries)
    return Served("", models, refusal=refusal(target, reply))


def _context(entry: Mapping[str, Any]) -> int | None:
    sizes = ("context_length", "max_input_tokens", "max_model_len")
    return next((count for size in sizes if (count := _count(entry.get(size)))), None)


async def _load_any(target: Target, model: str, ask: Ask) -> None:
    """A router loads what is asked for. Where it can't, the replay will show its words."""
    with suppress(TargetError):
        await _load_by_asking(target, model, ask)


async def _openai_list(target: Target, ask: Ask) -> list[dict[str, Any]]:
    return _entries(await answer(ask, target, OPENAI_LIST))


def _entries(reply: Reply) -> list[dict[str, Any]]:
    match reply.body:
        case {"data": [*entries]}:
            return [entry for entry in entries if isinstance(entry, dict)]
    return []


SERVERS: Mapping[str, Server] = {
    "lmstudio": Server("lmstudio", _lmstudio, _load_lmstudio),
    "ollama": Server("ollama", _ollama, _load_ollama),
    "llamacpp": Server("llamacpp", _llamacpp, _load_llamacpp),
    "vllm": Server("vllm", _vllm),
    "": Server("", _any, _load_any),
}
"""In the order in which they are asked; the last is never of another kind."""


def _check(reply: Reply, target: Target, model: str) -> None:
    if reply.status != 200 or (isinstance(reply.body, dict) and reply.body.get("error")):
        raise TargetError(f"{target.name} can't load {model}: {said(reply)}")


def _version(body: Json) -> str | None:
    version = body.get("version") if isinstance(body, dict) else None
    return version if isinstance(version, str) else None


def _count(value: Json) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
