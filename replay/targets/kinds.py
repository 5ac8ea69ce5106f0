"""How each kind of model server is asked what it has, and how a model is loaded there.

What needs no code is in `traces.servers`, and what answers mean in `traces.surveys`. A kind with a way of its own is
one row in `PROTOCOLS`; all others are asked as OpenAI's clients ask. Each asks over `Ask`, the only way to the network.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from replay.errors import NoAnswer, TargetError
from replay.exchange import Reply
from replay.request import Target
from replay.targets.probe import Ask, answer, refusal
from traces.servers import KINDS
from traces.surveys import OPENAI_LIST, SURVEYS, Served, Survey, any_server, entries_of, error_message

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


def _over(survey: Callable[[], Survey]) -> Callable[[Target, Ask], Awaitable[Served | None]]:
    """Return a survey that asks its questions over `Ask`."""

    async def ask_all(target: Target, ask: Ask) -> Served | None:
        return await _drive(survey(), target, ask)

    return ask_all


async def _drive(survey: Survey, target: Target, ask: Ask) -> Served | None:
    try:
        path = next(survey)
        while True:
            path = survey.send(await answer(ask, target, path))
    except StopIteration as end:
        served: Served | None = end.value
        return served


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


async def _load_ollama(target: Target, model: str, ask: Ask) -> None:
    """Send a request without a prompt, which loads the model and generates nothing."""
    reply = await answer(ask, target, "/api/generate", {"model": model}, LOADING)
    _check(reply, target, model)


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


async def _load_nothing(target: Target, model: str, ask: Ask) -> None:
    """Do nothing: a service has all its models ready."""


async def _any(target: Target, ask: Ask) -> Served | None:
    return await _drive(any_server(lambda reply: refusal(target, reply)), target, ask)


async def _load_any(target: Target, model: str, ask: Ask) -> None:
    """Ask the model a question, since a router then loads it. If that fails, the replay will show why."""
    with suppress(TargetError):
        await _load_by_asking(target, model, ask)


async def _openai_list(target: Target, ask: Ask) -> list[dict[str, Any]]:
    return entries_of(await answer(ask, target, OPENAI_LIST))


PROTOCOLS: dict[str, Protocol] = {
    "lmstudio": Protocol(_over(SURVEYS["lmstudio"]), _load_lmstudio),
    "ollama": Protocol(_over(SURVEYS["ollama"]), _load_ollama),
    "llamacpp": Protocol(_over(SURVEYS["llamacpp"]), _load_llamacpp),
    "gemini": Protocol(_over(SURVEYS["gemini"]), _load_nothing),
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
