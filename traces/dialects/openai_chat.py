"""OpenAI's streamed chat completions (`/v1/chat/completions`), and what model servers made of them.

Servers differ in how they name reasoning, in whether a tool call carries an index, in where the usage comes, and in
whether they close with `[DONE]`. All of these are read; what a server adds of its own is kept.

This module knows nothing of bytes, of times, or of other dialects.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from traces.dialects.base import TOOL_END, Brought, JsonStream, parses, text_of
from traces.model import Content, Json

REASONING = ("reasoning_content", "reasoning")
"""The names that servers give to thinking. Some send the same words under both: they count once."""

GROWING = ("content", *REASONING, "refusal")
"""The fields of a delta that are pieces of text. Lists are joined too; of anything else the last value stays."""

HOLDS = ("role", *GROWING, "tool_calls", "finish", "usage")
"""What a chunk can hold, in the order in which its kind names it."""


@dataclass(slots=True)
class _Call:
    fields: dict[str, Any]
    index: int | None
    name: str = ""
    arguments: list[str] = field(default_factory=list)
    whole: bool = False
    told: bool = False  # that it can be acted on

    def continued_by(self, index: int | None, ident: str | None, name: str) -> bool:
        """Whether a part belongs to this call. Some servers repeat id and name in every part, some send neither index
        nor id, and some give every parallel call the index 0."""
        own = self.fields.get("id")
        if index is None or self.index is None:
            return ident == own if ident else not name
        return index == self.index and not (name and ident and own and ident != own)

    def take(self, part: dict[str, Any], name: str, arguments: str) -> None:
        for key, value in part.items():
            if value and key not in ("index", "function"):
                self.fields.setdefault(key, value)  # the first id stays: some servers make up a new one for every part
        if name != self.name:  # some servers repeat the whole name in every part
            self.name += name
        self.arguments.append(arguments)

    def assembled(self) -> dict[str, Any]:
        arguments = "".join(self.arguments)
        call = {**self.fields, "function": {"name": self.name, "arguments": arguments}}
        if not parses(arguments) and (arguments or not self.whole):
            call["arguments_partial"] = True
        return call


@dataclass(slots=True)
class _Choice:
    fields: dict[str, Any] = field(default_factory=lambda: {"role": "assistant", "content": None})
    pieces: dict[str, list[str]] = field(default_factory=dict)
    calls: list[_Call] = field(default_factory=list)
    beside: dict[str, Any] = field(default_factory=lambda: {"finish_reason": None})

    def take(self, delta: dict[str, Any]) -> Iterator[Brought]:
        for name, value in delta.items():
            if name == "tool_calls" or value is None:
                continue
            if name in GROWING:
                self.pieces.setdefault(name, []).append(value)
            elif isinstance(value, list) and isinstance(before := self.fields.get(name), list):
                self.fields[name] = before + value
            else:
                self.fields[name] = value
        for part in delta.get("tool_calls") or ():
            yield from self._take_call(part)

    def _take_call(self, part: dict[str, Any]) -> Iterator[Brought]:
        index, ident = part.get("index"), part.get("id")
        name, arguments = _function(part)
        call = next((call for call in reversed(self.calls) if call.continued_by(index, ident, name)), None)
        if call is None:
            yield from self.end_calls()
            call = _Call({}, index)
            self.calls.append(call)
        call.take(part, name, arguments)

    def end_calls(self) -> Iterator[Brought]:
        """Another call began, or the answer finished: a call that isn't cut off, and doesn't go on later, can be acted
        on. Each is told once."""
        for call in self.calls:
            call.whole = True
            arguments = "".join(call.arguments)
            if not call.told and (not arguments or parses(arguments)):
                call.told = True
                yield TOOL_END

    def assembled(self, index: int) -> dict[str, Any]:
        message = {**self.fields, **{name: "".join(pieces) for name, pieces in self.pieces.items()}}
        if self.calls:
            message["tool_calls"] = [call.assembled() for call in self.calls]
        return {"index": index, "message": message, **self.beside}


class ChatStream(JsonStream):
    def __init__(self) -> None:
        super().__init__()
        self._fields: dict[str, Any] = {}
        self._choices: dict[int, _Choice] = {}

    def message(self) -> Json:
        if not self._fields and not self._choices:
            return None
        choices = [choice.assembled(index) for index, choice in sorted(self._choices.items())]
        return {**self._fields, "object": "chat.completion", "choices": choices}

    def _done(self) -> Sequence[Brought]:
        self.ended = True
        return [end for choice in self._choices.values() for end in choice.end_calls()]

    def _take(self, data: dict[str, Any]) -> tuple[str, Sequence[Brought]]:
        choices = [_checked(choice) for choice in data["choices"]]
        held = {"usage"} if data.get("usage") else set()
        for choice in choices:
            held |= _held(choice)
        brought = _contents([choice["delta"] for choice in choices])
        self._fields.update({name: value for name, value in data.items() if name != "choices" and value is not None})
        for choice in choices:
            brought += self._take_choice(choice)
        if self._choices and all(choice.beside["finish_reason"] for choice in self._choices.values()):
            self.ended = True  # some servers send no [DONE]
        names = "+".join(name for name in HOLDS if name in held)
        return f"chunk:{names}" if names else "chunk", brought

    def _take_choice(self, data: dict[str, Any]) -> Iterator[Brought]:
        choice = self._choices.setdefault(data["index"], _Choice())
        yield from choice.take(data["delta"])
        for name, value in data.items():
            if name not in ("index", "delta") and value is not None:
                choice.beside[name] = value
        if data.get("finish_reason"):
            yield from choice.end_calls()


def _checked(choice: dict[str, Any]) -> dict[str, Any]:
    """A choice in which everything that will be joined has the type it needs."""
    index, delta = choice.get("index") or 0, choice.get("delta") or {}
    if not isinstance(index, int):
        raise TypeError("a choice's index is a number")
    for name in GROWING:
        _text(delta, name)
    for part in delta.get("tool_calls") or ():
        _function(part)
    return {**choice, "index": index, "delta": delta}


def _function(part: dict[str, Any]) -> tuple[str, str]:
    """The name and the arguments that a part of a tool call carries."""
    function = part.get("function") or {}
    return _text(function, "name"), _text(function, "arguments")


def _text(holder: dict[str, Any], name: str) -> str:
    """A field that is text, or null, or missing."""
    value = holder.get(name)
    return "" if value is None else text_of(value)


def _held(choice: dict[str, Any]) -> set[str]:
    held = {name for name in HOLDS if choice["delta"].get(name)}
    return held | {"finish"} if choice.get("finish_reason") else held


def _contents(deltas: Iterable[dict[str, Any]]) -> list[Brought]:
    """What a chunk brought of each kind, over all its choices."""
    sizes: dict[Content, int] = {"thinking": 0, "text": 0, "tool": 0}
    for delta in deltas:
        sizes["thinking"] += max(len(_text(delta, name)) for name in REASONING)
        sizes["text"] += len(_text(delta, "content")) + len(_text(delta, "refusal"))
        sizes["tool"] += sum(len("".join(_function(part))) for part in delta.get("tool_calls") or ())
    return [Brought(content, size) for content, size in sizes.items() if size]
