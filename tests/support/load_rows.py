"""Made-up rows of a load, as `trace-replayer load` measures them, and whole loads: no server, no clock.

row(ttft=0.4)                            one turn, with whatever a test doesn't name in its usual value
level(8, turns=50, ttft=lambda n: 0.1 * n)   the turns of a level, spread over its agents and its time
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from replay.load.knee import Goal, Knee
from replay.load.monitor import Sample
from replay.load.objectives import parse
from replay.load.plan import Agents, Arrivals, LoadPlan
from replay.load.results import Run, Saved
from replay.load.rows import Row

BEGIN = 1_795_000_000.0
"""Seconds since the epoch when the first made-up run begins."""

USUAL = Row(
    run=1,
    level="8 agents",
    load=8.0,
    node="box",
    process=1,
    lane=1,
    visit=1,
    session="5e551011",
    agent="main",
    turn=1,
    kind="USER",
    warmup=False,
    due=1.0,
    sent=1.002,
    at=BEGIN + 1.002,
    connect=0.001,
    headers=0.01,
    ttft=0.5,
    first_answer=0.5,
    last_content=1.9,
    total=2.0,
    chunks=50,
    gap_mean=0.0286,
    gap_p50=0.028,
    gap_p99=0.06,
    gap_max=0.07,
    input=20_000,
    cached=19_000,
    predicted=19_500,
    output=50,
    decode=35.0,
    prefill=2000.0,
    status=200,
    stop="end_turn",
    correct=True,
)


def row(**given: Any) -> Row:
    """Return a turn that was answered within 2 s, with these columns set. `at` follows `sent`, and `sent` `due`."""
    if "due" in given:
        given.setdefault("sent", given["due"] + 0.002)
    if "sent" in given:
        given.setdefault("at", BEGIN + given["sent"])
    return replace(USUAL, **given)


def failed(kind: str = "http_error", message: str = "the queue is full", **given: Any) -> Row:
    """Return a turn that got no content."""
    nothing = dict.fromkeys(("ttft", "first_answer", "last_content", "gap_mean", "gap_p50", "gap_p99", "gap_max"))
    counts = dict.fromkeys(("input", "cached", "output", "decode", "prefill", "stop", "correct"))
    return row(**{**nothing, **counts, "chunks": 0, "total": 0.1, "error": kind, "message": message, **given})


def level(
    agents: int,
    turns: int = 40,
    ttft: Callable[[int], float] = lambda turn: 0.5,
    duration: float = 60.0,
    run: int = 1,
    **given: Any,
) -> list[Row]:
    """Return the turns of a level of so many agents, evenly spread over its time. `ttft` is called with 0, 1, 2, …"""
    found = []
    for number in range(turns):
        first, due = ttft(number), number * duration / turns
        found.append(
            row(
                run=run,
                level=f"{agents} agent{'s' if agents > 1 else ''}",
                load=float(agents),
                lane=number % agents + 1,
                turn=number // agents + 1,
                due=due,
                **{"ttft": first, "first_answer": first, "last_content": first + 1.4, "total": first + 1.5, **given},
            )
        )
    return found


def loads() -> list[Saved]:
    """Return a search that found a knee before a server that told of itself, and a load of which little is known."""
    levels = {1: 0.5, 2: 0.8, 4: 2.0, 3: 1.5}
    rows, runs, samples = [], [], []
    for number, (agents, ttft) in enumerate(levels.items(), 1):
        begin = BEGIN + 100 * (number - 1)
        for each in level(agents, turns=120, ttft=lambda turn, ttft=ttft: ttft + turn / 50, run=number):  # type: ignore[misc]
            rows.append(replace(each, at=begin + each.sent))
        runs.append(Run(number, Agents(agents).name, begin))
        told = {"running": float(min(agents, 2)), "waiting": float(max(0, agents - 2)), "kv_usage": agents / 4}
        samples += [Sample(begin + second, told) for second in range(0, 60, 10)]
    goal = Goal()
    plan = LoadPlan((Agents(1),), objectives=parse("ttft=2s"), knee=goal)
    started = "2026-11-28T01:00:00.000Z"
    sessions = {"5e551011": 20}
    found = Saved(
        *(plan, "http://box:8080", "qwen3-coder", "llamacpp b1", started, sessions, tuple(runs), tuple(rows)),
        samples=tuple(samples),
        knee=Knee(3, 4, decided=True, ended="found"),
    )
    none = [failed(run=1, level="6/min", load=6.0, agent="a1b2", total=None, predicted=None)]
    unknown = Saved(
        *(LoadPlan((Arrivals(6.0),)), "http://box:8000", "other", "", started, sessions),
        *((Run(1, "6/min", BEGIN, ("the server is gone",), stopped=True),), tuple(none)),
        samples=(Sample(BEGIN + 1, {"gpu_usage": 0.5}),),
    )
    return [found, unknown]
