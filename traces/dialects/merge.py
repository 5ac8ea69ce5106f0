"""Puts streamed pieces of a field together, and merges a closing value into them."""

from collections.abc import Callable, Sequence
from typing import Any

from traces.dialects.base import is_json
from traces.dialects.lenient import text_in
from traces.model import Json

_SET = frozenset(
    ("role", "type", "id", "index", "object", "name", "model", "status", "format", "channel", "phase", "recipient")
)
"""Fields whose texts are sent whole: a later one replaces an earlier one."""

_SET_ENDINGS = ("_id", "_type", "_at", "signature", "_reason")

_STREAMED = frozenset(
    ("text", "refusal", "arguments", "input", "code", "content", "thinking", "transcript", "summary", "data", "diff")
)
"""Fields whose texts are sent in pieces: a closing text that is shorter is ignored."""


def is_appended(name: str) -> bool:
    """Return whether texts of this field are appended: all but names, numbers and signatures."""
    return name not in _SET and not name.endswith(_SET_ENDINGS) and not name.startswith("encrypted")


class Growing:
    """A value whose pieces are added one by one, in linear time.

    Texts and lists are appended to; so are the fields of an object, and the items of a list with an `index`. For
    anything else, and where the type changes, the last piece is the value.
    """

    def __init__(self, value: Json = None, name: str = "") -> None:
        self._name = name
        self._last: Json = None
        self._texts: list[str] | None = None
        self._fields: dict[str, Growing] | None = None
        self._items: list[Growing] | None = None
        self._places: dict[int, Growing] = {}
        self.add(value)

    def add(self, piece: Json) -> None:
        """Add a piece; None adds nothing."""
        if piece is None:
            return
        if isinstance(piece, str) and is_appended(self._name):
            self._texts = [] if self._texts is None else self._texts
            self._fields = self._items = None
            self._texts.append(piece)
        elif isinstance(piece, dict):
            self._fields = {} if self._fields is None else self._fields
            self._texts = self._items = None
            for name, value in piece.items():
                if name in self._fields:
                    self._fields[name].add(value)
                else:
                    self._fields[name] = Growing(value, name)
        elif isinstance(piece, list):
            self._items = [] if self._items is None else self._items
            self._texts = self._fields = None
            for item in piece:
                self._add_item(item)
        else:
            self._last, self._texts, self._fields, self._items = piece, None, None, None

    def adder(self, name: str) -> Callable[[str], None]:
        """Return what adds a piece to this field of an object, which holds some."""
        assert self._fields is not None
        return self._fields[name].add

    def _add_item(self, item: Json) -> None:
        assert self._items is not None
        index = item.get("index") if isinstance(item, dict) else None
        if isinstance(index, int) and index in self._places:
            self._places[index].add(item)
            return
        self._items.append(Growing(item, "type"))  # texts in a list are separate items
        if isinstance(index, int):
            self._places[index] = self._items[-1]

    def value(self) -> Any:
        """Return the value of all pieces so far."""
        if self._texts is not None:
            return "".join(self._texts)
        if self._fields is not None:
            return {name: field.value() for name, field in self._fields.items()}
        if self._items is not None:
            return [item.value() for item in self._items]
        return self._last


def merge_closing(streamed: Json, closing: Json, name: str = "") -> Json:
    """Return the streamed value, updated with the closing one where that isn't empty, shorter or of another type."""
    if closing in (None, "", [], {}) and streamed is not None:
        return streamed
    if isinstance(streamed, dict) and isinstance(closing, dict):
        kept = {key: value for key, value in streamed.items() if key not in closing}
        return {**{key: merge_closing(streamed.get(key), value, key) for key, value in closing.items()}, **kept}
    if isinstance(streamed, list) and isinstance(closing, list):
        return [came if last is None else merge_closing(came, last) for came, last in pair_up(streamed, closing)]
    if isinstance(streamed, str) and isinstance(closing, str):
        return streamed if name in _STREAMED and len(closing) < len(streamed) else closing
    if streamed in (None, "", [], {}) or (isinstance(streamed, int | float) and isinstance(closing, int | float)):
        return closing
    return closing if _is_whole_input(streamed, closing, name) else streamed


def _is_whole_input(streamed: Json, closing: Json, name: str) -> bool:
    """Return whether a call's arguments are whole in its closing event, as an object, and were cut off as a text."""
    return (
        name in ("input", "arguments")
        and isinstance(streamed, str)
        and isinstance(closing, dict)
        and not is_json(streamed)
    )


def pair_up(streamed: Sequence[Json], closing: Sequence[Json]) -> list[tuple[Json, Json]]:
    """Return each streamed item with its counterpart in the closing list, in order; None where there is none.

    Counterparts have the same id, else the same text, else the same type: some servers make up new ids.
    """
    match: dict[int, int] = {}  # place in `closing` -> place in `streamed`
    for same in (_same_id, _same_text, _same_type):
        for place, last in enumerate(closing):
            free = (at for at, came in enumerate(streamed) if at not in match.values() and same(came, last))
            if place not in match and (found := next(free, None)) is not None:
                match[place] = found
    matched = {came: place for place, came in match.items()}
    pairs: list[tuple[int | None, int | None]] = [(at, matched.get(at)) for at in range(len(streamed))]
    for place in range(len(closing)):
        if place not in match:
            before = next((at for at, pair in enumerate(pairs) if place and pair[1] == place - 1), -1)
            pairs.insert(before + 1, (None, place))
    return [(None if at is None else streamed[at], None if place is None else closing[place]) for at, place in pairs]


def _same_id(came: Json, last: Json) -> bool:
    return any(_field(came, name) and _field(came, name) == _field(last, name) for name in ("id", "call_id"))


def _same_text(came: Json, last: Json) -> bool:
    return _same_type(came, last) and text_in(came) == text_in(last)


def _same_type(came: Json, last: Json) -> bool:
    """Return whether two items have the same type, and no different call ids."""
    calls = {_field(came, "call_id"), _field(last, "call_id")} - {None}
    return len(calls) < 2 and _field(came, "type") == _field(last, "type")


def _field(item: Json, name: str) -> object:
    value = item.get(name) if isinstance(item, dict) else None
    return value if isinstance(value, str) else None
