"""Claude Code's transcripts: what it keeps of each session by itself.

A transcript is `~/.claude/projects/<folder>/<session>.jsonl`, a subagent's beside it in `<session>/subagents/`. Each
line is a message, or a part of one, or something else that happened. Recent versions also write down which messages,
tools and system prompt each request was made of (see `replays`): then the whole request is known, but for the billing
header. Of older ones only the conversation is: without the system prompt, the tools, and what the client adds itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from traces import jsonio
from traces.model import REQUEST_REBUILT, Failure, Ids, Json, Trace
from traces.storage.foreign import accounts, pieces
from traces.storage.foreign.accounts import text
from traces.storage.foreign.base import Notes, origin
from traces.storage.foreign.conversation import Conversation, Line
from traces.storage.foreign.replays import Replays

PATH = "/v1/messages"

BESIDE = ".meta.json"
"""How the file ends that tells of a subagent, beside its transcript."""

_SYNTHETIC = "<synthetic>"
"""The model of a message that the client wrote itself, as about a failure."""

_UNKNOWN = ("system_unknown", "tools_unknown", "messages_unknown")


class Transcript:
    """A session, or a subagent's part of one, as Claude Code keeps it."""

    name = "claude-transcript"
    title = "Claude Code's transcript"
    suffixes = (".jsonl",)
    lacks = (
        "times of the answer, headers, the billing line, compactions and side requests; of older versions also the "
        "system prompt, the tools and what the client adds to messages"
    )

    def recognises(self, path: Path, head: bytes) -> bool:
        """Return whether a line in the beginning names a session as Claude Code does, and isn't of another format."""
        return (b'"sessionId"' in head and b'"type"' in head) or (b'"type":"summary"' in head and b'"leafUuid"' in head)

    def read(self, path: Path, notes: Notes) -> Iterator[Trace]:
        """Yield the exchanges in a transcript, in the order in which their answers began."""
        reader = _TranscriptReader(path, notes)
        for number, record in pieces.lines(path, notes):
            yield from reader.take(number, record)
        yield from reader.close()


@dataclass(slots=True)
class _Answer:
    """An answer of which all blocks may not have come yet: each is a line of its own.

    line       the first of its lines
    messages   those of the request, as the conversation tells
    """

    line: dict[str, Any]
    messages: list[Json]
    asked: str
    message: dict[str, Any]
    blocks: list[Json] = field(default_factory=list)


class _TranscriptReader:
    def __init__(self, path: Path, notes: Notes) -> None:
        self._path = path
        self._notes = notes
        self._talk = Conversation()
        self._replays = Replays()
        self._open: dict[str | None, _Answer] = {}  # by agent
        self._type = _agent_type(path)

    def take(self, number: int, record: dict[str, Any]) -> Iterator[Trace]:
        """Yield the exchanges that are complete with this line."""
        kind = record.get("type")
        if kind in ("user", "assistant") and isinstance(record.get("message"), dict):
            line = Line(record)
            if kind == "assistant" and self._is_answer(line):
                yield from self._answered(line)
            else:
                self._notes.others += 1
            self._talk.add(line)
            self._replays.note_message(line.message)
        elif kind == "system" and record.get("subtype") == "compact_boundary":
            self._notes.others += 1
            self._talk.compact(record)
            self._replays.forget()
        elif kind == "system" and record.get("subtype") == "api_error":
            self._notes.others += 1
            self._talk.pass_by(record)
            self._replays.note_failure(record)
        elif isinstance(kind, str) and kind.startswith("api-request"):
            self._notes.others += 1
            self._replays.note(record)
            yield from self._unanswered()
        elif isinstance(kind, str):
            self._notes.others += 1
            self._talk.pass_by(record)
        else:
            self._notes.skip(f"line {number}", "no kind of record is named", jsonio.dumps(record)[:200])

    def close(self) -> Iterator[Trace]:
        """Yield the exchanges that are open at the end of the file."""
        for agent in list(self._open):
            yield from self._finish(agent)
        self._replays.give_up()
        yield from self._unanswered()

    def _is_answer(self, line: Line) -> bool:
        message = line.message
        return message.get("model") != _SYNTHETIC and isinstance(message.get("content"), list)

    def _answered(self, line: Line) -> Iterator[Trace]:
        """Take a block of an answer; a new answer completes the one before."""
        agent, message = line.agent, line.message
        current = self._open.get(agent)
        if current is None or current.message.get("id") != message.get("id"):
            yield from self._finish(agent)
            messages, asked = self._talk.before(line)
            current = self._open[agent] = _Answer(line.record, messages, asked, message)
        else:
            self._notes.others += 1
        current.blocks += message["content"]
        current.message = message

    def _finish(self, agent: str | None) -> Iterator[Trace]:
        answer = self._open.pop(agent, None)
        if answer is None:
            return
        line = answer.line
        asked = self._replays.take(text(line, "requestRef"))
        marks = asked.unknown if asked else _UNKNOWN
        body = asked.body if asked else None
        if body is None:
            body = {**(asked.known if asked else {}), "messages": answer.messages}
        model = text(line, "requestedModel") or text(answer.message, "model")
        message = {**answer.message, "content": answer.blocks}
        yield self._trace(
            line, (asked.timestamp if asked else "") or answer.asked, {"model": model, **body}, message, marks
        )

    def _unanswered(self) -> Iterator[Trace]:
        """Yield the requests of which the transcript tells that they failed, or were given up."""
        for asked in self._replays.given_up():
            body = asked.known if asked.body is None else asked.body
            yield self._trace(asked.record, asked.timestamp, body, None, asked.unknown, asked.error)

    def _trace(
        self,
        line: dict[str, Any],
        timestamp: str,
        body: Json,
        answer: Json,
        marks: tuple[str, ...],
        error: Failure | None = None,
    ) -> Trace:
        agent, request_id = text(line, "agentId"), text(line, "requestId")
        agent = agent if agent and (line.get("isSidechain") is not False) else None
        return accounts.trace(
            self._path,
            origin(Transcript.name, text(line, "uuid") or text(line, "id")),
            timestamp or str(line.get("timestamp") or ""),
            PATH,
            body,
            answer,
            ids=Ids(text(line, "sessionId"), agent, self._type[1] if agent else None),
            headers=sender(text(line, "version"), self._type[0] if agent else None),
            answer_headers={"request-id": request_id} if request_id else {},
            mode="claude" if request_id and request_id.startswith("req_") else "local",
            error=error,
            marks=(*marks, REQUEST_REBUILT),
        )


def sender(version: str | None, agent_type: str | None = None) -> dict[str, str]:
    """Return headers by which Claude Code is known as the sender; it sends others beside them."""
    headers = {"user-agent": f"claude-cli/{version or 'unknown'}"}
    return {**headers, "x-claude-code-agent-type": agent_type} if agent_type else headers


def _agent_type(path: Path) -> tuple[str | None, str | None]:
    """Return a subagent's type and the agent that started it, from the file beside its transcript."""
    beside = path.with_name(path.stem + BESIDE)
    try:
        found = jsonio.loads(beside.read_bytes()) if beside.is_file() else {}
    except (OSError, ValueError):
        return None, None
    return (text(found, "agentType"), text(found, "parentAgentId")) if isinstance(found, dict) else (None, None)
