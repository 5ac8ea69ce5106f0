"""Made-up sessions: bodies of requests, one after the other, read as a server's exchanges. A word is a token."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from traces.content.parts import Part
from traces.model import Ids, Request, Response, Timing, Trace
from traces.sessions.grouping import Session, Turn, TurnReader, sessions

Body = dict[str, Any]

BEGIN = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SESSION = "5e551011-0000-4000-8000-000000000001"

TOOLS = ("Bash", "Edit", "Glob", "Read")

ENVIRONMENT = (
    "# Environment\nWorking directory: /src\nPlatform: linux\n\n# gitStatus\nCurrent branch: main\nStatus:\nclean"
)


ANSWERED: Body = {"role": "assistant", "content": [{"type": "text", "text": "Done."}]}


def words(parts: Sequence[Part]) -> list[int]:
    """Counts: each word is a token, an image ten."""
    return [10 if part.media else len(part.text.split()) for part in parts]


def tool(name: str, description: str = "") -> Body:
    return {
        "name": name,
        "description": description or f"{name} does what its name says. " * 10,
        "input_schema": {"type": "object"},
    }


def body(*messages: Body, **changed: Any) -> Body:
    """A request as Claude Code makes it: four tools, a system prompt in three blocks, and the messages."""
    return {
        "model": "qwen3-coder",
        "tools": [tool(name) for name in TOOLS],
        "system": system(),
        "messages": list(messages),
        **changed,
    }


def system(header: str = "cch=11111;", intro: str = "You are a careful agent.", environment: str = ENVIRONMENT) -> Any:
    texts = [f"x-anthropic-billing-header: cc_version=2.1; {header}", intro + " Read first." * 50, environment]
    return [{"type": "text", "text": text} for text in texts]


def user(*texts: str) -> Body:
    return {"role": "user", "content": [{"type": "text", "text": text} for text in texts]}


def reminder(text: str) -> str:
    return f"<system-reminder>\n{text}\n</system-reminder>\n"


def said(text: str, thought: str = "") -> Body:
    blocks = [{"type": "thinking", "thinking": thought, "signature": "s"}] if thought else []
    return {"role": "assistant", "content": [*blocks, {"type": "text", "text": text}]}


def called(name: str, id: str, **given: Any) -> Body:
    return {"role": "assistant", "content": [{"type": "tool_use", "id": id, "name": name, "input": given}]}


def result(id: str, content: Any) -> Body:
    return {"role": "user", "content": [{"type": "tool_result", "tool_use_id": id, "content": content}]}


@dataclass
class Talk:
    """Requests and what was answered, ten seconds apart. `ttft` is a millisecond for each word that is prefilled."""

    mode: str = "lmstudio"
    step: float = 10.0
    traces: list[Trace] = field(default_factory=list)

    def ask(
        self,
        request: Body,
        answer: Body,
        *,
        agent: str | None = None,
        session: str = SESSION,
        ttft: float | None = 1.0,
        usage: dict[str, int] | None = None,
        status: int = 200,
    ) -> "Talk":
        moment = BEGIN + timedelta(seconds=self.step * len(self.traces))
        message = {"role": "assistant", "content": answer["content"], "stop_reason": "end_turn", "usage": usage or {}}
        self.traces.append(
            Trace(
                timestamp=moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                mode=self.mode,
                request=Request("POST", "http://localhost:8080/v1/messages?beta=true", {}, request),
                response=Response(status, {}, message),
                timing=Timing(ttft=ttft, total=2.0),
                ids=Ids(session=session, agent=agent, parent_agent=None),
            )
        )
        return self

    @property
    def turns(self) -> list[Turn]:
        reader = TurnReader()
        return [reader.read(trace) for trace in self.traces]

    @property
    def sessions(self) -> list[Session]:
        return sessions(self.turns)


def turn(texts: Sequence[str], answer: Sequence[str] = (), at: float = 0.0, model: str = "qwen3-coder") -> Turn:
    """A turn of nothing but texts of the user, and of the model in answer."""
    moment = BEGIN + timedelta(seconds=at)
    trace = Trace(
        timestamp=moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        mode="llamacpp",
        request=Request("POST", "http://localhost:8080/v1/messages", {}, {"model": model}),
        response=Response(200, {}, None),
        timing=Timing(total=0.5),
    )
    return replace(
        TurnReader().read(trace),
        parts=tuple(Part("messages", "user", text) for text in texts),
        answer=tuple(Part("messages", "user", text) for text in answer),
    )
