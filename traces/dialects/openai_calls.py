"""The tool calls of a streamed chat completion: which part belongs to which call, and when a call is complete."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from traces.dialects.base import TOOL_END, ContentPiece, is_json
from traces.dialects.lenient import LenientReader
from traces.dialects.pieces import Piece
from traces.model import Json

_ENDS = tuple('}]"0123456789el')
"""The characters with which a JSON document may end."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a call. `holder` is the field that its name and its text are in, `text` the name of that text."""

    fields: dict[str, Any]
    index: int | None
    id: str
    name: str
    arguments: str
    holder: str = "function"
    text: str = "arguments"


def part_of(fields: dict[str, Any], lenient: LenientReader) -> Part:
    """Return what is readable of a part. Some servers put name and arguments beside the id."""
    custom = isinstance(fields.get("custom"), dict)
    holder, text = ("custom", "input") if custom else ("function", "arguments")
    held = fields.get(holder)
    held = lenient.record({"name": held} if isinstance(held, str) else held)
    if not held and ("name" in fields or text in fields):
        lenient.odd = True
        held = {name: fields[name] for name in ("name", text) if name in fields}
        fields = {name: value for name, value in fields.items() if name not in held}
    if held and "name" not in held and text not in held:
        lenient.odd = True
        within = next((each for each in held.values() if isinstance(each, dict) and {"name", text} & each.keys()), None)
        held = within or {**held, text: held.get("parameters", held.get("input"))}
    if (
        isinstance(fields.get(holder), str)
        or not held
        or ("name" not in held and held.get(text) is None)
        or not isinstance(fields.get("type", ""), str)
    ):
        lenient.odd = True
    return Part(
        fields,
        lenient.index(fields.get("index")),
        lenient.text(fields.get("id")),
        lenient.text(held.get("name")),
        lenient.json_text(held.get(text)),
        holder,
        text,
    )


@dataclass(slots=True)
class Call:
    """One tool call, as far as it has come."""

    fields: dict[str, Any]
    index: int | None
    holder: str = "function"
    text: str = "arguments"
    name: str = ""
    pieces: list[str] = field(default_factory=list)
    whole: bool = False
    reported: bool = False  # that it can be acted on
    named_again: bool = False  # after it was whole: the next arguments are another call's

    @property
    def arguments(self) -> str:
        return "".join(self.pieces)

    @property
    def ident(self) -> str:
        return str(self.fields.get("id") or "")

    @property
    def is_text(self) -> bool:
        return self.holder == "custom"

    @property
    def is_complete(self) -> bool:
        """Whether its arguments are one JSON document. How that may end is looked at first: a document is long."""
        last = next((piece for piece in reversed(self.pieces) if piece.strip()), "").rstrip()
        return self.holder == "custom" or (last.endswith(_ENDS) and is_json(self.arguments))

    def continued_by(self, part: Part) -> bool:
        """Return whether a part belongs to this call.

        Some servers repeat id and name in every part, some send neither index nor id, and some give every parallel
        call the index 0.
        """
        own = self.fields.get("id")
        if part.index is None or self.index is None:
            if part.id:
                return part.id == own
            return not part.name or (part.name == self.name and any(self.pieces) and not self.is_complete)
        if part.index != self.index or (part.name and part.id and own and part.id != own):
            return False
        if part.id and part.id == own:
            return not (part.name and part.name != self.name and part.arguments and self.is_complete)
        return not self._is_followed_by(part)

    def _is_followed_by(self, part: Part) -> bool:
        """Return whether a part at the same index, without a distinct id, begins another call.

        It does if it has another name, or if a name follows complete arguments.
        """
        if self.named_again and part.arguments.strip():
            return True
        if not part.name or not any(self.pieces):
            return False
        return part.name != self.name or bool(part.arguments and self.is_complete)

    def take(self, part: Part) -> Piece:
        """Add a part to this call; return what is new."""
        for key, value in part.fields.items():
            if value and key not in ("index", self.holder):
                self.fields.setdefault(key, value)  # the first id stays: some servers make up a new one for every part
        new_name = part.name if part.name != self.name else ""  # some servers repeat the whole name in every part
        self.name += new_name
        if part.name and not new_name and any(self.pieces) and not part.arguments:
            self.named_again = self.is_complete
        self.pieces.append(part.arguments)
        return Piece("tool", part.arguments, self, new_name)

    def assemble(self) -> dict[str, Any]:
        """Return the call as it would be in an answer without streaming."""
        arguments = self.arguments
        call = {**self.fields, self.holder: {"name": self.name, self.text: arguments}}
        if not self.is_complete and (arguments or not self.whole):
            call["arguments_partial"] = True
        return call


class Calls:
    """The calls of one choice, in order."""

    def __init__(self) -> None:
        self._calls: list[Call] = []

    def __bool__(self) -> bool:
        return bool(self._calls)

    def take(self, part: Part, lenient: LenientReader, found: list[Piece]) -> Iterator[ContentPiece]:
        """Add a part, and what is new to `found`; where it begins a call, those before it may be acted on."""
        call = next((call for call in reversed(self._calls) if call.continued_by(part)), None)
        if call is None:
            yield from self.end()
            again = next((call for call in self._calls if call.named_again and call.index == part.index), None)
            if again is not None:
                again.named_again = False
                part = part if part.name else replace(part, name=again.name)
            is_used = any(part.id == call.fields.get("id") for call in self._calls)
            lenient.odd = lenient.odd or is_used or not (part.name and part.id)  # a client needs both
            call = Call({}, part.index, part.holder, part.text)
            self._calls.append(call)
        found.append(call.take(part))

    def take_whole(self, parts: list[Part], lenient: LenientReader, found: list[Piece]) -> Iterator[ContentPiece]:
        """Add calls that come whole, perhaps repeated: what came in pieces stays where it is longer."""
        for place, part in enumerate(parts):
            known = next((call for call in self._calls if part.id and call.fields.get("id") == part.id), None)
            if known is None and place < len(self._calls) and self._calls[place].name in ("", part.name):
                known = self._calls[place]
            if known is None:
                index = None if part.index is None else len(self._calls)
                yield from self.take(replace(part, index=index), lenient, found)
            elif len(part.arguments) > len(known.arguments):
                new_name = "" if known.name else part.name
                found.append(Piece("tool", part.arguments[len(known.arguments) :], known, new_name))
                known.name, known.pieces = part.name or known.name, [part.arguments]

    def end(self) -> Iterator[ContentPiece]:
        """Yield an event for each complete call, once, when another call begins or the answer ends.

        A client can act on a call that isn't cut off.
        """
        for call in self._calls:
            call.whole = True
            if not call.reported and (not call.arguments or call.is_complete):
                call.reported = True
                yield TOOL_END

    def assemble(self) -> list[Json]:
        """Return the calls as they would be in an answer without streaming."""
        return [call.assemble() for call in self._calls]
