"""Made-up traces, small enough to be read, with every kind of part, and all times known.

Golden files show what is printed of them: no prompt of a vendor's is kept in this repository.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.support import answers, factories
from traces import metrics
from traces.dialects.translation.request import translate_request
from traces.model import Event, Exchange, Failure, Ids, Json, Request, Response, Timing, Trace, Upstream
from traces.storage import codec

SESSION = "11111111-2222-4333-8444-555555555555"
MODEL = "claude-sonnet-4-5"
URL = "http://localhost:1234/v1/messages?beta=true"

_CLAUDE_MD = "Contents of /home/me/CLAUDE.md (project instructions):\n\nUse tabs.\n\nAnswer in verse."


def tool_call() -> Trace:
    """Return the second turn of a session: a file has been read, and the model wants to read another."""
    called = [answers.thinking("The other file, then."), answers.tool("Read", file_path="/etc/hosts")]
    usage = {"input_tokens": 60, "cache_read_input_tokens": 400, "cache_creation_input_tokens": 50, "output_tokens": 26}
    answer = {**answers.message(*called, model=MODEL), "usage": usage}
    return _trace("2025-10-26T14:23:45.123Z", _conversation(), answer, _streamed())


def text() -> Trace:
    """Return a short question without tools, answered in text."""
    body = {
        "model": MODEL,
        "system": "You answer briefly.",
        "messages": [{"role": "user", "content": "What is the capital of France?"}],
    }
    events = (
        Event(0.1, "message_start"),
        Event(0.25, "content_block_delta", "text", 6),
        Event(0.75, "content_block_delta", "text", 6),
    )
    return _trace("2025-10-26T14:23:50.000Z", body, answers.message(answers.text("It is Paris."), model=MODEL), events)


def with_body(body: Json) -> Trace:
    """Return a trace with this request and the answer of `text`."""
    return replace(text(), request=replace(text().request, body=body))


def translated(failed: bool = False) -> Trace:
    """Return the exchange of `tool_call` with a server that speaks chat completions; `failed`: that gave no answer."""
    trace = tool_call()
    assert isinstance(trace.request.body, dict)
    sent = translate_request(trace.request.body, to="chat")
    request = Request("POST", "http://localhost:1234/v1/chat/completions", {}, sent.body)
    if failed:
        refused = Failure("refused", "localhost:1234: connection refused: nothing listens there")
        exchange = Exchange(trace.timestamp, trace.mode, request, error=refused)
        return replace(trace, marks=("changed",), upstream=Upstream(exchange, sent.notes))
    exchange = Exchange(
        trace.timestamp,
        trace.mode,
        request,
        Response(200, {}, {"choices": [{"message": {"role": "assistant", "content": "The other file, then."}}]}),
        timing=Timing(headers=0.05, ttft=0.4, first_answer=0.4, last_content=0.9, total=0.95),
        events=(Event(0.4, "chunk", "text", 21),),
    )
    return replace(trace, marks=("changed",), upstream=Upstream(exchange, ("metadata: dropped", *sent.notes)))


def failed() -> Trace:
    """Return an exchange in which the server was overloaded."""
    return replace(
        text(),
        timestamp="2025-10-26T14:24:01.007Z",
        response=Response(529, {}, {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
        error=Failure("http_error", "529: Overloaded"),
        events=(),
        timing=metrics.measure((), 0.02, 0.03),
    )


def write(trace: Trace, root: Path) -> Path:
    """Where the proxy would have written it."""
    path = root / trace.mode / f"{trace.timestamp.removesuffix('Z').replace(':', '-').replace('.', '-')}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(codec.encode(trace))
    return path


def write_all(traces: Iterable[Trace], root: Path) -> list[Path]:
    return [write(trace, root) for trace in traces]


def all_kinds() -> list[Trace]:
    return [tool_call(), text(), failed()]


def _trace(timestamp: str, body: Any, answer: Any, events: tuple[Event, ...]) -> Trace:
    return factories.trace(
        body,
        answer,
        timestamp=timestamp,
        mode="lmstudio",
        url=URL,
        headers={"user-agent": "claude-cli/2.1.330"},
        answer_headers={"content-type": "text/event-stream"},
        timing=metrics.measure(events, 0.1, 2.0),
        events=events,
        ids=Ids(session=SESSION),
    )


def _streamed() -> tuple[Event, ...]:
    return (
        Event(0.1, "message_start"),
        Event(0.5, "content_block_delta", "thinking", 10),
        Event(0.75, "content_block_delta", "thinking", 11),
        Event(1.0, "content_block_start", "tool", 4),
        Event(1.25, "content_block_delta", "tool", 14),
        Event(1.5, "content_block_delta", "tool", 13),
        Event(1.75, "content_block_stop", "tool_end"),
        Event(2.0, "message_stop"),
    )


def _conversation() -> dict[str, Any]:
    return {
        "model": MODEL,
        "max_tokens": 1000,
        "system": [
            {"type": "text", "text": "You are a careful assistant."},
            {"type": "text", "text": "Read before you write.\n\n" + "Say what you did. " * 40},
        ],
        "tools": [
            _tool("Read", "Reads a file from the disk.", "file_path"),
            _tool("Bash", "Runs a command in a shell and returns what it printed.", "command", "timeout"),
            _tool("mcp__github__search", "Searches the issues of a repository.", "query"),
            _tool("mcp__github__comment", "Comments on an issue.", "issue", "text"),
        ],
        "messages": [
            {
                "role": "user",
                "content": [
                    answers.text(f"<system-reminder>\n{_CLAUDE_MD}\n</system-reminder>\n"),
                    answers.text("What do these two files say?"),
                ],
            },
            {
                "role": "assistant",
                "content": [
                    answers.thinking("First the one."),
                    answers.text("I read the first file."),
                    answers.tool("Read", id="toolu_00", file_path="/etc/motd"),
                ],
            },
            {
                "role": "user",
                "content": [{"type": "tool_result", "tool_use_id": "toolu_00", "content": "Welcome, stranger. " * 8}],
            },
        ],
    }


def _tool(name: str, description: str, *parameters: str) -> dict[str, Any]:
    properties = {parameter: {"type": "string"} for parameter in parameters}
    schema = {"type": "object", "properties": properties, "required": list(parameters[:1])}
    return {"name": name, "description": description, "input_schema": schema}
