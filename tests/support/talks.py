"""Made-up sessions: bodies of requests, one after the other, read as a server's exchanges. A word is a token."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tests.support import factories
from tests.support.factories import MODEL
from traces.content.parts import Part
from traces.model import Ids, Timing, Trace
from traces.sessions.grouping import Session, Turn, sessions

Body = dict[str, Any]

SESSION = factories.SESSION

TOOLS = ("Bash", "Edit", "Glob", "Read")

ENVIRONMENT = (
    "# Environment\nWorking directory: /src\nPlatform: linux\n\n# gitStatus\nCurrent branch: main\nStatus:\nclean"
)


ANSWERED: Body = {"role": "assistant", "content": [{"type": "text", "text": "Done."}]}


def words(parts: Sequence[Part]) -> list[int]:
    """Return the counts: each word is a token, an image is ten."""
    return [10 if part.media else len(part.text.split()) for part in parts]


def tool(name: str, description: str = "") -> Body:
    return {
        "name": name,
        "description": description or f"{name} does what its name says. " * 10,
        "input_schema": {"type": "object"},
    }


def body(*messages: Body, **changed: Any) -> Body:
    """Return a request as Claude Code makes it: four tools, a system prompt in three blocks, and the messages."""
    return {
        "model": MODEL,
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
    return {"role": "assistant", "content": [factories.call(name, id, **given)]}


def result(id: str, content: Any) -> Body:
    return {"role": "user", "content": [factories.result(content, id)]}


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
        self.traces.append(
            factories.trace(
                request,
                factories.message(answer["content"], usage),
                at=self.step * len(self.traces),
                mode=self.mode,
                status=status,
                timing=Timing(ttft=ttft, total=max(2.0, (ttft or 0) + 1)),
                ids=Ids(session=session, agent=agent, parent_agent=None),
            )
        )
        return self

    @property
    def turns(self) -> list[Turn]:
        return factories.read(*self.traces)

    @property
    def sessions(self) -> list[Session]:
        return sessions(self.turns)


def turn(texts: Sequence[str], answer: Sequence[str] = (), at: float = 0.0, model: str = MODEL) -> Turn:
    """Return a turn with only texts of the user and the model."""
    asked = factories.trace({"model": model}, at=at, timing=Timing(total=0.5), ids=Ids())
    return replace(
        factories.read(asked)[0],
        parts=tuple(Part("messages", "user", text) for text in texts),
        answer=tuple(Part("messages", "user", text) for text in answer),
    )
