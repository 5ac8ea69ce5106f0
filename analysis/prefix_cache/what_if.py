"""Sessions as they would have been without a tool, an MCP server or a block of the system prompt.

Only the requests change: what the model would have done without it isn't known.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from traces.content.parts import Part
from traces.errors import ToolkitError
from traces.sessions.model import Session

IsPart = Callable[[Part], bool]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The changed sessions; `calls` is how often the original ones used what is left out."""

    sessions: list[Session]
    calls: int


def leave_out(sessions: Sequence[Session], names: Sequence[str]) -> WhatIf:
    """Leave out what is named: a tool, `mcp:SERVER`, or `system:N` for the N-th block of the system prompt.

    Raise ToolkitError where no request has it.
    """
    parts = Counter(part for session in sessions for turn in session.turns for part in set(turn.parts))
    for name in names:
        if not any(map(_matcher(name), parts)):
            raise ToolkitError(f"--without {name}: no request has that. {_choices(list(parts))}")
    left_out_if = [_matcher(name) for name in names]
    left_out = {part.name for part in parts if part.kind == "tool" and any(is_one(part) for is_one in left_out_if)}
    calls = sum(tool in left_out for session in sessions for turn in session.turns for tool in turn.tools_used)
    return WhatIf([_without(session, left_out_if) for session in sessions], calls)


def _without(session: Session, left_out_if: Sequence[IsPart]) -> Session:
    turns = (
        replace(turn, parts=tuple(part for part in turn.parts if not any(is_one(part) for is_one in left_out_if)))
        for turn in session.turns
    )
    return replace(session, turns=tuple(turns))


def _matcher(name: str) -> IsPart:
    kind, colon, rest = name.partition(":")
    if colon and kind == "mcp":
        return lambda part: part.kind == "tool" and part.server == rest
    if colon and kind == "system" and rest.isdecimal():
        return lambda part: part.section == "system" and part.index == int(rest) - 1
    return lambda part: part.kind == "tool" and name in (part.name, part.group)


def _choices(parts: Sequence[Part]) -> str:
    tools = sorted({part.name for part in parts if part.kind == "tool" and part.name})
    servers = sorted({f"mcp:{part.server}" for part in parts if part.kind == "tool" and part.server})
    blocks = max((part.index + 1 for part in parts if part.section == "system"), default=0)
    known = [*tools, *servers, *(f"system:{number}" for number in range(1, blocks + 1))]
    return f"There are: {', '.join(known)}." if known else "There are no tools and no system prompt."
