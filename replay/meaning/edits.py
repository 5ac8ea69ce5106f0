"""Edits of a text, compared by their effect: one that quotes more of the text around it may do the same.

An edit replaces `old` by `new`, once or everywhere. The text itself is mostly not known; what two edits quote of it is.
"""

import re
from typing import NamedTuple


class Edit(NamedTuple):
    """One replacement. `everywhere`: of each `old` in the text, not only of one that must be unique."""

    old: str
    new: str
    everywhere: bool = False

    def of(self, text: str) -> str | None:
        """Return the text after this edit; None where it can't be made there."""
        count = text.count(self.old) if self.old else int(not text)
        if count != 1 and not (self.everywhere and count):
            return None
        return text.replace(self.old, self.new)


def same_edit(recorded: Edit, other: Edit) -> bool:
    """Return whether both edits make the same of any text that both can be made in.

    A recorded edit that isn't of all places was made, so that its text was there once: all places are that one.
    """
    recorded, other = _plain(recorded), _plain(other)
    if recorded[:2] == other[:2]:
        return recorded.everywhere == other.everywhere or not recorded.everywhere
    return any(_alike(recorded, other, text) for text in _common_texts(recorded.old, other.old))


def _alike(one: Edit, other: Edit, text: str) -> bool:
    made = one.of(text)
    return made is not None and made == other.of(text)


def _common_texts(one: str, other: str) -> list[str]:
    """Return the texts in which both quotes may stand: the longer one, or both where they overlap."""
    if not one or not other:
        return []
    if one in other or other in one:
        return [max(one, other, key=len)]
    return [joined for pair in ((one, other), (other, one)) if (joined := _join(*pair))]


def _join(first: str, second: str) -> str:
    """Return both texts as one, where the end of the first begins the second; "" where it doesn't."""
    for length in range(min(len(first), len(second)) - 1, 0, -1):
        if first.endswith(second[:length]):
            return first + second[length:]
    return ""


def _plain(edit: Edit) -> Edit:
    return edit._replace(old=edit.old.replace("\r\n", "\n"), new=edit.new.replace("\r\n", "\n"))


class FileEdits(NamedTuple):
    """What a patch does to a file: `add`, `delete`, `update` or `move to …`, and its replacements."""

    action: str
    path: str
    edits: tuple[Edit, ...]


def edits_in_patch(patch: str) -> list[FileEdits] | None:
    """Return what a patch of Codex's or a unified diff does to each file; None where it is neither."""
    files: list[FileEdits] = []
    action, path = "", ""
    hunks: list[list[str]] = []

    def finish() -> None:
        if path:
            files.append(FileEdits(action, path, tuple(_edit(hunk) for hunk in hunks if hunk)))

    for line in patch.replace("\r\n", "\n").split("\n"):
        if head := _HEAD.match(line):
            finish()
            action, path, hunks = _ACTIONS[head[1]], _path(head[2]), []
        elif line.startswith("+++ ") and path and not hunks:
            new = _path(line[4:])
            action, path = ("add", new) if path == _NO_FILE else ("delete" if new == _NO_FILE else action, path)
        elif line.startswith("*** Move to: "):
            action = f"move to {line.partition(': ')[2].strip()}"
        elif line.startswith("@@"):
            hunks.append([])
        elif path and line[:1] in ("+", "-", " ", ""):
            hunks = hunks or [[]]
            hunks[-1].append(line or " ")
    finish()
    return files or None


_HEAD = re.compile(r"(\*\*\* (?:Add|Delete|Update) File: |--- (?=\S))(.*)")
_ACTIONS = {
    "*** Add File: ": "add",
    "*** Delete File: ": "delete",
    "*** Update File: ": "update",
    "--- ": "update",
}
_NO_FILE = "/dev/null"


def _path(text: str) -> str:
    name = text.partition("\t")[0].strip()
    return name[2:] if name[:2] in ("a/", "b/") else name


def _edit(hunk: list[str]) -> Edit:
    while hunk and hunk[-1] == " ":  # the patch's own last line break
        hunk = hunk[:-1]
    old = "\n".join(line[1:] for line in hunk if line[0] in "- ")
    new = "\n".join(line[1:] for line in hunk if line[0] in "+ ")
    return Edit(old, new)
