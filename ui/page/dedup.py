"""The texts of a page and the lists of its parts, each stored once.

A session sends its history again with every turn, and raw JSON repeats what the conversation shows. So each long text
is stored once, the JSON of a body is a list of pieces, and a list that repeats an earlier one refers to it.

A piece of a body:

    a string    these characters
    a number    the text at this index, as a JSON string
    [a number]  the items (tools, blocks of the system prompt, messages) of this list, with commas between

A list is a list of runs:

    [from, to]          the numbers from … to - 1
    [from, to, list]    what an earlier list has at these indexes
"""

from collections.abc import Iterator, Sequence
from typing import Any

from traces.content.tools import as_json
from traces.model import Json

Runs = list[list[int]]

RECENT = 8
"""How many earlier lists a new one is compared with."""

LEAST = 8
"""How long a common stretch must be for a list to refer to an earlier one."""


class Lists:
    """The lists that were added so far, each as its `runs`."""

    def __init__(self) -> None:
        self.runs: list[Runs] = []
        self._known: dict[tuple[int, ...], int] = {}
        self._recent: dict[int, tuple[tuple[int, ...], frozenset[int]]] = {}

    def add(self, numbers: Sequence[int]) -> int:
        """Add a list, and return its index in `runs`; a list that is there already isn't added again."""
        whole = tuple(numbers)
        if whole not in self._known:
            place = self._known[whole] = len(self.runs)
            self.runs.append(self._shorten(whole))
            self._recent[place] = whole, frozenset(whole)
            if len(self._recent) > RECENT:
                del self._recent[next(iter(self._recent))]
        return self._known[whole]

    def _shorten(self, whole: tuple[int, ...]) -> Runs:
        members = frozenset(whole)
        shared = {place: len(members & there) for place, (_, there) in self._recent.items()}
        nearest = max(shared, key=lambda place: (shared[place], place), default=None)
        if nearest is None or shared[nearest] < LEAST:
            return _runs(whole)
        return _refer_to(whole, self._recent[nearest][0], nearest)


def _runs(numbers: Sequence[int]) -> Runs:
    runs: Runs = []
    for number in numbers:
        if runs and runs[-1][1] == number:
            runs[-1][1] += 1
        else:
            runs.append([number, number + 1])
    return runs


def _refer_to(whole: tuple[int, ...], earlier: tuple[int, ...], place: int) -> Runs:
    """Return the runs of a list, with references to an earlier list for the stretches that both have."""
    runs: Runs = []
    at_in = {number: at for at, number in reversed(list(enumerate(earlier)))}
    here = own = 0
    there = 0
    while here < len(whole):
        start = there if there < len(earlier) and earlier[there] == whole[here] else at_in.get(whole[here], -1)
        length = _common_length(whole, here, earlier, start) if start >= 0 else 0
        if length < LEAST:
            here += 1
            there = start + 1 if start >= 0 else there
            continue
        runs += [*_runs(whole[own:here]), [start, start + length, place]]
        here += length
        own, there = here, start + length
    return runs + _runs(whole[own:])


def _common_length(one: tuple[int, ...], start: int, other: tuple[int, ...], begin: int) -> int:
    """Return how many numbers from the two places on are the same."""
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
"""Length from which on a text is stored apart: a reference to it takes about 10 characters itself."""

LISTS = ("tools", "system", "messages", "input")

Piece = str | int | list[int]


class Texts:
    """What was stored so far: `texts`, `items`, each as its pieces, and `lists` of the items' indexes."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.items: list[list[Piece]] = []
        self.lists = Lists()
        self._places: dict[str, int] = {}
        self._items: dict[str, int] = {}

    def place(self, text: str) -> int:
        """Store a text, and return its index in `texts`."""
        if text not in self._places:
            self._places[text] = len(self.texts)
            self.texts.append(text)
        return self._places[text]

    def body(self, body: Json) -> list[Piece]:
        """Return the pieces of a request's or a response's body; a body that isn't JSON is a text."""
        if not isinstance(body, dict):
            return self._pieces(body)
        pieces: list[Piece] = []
        for before, (name, value) in zip(["{", *[","] * len(body)], body.items(), strict=False):
            pieces.append(f"{before}{as_json(name)}:")
            if name in LISTS and isinstance(value, list):
                pieces += ["[", [self.lists.add([self._item(item) for item in value])], "]"]
            else:
                pieces += self._pieces(value)
        return _join([*pieces, "}" if body else "{}"])

    def _item(self, value: Json) -> int:
        key = as_json(value)
        if key not in self._items:
            self._items[key] = len(self.items)
            self.items.append(self._pieces(value))
        return self._items[key]

    def _pieces(self, value: Json) -> list[Piece]:
        try:
            return _join(list(self._write(value)))
        except RecursionError:  # nested so deeply that nobody would read it
            return [as_json(value)]

    def _write(self, value: Any) -> Iterator[Piece]:
        if isinstance(value, str) and len(value) >= LONG:
            yield self.place(value)
        elif isinstance(value, dict):
            yield "{"
            for number, (name, item) in enumerate(value.items()):
                yield f"{',' * bool(number)}{as_json(name)}:"
                yield from self._write(item)
            yield "}"
        elif isinstance(value, list):
            yield "["
            for number, item in enumerate(value):
                yield "," * bool(number)
                yield from self._write(item)
            yield "]"
        else:
            yield as_json(value)


def _join(pieces: list[Piece]) -> list[Piece]:
    """Return the pieces with strings that follow one another joined."""
    joined: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        elif piece != "":
            joined.append(piece)
    return joined
