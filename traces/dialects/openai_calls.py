"""The tool calls of a streamed chat completion: which part belongs to which call, and when a call is complete."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from traces.dialects.base import TOOL_END, ContentPiece, is_json, parse_json
from traces.dialects.lenient import LenientReader
from traces.dialects.pieces import Piece
from traces.model import Json

_BEFORE_VALUE = (":", "[", ",")
"""What an object within the arguments may come behind: then a repeated beginning can be the object's own."""

_ENDS = tuple('}]"0123456789el')
"""The characters with which a JSON document may end."""

_OTHER_TEXTS = ("parameters", "input", "args")
"""What a few servers call the arguments."""


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
        held = next((each for each in held.values() if isinstance(each, dict) and {"name", text} & each.keys()), held)
    if held.get(text) is None and (other := next((name for name in _OTHER_TEXTS if held.get(name) is not None), None)):
        lenient.odd = True
        held = {**held, text: held[other]}
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
    repeats: bool = False  # its parts repeat what came before them

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
    def is_empty(self) -> bool:
        """Whether all that came of its arguments is an object without fields."""
        return self.arguments.strip() == "{}"

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
        if part.id and part.id == own and part.index in (self.index, None):
            return not self._is_repeated_by(part)
        if part.index is None or self.index is None:
            if part.id:
                return False
            return not part.name or (part.name == self.name and any(self.pieces) and not self.is_complete)
        if part.index != self.index:
            return False
        if part.name and part.id and own:
            return part.name == self.name and self._goes_on_with(part.arguments)
        return not self._is_followed_by(part)

    def _is_repeated_by(self, part: Part) -> bool:
        """Return whether a part with this call's id is another call: a few servers give all calls of a tool one id."""
        if not part.name or not part.arguments.lstrip().startswith("{") or not self.is_complete or self.is_empty:
            return False
        return part.name != self.name or (is_json(part.arguments) and not _is_same(part.arguments, self.arguments))

    def _goes_on_with(self, text: str) -> bool:
        """Return whether a text whose part has another id than this call goes on with its arguments all the same."""
        known = self.arguments
        begins = text.lstrip().startswith("{")
        return bool(text) and not (known and begins and not text.startswith(known)) and not self.is_complete

    def _is_followed_by(self, part: Part) -> bool:
        """Return whether a part at the same index, without a distinct id, begins another call.

        It does if it has another name, or if a name follows complete arguments.
        """
        if self.named_again and part.arguments.strip():
            return True
        if not part.name or not self.name or not any(self.pieces):
            return False
        return part.name != self.name or bool(part.arguments and self.is_complete)

    def take(self, part: Part) -> Piece:
        """Add a part to this call; return what is new."""
        for key, value in part.fields.items():
            if value and key not in ("index", self.holder):
                self.fields.setdefault(key, value)  # the first id stays: some servers make up a new one for every part
        new_name = part.name.removeprefix(self.name)  # some servers repeat the whole name in every part
        self.name += new_name
        if part.name and not new_name and any(self.pieces) and not part.arguments:
            self.named_again = self.is_complete
        text = part.arguments if self.is_text else self._new_in(part.arguments)
        self.pieces.append(text)
        return Piece("tool", text, self, new_name)

    def _new_in(self, text: str) -> str:
        """Return what is new in a part's arguments.

        Some servers repeat in every part what came before it, or all arguments in the last one; some begin with empty
        arguments, and send the real ones behind them.
        """
        if not text.lstrip().startswith("{") or not any(self.pieces):
            return text
        if self.is_empty:
            self.pieces.clear()
            return text
        known = self.arguments
        if text.startswith(known) and (self.repeats or not known.rstrip().endswith(_BEFORE_VALUE)):
            self.repeats = True
            return text[len(known) :]
        return "" if self.is_complete and _is_same(text, known) else text

    def is_only_continued_by(self, parts: Json) -> bool:
        """Return whether the parts in a delta are no more than a piece of this call's arguments, as the next may be."""
        match parts:
            case [{"function": {"arguments": str(), **named}, **beside}] if not any(named.values()):
                told = [value for name, value in beside.items() if name not in ("index", "type")]
                return not any(told) and not self.named_again
        return False

    def go_on(self, text: str) -> Piece:
        """Add a piece of arguments; return what is new."""
        self.pieces.append(text)
        return Piece("tool", text, self)

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
            again = next((call for call in self._calls if call.named_again and call.index == part.index), None)
            if again is not None:
                again.named_again = False
                part = part if part.name else replace(part, name=again.name)
            yield from self._begin(part, lenient, found)
            return
        piece = call.take(part)
        lenient.odd = lenient.odd or len(piece.text) < len(part.arguments)
        found.append(piece)

    def _begin(self, part: Part, lenient: LenientReader, found: list[Piece]) -> Iterator[ContentPiece]:
        yield from self.end()
        is_used = any(part.id == call.fields.get("id") for call in self._calls)
        lenient.odd = lenient.odd or is_used or not (part.name and part.id)  # a client needs both
        self._calls.append(Call({}, part.index, part.holder, part.text))
        found.append(self._calls[-1].take(part))

    def take_whole(self, parts: list[Part], lenient: LenientReader, found: list[Piece]) -> Iterator[ContentPiece]:
        """Add calls that come whole, perhaps repeated: what came in pieces stays where it is longer."""
        left = dict(enumerate(self._calls))  # by their places; each is one of these parts at most
        for place, part in enumerate(parts):
            at = next((at for at, call in left.items() if part.id and call.fields.get("id") == part.id), None)
            if at is None and place in left and left[place].name in ("", part.name):
                at = place
            known = None if at is None else left.pop(at)
            if known is None:
                index = None if part.index is None else len(self._calls)
                yield from self._begin(replace(part, index=index), lenient, found)
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


def _is_same(text: str, other: str) -> bool:
    """Return whether two texts are the same JSON."""
    try:
        return text == other or bool(parse_json(text) == parse_json(other))
    except ValueError:
        return False
