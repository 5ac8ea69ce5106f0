"""What if: sessions as they would have been without a tool, an MCP server or a block of the system prompt.

Only the requests change: what the model would have done without it, nobody knows. Knows nothing of caches.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from traces.content.parts import Part
from traces.errors import ToolkitError
from traces.sessions.model import Session

IsPart = Callable[[Part], bool]


@dataclass(frozen=True, slots=True)
class Without:
    """`calls` is how often the sessions used what is left out."""

    sessions: list[Session]
    calls: int


def without(sessions: Sequence[Session], names: Sequence[str]) -> Without:
    """Without what is named: a tool, `mcp:SERVER`, or `system:N` for the N-th block of the system prompt.

    Raises ToolkitError where no request has it.
    """
    parts = Counter(part for session in sessions for turn in session.turns for part in set(turn.parts))
    for name in names:
        if not any(map(_named(name), parts)):
            raise ToolkitError(f"--without {name}: no request has that. {_offered(list(parts))}")
    leaves_out = [_named(name) for name in names]
    left_out = {part.name for part in parts if part.kind == "tool" and any(is_one(part) for is_one in leaves_out)}
    calls = sum(tool in left_out for session in sessions for turn in session.turns for tool in turn.tools_used)
    return Without([_left(session, leaves_out) for session in sessions], calls)


def _left(session: Session, leaves_out: Sequence[IsPart]) -> Session:
    turns = (
        replace(turn, parts=tuple(part for part in turn.parts if not any(is_one(part) for is_one in leaves_out)))
        for turn in session.turns
    )
    return replace(session, turns=tuple(turns))


def _named(name: str) -> IsPart:
    kind, colon, rest = name.partition(":")
    if colon and kind == "mcp":
        return lambda part: part.kind == "tool" and part.server == rest
    if colon and kind == "system" and rest.isdecimal():
        return lambda part: part.section == "system" and part.index == int(rest) - 1
    return lambda part: part.kind == "tool" and name in (part.name, part.group)


def _offered(parts: Sequence[Part]) -> str:
    tools = sorted({part.name for part in parts if part.kind == "tool" and part.name})
    servers = sorted({f"mcp:{part.server}" for part in parts if part.kind == "tool" and part.server})
    blocks = max((part.index + 1 for part in parts if part.section == "system"), default=0)
    known = [*tools, *servers, *(f"system:{number}" for number in range(1, blocks + 1))]
    return f"There are: {', '.join(known)}." if known else "There are no tools and no system prompt."
