"""What a server has, as it says itself, and how it is asked.

This module knows nothing of the kinds of servers: see `replay.targets.kinds`.
"""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Protocol

from replay.errors import NoAnswer
from replay.exchange import Reply
from replay.request import Target
from traces.model import Json
from traces.servers import KINDS, ServerKind, kind_of, mode_of, split_address

ANY_KEY_ENV = "REPLAY_API_KEY"
"""The key of any other server, and of one of those we know where its own isn't set."""


class Ask(Protocol):
    """One short question to a server. What goes wrong is in the reply."""

    def __call__(
        self, target: Target, method: str, path: str, body: Json = None, timeout: float = 10.0
    ) -> Awaitable[Reply]: ...


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model of a server. None is what the server doesn't say.

    name           what it is asked by
    key            another name of it, by which it must not be asked: the server would load it once more
    loaded         ready to answer, without being loaded first
    context        tokens of prompt and answer together, as it is loaded; `largest` as it could be
    """

    name: str
    loaded: bool | None = None
    context: int | None = None
    largest: int | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Served:
    """What a server said of itself. `server` is "" where it could be any; `refusal` says why it told nothing, and what
    to do."""

    server: str
    models: tuple[ServedModel, ...]
    version: str | None = None
    refusal: str = ""

    def has_loaded(self, name: str) -> bool:
        """What is said here of a model that was loaded then still holds, as long as no other was asked for."""
        model = self.find(name)
        return model is not None and bool(model.loaded)

    def asked_by(self, name: str) -> str:
        """The name to ask a model by that a user may know by its key."""
        named = {model.name for model in self.models}
        by_key = (model.name for model in self.models if model.key == name)
        return name if name in named else next(by_key, name)

    def find(self, name: str) -> ServedModel | None:
        """The model of this name; Ollama's may leave out `:latest`."""
        return next((model for model in self.models if model.name in (name, f"{name}:latest")), None)


async def answer(ask: Ask, target: Target, path: str, body: Json = None, timeout: float = 10.0) -> Reply:
    """GET, or POST where there is a body. Raises NoAnswer."""
    reply = await ask(target, "GET" if body is None else "POST", path, body, timeout)
    if reply.status is None:
        why = reply.error.message if reply.error else "no answer"
        kind = reply.error.kind if reply.error else "other"
        who = "The server" if target.name == target.url else target.name
        raise NoAnswer(kind, f"{who} doesn't answer at {target.url}: {why}. {_remedy(target.name)}")
    return reply


def key_envs(target: Target) -> tuple[str, ...]:
    """The environment variables that may hold its key, in the order in which they count. A server at an address that
    says nothing of it is one that the user calls `local` only where he says so."""
    mode = target.name if target.name in KINDS else mode_of(*split_address(target.url))
    known = target.name in KINDS or mode != "local"
    return (*(KINDS[mode].key_envs if known else ()), ANY_KEY_ENV)


def kind_of_target(target: Target) -> ServerKind:
    """Return the row of what it turned out to be, or else of what the user calls it."""
    return kind_of(target.server or target.name)


def refusal(target: Target, reply: Reply) -> str:
    """Why it doesn't say what it has, in its own words; "" where it does, or knows no such question."""
    status, words = reply.status or 0, said(reply).rstrip(".")
    if status in (401, 403):
        complaint = "refuses the key" if target.key else "wants a key"
        return f"{target.name} {complaint} ({status}): {words}. Set {' or '.join(key_envs(target))}."
    return f"{target.name} doesn't say what it has ({status}): {words}." if status >= 500 else ""


def _remedy(name: str) -> str:
    start = kind_of(name).start
    return f"Start it ({start}), or take another --target." if start else "Is the address right?"


def said(reply: Reply) -> str:
    """A server's complaint in its own words, whichever way it is wrapped."""
    match reply.body:
        case {"error": {"message": str(words)}} | {"error": str(words)} | {"message": str(words)}:
            return words
        case {"detail": str(words)}:
            return words
    return f"status {reply.status}"
