"""Records of other programs, made up: as Claude Code, Codex, claude-tap, claude-trace and browsers write them."""

import base64
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.support import answers
from tests.support.answers import Block
from traces.storage.foreign.replays import hash_of

SESSION = "11111111-2222-4333-8444-555555555555"
USAGE = {"input_tokens": 900, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 0, "output_tokens": 9}
SYSTEM = [{"type": "text", "text": "You are made up."}]
TOOLS = [{"name": "Read", "description": "Reads.", "input_schema": {"type": "object"}}]
BODY = {"model": "m", "system": SYSTEM, "tools": TOOLS, "messages": [{"role": "user", "content": "Hi"}]}
ANSWER = answers.message(answers.text("Hello."))
KEY = "sk-ant-api03-" + "aB3dE5fG7h" * 9 + "-AA"
"""What looks like a key, and must be in no trace."""


def jsonl(path: Path, records: Iterable[object]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


class Transcript:
    """Lines of a transcript of Claude Code, each after the one before, a second apart."""

    def __init__(self, session: str = SESSION, **common: Any) -> None:
        self.lines: list[dict[str, Any]] = []
        self._common = {"isSidechain": False, "sessionId": session, "version": "2.1.0", **common}
        self._last: str | None = None

    def line(self, kind: str, parent: str | None = "last", **fields: Any) -> str:
        """Add a line that belongs to the conversation, and return its uuid."""
        uuid = f"{self._common['sessionId'][:8]}-{len(self.lines)}"
        at = f"2026-11-20T09:{len(self.lines) // 60:02}:{len(self.lines) % 60:02}.000Z"
        before = self._last if parent == "last" else parent
        self.lines.append({"type": kind, "uuid": uuid, "parentUuid": before, "timestamp": at, **self._common, **fields})
        self._last = uuid
        return uuid

    def note(self, kind: str, **fields: Any) -> None:
        """Add a line that nothing follows."""
        self.lines.append({"type": kind, "sessionId": self._common["sessionId"], **fields})

    def user(self, content: object, **fields: Any) -> str:
        return self.line("user", message={"role": "user", "content": content}, **fields)

    def said(self, id: str, *blocks: Block, model: str = "m", **fields: Any) -> str:
        """Add a line for each block of an answer."""
        for block in blocks:
            message = {"id": id, "type": "message", "role": "assistant", "model": model, "content": [block]}
            self.line("assistant", message={**message, "stop_reason": "end_turn", "usage": USAGE}, **fields)
        return str(self._last)

    def asked(self, id: str, messages: list[Any], **fields: Any) -> None:
        """Add what recent versions note of a request: its shape, its messages, and itself."""
        for message in messages:
            self.note("api-request-blob", hash=hash_of(message), message=message)
        self.note("api-request-shape", shapeHash="s", shape={"system": SYSTEM, "tools": TOOLS})
        request = {"keep": 0, "tail": [hash_of(message) for message in messages], "params": {"model": "m", "betas": []}}
        self.note("api-request", id=id, timestamp="2026-11-20T09:30:00.000Z", shapeHash="s", **{**request, **fields})

    def write(self, path: Path) -> Path:
        return jsonl(path, self.lines)


def transcript() -> Transcript:
    """Return a conversation as older versions tell it: a question, a tool, its result, an answer."""
    made = Transcript()
    made.note("mode", mode="normal")
    made.user("What is it?")
    made.said("msg_1", answers.text("I look."), answers.tool("Read", "t1", path="a"))
    made.user([{"type": "tool_result", "tool_use_id": "t1", "content": "plum"}])
    made.said("msg_2", answers.text("A plum."))
    return made


def rollout(**meta: Any) -> list[dict[str, Any]]:
    """Return a thread of Codex: a question, a call, its output, an answer."""

    def item(**payload: Any) -> dict[str, Any]:
        return {"type": "response_item", "payload": payload}

    def counted(tokens: int) -> dict[str, Any]:
        usage = {"input_tokens": tokens, "cached_input_tokens": 0, "output_tokens": 5, "reasoning_output_tokens": 0}
        return {"type": "event_msg", "payload": {"type": "token_count", "info": {"last_token_usage": usage}}}

    def text(role: str, words: str) -> dict[str, Any]:
        kind = "output_text" if role == "assistant" else "input_text"
        return item(type="message", role=role, content=[{"type": kind, "text": words}], internal_note={"x": 1})

    payload = {"id": SESSION, "cli_version": "0.100.0", "originator": "codex_exec", "model_provider": "x", **meta}
    records = [
        {"type": "session_meta", "payload": payload},
        {"type": "turn_context", "payload": {"model": "m"}},
        text("user", "What is it?"),
        item(type="reasoning", summary=[], encrypted_content="…"),
        item(type="function_call", name="exec_command", arguments='{"cmd": "cat a"}', call_id="c1"),
        item(type="function_call_output", call_id="c1", output="plum"),
        counted(900),
        text("assistant", "A plum."),
        counted(950),
    ]
    return [{"timestamp": f"2026-11-20T09:00:{at:02}.000Z", **record} for at, record in enumerate(records)]


def raw_bodies(folder: Path) -> Path:
    """Write what OTEL_LOG_RAW_API_BODIES=file:DIR leaves: one request with an answer, and one without."""
    folder.mkdir()
    user_id = json.dumps({"session_id": SESSION})
    system = [{"type": "text", "text": "x-anthropic-billing-header: cc_version=2.1.0.abc; cc_entrypoint=cli;"}, *SYSTEM]
    body = {**BODY, "system": system, "betas": ["b1", "b2"], "metadata": {"user_id": user_id}}
    for id in ("one", "two"):
        (folder / f"{id}.request.json").write_text(json.dumps(body))
    (folder / "req_1.response.json").write_text(json.dumps(ANSWER))
    files = {"request_file": "one.request.json", "response_file": "req_1.response.json"}
    at = "2026-11-20T09:00:01.000Z"
    jsonl(folder / "index.jsonl", [{"timestamp": at, "session_id": SESSION, "query_source": "sdk", **files}])
    return folder


def claude_tap(path: str = "/v1/messages", body: Any = BODY, **more: Any) -> dict[str, Any]:
    return {
        **{"timestamp": "2026-11-20T09:00:02+00:00", "request_id": "req_1", "turn": 1, "duration_ms": 1500},
        "request": {"method": "POST", "path": path, "headers": {"x-api-key": "***"}, "body": body},
        "response": {"status": 200, "headers": {"Content-Type": "text/event-stream"}, "body": ANSWER},
        "upstream_base_url": "https://api.anthropic.com",
        **more,
    }


def claude_trace(**more: Any) -> dict[str, Any]:
    stream = b"".join(answers.events(answers.text("Hello."))).decode()
    request = {"timestamp": 1795000000.5, "method": "POST", "url": "https://api.anthropic.com/v1/messages"}
    return {
        "request": {**request, "headers": {"authorization": "Bearer sk…"}, "body": BODY},
        "response": {"timestamp": 1795000001.0, "status_code": 200, "headers": {}, "body_raw": stream},
        "logged_at": "2026-11-18T00:00:00Z",
        **more,
    }


def page(pairs: list[Any]) -> str:
    """Return a page of claude-trace's."""
    data = base64.b64encode(json.dumps({"rawPairs": pairs}).encode()).decode()
    return f"<html><script>window.claudeData = JSON.parse(decodeURIComponent(escape(atob('{data}'))));</script></html>"


def har_entry(url: str = "https://api.anthropic.com/v1/messages", **more: Any) -> dict[str, Any]:
    stream = b"".join(answers.events(answers.text("Hello."))).decode()
    names = [{"name": "x-api-key", "value": KEY}, {"name": "Content-Type", "value": "application/json"}]
    return {
        "startedDateTime": "2026-11-20T09:00:00.000Z",
        "time": 2110,
        "request": {"method": "POST", "url": url, "headers": names, "postData": {"text": json.dumps(BODY)}},
        "response": {
            "status": 200,
            "headers": [
                {"name": "content-type", "value": "text/event-stream"},
                {"name": "content-encoding", "value": "br"},
            ],
            "content": {"mimeType": "text/event-stream", "text": stream},
        },
        "timings": {"blocked": 100, "dns": -1, "connect": -1, "send": 10, "wait": 500, "receive": 1500},
        **more,
    }


def har(*entries: Any) -> str:
    return json.dumps({"log": {"version": "1.2", "creator": {"name": "made up", "version": "1"}, "entries": entries}})
