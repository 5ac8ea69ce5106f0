"""Whether a text matches a pattern of a JSON schema, which is written in ECMA-262; Python's `re` can't read that.

A pattern that isn't ECMA-262 was written for Python (pydantic does so) or by mistake. Where its possible meanings
contradict each other, or where matching takes too long, there is no answer.
"""

import json
import re
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from functools import lru_cache

_STEPS = 10_000_000
"""A search of at most this many steps is made in this process; a longer one in another, which can be ended."""

SECONDS = 2.0
"""The time limit of that process: some patterns take hours for 30 characters."""

_REPEATED_GROUP = re.compile(r"\)(?:[*+]|\{\d*,?\d*\})")
_REPEAT = re.compile(r"[*+{]")
_NO_REPEAT = re.compile(r"\\(?:[pPuk]\{[^}]*\}|.)")

Search = Callable[[str], bool]


@lru_cache(maxsize=4096)
def matches(pattern: str, text: str, seconds: float = SECONDS) -> bool | None:
    """Return whether the pattern is found in the text; None where that can't be determined."""
    if _is_quick(pattern, text):
        return search(pattern, text)
    try:
        ran = subprocess.run(
            [sys.executable, "-P", __file__],
            input=json.dumps([pattern, text]),
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return {"true": True, "false": False}.get(ran.stdout.strip())


def _is_quick(pattern: str, text: str) -> bool:
    """Return whether a search is short. Each repeat of a single character may try every length from every place."""
    if _REPEATED_GROUP.search(pattern):
        return False
    repeats = len(_REPEAT.findall(_NO_REPEAT.sub("", pattern)))
    return float(len(text) + 1) ** min(repeats + 1, 40) <= _STEPS


def is_readable(pattern: str) -> bool:
    """Return whether the pattern is valid in any language."""
    return next(_meanings(pattern), None) is not None


def search(pattern: str, text: str) -> bool | None:
    """Return the same as `matches`, without a time limit."""
    answers = set()
    try:
        for find in _meanings(pattern):
            answers.add(find(text))
    except (ValueError, RecursionError):  # such as half of a surrogate pair
        return None
    return answers.pop() if len(answers) == 1 else None


def _meanings(pattern: str) -> Iterator[Search]:
    """Yield what the pattern can mean: by the standard or, where it is invalid there, by more lenient ones."""
    if unicode := _ecma(pattern, "u"):
        yield unicode
        return
    if loose := _ecma(pattern, ""):
        yield loose
    if python := _python(pattern):
        yield python


def _ecma(pattern: str, flags: str) -> Search | None:
    import regress

    try:
        compiled = regress.Regex(pattern, flags)
    except (ValueError, regress.RegressError):
        return None
    return lambda text: compiled.find(text) is not None


def _python(pattern: str) -> Search | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what later versions may read otherwise
            compiled = re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return None
    return lambda text: compiled.search(text) is not None


if __name__ == "__main__":  # the process of its own: a pattern and a text on standard input
    print(json.dumps(search(*json.load(sys.stdin))))
