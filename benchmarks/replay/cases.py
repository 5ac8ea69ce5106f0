"""How the tools read answers that are easily misread: what was served, and what each tool reports of it."""

import asyncio
import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tabulate import tabulate

from benchmarks.replay import measure
from benchmarks.replay.client import Answer, Load
from benchmarks.replay.clients import CLIENTS
from benchmarks.replay.measure import Failed

TOOLS = ("ours", "aiperf", "guidellm", "llama-benchy")
"""The libraries and the bare loop report no such figures."""

PROMPT_TOKENS = 26_000
ROLE = {"role": "assistant", "content": ""}


def words(text: str) -> dict[str, str]:
    return {"content": text}


def thought(text: str) -> dict[str, str]:
    return {"reasoning_content": text}


def call(arguments: str, name: str | None = None) -> dict[str, Any]:
    head = {"id": "call_1", "type": "function"} if name else {}
    function = {"name": name} if name else {}
    return {"tool_calls": [{"index": 0, **head, "function": {**function, "arguments": arguments}}]}


@dataclass(frozen=True, slots=True)
class Case:
    """What is sent when, in seconds since the request; how many tokens that is, and the true figures."""

    deltas: Sequence[tuple[float, Mapping[str, Any]]]
    tokens: int
    true: Answer


def _each(text: str, count: int, begin: float, gap: float) -> list[tuple[float, dict[str, str]]]:
    return [(begin + number * gap, words(text)) for number in range(count)]


CASES = {
    "a role-only chunk first": Case([(0.02, ROLE), *_each("a ", 20, 2, 0.05)], 20, Answer(2.0, 0.05, prefill=13_000)),
    "thinking first": Case(
        [(1.0, thought("hm ")), (1.1, thought("so ")), *_each("a ", 18, 1.2, 0.1)], 20, Answer(1.0, 0.1, prefill=26_000)
    ),
    "only a tool call": Case(
        [(1.0, call("", "Read")), *((1.1 + n * 0.1, call("1")) for n in range(19))],
        20,
        Answer(1.0, 0.1, prefill=26_000),
    ),
    "four tokens a chunk": Case(_each("four tokens a chunk ", 25, 1, 0.1), 100, Answer(1.0, 0.025, prefill=26_000)),
    "one token": Case(_each("a ", 1, 1, 0), 1, Answer(1.0, None, prefill=26_000)),
}


def run(folders: Mapping[str, Path]) -> tuple[str, list[str]]:
    """Return the table, and the reasons for what is missing in it."""
    return asyncio.run(_run({name: folder for name, folder in folders.items() if name in TOOLS}))


async def _run(folders: Mapping[str, Path]) -> tuple[str, list[str]]:
    rows, failed = [], []
    async with await asyncio.start_server(_serve, "127.0.0.1", 0, limit=2**20) as listening:
        address = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        for title, case in CASES.items():
            row = [title, _figures(case.true)]
            for name, folder in folders.items():
                print(f"{title}: {name} …", file=sys.stderr)
                load = Load(title, 1, 1, case.tokens)
                try:
                    measured = await asyncio.to_thread(measure.run, CLIENTS[name], folder / "bin", address, load)
                    row.append("\n".join(map(_figures, measured.answers)) or "counts it as failed")
                except Failed as error:
                    row.append("fails")
                    failed.append(f"{name}, {title}: {error}")
            rows.append(row)
    return tabulate(rows, ["", "true", *folders], disable_numparse=True), failed


def _figures(answer: Answer) -> str:
    """Return the figures of an answer as text, unknown ones as `–`."""
    speed = 1 / answer.gap if answer.gap else None
    return "\n".join(
        (
            "–" if answer.ttft is None else f"TTFT {answer.ttft:.2f} s",
            "–" if answer.prefill is None else f"prefill {answer.prefill:,.0f} tok/s",
            "–" if speed is None else f"decode {speed:,.1f} tok/s",
        )
    )


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one request after another on a connection; the model's name is that of the case."""
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
            body = await reader.readexactly(int(length[1])) if length else b""
            case = CASES.get(json.loads(body)["model"]) if body else None
            kind = b"text/event-stream" if case else b"application/json"
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: %b\r\ntransfer-encoding: chunked\r\n\r\n" % kind)
            if case:
                await _play(case, writer)
            else:
                _write(writer, {"object": "list", "data": [{"id": title, "object": "model"} for title in CASES]}, "%s")
            writer.write(b"0\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def _play(case: Case, writer: asyncio.StreamWriter) -> None:
    start = asyncio.get_running_loop().time()
    for moment, delta in case.deltas:
        await asyncio.sleep(start + moment - asyncio.get_running_loop().time())
        _write(writer, {**_CHUNK, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
    finish = "tool_calls" if "tool_calls" in case.deltas[-1][1] else "stop"
    total = {"total_tokens": PROMPT_TOKENS + case.tokens}
    usage = {"prompt_tokens": PROMPT_TOKENS, "completion_tokens": case.tokens, **total}
    _write(writer, {**_CHUNK, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    _write(writer, {**_CHUNK, "choices": [], "usage": usage})
    _write(writer, "[DONE]")


_CHUNK = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 0, "model": "case"}


def _write(writer: asyncio.StreamWriter, value: Any, form: str = "data: %s\n\n") -> None:
    data = (form % (value if isinstance(value, str) else json.dumps(value))).encode()
    writer.write(b"%x\r\n%b\r\n" % (len(data), data))
