"""How each kind of model server is asked what it has, and how a model is loaded there.

What needs no code is in `traces.servers`. A kind that lists its models in a way of its own is one row in `PROTOCOLS`;
all others are asked as OpenAI's clients ask. Each asks over `Ask`, which is the only way to the network; shapes are as
each server's own documentation gives them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from replay.errors import NoAnswer, TargetError
from replay.exchange import Reply
from replay.request import Target
from replay.targets.probe import Ask, Served, ServedModel, answer, error_message, refusal
from traces.model import Json
from traces.servers import KINDS, ServerKind

OPENAI_LIST = "/v1/models"

LOADING = 600.0
"""Seconds that a model may take to load."""


POLL = 0.2
"""Seconds between two polls of a server that is loading a model."""

STALE_POLLS = 25
"""How many polls in a row must show a failure before it counts, if loading was never seen: it may be an old one."""

IDLE_POLLS = 300
"""How many polls in a row may show that loading hasn't begun: a router may have to unload another model first."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """How a kind of server is asked.

    survey   returns None where the server is of another kind
    load     raises TargetError where it can't load the model
    """

    survey: Callable[[Target, Ask], Awaitable[Served | None]]
    load: Callable[[Target, str, Ask], Awaitable[None]]


async def _lmstudio(target: Target, ask: Ask) -> Served | None:
    """Ask the API of 0.4, then the older one. Unknown paths are answered with 200 too, so only the shape counts."""
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
    """Return a model's loaded instances, each under its own name: by the key, the server might load another one."""
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
    if "Unexpected endpoint" in error_message(reply):
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
    """Send a request without a prompt, which loads the model and generates nothing."""
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
    """Read one entry. Only a router of several models reports whether each is loaded."""
    meta, state = entry.get("meta") or {}, entry.get("status")
    if state is None:
        return ServedModel(entry["id"], True, context or _count(meta.get("n_ctx")), _count(meta.get("n_ctx_train")))
    return ServedModel(entry["id"], state.get("value") == "loaded", _count(meta.get("n_ctx")))


async def _load_llamacpp(target: Target, model: str, ask: Ask) -> None:
    """Ask a router to load the model, and wait until it has. A server of one model, which needs none, answers 404."""
    reply = await answer(ask, target, "/models/load", {"model": model})
    if reply.status == 404:
        return
    _check(reply, target, model)
    await until_loaded(target, model, ask)


Sleep = Callable[[float], Awaitable[None]]


async def until_loaded(target: Target, model: str, ask: Ask, sleep: Sleep = asyncio.sleep) -> None:
    """Wait until a router of llama.cpp lists the model as loaded. Raises TargetError where it stopped loading.

    Once loading was seen, a failure counts at once; before that it may be left from an earlier try, and counts only if
    it stays.
    """
    was_loading, failed_polls, idle_polls = False, 0, 0
    async with asyncio.timeout(LOADING):
        while True:
            try:
                entries = await _openai_list(target, ask)
            except NoAnswer as error:
                if error.kind != "timeout":
                    raise
                continue  # it may be too busy with loading to answer
            entry = next((one for one in entries if one.get("id") == model), None)
            if entry is None or (state := _router_state(entry)) == "loaded":
                return
            was_loading = was_loading or state == "loading"
            failed_polls = failed_polls + 1 if state == "failed" else 0
            idle_polls = idle_polls + 1 if state == "unloaded" else 0
            ended = was_loading and state in ("failed", "unloaded")
            if ended or failed_polls > STALE_POLLS or idle_polls > IDLE_POLLS:
                raise TargetError(f"{target.name} can't load {model}: {_why_not_loaded(entry)} Its own log says why.")
            await sleep(POLL)


def _router_state(entry: Mapping[str, Any]) -> Literal["loaded", "loading", "failed", "unloaded"]:
    """Return a model's state. One that died is listed as unloaded, but with `failed` or an exit code other than 0."""
    status = entry.get("status")
    if not isinstance(status, dict):
        return "loaded"  # a server of one model doesn't report its state
    value = status.get("value")
    if value in ("loaded", "sleeping"):
        return "loaded"
    if value in ("loading", "downloading"):
        return "loading"
    return "failed" if value in ("failed", "error") or status.get("failed") or status.get("exit_code") else "unloaded"


def _why_not_loaded(entry: Mapping[str, Any]) -> str:
    status = entry["status"]
    if _router_state(entry) == "unloaded":
        return "it is still listed as unloaded."
    code = status.get("exit_code")
    return f"it is listed as failed{f', with exit code {code}' if code else ''}."


async def _any(target: Target, ask: Ask) -> Served | None:
    """Read a list of models in OpenAI's form: services, and routers of any make. A single model counts as loaded."""
    reply = await answer(ask, target, OPENAI_LIST)
    entries = [entry for entry in _entries(reply) if isinstance(entry.get("id"), str)]
    kind = _owner(entries)
    loaded = True if len(entries) == 1 or (kind and kind.lists_only_loaded) else None
    models = tuple(ServedModel(entry["id"], loaded, _context(entry)) for entry in entries)
    version = _version((await answer(ask, target, kind.version_path)).body) if kind and kind.version_path else None
    return Served(kind.name if kind else "", models, version, refusal(target, reply))


def _owner(entries: list[dict[str, Any]]) -> ServerKind | None:
    """Return the kind of server that the list names as the owner of a model."""
    owners = {owner for entry in entries if isinstance(owner := entry.get("owned_by"), str)}
    return next((kind for kind in KINDS.values() if kind.owned_by and kind.owned_by in owners), None)


def _context(entry: Mapping[str, Any]) -> int | None:
    sizes = ("context_length", "max_input_tokens", "max_model_len")
    return next((count for size in sizes if (count := _count(entry.get(size)))), None)


async def _load_any(target: Target, model: str, ask: Ask) -> None:
    """Ask the model a question, since a router then loads it. If that fails, the replay will show why."""
    with suppress(TargetError):
        await _load_by_asking(target, model, ask)


async def _openai_list(target: Target, ask: Ask) -> list[dict[str, Any]]:
    return _entries(await answer(ask, target, OPENAI_LIST))


def _entries(reply: Reply) -> list[dict[str, Any]]:
    match reply.body:
        case {"data": [*entries]}:
            return [entry for entry in entries if isinstance(entry, dict)]
    return []


PROTOCOLS: dict[str, Protocol] = {
    "lmstudio": Protocol(_lmstudio, _load_lmstudio),
    "ollama": Protocol(_ollama, _load_ollama),
    "llamacpp": Protocol(_llamacpp, _load_llamacpp),
}
"""Kinds of servers with a protocol of their own, in the order in which a server is asked whether it is one of them."""

ANY = Protocol(_any, _load_any)
"""For all other kinds of servers."""


def protocol_of(mode: str) -> Protocol:
    """Return how servers of this kind are asked."""
    return PROTOCOLS.get(mode, ANY)


def is_recognised(mode: str) -> bool:
    """Return whether a server of this kind can be recognised by its answers."""
    return mode in PROTOCOLS or bool(KINDS[mode].owned_by)


def _check(reply: Reply, target: Target, model: str) -> None:
    if reply.status != 200 or (isinstance(reply.body, dict) and reply.body.get("error")):
        raise TargetError(f"{target.name} can't load {model}: {error_message(reply)}")


def _version(body: Json) -> str | None:
    version = body.get("version") if isinstance(body, dict) else None
    return version if isinstance(version, str) else None


def _count(value: Json) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
