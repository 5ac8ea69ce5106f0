"""The repair `max-tokens:NUMBER`: asks for an answer of at most so many tokens.

Some servers reserve room for the longest answer that a request allows, and refuse one for which there isn't enough.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from traces.dialects import FORMATS
from traces.dialects.translation.answer.errors import counts_in
from traces.dialects.translation.notes import Notes
from traces.repairs.base import Fields, Outgoing, Repair

PREFIX = "max-tokens:"

LEAST = 256
"""Tokens of an answer below which a repair doesn't help: the prompt is too long then."""

SHARE = 4
"""A learned limit leaves all but this part of the context to the prompt, so that it holds for later requests, too."""

_FIELDS = tuple(dict.fromkeys(name for each in FORMATS.values() for name in each.limits))

_OF_LIMITS = re.compile(r"(?i)\bmax_(?:completion_|output_|new_)?tokens\b|\bmaxOutputTokens\b|\boutput tokens\b")
_TOO_LARGE = re.compile(
    r"(?i)too (large|high|big)|at most|maximum|less than|up to|valid range|exceed|must be|cannot be|should be|\d > \d"
)
_NUMBER = re.compile(r"(?<![\w.])\d+(?![\w]|\.\d)")


def limit(number: str) -> Repair:
    """Return the repair for this number. Raises ValueError where it is none."""
    if not number.isdecimal() or not int(number):
        raise ValueError(f"{PREFIX}{number}: a number of tokens is written as {PREFIX}8192")
    most = int(number)

    def change(request: Outgoing, notes: Notes) -> Outgoing:
        new: Fields = dict(request.body)
        for name in _FIELDS:
            asked: Any = new.get(name)
            if _is_count(asked) and asked > most:
                new[name] = most
                notes.add(f"{name}: {most} in place of {asked}")
        if new == request.body:
            return request
        match new.get("thinking"):
            case {"budget_tokens": int(budget), **rest} if budget >= most:
                new["thinking"] = {**rest, "budget_tokens": most // 2}
                notes.add(f"thinking.budget_tokens: {most // 2} in place of {budget}")
        return request.with_body(new)

    return Repair(PREFIX + number, f"asks for at most {number} tokens", change)


def learn_limit(words: str, body: Mapping[str, Any]) -> str | None:
    """Return the repair for a refusal that says how long an answer may be; None for any other."""
    asked = max((body[name] for name in _FIELDS if _is_count(body.get(name))), default=0)
    counts = counts_in(words)
    if counts is not None:
        room = counts.limit - counts.prompt
        most = min(room, max(counts.limit // SHARE, LEAST))
    elif _OF_LIMITS.search(words) and _TOO_LARGE.search(words):
        most = max((int(found) for found in _NUMBER.findall(words) if int(found) < asked), default=0)
    else:
        return None
    return f"{PREFIX}{most}" if LEAST <= most < asked else None


def strongest(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names, of those of this kind the one with the smallest number only."""
    names = tuple(names)
    numbers = [int(name.removeprefix(PREFIX)) for name in names if name.startswith(PREFIX)]
    return tuple(name for name in names if not name.startswith(PREFIX) or name == f"{PREFIX}{min(numbers)}")


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
