"""The conversations in a transcript of Claude Code: each line names the one before it, and some begin anew."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from traces.model import Json
from traces.storage.foreign.accounts import text


@dataclass(frozen=True, slots=True)
class Line:
    """A line with a message, or with a block of one."""

    record: dict[str, Any]

    @property
    def message(self) -> dict[str, Any]:
        message: dict[str, Any] = self.record["message"]
        return message

    @property
    def agent(self) -> str | None:
        """Whose it is: a subagent's id; older versions tell only that it is one's."""
        return text(self.record, "agentId") or ("subagent" if self.record.get("isSidechain") is True else None)


@dataclass(frozen=True, slots=True)
class _Node:
    """A line that others follow. `message` is None where it holds nothing that is sent to a model."""

    before: "_Node | None"
    message: dict[str, Any] | None
    timestamp: str


class Conversation:
    """What was said before each line of a transcript, back to its beginning, or to the last compaction."""

    def __init__(self) -> None:
        self._nodes: dict[str, _Node] = {}
        self._side: set[str] = set()

    def add(self, line: Line) -> None:
        """Add a line with a message."""
        self._add(line.record, line.message)

    def pass_by(self, record: dict[str, Any]) -> None:
        """Add a line that others may follow. What the client put into a message for it is a part of the next one."""
        rendered, role = record.get("rendered"), text(record, "renderedRole")
        texts = (
            [each.get("content") for each in rendered if isinstance(each, dict)] if isinstance(rendered, list) else []
        )
        blocks: list[Json] = [{"type": "text", "text": one} for one in texts if isinstance(one, str)]
        self._add(record, {"role": role or "user", "content": blocks} if blocks else None)

    def _add(self, record: dict[str, Any], message: dict[str, Any] | None) -> None:
        id = text(record, "uuid")
        if id is None:
            return
        before = self._nodes.get(text(record, "parentUuid") or "")
        self._nodes[id] = _Node(before, message, text(record, "timestamp") or "")
        if record.get("isSidechain") is True:
            self._side.add(id)

    def compact(self, record: dict[str, Any]) -> None:
        """Forget what came before a compaction, but for the messages that it keeps."""
        kept = self._kept(record)
        self._nodes = {id: node for id, node in self._nodes.items() if id in self._side}
        node: _Node | None = None
        for message in kept:
            node = _Node(node, message, "")
        self._nodes[text(record, "uuid") or ""] = _Node(node, None, text(record, "timestamp") or "")

    def _kept(self, record: dict[str, Any]) -> list[dict[str, Any]]:
        match record:
            case {"compactMetadata": {"preservedMessages": {"uuids": list(ids)}}}:
                nodes = [self._nodes[id] for id in ids if isinstance(id, str) and id in self._nodes]
                return [node.message for node in nodes if node.message is not None]
        return []

    def before(self, line: Line) -> tuple[list[Json], str]:
        """Return the messages that the line answers, and when the last of them was written."""
        node = self._nodes.get(text(line.record, "parentUuid") or "")
        asked, messages = node.timestamp if node else "", []
        while node is not None:
            if node.message is not None:
                messages.append(node.message)
            node = node.before
        return list(_merged(messages[::-1])), asked


def _merged(lines: list[dict[str, Any]]) -> Iterator[Json]:
    """Yield messages as they are sent: the blocks of an answer together, then all that the user says to them."""
    sent: list[dict[str, Any]] = []
    answers: dict[object, dict[str, Any]] = {}
    for message in lines:
        role, content, id = message.get("role"), message.get("content"), message.get("id")
        blocks = content if isinstance(content, list) else [{"type": "text", "text": content}]
        begun = answers.get(id) if role == "assistant" and isinstance(id, str) else None
        if begun is None and sent and sent[-1]["role"] == role != "assistant":
            begun = sent[-1]
        if begun is not None:
            begun["content"] = [*begun["content"], *blocks]
            continue
        sent.append({"role": role, "content": blocks})
        if role == "assistant" and isinstance(id, str):
            answers[id] = sent[-1]
    yield from sent
