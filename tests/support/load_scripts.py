"""Made-up scripts of a load: which turn waits for which, and how long the agent pauses before it."""

from collections.abc import Mapping
from typing import Any

from replay.load.script import Script, ScriptTurn
from replay.request import Prepared, Target
from traces import jsonio

TARGET = Target("http://localhost:8080", "llamacpp")


def turn(
    number: int, *after: int, pause: float = 0.0, body: Mapping[str, Any] | None = None, **given: Any
) -> ScriptTurn:
    """Return a turn that waits for these. It continues the last of them, where there is one."""
    prepared = Prepared(TARGET, "/v1/messages", {}, jsonio.dumps(body or {"messages": []}), "m", "anthropic")
    usual = {"agent": "main", "kind": "TEXT_GENERATION", "follows": after[-1] if after else None}
    return ScriptTurn(number=number, after=after, pause=pause, prepared=prepared, **{**usual, **given})


def chain(count: int, pause: float = 1.0, session: str = "5e551011") -> Script:
    """Return a session of turns that follow one another."""
    return Script(
        session, tuple(turn(n, *([n - 1] if n > 1 else []), pause=pause if n > 1 else 0.0) for n in range(1, count + 1))
    )
