"""The longest shared conversation: which earlier turn a turn continues.

The user's and the model's words must be the same. What a client adds by itself (reminders, tool definitions, a system
prompt with today's date) may differ, and so may thinking, which clients leave out of later requests, and how a tool
call's arguments are written: some clients write the model's JSON anew.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from traces import jsonio
from traces.content.media import Media
from traces.content.parts import Part
from traces.content.tools import as_json
from traces.sessions.model import Turn

_ANSWER_KINDS = frozenset(("assistant", "tool_input"))

_STEP_KINDS = _ANSWER_KINDS | {"user", "tool_result", "image", "document"}

_Step = tuple[str, str, Media | None]

_ROOT = 0


@dataclass(frozen=True, slots=True)
class Shared:
    """What a turn shares with an earlier one.

    turn       the number of the turn that it continues; None where nothing is shared
    steps      how many steps are shared
    answered   whether an answer is shared: the same question alone may be asked twice
    edited     whether its history differs from the recorded one
    node       the node in the tree of conversations at which its own steps begin
    rest       its own steps, from there on
    """

    turn: int | None
    steps: int
    answered: bool
    edited: bool
    node: int
    rest: Sequence[_Step]


class Conversations:
    """The conversations so far, as a tree of steps: what is shared is kept once, what differs is a branch."""

    def __init__(self) -> None:
        self._next: dict[tuple[int, _Step], int] = {}
        self._first_through: list[int] = [-1]  # node -> the first turn that came through it
        self._request_ended: dict[int, int] = {}  # node -> the last turn whose request ended there
        self._answer_ended: dict[int, int] = {}  # node -> the last turn whose answer ended there
        self._continued_by: dict[int, int] = {}  # turn -> the last turn that carried it on

    def find(self, turn: Turn) -> Shared:
        """Return what a turn shares with earlier ones, from the beginning on."""
        steps = list(_steps(turn.parts))
        node, depth = _ROOT, 0
        while depth < len(steps) and (following := self._next.get((node, steps[depth]))) is not None:
            node, depth = following, depth + 1
        rest = steps[depth:]
        found, edited = self._find_continued(node, rest)
        return Shared(found, depth, _has_answer(steps[:depth]), edited, node, rest)

    def _find_continued(self, node: int, rest: Sequence[_Step]) -> tuple[int | None, bool]:
        """Return the turn that is continued from this node, and whether its history was edited."""
        if node == _ROOT:
            return None, False
        if node in self._answer_ended and not _has_answer(rest):
            return self._answer_ended[node], False
        if node in self._request_ended and not _has_answer(_after_answer(rest)):
            return self._request_ended[node], False  # with an answer other than the recorded one, or with none
        turn = self._first_through[node]
        while turn in self._continued_by:
            turn = self._continued_by[turn]
        return turn, True

    def add(self, number: int, turn: Turn, shared: Shared) -> None:
        """Add a turn by its number, which grows from turn to turn. `shared` is what `find` just returned for it."""
        node = self._grow(shared.node, shared.rest, number)
        self._request_ended[node] = number
        self._answer_ended[self._grow(node, _steps(turn.answer), number)] = number
        if shared.turn is not None:
            self._continued_by[shared.turn] = number

    def _grow(self, node: int, steps: Iterable[_Step], number: int) -> int:
        """Follow the steps, adding new branches where there are none, and return the last node."""
        for step in steps:
            following = self._next.get((node, step))
            if following is None:
                following = self._next[node, step] = len(self._first_through)
                self._first_through.append(number)
            node = following
        return node


def opening(turn: Turn) -> object:
    """Return the first step of its conversation: two with different first steps share nothing."""
    return next(_steps(turn.parts), None)


def has_history(turn: Turn) -> bool:
    """Return whether its conversation holds an earlier answer."""
    return _has_answer(_steps(turn.parts))


def _steps(parts: Iterable[Part]) -> Iterator[_Step]:
    """Yield the steps of a conversation. White space at the ends doesn't count: clients strip it."""
    for section, kind, text, _, _, media, _ in parts:
        if section == "messages" and kind in _STEP_KINDS:
            stripped = _as_compact_json(text) if kind == "tool_input" else text.strip()
            if stripped or media:
                yield kind, stripped, media


@lru_cache(maxsize=4096)  # each turn repeats the calls of those before it
def _as_compact_json(arguments: str) -> str:
    """Return a call's arguments as compact JSON; as they are, without white space at the ends, if they aren't JSON."""
    try:
        return as_json(jsonio.loads(arguments.encode()))
    except (ValueError, RecursionError):
        return arguments.strip()


def _has_answer(steps: Iterable[_Step]) -> bool:
    return any(kind in _ANSWER_KINDS for kind, _, _ in steps)


def _after_answer(steps: Sequence[_Step]) -> Sequence[_Step]:
    """Return what follows an answer at the beginning; all of it where there is none."""
    return steps[next((at for at, step in enumerate(steps) if step[0] not in _ANSWER_KINDS), len(steps)) :]
