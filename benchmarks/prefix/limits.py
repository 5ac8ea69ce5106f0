"""How long `trace-analyzer cache` takes over a long session, and how much memory: `python -m benchmarks.prefix limits`.

The session is generated: 1,000 turns whose prompts have about 200,000 tokens, a billing header that changes with each
of them, a new day in between, and a subagent now and then. It takes 850 MB of disk while this runs.
"""

import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.analysis.measure import Contestant, run
from traces.model import Ids, Json, Request, Response, Timing, Trace
from traces.storage import codec, store

TURNS = 1_000
SECONDS, MEGABYTES = 20, 500

_BEGIN = datetime(2026, 11, 22, 22, tzinfo=UTC)
_SESSION = "5e551011-0000-4000-8000-000000000001"


def main(arguments: Sequence[str] = ()) -> None:
    """Measure a session of 1,000 turns, or of as many as are given; exit with 1 if a limit isn't kept."""
    turns = int(arguments[0]) if arguments else TURNS
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        written = sum(write(root / "traces" / "lmstudio", trace) for trace in session(turns))
        print(f"{turns:,} turns, {written / 1e6:,.0f} MB of traces")
        command = [sys.executable, "-m", "analysis", "cache", str(root / "traces")]
        kept = True
        for name in ("nothing counted before", "counted before"):
            used = run(Contestant(command, {"XDG_CACHE_HOME": str(root / "cache")}))
            print(f"{name:<24}{used.wall:6.1f} s  {used.cpu:6.1f} s of CPU  {used.peak / 1e6:6.0f} MB at the peak")
            kept &= used.wall < SECONDS and used.peak < MEGABYTES * 1e6
        print(f"limits: {SECONDS} s, {MEGABYTES} MB: {'kept' if kept else 'NOT KEPT'}")
    if not kept:
        raise SystemExit(1)


def write(folder: Path, trace: Trace) -> int:
    data = codec.encode(trace)
    store.create(folder, store.stem_of(trace.timestamp), data)
    return len(data)


def session(turns: int) -> Iterator[Trace]:
    words = _words()
    tools = [_tool(f"Tool{number}", next(words)) for number in range(30)]
    intro = "".join(next(words) for _ in range(15))
    history = [message for number in range(430) for message in _exchange(f"old{number}", next(words))]
    for number in range(turns):
        moment = _BEGIN + timedelta(seconds=10 * number)
        if number % 50 == 49:
            asked = {"tools": tools[:5], "system": "You search.", "messages": [_user(next(words))]}
            yield _trace(moment - timedelta(seconds=5), asked, [_text("Found.")], f"a{number}")
        call, result = _exchange(f"new{number}", f"{number} lines were written, and all the tests passed.")
        asked = {"tools": tools, "system": _system(number, intro, moment), "messages": [_user("Fix it."), *history]}
        yield _trace(moment, asked, call["content"], None)
        history += [call, result]


def _system(number: int, intro: str, moment: datetime) -> list[Json]:
    header = f"x-anthropic-billing-header: cc_version=2.1.330; cch={number:05x};"
    return [_text(header), _text(intro), _text(f"# Environment\nPlatform: linux\n\nToday's date: {moment:%Y-%m-%d}\n")]


def _exchange(id: str, text: str) -> tuple[Any, Any]:
    call = {"type": "tool_use", "id": id, "name": "Tool1", "input": {"path": f"/src/{id}.py"}}
    result = {"type": "tool_result", "tool_use_id": id, "content": text}
    return {"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}


def _user(text: str) -> Json:
    return {"role": "user", "content": [_text(text)]}


def _text(text: str) -> Json:
    return {"type": "text", "text": text}


def _tool(name: str, text: str) -> Json:
    return {"name": name, "description": text, "input_schema": {"type": "object", "properties": {}}}


def _words() -> Iterator[str]:
    """Yield pieces of Python's own library, of about 400 tokens each, none of them twice."""
    for file in sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py")):
        text = file.read_text("utf-8", "replace")
        yield from (text[at : at + 1_600] for at in range(0, len(text), 1_600))


def _trace(moment: datetime, body: Json, answer: Json, agent: str | None) -> Trace:
    usage = {"input_tokens": 200_000, "cache_read_input_tokens": 0, "output_tokens": 30}
    return Trace(
        moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "lmstudio",
        Request("POST", "http://localhost:1234/v1/messages?beta=true", {}, {"model": "qwen3-coder", **_dict(body)}),
        Response(200, {}, {"role": "assistant", "content": answer, "stop_reason": "tool_use", "usage": usage}),
        timing=Timing(ttft=4.0, total=5.0),
        ids=Ids(_SESSION, agent),
    )


def _dict(body: Json) -> dict[str, Any]:
    assert isinstance(body, dict)
    return body


if __name__ == "__main__":
    main(sys.argv[1:])
