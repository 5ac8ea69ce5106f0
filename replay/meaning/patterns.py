"""Patterns of file names (globs) and of texts (regular expressions) in one of the ways in which they can be written."""

import posixpath
import re

from replay.meaning.paths import is_absolute, place

_NEEDLESS_ESCAPE = re.compile(r"\\([-\"'/:=,@#%&!<>~`_ ])")
_BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")


def plain_glob(pattern: str, folder: str | None = None) -> str:
    """Return a glob in one way of writing it; with a folder, as it is below that."""
    pattern = _BRACES.sub(lambda match: "{" + ",".join(sorted(set(match[1].split(",")))) + "}", pattern.strip())
    if folder is not None and not is_absolute(pattern):
        pattern = posixpath.join(folder, pattern)
    pattern = place(pattern, "") if "/" in pattern else pattern
    while "**/**" in pattern:
        pattern = pattern.replace("**/**", "**")
    return pattern


def plain_filter(glob: str) -> str:
    """Return a glob that chooses among files at any depth: without a slash it says so anyway."""
    return plain_glob(glob.removeprefix("**/") if glob.count("/") == 1 else glob)


def plain_regex(pattern: str) -> str:
    """Return a regular expression to search for in one way of writing it."""
    pattern = _NEEDLESS_ESCAPE.sub(r"\1", pattern)
    branches = [_inner(branch) for branch in _branches(pattern)]
    return "|".join(sorted(set(branches)))


def _inner(branch: str) -> str:
    """Return a branch without what matches anything at its ends, which a search doesn't need."""
    branch = branch.removeprefix(".*")
    return branch[:-2] if branch.endswith(".*") and not branch.endswith("\\.*") else branch


def _branches(pattern: str) -> list[str]:
    """Return what a pattern's outermost alternation offers."""
    found, depth, in_class, begin = [], 0, False, 0
    at = 0
    while at < len(pattern):
        character = pattern[at]
        if character == "\\":
            at += 1
        elif in_class:
            in_class = character != "]"
        elif character == "[":
            in_class = True
        elif character in "()":
            depth += 1 if character == "(" else -1
        elif character == "|" and depth == 0:
            found.append(pattern[begin:at])
            begin = at + 1
        at += 1
    return [*found, pattern[begin:]]
