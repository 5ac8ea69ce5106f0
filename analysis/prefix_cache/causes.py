"""The causes of prefix breaks: the kind of a difference between two prompts, and the text before and after.

A new kind is a row in `KINDS`, and one in `IN_SYSTEM`, `IN_MESSAGES` or `tool_changes`, where it is recognised.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple

from analysis.prefix_cache.prompts import common_length
from traces.clients import CLIENTS, by_name
from traces.clients.claude_code import billing
from traces.clients.claude_code.fixes import FIXES
from traces.content.parts import Part


@dataclass(frozen=True, slots=True)
class Difference:
    """Parts of an earlier prompt that are gone, those in their place, and what is known around them.

    tools_before, tools_after   all tools of the two prompts, in order
    elsewhere                   whether a part that was or is here is in another place of the other prompt
    compacted                   whether the session's history was summarised here
    moved                       whether the template writes the tools further back than before
    """

    removed: Sequence[Part]
    added: Sequence[Part]
    tools_before: Sequence[Part]
    tools_after: Sequence[Part]
    elsewhere: bool = False
    compacted: bool = False
    moved: bool = False


_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATE = re.compile(
    r"\b\d{4}[-/]\d\d?[-/]\d\d?\b|\b\d{1,2}[./]\d{1,2}[./]\d{4}\b|\b\d\d:\d\d(:\d\d)?\b"
    r"|\b(mon|tues|wednes|thurs|fri|satur|sun)day\b"
    rf"|\b(\d{{1,2}}\.? {_MONTH}|{_MONTH} \d{{1,2}})(,? \d{{4}})?\b",
    re.IGNORECASE,
)
_DATED = re.compile(r"date|\bday\b|\btime\b", re.IGNORECASE)
_GIT = re.compile("|".join(word for client in CLIENTS.values() for word in client.git), re.IGNORECASE | re.MULTILINE)
_ENVIRONMENT = re.compile(
    "|".join(word for client in CLIENTS.values() for word in client.environment), re.IGNORECASE | re.MULTILINE
)


def first(parts: Sequence[Part]) -> Part | None:
    """Return the first part; None where there is none."""
    return parts[0] if parts else None


def kind_in_system(difference: Difference) -> str:
    """Return the kind of a difference in the system prompt."""
    return next((kind for kind, is_one in IN_SYSTEM.items() if is_one(difference)), "system-changed")


def kind_in_messages(difference: Difference) -> str:
    """Return the kind of a difference in the messages."""
    if difference.compacted:
        return "compaction"
    return next((kind for kind, is_one in IN_MESSAGES.items() if is_one(difference)), "history-edited")


def _is_billing(difference: Difference) -> bool:
    """Whether the difference is in the header's line: where the prompt is one text, all else is below it."""
    texts = [part.text for part in (*difference.removed[:1], *difference.added[:1])]
    at = common_length(texts[0], texts[-1]) if len(texts) > 1 else 0
    return any(text.startswith(billing.NAME) and "\n" not in text[:at] for text in texts)


def _is_date(difference: Difference) -> bool:
    """Whether the first lines that differ are the same but for dates, and hold one or are about one."""
    removed, added = first(difference.removed), first(difference.added)
    if removed is None or added is None:
        return False
    old, new = _line(removed.text, added.text), _line(added.text, removed.text)
    return _DATE.sub("", old) == _DATE.sub("", new) and old != new and bool(_DATED.search(old) or _DATE.search(old))


def _is_under(heading: re.Pattern[str], other: re.Pattern[str]) -> Callable[[Difference], bool]:
    """Return what tells whether a difference is under this heading: the other one isn't nearer above it."""

    def is_one(difference: Difference) -> bool:
        removed, added = first(difference.removed), first(difference.added)
        old, new = removed.text if removed else "", added.text if added else ""
        text = _up_to_line(old, common_length(old, new)) or _up_to_line(new, 0)
        return _last(heading, text) > _last(other, text)

    return is_one


def _last(pattern: re.Pattern[str], text: str) -> int:
    return max((found.start() for found in pattern.finditer(text)), default=-1)


def _line(text: str, other: str) -> str:
    """Return the whole line of the text in which the other one begins to differ."""
    at = common_length(text, other)
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    return text[start : end if end >= 0 else len(text)]


def _up_to_line(text: str, at: int) -> str:
    end = text.find("\n", at)
    return text[: end if end >= 0 else len(text)]


def _kinds(difference: Difference) -> set[str]:
    return {part.kind for part in (*difference.removed[:1], *difference.added[:1])}


def _is_reminder(difference: Difference) -> bool:
    return bool(_kinds(difference) & {"reminder", "claude_md"})


def _is_agents_md(part: Part) -> bool:
    return part.kind == "claude_md" and (part.name or "").endswith("AGENTS.md")


_under_git = _is_under(_GIT, _ENVIRONMENT)
_under_environment = _is_under(_ENVIRONMENT, _GIT)

IN_SYSTEM: Mapping[str, Callable[[Difference], bool]] = {
    "billing-header": _is_billing,
    "date": _is_date,
    "git-status": _under_git,
    "environment": _under_environment,
}
"""Whether a difference in the system prompt is of this kind. The first kind that fits counts."""

IN_MESSAGES: Mapping[str, Callable[[Difference], bool]] = {
    "reminder-moved": lambda difference: _is_reminder(difference) and difference.elsewhere,
    "agents-md": lambda difference: any(map(_is_agents_md, (*difference.removed[:1], *difference.added[:1]))),
    "claude-md": lambda difference: "claude_md" in _kinds(difference),
    "date": lambda difference: _is_reminder(difference) and _is_date(difference),
    "git-status": lambda difference: _is_reminder(difference) and _under_git(difference),
    "environment": lambda difference: _is_reminder(difference) and _under_environment(difference),
    "reminder-changed": _is_reminder,
    "image": lambda difference: bool(_kinds(difference) & {"image", "document"}),
    "thinking-dropped": lambda difference: "thinking" in {part.kind for part in difference.removed[:1]},
}
"""Whether a difference in the messages is of this kind. The first kind that fits counts."""


def tool_changes(difference: Difference) -> Iterator[tuple[str, list[str]]]:
    """Yield the kinds of a difference in the tools, at least one, each with the names of its tools."""
    before, after = (_by_name(side) for side in (difference.tools_before, difference.tools_after))
    here = _by_name((*difference.added, *difference.removed))
    found = {
        "tool-changed": [name for name in here if name in before and name in after and before[name] != after[name]],
        "tool-added": [name for name in here if name not in before],
        "tool-removed": [name for name in here if name not in after],
    }
    if difference.moved:
        yield "tools-moved", []
    same = [name for name in here if name in before and before[name] == after.get(name)]
    reordered = bool(same) and _order(before, after) != _order(after, before)
    if reordered or not (difference.moved or any(found.values())):
        yield "tools-reordered", (same or list(here))[:1]
    yield from ((kind, names) for kind, names in found.items() if names)


def _by_name(parts: Sequence[Part]) -> dict[str, str]:
    return {_tool(part): part.text for part in parts}


def _tool(part: Part) -> str:
    """Return the tool's name, with that of the group that holds it: two groups may have tools of one name."""
    name = part.name or "?"
    return name if part.group is None or part.is_group else f"{part.group}.{name}"


def _order(tools: dict[str, str], others: dict[str, str]) -> list[str]:
    """Return the names of the tools that the others hold too, in order."""
    return [name for name in tools if name in others]


class Kind(NamedTuple):
    """A kind of cause.

    label     what a person reads
    fix       the name in `traces.clients.claude_code.fixes.FIXES` of what helps
    advice    what to do where no fix helps; braces hold the client's name and what differs between clients (`Phrases`)
    """

    label: str
    fix: str | None = None
    advice: str = ""


_NOT_BY_CLIENT = (
    "{client} doesn't write it so: look where it comes from ({additions}), and keep what changes out of it."
)


def advice(kind: str, client: str) -> str:
    """Return what the user of this client does about a kind of break that no fix changes."""
    sender = by_name(client)
    text = KINDS[kind].advice.format(client=sender.title, **asdict(sender.phrases))
    return text[:1].upper() + text[1:]


KINDS: Mapping[str, Kind] = {
    "billing-header": Kind("billing header", "attribution"),
    "date": Kind("date", "date", _NOT_BY_CLIENT),
    "environment": Kind("environment", "environment", _NOT_BY_CLIENT),
    "git-status": Kind("git status", "environment", _NOT_BY_CLIENT),
    "tool-added": Kind("tool added", "tools"),
    "tool-removed": Kind("tool removed", "tools"),
    "tools-reordered": Kind("tools reordered", "tool-order"),
    "tool-changed": Kind("tool description", "tools"),
    "tools-moved": Kind(
        "tools moved",
        advice="This template writes the tools before your last words, so they move with each of them. Most other "
        "models' templates write them first, and llama.cpp takes another template (--chat-template-file).",
    ),
    "system-changed": Kind("system text", advice="Keep what changes out of {prompt}."),
    "claude-md": Kind("CLAUDE.md", advice="Edit {memory} between sessions, not within one."),
    "agents-md": Kind("AGENTS.md", advice="Edit {memory} between sessions, not within one."),
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
        "hour, at a higher price for what is written{hour}.",
    ),
    "evicted": Kind("no longer held", "slots"),
}


@dataclass(frozen=True, slots=True)
class Cause:
    """The cause of a prefix break.

    kind            a name in `KINDS`
    where           the block it is in: `system block 1`, `tool Bash`, `message 4, tool result of Read`
    before, after   the text before and now, around the point of difference; "" where there was none
    fixable         whether the fix of its kind changes it
    """

    kind: str
    where: str
    before: str = ""
    after: str = ""
    fixable: bool = True

    @property
    def fix(self) -> str | None:
        """The name of the fix that removes this cause; None where there is none."""
        return KINDS[self.kind].fix if self.fixable else None


EXCERPT_CONTEXT = 24
"""Characters shown before the first that differs, so that a reader sees where it is."""

EXCERPT_LENGTH = 80
"""Characters shown of each text in all."""


def causes_of(difference: Difference) -> list[Cause]:
    """Return the causes of a difference: one, but for tools, of which some may have changed and others been added."""
    before, after = first(difference.removed), first(difference.added)
    part = after or before
    assert part is not None, "a difference is of at least one part"
    if part.section == "tools":
        return [_of_tools(*one, difference) for one in tool_changes(difference)]
    kind = kind_in_system(difference) if part.section == "system" else kind_in_messages(difference)
    old, new = (one.text if one else "" for one in (before, after))
    return [Cause(kind, location(part), *_excerpts(old, new), fixable=_is_fixable(kind, old, new))]


def _is_fixable(kind: str, old: str, new: str) -> bool:
    """Whether the fix of this kind makes the two texts the same; True where it isn't a fix of texts."""
    fix = FIXES.get(KINDS[kind].fix or "")
    if fix is None or fix.text is None:
        return True
    change = fix.text()
    return change(old) == change(new)


def _of_tools(kind: str, names: Sequence[str], difference: Difference) -> Cause:
    before, after = difference.tools_before, difference.tools_after
    if not names:
        return Cause(kind, "all tools")
    if kind == "tool-changed":
        texts = (_by_name(side)[names[0]] for side in (before, after))
    else:
        texts = (", ".join(map(_tool, side)) for side in (before, after))
    return Cause(kind, f"tool {', '.join(names)}", *_excerpts(*texts))


def location(part: Part) -> str:
    """Return which block of the request a part is in, counted from 1."""
    if part.section == "tools":
        return f"tool {_tool(part)}"
    if part.section == "system":
        return f"system block {part.index + 1}"
    what = "agents md" if _is_agents_md(part) else part.kind.replace("_", " ")
    return f"message {part.index + 1}, {what}{f' of {part.name}' if part.name else ''}"


def _excerpts(before: str, after: str) -> tuple[str, str]:
    """Return excerpts of both texts from shortly before the point at which they differ."""
    start = max(common_length(before, after) - EXCERPT_CONTEXT, 0)
    return _cut(before, start), _cut(after, start)


def _cut(text: str, start: int) -> str:
    end = start + EXCERPT_LENGTH
    return f"{'…' if start and text else ''}{text[start:end]}{'…' if end < len(text) else ''}"
