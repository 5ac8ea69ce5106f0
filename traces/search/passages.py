"""An exchange -> the passages that can be searched in it, its title, and the folder that its user worked in.

A passage is a part of the request or of the answer that has a text: a message, a tool's result, a definition.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from traces import jsonio
from traces.content.part import Kind, Part
from traces.content.parts import PartsReader
from traces.content.project import project_of
from traces.dialects import format_of
from traces.model import Json, Trace
from traces.servers import identify

Role = Literal["user", "assistant", "tool", "system"]

ROLES: Mapping[Kind, Role] = {
    "user": "user",
    "document": "user",
    "image": "user",
    "other": "user",
    "assistant": "assistant",
    "thinking": "assistant",
    "tool_input": "tool",
    "tool_result": "tool",
    "system": "system",
    "tool": "system",
    "reminder": "system",
    "claude_md": "system",
}
"""Who wrote a part: the client's own words, definitions of tools among them, are the system's."""

_TITLE_LENGTH = 100


class Read(NamedTuple):
    """What an exchange says, in order.

    parts     those of the request, then those of the answer, without the ones that have no text
    thread    what tells its conversation from others, where no id does: the first that was said in it
    answer    what the answer says first
    project   the user's folder; None where the client doesn't say
    """

    parts: Sequence[Part]
    thread: str
    answer: str
    project: str | None

    def title(self, kind: str) -> str:
        """Return what its session can be called: the answer to a request for a title, else what was said first."""
        return _answered_title(self.answer) if kind == "TITLE" else self.thread[:_TITLE_LENGTH]


class PassageReader:
    """Reads the exchanges of one conversation, one after another: what they repeat is taken apart once."""

    def __init__(self) -> None:
        self._parts = PartsReader()

    def read(self, trace: Trace) -> Read:
        """Return what an exchange says."""
        answer = trace.message
        server = identify(trace.mode, trace.response.headers if trace.response else {})
        given = self._parts.read(trace.request.body, server)
        found = format_of(answer)
        said = self._parts.read_answer(found.as_messages(answer) if found and isinstance(answer, dict) else [], 0)
        return Read(
            parts=[part for part in (*given, *said) if part.text],
            thread=_first_words(given, "user"),
            answer=_first_words(said, "assistant"),
            project=project_of(given),
        )


def _first_words(parts: Iterable[Part], kind: Kind) -> str:
    texts = (part.text.strip() for part in parts if part.kind == kind)
    return next(filter(None, texts), "")


def _answered_title(text: str) -> str:
    """Return the title in an answer: the text, or the field of that name where it is JSON."""
    try:
        answer: Json = jsonio.loads(text.encode("utf-8", "replace"))
    except ValueError:
        answer = None
    title = answer.get("title") if isinstance(answer, dict) else text
    return title.strip()[:_TITLE_LENGTH] if isinstance(title, str) else ""
