"""The longest shared conversation: which earlier turn a turn carries on.

What counts is what the user wrote and what the model answered, word for word. What a client adds on its own (reminders,
tool definitions, a system prompt with today's date) may differ, and so may thinking, which clients leave out again.
Knows nothing of ids and of sessions.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from traces.content.media import Media
from traces.content.parts import Part
from traces.sessions.model import Turn

_ANSWERED = frozenset(("assistant", "tool_input"))

_SAID = _ANSWERED | {"user", "tool_result", "image", "document"}

_Step = tuple[str, str, Media | None]

_ROOT = 0


@dataclass(frozen=True, slots=True)
class Shared:
    """What a turn shares with an earlier one.

    turn       which one it carries on; None where nothing is shared
    steps      how much is shared
    answered   whether something that a model answered is shared: the same question alone may be asked twice
    edited     whether its history isn't quite what was said
    node       where in the tree of conversations its own way begins, and
    rest       what it asks from there on
    """

    turn: int | None
    steps: int
    answered: bool
    edited: bool
    node: int
    rest: Sequence[_Step]


class Conversations:
    """The conversations so far, as a tree: what is said next is a branch, so that what is shared is kept once."""

    def __init__(self) -> None:
        self._next: dict[tuple[int, _Step], int] = {}
        self._made_by: list[int] = [-1]  # node -> the first turn that came through it
        self._asked: dict[int, int] = {}  # node -> the last turn whose request ended there
        self._ended: dict[int, int] = {}  # node -> the last turn whose answer ended there
        self._after: dict[int, int] = {}  # turn -> the last turn that carried it on

    def find(self, turn: Turn) -> Shared:
        """What it shares with earlier turns, from the beginning on."""
        steps = list(_said(turn.parts))
        node, depth = _ROOT, 0
        while depth < len(steps) and (following := self._next.get((node, steps[depth]))) is not None:
            node, depth = following, depth + 1
        rest = steps[depth:]
        found, edited = self._carried_on(node, rest)
        return Shared(found, depth, _answers(steps[:depth]), edited, node, rest)

    def _carried_on(self, node: int, rest: Sequence[_Step]) -> tuple[int | None, bool]:
        """The turn that is carried on from this node, and whether its history was edited."""
        if node == _ROOT:
            return None, False
        if node in self._ended and not _answers(rest):
            return self._ended[node], False
        if node in self._asked and not _answers(_behind_answer(rest)):
            return self._asked[node], False  # answered in other words than those recorded, or not at all
        turn = self._made_by[node]
        while turn in self._after:
            turn = self._after[turn]
        return turn, True

    def add(self, number: int, turn: Turn, shared: Shared) -> None:
        """`number` is how `find` will name this turn; it grows. `shared` is what `find` said of it just now."""
        node = self._grow(shared.node, shared.rest, number)
        self._asked[node] = number
        self._ended[self._grow(node, _said(turn.answer), number)] = number
        if shared.turn is not None:
            self._after[shared.turn] = number

    def _grow(self, node: int, steps: Iterable[_Step], number: int) -> int:
        """Follows the steps, with new branches where there are none; the last node."""
        for step in steps:
            following = self._next.get((node, step))
            if following is None:
                following = self._next[node, step] = len(self._made_by)
                self._made_by.append(number)
            node = following
        return node


def opening(turn: Turn) -> object:
    """What its conversation begins with: two that begin otherwise share nothing."""
    return next(_said(turn.parts), None)


def has_history(turn: Turn) -> bool:
    """Whether a model has answered in its conversation before."""
    return _answers(_said(turn.parts))


def _said(parts: Iterable[Part]) -> Iterator[_Step]:
    """What was said, step by step. White space at the ends doesn't count: clients cut it off."""
    for section, kind, text, _, _, media, _ in parts:
        if section == "messages" and kind in _SAID:
            said = text.strip()
            if said or media:
                yield kind, said, media


def _answers(steps: Iterable[_Step]) -> bool:
    return any(kind in _ANSWERED for kind, _, _ in steps)


def _behind_answer(steps: Sequence[_Step]) -> Sequence[_Step]:
    """What follows the answer that stands at the beginning, if one does."""
    return steps[next((at for at, step in enumerate(steps) if step[0] not in _ANSWERED), len(steps)) :]
