"""The texts of a page, each kept once, and JSON that is written with them.

A session sends its history again with every turn, and raw JSON repeats what the conversation shows. So whatever is long
lies in one list of texts, and the JSON of a body is a list of pieces:

    a string    stands for itself
    a number    stands for the text at this place, as a JSON string
    [a number]  stands for the items (tools, blocks of the system prompt, messages) of this list, with commas between

Knows nothing of traces but which fields of a body are such lists.
"""

from collections.abc import Iterator
from typing import Any

from display.page_lists import Lists
from traces.content.blocks import as_json
from traces.model import Json

LONG = 48
"""Characters from which on a text is kept apart: a reference to it takes some 10 itself."""

LISTS = ("tools", "system", "messages", "input")

Piece = str | int | list[int]


class Texts:
    """What was kept so far: `texts`, `items`, each as its pieces, and `lists` of their places."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.items: list[list[Piece]] = []
        self.lists = Lists()
        self._places: dict[str, int] = {}
        self._items: dict[str, int] = {}

    def place(self, text: str) -> int:
        if text not in self._places:
            self._places[text] = len(self.texts)
            self.texts.append(text)
        return self._places[text]

    def body(self, body: Json) -> list[Piece]:
        """The pieces of a request's or an answer's body; a body that is no JSON is a text."""
        if not isinstance(body, dict):
            return self._pieces(body)
        pieces: list[Piece] = []
        for before, (name, value) in zip(["{", *[","] * len(body)], body.items(), strict=False):
            pieces.append(f"{before}{as_json(name)}:")
            if name in LISTS and isinstance(value, list):
                pieces += ["[", [self.lists.add([self._item(item) for item in value])], "]"]
            else:
                pieces += self._pieces(value)
        return _joined([*pieces, "}" if body else "{}"])

    def _item(self, value: Json) -> int:
        key = as_json(value)
        if key not in self._items:
            self._items[key] = len(self.items)
            self.items.append(self._pieces(value))
        return self._items[key]

    def _pieces(self, value: Json) -> list[Piece]:
        try:
            return _joined(list(self._written(value)))
        except RecursionError:  # nested so deeply that nobody would read it
            return [as_json(value)]

    def _written(self, value: Any) -> Iterator[Piece]:
        if isinstance(value, str) and len(value) >= LONG:
            yield self.place(value)
        elif isinstance(value, dict):
            yield "{"
            for number, (name, item) in enumerate(value.items()):
                yield f"{',' * bool(number)}{as_json(name)}:"
                yield from self._written(item)
            yield "}"
        elif isinstance(value, list):
            yield "["
            for number, item in enumerate(value):
                yield "," * bool(number)
                yield from self._written(item)
            yield "]"
        else:
            yield as_json(value)


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Strings that follow one another become one."""
    joined: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        elif piece != "":
            joined.append(piece)
    return joined
