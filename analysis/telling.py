"""What kind a difference in the system prompt or in the messages is: by its place, its words and its headings.

A new kind is a row in `IN_SYSTEM` or `IN_MESSAGES`. Knows nothing of tools, and not how a kind is called.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from analysis.prompts import BILLING, common
from traces.content.parts import Part


@dataclass(frozen=True, slots=True)
class Difference:
    """Parts of an earlier prompt that stand no more where others stand now, and what is known around them.

    tools_before, tools_after   all tools of the two prompts, in order
    elsewhere                   whether what stood there still stands somewhere in the request
    compacted                   the session knows that the history was summed up here
    moved                       the template writes the tools further back than it did before
    """

    gone: Sequence[Part]
    come: Sequence[Part]
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
_GIT = re.compile(
    r"git ?status|^(current|main) branch|^recent commits|^status:$|^git user", re.IGNORECASE | re.MULTILINE
)
_ENVIRONMENT = re.compile(
    r"<env>|^#+ environment|working director|^\W*(platform|os version|shell|is (directory )?a git repo\w*|cwd)\b",
    re.IGNORECASE | re.MULTILINE,
)


def first(parts: Sequence[Part]) -> Part | None:
    return parts[0] if parts else None


def in_system(difference: Difference) -> str:
    return next((kind for kind, is_one in IN_SYSTEM.items() if is_one(difference)), "system-changed")


def in_messages(difference: Difference) -> str:
    if difference.compacted:
        return "compaction"
    return next((kind for kind, is_one in IN_MESSAGES.items() if is_one(difference)), "history-edited")


def _is_billing(difference: Difference) -> bool:
    """Whether it is in the header's line: where the prompt is one text, all else stands below it."""
    texts = [part.text for part in (*difference.gone[:1], *difference.come[:1])]
    at = common(texts[0], texts[-1]) if len(texts) > 1 else 0
    return any(text.startswith(BILLING) and "\n" not in text[:at] for text in texts)


def _is_date(difference: Difference) -> bool:
    """Both texts are the same but for dates, or the line that differs holds one and says so."""
    gone, come = first(difference.gone), first(difference.come)
    if gone is None or come is None:
        return False
    old, new = _line(gone.text, come.text), _line(come.text, gone.text)
    return _DATE.sub("", old) == _DATE.sub("", new) and old != new and bool(_DATED.search(old) or _DATE.search(old))


def _is_under(heading: re.Pattern[str], other: re.Pattern[str]) -> Callable[[Difference], bool]:
    """Whether the last heading of these two before the point of difference is the first of them."""

    def is_one(difference: Difference) -> bool:
        gone, come = first(difference.gone), first(difference.come)
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

IN_SYSTEM: Mapping[str, Callable[[Difference], bool]] = {
    "billing-header": _is_billing,
    "date": _is_date,
    "git-status": _under_git,
    "environment": _under_environment,
}
"""Kind -> whether a difference in the system prompt is one. The first that says yes names it."""

IN_MESSAGES: Mapping[str, Callable[[Difference], bool]] = {
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
