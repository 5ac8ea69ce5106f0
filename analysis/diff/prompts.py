"""What two clients give a model besides the conversation: tools, system prompt and reminders, part by part."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from analysis.prefix_cache.causes import KINDS, Difference, causes_of, location
from analysis.prefix_cache.prompts import Counts
from traces.content.parts import Part, Section
from traces.sessions.model import Turn

Group = Literal["tools", "system", "reminders"]

GROUPS: dict[Group, Callable[[Part], bool]] = {
    "tools": lambda part: part.section == "tools",
    "system": lambda part: part.section == "system",
    "reminders": lambda part: part.section == "messages" and part.kind in ("reminder", "claude_md"),
}
"""The parts of a request that the client writes, in groups."""

SECTIONS: Mapping[Group, Section] = {"tools": "tools", "system": "system", "reminders": "messages"}

Change = Literal["same", "changed", "added", "removed"]


@dataclass(frozen=True, slots=True)
class PartChange:
    """A part of two requests, with its tokens in each; None where the request hasn't got it.

    where          which part it is: `tool Bash`, `system block 2`
    name           the tool's name, or the path of a CLAUDE.md
    kind           what differs, in words: `date`, `environment`, …; "" where that isn't known, or nothing differs
    before, after  the texts around the point at which they begin to differ
    """

    group: Group
    where: str
    name: str | None
    change: Change
    left: int | None
    right: int | None
    kind: str = ""
    before: str = ""
    after: str = ""


def changes(left: Turn, right: Turn, counts: Counts) -> list[PartChange]:
    """Return all parts that the clients wrote into two requests, group by group.

    A group that isn't whole in one of the records is left out: what is missing there may have been sent.
    """
    unknown = left.unknown | right.unknown
    return [
        change
        for group, belongs in GROUPS.items()
        if SECTIONS[group] not in unknown
        for change in _changes(group, [*filter(belongs, left.parts)], [*filter(belongs, right.parts)], counts)
    ]


def is_reordered(left: Turn, right: Turn) -> bool:
    """Return whether the tools that both have come in another order."""
    ones, others = ([_name(part) for part in turn.parts if part.section == "tools"] for turn in (left, right))
    both = set(ones) & set(others)
    return [name for name in ones if name in both] != [name for name in others if name in both]


def _changes(group: Group, left: Sequence[Part], right: Sequence[Part], counts: Counts) -> Iterator[PartChange]:
    for one, other in _by_name(left, right) if group == "tools" else _by_text(left, right):
        yield _change(group, one, other, *(None if part is None else counts([part])[0] for part in (one, other)))


def _change(group: Group, one: Part | None, other: Part | None, left: int | None, right: int | None) -> PartChange:
    if one is None or other is None:
        part = one or other
        assert part is not None
        return PartChange(group, location(part), part.name, "added" if one is None else "removed", left, right)
    if (one.text, one.media) == (other.text, other.media):
        return PartChange(group, location(other), other.name, "same", left, right)
    cause = causes_of(Difference([one], [other], [one], [other]))[0]
    kind = KINDS[cause.kind].label
    return PartChange(group, location(other), other.name, "changed", left, right, kind, cause.before, cause.after)


_Both = tuple[Part | None, Part | None]


def _by_name(left: Sequence[Part], right: Sequence[Part]) -> Iterator[_Both]:
    """Yield tools of one name together, in the left order; then those that only the right has."""
    named = {_name(part): part for part in right}
    yield from ((part, named.pop(_name(part), None)) for part in left)
    yield from ((None, part) for part in named.values())


def _by_text(left: Sequence[Part], right: Sequence[Part]) -> Iterator[_Both]:
    """Yield parts with the same text together, and between them those of the same kind, in order."""
    matcher = SequenceMatcher(None, [part.text for part in left], [part.text for part in right], autojunk=False)
    for _, begin, end, start, stop in matcher.get_opcodes():
        rest = list(right[start:stop])
        for one in left[begin:end]:
            at = next((at for at, other in enumerate(rest) if (other.kind, other.name) == (one.kind, one.name)), None)
            yield one, None if at is None else rest.pop(at)
        yield from ((None, other) for other in rest)


def _name(part: Part) -> tuple[object, ...]:
    return part.name, part.group
