"""The questions that all kinds of servers are asked alike.

What differs between kinds is in `replay.targets.kinds`.
"""

from collections.abc import Awaitable
from typing import Protocol

from replay.errors import NoAnswer
from replay.exchange import Reply
from replay.request import Target
from traces.model import Json
from traces.servers import KINDS, ServerKind, kind_of, mode_of, split_address
from traces.surveys import Answer, error_message

ANY_KEY_ENV = "REPLAY_API_KEY"
"""The variable with the key of any server that has no variable of its own, or whose own isn't set."""


class Ask(Protocol):
    """One short question to a server. What goes wrong is in the reply."""

    def __call__(
        self, target: Target, method: str, path: str, body: Json = None, timeout: float = 10.0
    ) -> Awaitable[Reply]: ...


async def answer(ask: Ask, target: Target, path: str, body: Json = None, timeout: float = 10.0) -> Reply:
    """Send GET, or POST where there is a body, and return the reply. Raises NoAnswer."""
    reply = await ask(target, "GET" if body is None else "POST", path, body, timeout)
    if reply.status is None:
        why = reply.error.message if reply.error else "no answer"
        kind = reply.error.kind if reply.error else "other"
        who = "The server" if target.name == target.url else target.name
        raise NoAnswer(kind, f"{who} doesn't answer at {target.url}: {why}. {_remedy(target.name)}")
    return reply


def key_envs(target: Target) -> tuple[str, ...]:
    """Return the environment variables that may hold its key; the first that is set counts.

    At an address that fits no kind of server, the variables of `local` count only where the user named that kind.
    """
    mode = target.name if target.name in KINDS else mode_of(*split_address(target.url))
    known = target.name in KINDS or mode != "local"
    return (*(KINDS[mode].key_envs if known else ()), ANY_KEY_ENV)


def kind_of_target(target: Target) -> ServerKind:
    """Return the kind that the server turned out to be, else the one that the user named."""
    return kind_of(target.server or target.name)


def refusal(target: Target, reply: Answer) -> str:
    """Return why it doesn't list its models, in its own words; "" where it does, or where it has no such list."""
    status, words = reply.status or 0, error_message(reply).rstrip(".")
    if status in (401, 403):
        complaint = "refuses the key" if target.key else "wants a key"
        return f"{target.name} {complaint} ({status}): {words}. Set {' or '.join(key_envs(target))}."
    return f"{target.name} doesn't list its models ({status}): {words}." if status >= 500 else ""


def _remedy(name: str) -> str:
    start = kind_of(name).start
    return f"Start it ({start}), or take another --target." if start else "Is the address right?"
