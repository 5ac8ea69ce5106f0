"""`trace-replayer load` as a user calls it, playing a recorded session; its figures are read from its rows."""

from pathlib import Path
from typing import Any

from benchmarks.replay.client import PATH, PROMPT, Answer, Client, Load, Report
from replay.load import results
from replay.load.rows import Row
from traces.model import Request, Response, Trace
from traces.storage import codec, store

RESULTS = "loads"
TURNS = 4
"""Turns of the session that agents play; at a rate of sessions it has a single one, so that it is one of requests."""


def command(bin: Path, folder: Path, address: str, load: Load) -> list[str | Path]:
    for trace in session(1 if load.rate else TURNS):
        store.create(folder / "traces", "benchmark", codec.encode(trace))
    return [
        *(bin / "python", "-m", "replay", "load", folder / "traces"),
        *("--target", address, "--dialect", "chat", "--model", load.model),
        *("--think", "none", "--requests", str(load.requests), "--output", RESULTS),
        *(_at_rate(load) if load.rate else ("--agents", str(load.streams), "--duration", "1h")),
    ]


def _at_rate(load: Load) -> tuple[str, ...]:
    seconds = load.requests / load.rate
    return "--rate", f"{load.rate * 60:g}/min", "--clock", "constant", "--duration", f"{seconds:g}s"


def session(turns: int) -> list[Trace]:
    """Return a recorded session: a prompt as large as Claude Code's, and a short answer and a question each turn."""
    messages: list[Any] = [{"role": "user", "content": PROMPT}]
    found = []
    for number in range(turns):
        body: Any = {"model": "recorded", "stream": True, "messages": list(messages)}
        said = {"role": "assistant", "content": f"It is {number}."}
        answer: Any = {
            "id": f"chatcmpl-{number}",
            "object": "chat.completion",
            "model": "recorded",
            "choices": [{"index": 0, "message": said, "finish_reason": "stop"}],
        }
        request = Request("POST", PATH, {"x-session-id": "benchmark"}, body)
        found.append(Trace(f"2026-01-01T00:00:0{number}.000Z", "local", request, Response(200, {}, answer)))
        messages += [said, {"role": "user", "content": "And now?"}]
    return found


def read(folder: Path) -> Report:
    [kept] = (folder / RESULTS).iterdir()
    return Report([_answer(row) for row in results.load(kept).rows if row.ok])


def _answer(row: Row) -> Answer:
    number = int((row.answer_id or "").rpartition("-")[2])
    return Answer(row.ttft, row.gap_mean, lag=row.lag, number=number)


CLIENT = Client("ours", "-e .", command, read)
