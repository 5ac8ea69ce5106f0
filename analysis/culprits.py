"""What broke a prefix: a difference between two prompts -> its kind by name, and the text before and after.

A new kind is a row in `KINDS`, and one where it is told from the others: `analysis.telling`, `analysis.tool_changes`.
Knows nothing of tokens, of seconds and of what a server holds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from analysis.prompts import common
from analysis.telling import Difference as Difference
from analysis.telling import first, in_messages, in_system
from analysis.tool_changes import changes
from traces.clients.claude_code.fixes import MENDS
from traces.content.parts import Part


class Kind(NamedTuple):
    """What a person reads, and the name in `traces.clients.claude_code.fixes.MENDS` of what helps; `advice` is for what
    no mend changes."""

    label: str
    mend: str | None = None
    advice: str = ""


_NOT_THE_CLIENTS = (
    "Claude Code doesn't write it so: look where it comes from (--append-system-prompt, an output style, a hook, "
    "another client), and keep what changes out of it."
)

KINDS: Mapping[str, Kind] = {
    "billing-header": Kind("billing header", "attribution"),
    "date": Kind("date", "date", _NOT_THE_CLIENTS),
    "environment": Kind("environment", "environment", _NOT_THE_CLIENTS),
    "git-status": Kind("git status", "environment", _NOT_THE_CLIENTS),
    "tool-added": Kind("tool added", "tools"),
    "tool-removed": Kind("tool removed", "tools"),
    "tools-reordered": Kind("tools reordered", "tool-order"),
    "tool-changed": Kind("tool description", "tools"),
    "tools-moved": Kind(
        "tools moved",
        advice="This template writes the tools before your last words, so they move with each of them. Most other "
        "models' templates write them first, and llama.cpp takes another template (--chat-template-file).",
    ),
    "system-changed": Kind("system text", advice="Keep what changes out of --append-system-prompt and output styles."),
    "claude-md": Kind("CLAUDE.md", advice="Edit CLAUDE.md and memories between sessions, not within one."),
    "reminder-moved": Kind(
        "reminder moved", advice="The client does this by itself; more slots don't help. A newer client may not do it."
    ),
    "reminder-changed": Kind(
        "reminder changed", advice="The client does this by itself: look at what changes in it, and turn that off."
    ),
    "thinking-dropped": Kind(
        "thinking dropped", advice="Use a model without thinking, or a template that keeps earlier thinking."
    ),
    "image": Kind("image", advice="Images that are taken out of the history are read again: name files instead."),
    "history-edited": Kind(
        "history edited",
        advice="Something rewrites old messages: a hook, a proxy, or the client clearing tool results.",
    ),
    "compaction": Kind("compaction", "compaction"),
    "other-agent": Kind("another agent's turn", "slots"),
    "side-request": Kind("request on the side", "side-requests"),
    "other-model": Kind("different model", "one-model"),
    "expired": Kind(
        "expired",
        advice="Anthropic keeps a prefix for five minutes after its last use: answer sooner, or have it kept for an "
        "hour, at a higher price for what is written (ENABLE_PROMPT_CACHING_1H=1 where claude runs).",
    ),
    "evicted": Kind("no longer held", "slots"),
}


@dataclass(frozen=True, slots=True)
class Culprit:
    """What broke a prefix.

    kind            a name in `KINDS`
    where           the block it is in: `system block 1`, `tool Bash`, `message 4, tool result of Read`
    before, after   what stood there and stands there now, around the point of difference; "" where nothing did
    mendable        whether the mend of its kind changes it
    """

    kind: str
    where: str
    before: str = ""
    after: str = ""
    mendable: bool = True

    @property
    def mend(self) -> str | None:
        return KINDS[self.kind].mend if self.mendable else None


AROUND = 24
"""Characters shown before the first that differs, so that one sees where it is."""

SHOWN = 80
"""Characters shown of each text in all."""


def culprits(difference: Difference) -> list[Culprit]:
    """One, but for tools: of these, some may have changed and others have come."""
    before, after = first(difference.gone), first(difference.come)
    part = after or before
    assert part is not None, "a difference is of at least one part"
    if part.section == "tools":
        return [_of_tools(*one, difference) for one in changes(difference)]
    kind = in_system(difference) if part.section == "system" else in_messages(difference)
    old, new = (one.text if one else "" for one in (before, after))
    return [Culprit(kind, where(part), *_shown(old, new), mendable=_is_mended(kind, old, new))]


def _is_mended(kind: str, old: str, new: str) -> bool:
    """Whether the mend makes the two texts one, if it is one of texts."""
    mend = MENDS.get(KINDS[kind].mend or "")
    if mend is None or mend.text is None:
        return True
    change = mend.text()
    return change(old) == change(new)


def _of_tools(kind: str, names: Sequence[str], difference: Difference) -> Culprit:
    before, after = difference.tools_before, difference.tools_after
    if not names:
        return Culprit(kind, "all tools")
    if kind == "tool-changed":
        texts = (next(part.text for part in side if part.name == names[0]) for side in (before, after))
    else:
        texts = (", ".join(part.name or "?" for part in side) for side in (before, after))
    return Culprit(kind, f"tool {', '.join(names)}", *_shown(*texts))


def where(part: Part) -> str:
    """Which block of the request it is, counted from 1."""
    if part.section == "tools":
        return f"tool {part.name}"
    if part.section == "system":
        return f"system block {part.index + 1}"
    what = part.kind.replace("_", " ")
    return f"message {part.index + 1}, {what}{f' of {part.name}' if part.name else ''}"


def _shown(before: str, after: str) -> tuple[str, str]:
    """Both from shortly before the point at which they differ."""
    start = max(common(before, after) - AROUND, 0)
    return _cut(before, start), _cut(after, start)


def _cut(text: str, start: int) -> str:
    end = start + SHOWN
    return f"{'…' if start and text else ''}{text[start:end]}{'…' if end < len(text) else ''}"
