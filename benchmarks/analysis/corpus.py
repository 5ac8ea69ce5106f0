"""Generated sessions: traces that grow from turn to turn as Claude Code's do, about 130 KiB each in the middle.

Their texts are from Python's own library, so that tokens are as long as in real ones. They are the same on every run.
"""

import random
import sysconfig
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from traces import metrics
from traces.model import Event, Ids, Json, Request, Response, Trace
from traces.storage import codec, store

TURNS = 40  # in a session: from 75 KiB to 185 KiB
_START = datetime(2026, 1, 1, tzinfo=UTC)


def write(folder: Path, traces: int) -> int:
    """Write this many traces, as the proxy would; return their size in bytes."""
    written = 0
    for trace in islice(sessions(), traces):
        data = codec.encode(trace)
        store.create(folder, store.stem_of(trace.timestamp), data)
        written += len(data)
    return written


def sessions() -> Iterator[Trace]:
    words = _Words()
    system = [{"type": "text", "text": words.take(length)} for length in (80, 60, 14_000)]
    tools = [_tool(f"Tool{number}", words) for number in range(16)]
    moment = _START
    number = 0
    while True:
        number += 1
        messages: list[Json] = [{"role": "user", "content": [{"type": "text", "text": words.take(9_000)}]}]
        for turn in range(TURNS):
            moment += timedelta(seconds=7)
            call = {
                "type": "tool_use",
                "id": f"toolu_{number}_{turn}",
                "name": f"Tool{turn % 16}",
                "input": {"path": words.take(60)},
            }
            said = {"type": "text", "text": words.take(200)}
            body = {"model": "claude-opus-5-5", "messages": list(messages), "system": system, "tools": tools}
            yield _trace(moment, f"session-{number}", body, [said, call])
            messages += [
                {"role": "assistant", "content": [said, call]},
                {
                    "role": "user",
                    "content": [{"type": "tool_result", "tool_use_id": call["id"], "content": words.take(2_400)}],
                },
            ]


def _trace(moment: datetime, session: str, body: Json, answer: list[Json]) -> Trace:
    usage = {"input_tokens": 900, "cache_read_input_tokens": 30_000, "output_tokens": 90}
    message = {"role": "assistant", "content": answer, "stop_reason": "tool_use", "usage": usage}
    events = tuple(Event(0.5 + at / 50, "content_block_delta", "text", 4) for at in range(70))
    return Trace(
        moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "lmstudio",
        Request("POST", "http://localhost:1234/v1/messages?beta=true", {"x-claude-code-session-id": session}, body),
        Response(200, {"content-type": "text/event-stream"}, message),
        timing=metrics.measure(events, 0.01, 2.0),
        events=events,
        ids=Ids(session),
    )


def _tool(name: str, words: "_Words") -> Json:
    properties = {f"field{number}": {"type": "string", "description": words.take(90)} for number in range(5)}
    schema = {"type": "object", "properties": properties, "required": ["field0"]}
    return {"name": name, "description": words.take(1_500), "input_schema": schema}


class _Words:
    """Text from the modules of the standard library, no piece of it twice."""

    def __init__(self) -> None:
        library = Path(sysconfig.get_paths()["stdlib"])
        files = sorted(library.glob("*.py"))
        random.Random(1).shuffle(files)
        self._text = "".join(file.read_text("utf-8", "replace") for file in files)
        self._at = 0
        self._round = 0

    def take(self, length: int) -> str:
        if self._at + length > len(self._text):
            self._at = 0
            self._round += 1
        self._at += length
        mark = f"# {self._round}\n" if self._round else ""  # so that a text that is used again differs
        return mark + self._text[self._at - length : self._at]
