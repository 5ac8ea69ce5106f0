"""Anthropic's content blocks, strictly one after another, from pieces that may come in any order.

A client of Anthropic's expects that a block ends before the next one begins. Other servers may send the parts of
parallel calls in turn: what belongs to a later block waits until the one that is open has ended.
"""

import re
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from traces.dialects.pieces import CallSoFar, Piece
from traces.dialects.translation.answer.arguments import Arguments
from traces.dialects.translation.notes import Notes

Fields = dict[str, Any]
Events = list[tuple[str, Fields]]

UNNAMED = "unnamed_tool"
"""The name of a call that came without one: a client refuses it, and tells the model."""

_SURROGATES = re.compile("[\ud800-\udfff]")
_HIGH_AT_END = re.compile("[\ud800-\udbff]$")


class _Text:
    """A block of text or thinking. Halves of a character that come in two pieces are put together."""

    def __init__(self, kind: str, signature: Callable[[], str]) -> None:
        self.kind = kind
        self.done = False
        self._signature = signature
        self._half = ""

    def start(self) -> Fields | None:
        fields = {"thinking": "", "signature": ""} if self.kind == "thinking" else {"text": ""}
        return {"type": self.kind, **fields}

    def add(self, piece: Piece) -> Iterator[Fields]:
        text = self._half + piece.text
        self._half = ""
        if _SURROGATES.search(text):
            if half := _HIGH_AT_END.search(text):
                self._half, text = text[half.start() :], text[: half.start()]
            text = _whole_characters(text)
        if text:
            yield {"type": f"{self.kind}_delta", self.kind: text}

    def end(self) -> Iterator[Fields]:
        if self._half:
            yield {"type": f"{self.kind}_delta", self.kind: _whole_characters(self._half)}
        if self.kind == "thinking":
            yield {"type": "signature_delta", "signature": self._signature()}


class _Call:
    """A block of one tool call. It begins as soon as its tool's name is whole."""

    kind = "tool_use"

    def __init__(self, call: CallSoFar, ident: Callable[[str], str], name: Callable[[str, bool], str | None]) -> None:
        self.done = False
        self.arguments = Arguments(call.is_text)
        self._call, self._ident, self._name = call, ident, name
        self._began = False

    def start(self) -> Fields | None:
        given = self._call.name
        name = self._name(given, self.done or (self._began and bool(given)))
        if name is None:
            return None
        return {"type": "tool_use", "id": self._ident(self._call.ident), "name": name or UNNAMED, "input": {}}

    def add(self, piece: Piece) -> Iterator[Fields]:
        self._began = self._began or bool(piece.text.strip())
        if passed := self.arguments.feed(_whole_characters(piece.text)):
            yield {"type": "input_json_delta", "partial_json": passed}

    def end(self) -> Iterator[Fields]:
        if rest := self.arguments.end():
            yield {"type": "input_json_delta", "partial_json": rest}


class Blocks:
    """The blocks of one answer.

    ident       a call's id at the server -> the one that the client gets
    name        a tool's name so far, and whether it is whole -> the client's name; None while it may go on
    signature   what a thinking block is signed with
    """

    def __init__(
        self,
        ident: Callable[[str], str],
        name: Callable[[str, bool], str | None],
        signature: Callable[[], str],
        notes: Notes,
    ) -> None:
        self.has_calls = self.has_broken_call = False
        self._ident, self._name, self._signature, self._notes = ident, name, signature, notes
        self._waiting: deque[tuple[_Text | _Call, list[Fields]]] = deque()  # the open block first, with its deltas
        self._calls: dict[int, _Call] = {}
        self._held: list[CallSoFar] = []  # so that no other call takes the place of one in memory
        self._index = -1
        self._is_open = False  # whether the first of those that wait has begun

    def add(self, piece: Piece) -> Events:
        """Take a piece; return the events that can be sent now."""
        block, deltas = self._block_of(piece)
        if deltas is None:
            if piece.text.strip():
                self._notes.add_dropped("a part of a call that had ended")
            return []
        deltas += block.add(piece)
        return self._flush()

    @property
    def ends_with_a_call(self) -> bool:
        """Whether a call with whole arguments is the last that came, and all before it are whole, too."""
        calls = [block for block, _ in self._waiting if isinstance(block, _Call)]
        return bool(calls) and calls[-1] is self._waiting[-1][0] and all(call.arguments.is_complete for call in calls)

    def end(self) -> Events:
        """End all blocks."""
        for block, _ in self._waiting:
            block.done = True
        return self._flush()

    def _block_of(self, piece: Piece) -> tuple[_Text | _Call, list[Fields] | None]:
        """Return the block that a piece belongs to, and its deltas that wait; None where it has ended."""
        if piece.call is not None:
            known = self._calls.get(id(piece.call))
            if known is not None:
                return known, next((deltas for block, deltas in self._waiting if block is known), None)
            self.has_calls = True
            self._held.append(piece.call)
            call = _Call(piece.call, self._ident, self._name)
            self._calls[id(piece.call)] = call
            return self._append(call)
        if self._waiting and self._waiting[-1][0].kind == piece.content:
            return self._waiting[-1]
        return self._append(_Text(piece.content, self._signature))

    def _append(self, new: _Text | _Call) -> tuple[_Text | _Call, list[Fields]]:
        for block, _ in self._waiting:
            block.done = not isinstance(block, _Call) or block.arguments.is_complete
        self._waiting.append((new, []))
        return self._waiting[-1]

    def _flush(self) -> Events:
        """Return the events of the open block, and of those that can follow it."""
        events: Events = []
        while self._waiting:
            block, deltas = self._waiting[0]
            if not self._is_open:
                start = block.start()
                if start is None:
                    break
                self._index += 1
                self._is_open = True
                events.append(self._event("start", content_block=start))
            if block.done:
                deltas += block.end()
            events += [self._event("delta", delta=delta) for delta in deltas]
            deltas.clear()
            if not block.done:
                break
            if isinstance(block, _Call):
                self.has_broken_call = block.arguments.is_broken
                for note in block.arguments.notes:
                    self._notes.add(note)
            events.append(self._event("stop"))
            self._waiting.popleft()
            self._is_open = False
        return events

    def _event(self, step: str, **fields: Any) -> tuple[str, Fields]:
        kind = f"content_block_{step}"
        return kind, {"type": kind, "index": self._index, **fields}


def _whole_characters(text: str) -> str:
    """Return the text with halves of a character put together, or replaced."""
    if not _SURROGATES.search(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
