"""What broke a prefix: a difference between two prompts -> its kind by name, and the text before and after.

A new kind is a row in `KINDS`, and one where it is told from the others: `_IN_SYSTEM`, `_IN_MESSAGES` or `_in_tools`.
Knows nothing of tokens, of seconds and of what a server holds.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from analysis.prompts import BILLING, common
from traces.part import Part


class Kind(NamedTuple):
    """What a person reads, and the name in `traces.mends.MENDS` of what helps; `advice` where no mend does."""

    label: str
    mend: str | None = None
    advice: str = ""


KINDS: Mapping[str, Kind] = {
    "billing-header": Kind("billing header", "attribution"),
    "date": Kind("date", "date"),
    "environment": Kind("environment", "environment"),
    "git-status": Kind("git status", "environment"),
    "tool-added": Kind("tool added", "tools"),
    "tool-removed": Kind("tool removed", "tools"),
    "tools-reordered": Kind("tools reordered", "tool-order"),
    "tool-changed": Kind("tool description", "tools"),
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
    "evicted": Kind("no longer held", "slots"),
}


@dataclass(frozen=True, slots=True)
class Culprit:
    """What broke a prefix.

    kind            a name in `KINDS`
    where           the block it is in: `system block 1`, `tool Bash`, `message 4, tool result of Read`
    before, after   what stood there and stands there now, around the point of difference; "" where nothing did
    """

    kind: str
    where: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """Parts of an earlier prompt that stand no more where others stand now, and what is known around them.

    tools_before, tools_after   the names of all tools of the two prompts, in order
    elsewhere                   whether what stood there still stands somewhere in the request
    compacted                   the session knows that the history was summed up here
    """

    gone: Sequence[Part]
    come: Sequence[Part]
    tools_before: Sequence[str]
    tools_after: Sequence[str]
    elsewhere: bool = False
    compacted: bool = False


AROUND = 24
"""Characters shown before the first that differs, so that one sees where it is."""

SHOWN = 80
"""Characters shown of each text in all."""


def culprit(difference: Difference) -> Culprit:
    before, after = _first(difference.gone), _first(difference.come)
    part = before or after
    assert part is not None, "a difference is of at least one part"
    kind = _SECTIONS[part.section](difference)
    if kind in ("tool-added", "tool-removed", "tools-reordered"):
        names = ", ".join(difference.tools_before), ", ".join(difference.tools_after)
        return Culprit(kind, _which_tools(difference, after or part), *_shown(*names))
    return Culprit(kind, where(after or part), *_shown(*(one.text if one else "" for one in (before, after))))


def where(part: Part) -> str:
    """Which block of the request it is, counted from 1."""
    if part.section == "tools":
        return f"tool {part.name}"
    if part.section == "system":
        return f"system block {part.index + 1}"
    what = part.kind.replace("_", " ")
    return f"message {part.index + 1}, {what}{f' of {part.name}' if part.name else ''}"


def _which_tools(difference: Difference, part: Part) -> str:
    """Those that came, or those that went; where none did, the first that stands elsewhere."""
    before, after = difference.tools_before, difference.tools_after
    changed = [name for name in after if name not in before] or [name for name in before if name not in after]
    return f"tool {', '.join(changed)}" if changed else where(part)


def _first(parts: Sequence[Part]) -> Part | None:
    return parts[0] if parts else None


def _shown(before: str, after: str) -> tuple[str, str]:
    """Both from shortly before the point at which they differ."""
    start = max(common(before, after) - AROUND, 0)
    return _cut(before, start), _cut(after, start)


def _cut(text: str, start: int) -> str:
    end = start + SHOWN
    return f"{'…' if start and text else ''}{text[start:end]}{'…' if end < len(text) else ''}"


def _in_tools(difference: Difference) -> str:
    before, after = difference.tools_before, difference.tools_after
    gone, come = _first(difference.gone), _first(difference.come)
    if gone and come and gone.name == come.name:
        return "tool-changed"
    if any(part.name not in before for part in difference.come):
        return "tool-added"
    if any(part.name not in after for part in difference.gone):
        return "tool-removed"
    return "tools-reordered"


_DATE = re.compile(
    r"\b\d{4}-\d\d-\d\d\b|\b\d{1,2}[./]\d{1,2}[./]\d{4}\b|\b\d\d:\d\d(:\d\d)?\b"
    r"|\b(mon|tues|wednes|thurs|fri|satur|sun)day\b"
    r"|\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* \d{1,2}\b",
    re.IGNORECASE,
)
_DATED = re.compile(r"date|\bday\b|\btime\b", re.IGNORECASE)
_GIT = re.compile(
    r"git ?status|^(current|main) branch|^recent commits|^status:$|^git user", re.IGNORECASE | re.MULTILINE
)
_ENVIRONMENT = re.compile(
    r"<env>|^#+ environment|working director|^\W*(platform|os version|shell|is (directory )?a git repo\w*|cwd)\b",
    re.IGNORECASE | re.MULTILINE,
)


def _in_system(difference: Difference) -> str:
    return next((kind for kind, is_one in _IN_SYSTEM.items() if is_one(difference)), "system-changed")


def _in_messages(difference: Difference) -> str:
    if difference.compacted:
        return "compaction"
    return next((kind for kind, is_one in _IN_MESSAGES.items() if is_one(difference)), "history-edited")


def _is_billing(difference: Difference) -> bool:
    return any(part.text.startswith(BILLING) for part in (*difference.gone[:1], *difference.come[:1]))


def _is_date(difference: Difference) -> bool:
    """Both texts are the same but for dates, or the line that differs holds one and says so."""
    gone, come = _first(difference.gone), _first(difference.come)
    if gone is None or come is None:
        return False
    old, new = _line(gone.text, come.text), _line(come.text, gone.text)
    return _DATE.sub("", old) == _DATE.sub("", new) and old != new and bool(_DATED.search(old) or _DATE.search(old))


def _is_under(heading: re.Pattern[str], other: re.Pattern[str]) -> Callable[[Difference], bool]:
    """Whether the last heading of these two before the point of difference is the first of them."""

    def is_one(difference: Difference) -> bool:
        gone, come = _first(difference.gone), _first(difference.come)
        old, new = gone.text if gone else "", come.text if come else ""
        text = _up_to_line(old, common(old, new)) or _up_to_line(new, 0)
        return _last(heading, text) > _last(other, text)

    return is_one


def _last(pattern: re.Pattern[str], text: str) -> int:
    return max((found.start() for found in pattern.finditer(text)), default=-1)


def _line(text: str, other: str) -> str:
    """The first line of the text that the other one hasn't, whole."""
    at = common(text, other)
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    return text[start : end if end >= 0 else len(text)]


def _up_to_line(text: str, at: int) -> str:
    end = text.find("\n", at)
    return text[: end if end >= 0 else len(text)]


def _kinds(difference: Difference) -> set[str]:
    return {part.kind for part in (*difference.gone[:1], *difference.come[:1])}


def _is_reminder(difference: Difference) -> bool:
    return bool(_kinds(difference) & {"reminder", "claude_md"})


_under_git = _is_under(_GIT, _ENVIRONMENT)
_under_environment = _is_under(_ENVIRONMENT, _GIT)

_IN_SYSTEM: Mapping[str, Callable[[Difference], bool]] = {
    "billing-header": _is_billing,
    "date": _is_date,
    "git-status": _under_git,
    "environment": _under_environment,
}
"""Kind -> whether a difference in the system prompt is one. The first that says yes names it."""

_IN_MESSAGES: Mapping[str, Callable[[Difference], bool]] = {
    "reminder-moved": lambda difference: _is_reminder(difference) and difference.elsewhere,
    "claude-md": lambda difference: "claude_md" in _kinds(difference),
    "date": lambda difference: _is_reminder(difference) and _is_date(difference),
    "git-status": lambda difference: _is_reminder(difference) and _under_git(difference),
    "environment": lambda difference: _is_reminder(difference) and _under_environment(difference),
    "reminder-changed": _is_reminder,
    "image": lambda difference: bool(_kinds(difference) & {"image", "document"}),
    "thinking-dropped": lambda difference: "thinking" in {part.kind for part in difference.gone[:1]},
}
"""The same for messages."""

_SECTIONS: Mapping[str, Callable[[Difference], str]] = {
    "tools": _in_tools,
    "system": _in_system,
    "messages": _in_messages,
}
