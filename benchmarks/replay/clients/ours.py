"""The toolkit: its command for one request at a time, as a user calls it; `replay.transport.send` for many at once."""

from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.replay.client import PATH, PROMPT, Answer, Client, Load, Report
from benchmarks.replay.clients import scripted
from replay.results import files
from traces.measures import by_key
from traces.model import Request, Trace
from traces.storage import codec, store

RESULTS = "results"


def command(bin: Path, folder: Path, address: str, load: Load) -> list[str | Path]:
    if load.streams > 1:
        return scripted.command("our_library", bin, folder, address, load)
    recorded: Any = {"model": "recorded", "stream": True, "messages": [{"role": "user", "content": PROMPT}]}
    trace = Trace("2026-01-01T00:00:00.000Z", "local", Request("POST", PATH, {}, recorded))
    file = store.create(folder / "traces", "benchmark", codec.encode(trace))
    options = ("--target", address, "--dialect", "chat", "--model", load.model, "--runs", str(load.requests))
    return [bin / "python", "-m", "replay", "replay", file, *options, "--output", RESULTS]


def read(folder: Path) -> Report:
    if not (folder / RESULTS).exists():
        return scripted.read(folder)
    return Report([_answer(path) for path in sorted((folder / RESULTS).glob("*.json"))])


def _answer(path: Path) -> Answer:
    result = files.load(path)
    metrics = result.metrics
    moments = [chunk.at for chunk in result.chunks if chunk.at is not None]
    gaps = tuple(after - before for before, after in pairwise(moments))
    speed = metrics.decode.tokens_per_second
    return Answer(
        metrics.timing.ttft,
        speed and 1 / speed,
        _text(result.message),
        gaps,
        by_key("prefill_speed").value(result.figures),
    )


def _text(message: Any) -> str:
    return message["choices"][0]["message"].get("content") or ""


CLIENT = Client("ours", "-e .", command, read)
