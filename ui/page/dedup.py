"""Long lists of numbers that repeat one another, in short: a session sends its history again with every turn, and a
page of a thousand turns would be mostly that.

    [from, to]          the numbers from … to - 1
    [from, to, list]    what an earlier list has at these places

A list is a list of such runs. Knows nothing of what the numbers stand for.


The texts of a page, each kept once, and JSON that is written with them.

A session sends its history again with every turn, and raw JSON repeats what the conversation shows. So whatever is long
lies in one list of texts, and the JSON of a body is a list of pieces:

    a string    stands for itself
    a number    stands for the text at this place, as a JSON string
    [a number]  stands for the items (tools, blocks of the system prompt, messages) of this list, with commas between

Knows nothing of traces but which fields of a body are such lists.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from traces.content.tools import as_json
from traces.model import Json

Runs = list[list[int]]

RECENT = 8
"""Earlier lists that a new one is compared with."""

LEAST = 8
"""Numbers in a row that are worth pointing to an earlier list for."""


class Lists:
    """The lists that were added so far, `runs` of each."""

    def __init__(self) -> None:
        self.runs: list[Runs] = []
        self._known: dict[tuple[int, ...], int] = {}
        self._recent: dict[int, tuple[tuple[int, ...], frozenset[int]]] = {}

    def add(self, numbers: Sequence[int]) -> int:
        """The place of this list in `runs`."""
        whole = tuple(numbers)
        if whole not in self._known:
            place = self._known[whole] = len(self.runs)
            self.runs.append(self._shortened(whole))
            self._recent[place] = whole, frozenset(whole)
            if len(self._recent) > RECENT:
                del self._recent[next(iter(self._recent))]
        return self._known[whole]

    def _shortened(self, whole: tuple[int, ...]) -> Runs:
        members = frozenset(whole)
        shared = {place: len(members & there) for place, (_, there) in self._recent.items()}
        nearest = max(shared, key=lambda place: (shared[place], place), default=None)
        if nearest is None or shared[nearest] < LEAST:
            return _runs(whole)
        return _pointing(whole, self._recent[nearest][0], nearest)


def _runs(numbers: Sequence[int]) -> Runs:
    runs: Runs = []
    for number in numbers:
        if runs and runs[-1][1] == number:
            runs[-1][1] += 1
        else:
            runs.append([number, number + 1])
    return runs


def _pointing(whole: tuple[int, ...], earlier: tuple[int, ...], place: int) -> Runs:
    """Stretches that the earlier list has too point to it; what is between them stands for itself."""
    runs: Runs = []
    at_in = {number: at for at, number in reversed(list(enumerate(earlier)))}
    here = own = 0
    there = 0
    while here < len(whole):
        start = there if there < len(earlier) and earlier[there] == whole[here] else at_in.get(whole[here], -1)
        length = _alike(whole, here, earlier, start) if start >= 0 else 0
        if length < LEAST:
            here += 1
            there = start + 1 if start >= 0 else there
            continue
        runs += [*_runs(whole[own:here]), [start, start + length, place]]
        here += length
        own, there = here, start + length
    return runs + _runs(whole[own:])


def _alike(one: tuple[int, ...], start: int, other: tuple[int, ...], begin: int) -> int:
    """For how long both go on alike."""
    length = 0
    most = min(len(one) - start, len(other) - begin)
    step = 256
    while step:
        while (
            length + step <= most
            and one[start + length : start + length + step] == other[begin + length : begin + length + step]
        ):
            length += step
        step //= 4
    return length


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
