"""Codex's rollouts: `~/.codex/sessions/2026/11/27/rollout-<time>-<id>.jsonl`, the record of one thread.

    session_meta         whose thread it is, and the base instructions (in recent versions)
    turn_context         the model from here on
    response_item        an item of the conversation: of the request, or of an answer
    token_usage_record   what the server counted for an answer (older: an event `token_count`)
    compacted            the history that takes the place of all before it

Tools aren't in it. An answer ends where the next item isn't the model's.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from traces.model import REQUEST_REBUILT, Ids, Json, Trace
from traces.storage.foreign import accounts, pieces
from traces.storage.foreign.accounts import text
from traces.storage.foreign.base import Notes, origin

PATH = "/v1/responses"

_GENERATED = frozenset(
    (
        *("reasoning", "function_call", "custom_tool_call", "local_shell_call", "web_search_call"),
        *("image_generation_call", "tool_search_call", "mcp_call", "file_search_call", "code_interpreter_call"),
    )
)
"""Kinds of items that only a model writes."""

_KINDS = frozenset(
    (
        *("session_meta", "turn_context", "event_msg", "response_item", "compacted", "token_usage_record"),
        *("world_state", "inter_agent_communication", "inter_agent_communication_metadata", "ghost_snapshot"),
    )
)

_OUR_OWN = "internal_"
"""Fields of an item that Codex keeps for itself begin so."""


class Rollout:
    """A thread of Codex: a session, or a subagent's part of one."""

    name = "codex-rollout"
    title = "Codex's rollout"
    suffixes = (".jsonl",)
    lacks = "the tools, times of the answer, headers, options; of older versions also the system prompt"

    def recognises(self, path: Path, head: bytes) -> bool:
        return b'"session_meta"' in head and b'"payload"' in head

    def read(self, path: Path, notes: Notes) -> Iterator[Trace]:
        """Yield the exchanges of a thread."""
        reader = _RolloutReader(path, notes)
        for number, record in pieces.lines(path, notes):
            yield from reader.take(number, record)
        yield from reader.close()


@dataclass(slots=True)
class _Answer:
    """An answer, and the conversation before it: the first so many items of the thread's history."""

    number: int
    asked: str
    history: list[Json]
    before: int
    output: list[dict[str, Any]] = field(default_factory=list)
    usage: dict[str, Json] | None = None
    id: str | None = None
    is_whole: bool = False


class _RolloutReader:
    def __init__(self, path: Path, notes: Notes) -> None:
        self._path = path
        self._notes = notes
        self._meta: dict[str, Any] = {}
        self._model: str | None = None
        self._history: list[Json] = []
        self._last = ""  # when the last item of a request was written
        self._answer: _Answer | None = None

    def take(self, number: int, record: dict[str, Any]) -> Iterator[Trace]:
        """Yield the exchange that is complete with this line."""
        kind, payload = record.get("type"), record.get("payload")
        if kind not in _KINDS or not isinstance(payload, dict):
            self._notes.skip(f"line {number}", f"a record of an unknown kind ({kind})")
            return
        moment = text(record, "timestamp") or ""
        if kind == "response_item":
            yield from self._item(number, moment, payload)
            return
        self._notes.others += 1
        match kind, payload:
            case "session_meta", _:
                self._meta = self._meta or payload  # a fork repeats that of the thread it continues
            case "turn_context", {"model": str(model)}:
                self._model = model
            case "token_usage_record", {"usage": dict(usage)}:
                self._counted(usage, text(payload, "response_id"), ends=True)
            case "event_msg", {"type": "token_count", "info": {"last_token_usage": dict(usage)}}:
                self._counted(usage, None, ends=False)
            case "compacted", _:
                yield from self.close()
                self._history = _compacted(payload)

    def close(self) -> Iterator[Trace]:
        """Yield the last exchange."""
        answer, self._answer = self._answer, None
        if answer is None:
            return
        instructions = self._meta.get("base_instructions")
        system = text(instructions, "text") if isinstance(instructions, dict) else None
        system = system or text(self._meta, "instructions")
        body: dict[str, Json] = {"model": self._model, **({"instructions": system} if system else {})}
        message: dict[str, Json] = {
            "id": answer.id,
            "object": "response",
            "status": "completed",
            "model": self._model,
            "output": answer.output,
            "usage": _usage(answer.usage),
        }
        version = text(self._meta, "cli_version") or "unknown"
        ids, kind = self._ids()
        yield accounts.trace(
            self._path,
            origin(Rollout.name, text(self._meta, "id"), answer.number),
            answer.asked,
            PATH,
            {**body, "input": answer.history[: answer.before]},
            {name: value for name, value in message.items() if value is not None},
            ids=ids,
            headers={"user-agent": f"{text(self._meta, 'originator') or 'codex'}/{version}", **kind},
            mode="openai" if self._meta.get("model_provider") == "openai" else "local",
            marks=(*(() if system else ("system_unknown",)), "tools_unknown", REQUEST_REBUILT),
        )

    def _item(self, number: int, moment: str, item: dict[str, Any]) -> Iterator[Trace]:
        if not _is_generated(item):
            self._notes.others += 1
            if self._answer:
                self._answer.is_whole = True
            self._history.append(_sent(item))
            self._last = moment
            return
        if self._answer is None or self._answer.is_whole:
            yield from self.close()
            self._answer = _Answer(number, self._last or moment, self._history, len(self._history))
        else:
            self._notes.others += 1
        self._answer.output.append(_sent(item))
        self._history.append(self._answer.output[-1])

    def _counted(self, usage: dict[str, Json], id: str | None, ends: bool) -> None:
        """Take the server's count, which may come after the results of the tools that the answer called."""
        if self._answer and self._answer.usage is None:
            self._answer.usage, self._answer.id = usage, id
        if self._answer and ends:
            self._answer.is_whole = True

    def _ids(self) -> tuple[Ids, dict[str, str]]:
        """Return whose thread it is, and a header with a subagent's type."""
        thread = text(self._meta, "id")
        session = text(self._meta, "session_id") or thread
        match self._meta.get("source"):
            case {"subagent": {"thread_spawn": dict(spawn)}}:
                parent, kind = text(spawn, "parent_thread_id"), text(spawn, "agent_role") or "thread_spawn"
            case {"subagent": str(kind)}:
                parent = None
            case _:
                return Ids(session), {}
        session = session if session != thread else parent or session
        return Ids(session, thread, None if parent == session else parent), {"x-openai-subagent": kind}


def _is_generated(item: dict[str, Any]) -> bool:
    return item.get("type") in _GENERATED or (item.get("type") == "message" and item.get("role") == "assistant")


def _sent(item: dict[str, Any]) -> dict[str, Json]:
    return {name: value for name, value in item.items() if not name.startswith(_OUR_OWN)}


def _compacted(payload: dict[str, Any]) -> list[Json]:
    """Return the history after a compaction."""
    history = payload.get("replacement_history")
    if isinstance(history, list):
        return [_sent(item) for item in history if isinstance(item, dict)]
    summary = text(payload, "message")
    return [{"type": "message", "role": "user", "content": summary}] if summary else []


def _usage(usage: dict[str, Json] | None) -> Json:
    """Return the counts as the API writes them."""
    if usage is None:
        return None
    return {
        "input_tokens": usage.get("input_tokens"),
        "input_tokens_details": {"cached_tokens": usage.get("cached_input_tokens")},
        "output_tokens": usage.get("output_tokens"),
        "output_tokens_details": {"reasoning_tokens": usage.get("reasoning_output_tokens")},
        "total_tokens": usage.get("total_tokens"),
    }
