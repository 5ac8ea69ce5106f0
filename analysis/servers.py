"""Which cache a recorded server is taken to have, and how that is said in words. Knows nothing of prompts."""

from collections.abc import Collection
from math import inf

from analysis.prefix import Server

ANTHROPIC = frozenset(("claude", "openrouter"))
"""Modes in which Anthropic's own cache answers, which holds whatever was marked; no slots are in the way."""

UNLIMITED = ANTHROPIC | {"vllm"}
"""Modes in which a server holds, as nearly as matters, all that it was sent: vLLM has as many blocks as fit."""

WITH_RAM = frozenset(("llamacpp", "ollama"))
"""Modes in which llama.cpp's server keeps in the host's memory what a slot loses: 8 GiB, if it isn't told otherwise."""

ONE_FOR_ALL = frozenset(("llamacpp", "mlx"))
"""Modes in which the one loaded model answers to every name."""


def server_of(modes: Collection[str], slots: int | None = None, ram: int | None = None) -> Server:
    """Of traces in these modes; what the user says of `slots` and `ram` goes before what the modes tell.

    Whether it rewrites the billing header, `analysis.header` finds out."""
    known = frozenset(modes)
    return Server(
        slots=slots if slots is not None else 0 if known <= UNLIMITED else 1,
        host=ram if ram is not None else inf if known & WITH_RAM else 0,
        by_model=not known & ONE_FOR_ALL,
    )


def described(server: Server) -> str:
    """`a server that holds one slot and in RAM what slots lose`"""
    slots = {0: "all that was ever sent", 1: "one slot"}.get(server.slots, f"{server.slots} slots")
    room = "what slots lose" if server.host == inf else f"{server.host:,.0f} tokens of it"
    ram = f" and in RAM {room}" if server.host else ""
    return f"a server that holds {slots}{ram}"
