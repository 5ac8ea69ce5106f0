"""Exchanges of a made-up client, each written as what was said until then: the user first, then in turns.

exchange(0, "Hi"), exchange(10, "Hi", "hello", "And?")
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from traces.model import STATE_OF, Failure, Ids, Json, Request, Response, Timing, Trace
from traces.sessions.grouping import TurnReader
from traces.sessions.model import Turn

BEGIN = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SESSION = "5e551011-0000-4000-8000-000000000001"

MAIN = Ids(SESSION)
AGENT = Ids(SESSION, "a1b2c3d4")
TIMING = Timing(ttft=1.0, total=2.0)

PROMPT = "You are a careful agent. "
READ = {"name": "Read", "description": "Reads a file.", "input_schema": {"type": "object"}}


def exchange(
    at: float,
    *said: Json,
    answer: Json = "",
    ids: Ids = MAIN,
    prompt: str = PROMPT,
    tools: Any = (READ,),
    timing: Timing = TIMING,
    usage: dict[str, int] | None = None,
    failed: str | None = None,
    url: str = "http://localhost:8080/v1/messages?beta=true",
    **headers: str,
) -> Trace:
    """`at`: seconds since the first. `answer`: "" for none, else the content. `failed`: a kind of `STATE_OF`."""
    moment = (BEGIN + timedelta(seconds=at)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    roles = ("user", "assistant")
    messages = [{"role": roles[number % 2], "content": content} for number, content in enumerate(said)]
    body = {
        "model": "qwen3-coder",
        "system": [{"type": "text", "text": prompt}],
        "tools": list(tools),
        "messages": messages,
    }
    content = [{"type": "text", "text": answer}] if isinstance(answer, str) else answer
    message = {"role": "assistant", "content": content, "stop_reason": "end_turn", "usage": usage or {}}
    status = 500 if failed == "http_error" else 200
    assert failed is None or failed in STATE_OF
    return Trace(
        timestamp=moment,
        mode="llamacpp",
        request=Request("POST", url, {name.replace("_", "-"): value for name, value in headers.items()}, body),
        response=None if failed == "refused" else Response(status, {}, message if answer else {}),
        error=Failure(failed, failed) if failed else None,
        timing=timing,
        ids=ids,
    )


def call(name: str, id: str = "t1", **given: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": id, "name": name, "input": given}


def result(text: str, id: str = "t1") -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": id, "content": text}


def read(*traces: Trace) -> list[Turn]:
    reader = TurnReader()
    return [reader.read(trace) for trace in traces]
