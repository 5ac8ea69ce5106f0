"""What tests make up: moments, parts of messages, and exchanges, as traces and as turns.

trace(body, answer)                                      one request and its answer
exchange(0, "Hi"), exchange(10, "Hi", "hello", "And?")   a conversation: what was said until then, the user first

Whatever a test doesn't name has its usual value. Whole scenes that are made of these are in `synthetic` and `talks`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support import answers
from traces.model import STATE_OF, Event, Failure, Ids, Json, Request, Response, Timing, Trace
from traces.sessions.grouping import TurnReader
from traces.sessions.model import Turn

BEGIN = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SESSION = "5e551011-0000-4000-8000-000000000001"
MODEL = "qwen3-coder"
URL = "http://localhost:8080/v1/messages?beta=true"

MAIN = Ids(SESSION)
AGENT = Ids(SESSION, "a1b2c3d4")
TIMING = Timing(ttft=1.0, total=2.0)

PROMPT = "You are a careful agent. "
READ = {"name": "Read", "description": "Reads a file.", "input_schema": {"type": "object"}}


def stamp(seconds: float = 0.0) -> str:
    """Return the moment this long after the first, as traces write it."""
    return (BEGIN + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def call(name: str, id: str = "t1", **given: Any) -> dict[str, Any]:
    return dict(answers.tool(name, id, **given))


def result(text: Json, id: str = "t1") -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": id, "content": text}


def message(content: Json, usage: Mapping[str, int] | None = None) -> dict[str, Any]:
    """Return an answer as it is kept; `content` is a text, or a list of blocks."""
    blocks = [answers.text(content)] if isinstance(content, str) else content
    return {"role": "assistant", "content": blocks, "stop_reason": "end_turn", "usage": usage or {}}


def trace(
    body: Json,
    answer: Json = None,
    *,
    timestamp: str | None = None,
    at: float = 0.0,
    mode: str = "llamacpp",
    url: str = URL,
    headers: Mapping[str, str] | None = None,
    status: int = 200,
    answer_headers: Mapping[str, str] | None = None,
    failure: Failure | None = None,
    timing: Timing = TIMING,
    events: tuple[Event, ...] = (),
    ids: Ids = MAIN,
) -> Trace:
    """Return an exchange. `at` is in seconds since the first, where no timestamp is given."""
    unanswered = failure is not None and failure.kind == "refused"
    return Trace(
        timestamp=timestamp or stamp(at),
        mode=mode,
        request=Request("POST", url, headers or {}, body),
        response=None if unanswered else Response(status, answer_headers or {}, answer),
        error=failure,
        timing=timing,
        events=events,
        ids=ids,
    )


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
    url: str = URL,
    **headers: str,
) -> Trace:
    """Return an exchange of a conversation. `answer`: "" for none, else the content. `failed`: a kind of `STATE_OF`."""
    assert failed is None or failed in STATE_OF
    roles = ("user", "assistant")
    body = {
        "model": MODEL,
        "system": [{"type": "text", "text": prompt}],
        "tools": list(tools),
        "messages": [{"role": roles[number % 2], "content": content} for number, content in enumerate(said)],
    }
    return trace(
        body,
        message(answer, usage) if answer else {},
        at=at,
        url=url,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        status=500 if failed == "http_error" else 200,
        failure=Failure(failed, failed) if failed else None,
        timing=timing,
        ids=ids,
    )


def read(*traces: Trace) -> list[Turn]:
    """Return them as turns of sessions."""
    reader = TurnReader()
    return [reader.read(trace) for trace in traces]
