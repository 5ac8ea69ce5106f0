"""A conversation between the real client and a scripted model, told once for the client, the server and the traces."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.support.answers import Block
from tests.support.answers import events as answer_events
from tests.support.client import Client
from tests.support.scripted import Answer, Received, Script, ScriptedServer, stream

SESSION = "11111111-2222-4333-8444-555555555555"

PREFILL = 0.1
"""Seconds before the first event of every answer: what a trace must at least have measured."""

SUBAGENT_THINKS = 1.0
"""Seconds more before a subagent is answered, so that its result always comes after its parent has gone on."""


@dataclass(frozen=True)
class Story:
    """What the user asks, run by run, and what the model answers, request by request."""

    asks: Sequence[tuple[str, ...]]
    answers: Sequence[Sequence[Block]]
    prints: Sequence[str]
    subagent: Sequence[Block] = ()

    def script(self, events: Callable[..., Sequence[bytes]] = answer_events) -> Script:
        """Return what the server does; `events` writes an answer's blocks in an API format."""
        main = enumerate(self.answers)

        def answer(request: Received) -> Answer:
            if is_subagent(request):
                return stream([PREFILL + SUBAGENT_THINKS, *events(*self.subagent, id="msg_sub")])
            number, blocks = next(main)
            return stream([PREFILL, *events(*blocks, id=f"msg_{number}")])

        return answer


@dataclass(frozen=True)
class Seen:
    """What there was to see of a story from outside: on the client's side, and on the server's."""

    printed: list[Mapping[str, Any]]
    requests: list[tuple[Any, ...]]


def play(story: Story, client: Client, server: ScriptedServer, url: str) -> Seen:
    """Lets the client have the conversation with `server` by way of `url`."""
    (client.project / "notes.txt").write_text("The word is plum.\n")
    outcomes = [client.ask(url, *ask) for ask in story.asks]
    stable = ("result", "is_error", "num_turns", "stop_reason", "session_id", "usage", "permission_denials")
    return Seen(
        printed=[{name: outcome.printed[name] for name in stable} for outcome in outcomes],
        requests=[_comparable(request) for request in server.received],
    )


def is_subagent(request: Received) -> bool:
    return request.header("x-claude-code-agent-id") is not None


def _comparable(request: Received) -> tuple[Any, ...]:
    """All of it, byte for byte, but for what differs in each run (ids it draws, a duration), and whom it talks to."""
    varying = ("Host", "Content-Length")  # the latter with the duration's digits
    headers = [(name, _without_chance(value)) for name, value in request.headers if name not in varying]
    return request.method, request.path, headers, _without_chance(request.body.decode())


def _without_chance(text: str) -> str:
    device, agent, took = r"\b[0-9a-f]{64}\b", r"\ba[0-9a-f]{16}\b", r"<duration_ms>\d+"
    return re.sub(f"{device}|{agent}|{took}", "…", text)
