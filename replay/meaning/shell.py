"""Shell commands, compared by what they do: `ls -la` is `ls -al`, `cd /src && cat ./a` in /src is `cat a`.

What differs only in how it is written is the same: quotes, spaces, the order of a known program's options, variables
set before a command, paths. Nothing is the same that could do something else: an unknown program's words keep their
order, and a command with loops, here-documents or the like is compared word by word.
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from replay.meaning import programs
from replay.meaning.paths import place
from replay.meaning.programs import Program
from replay.meaning.words import QUOTED, Token, Unreadable, split

_SHELLS = re.compile(r"(?:/bin/|/usr/bin/|/usr/local/bin/)?(?:ba|z|da|k)?sh$")
_SET = re.compile(r"[A-Za-z_]\w*=")
_COMPOUND = (
    *("if", "then", "elif", "else", "fi", "for", "while", "until", "do", "done", "case", "esac", "select"),
    *("function", "{", "}", "!", "[[", "time"),
)
_BETWEEN = ("&&", "||", ";", "&", "|", "|&")
_FILE = re.compile(r"\.{1,2}|[\w-]+\.[A-Za-z]\w{0,4}")


def same_command(one: Any, other: Any, folder: str = "") -> bool:
    """Return whether two commands do the same in this folder, which is "" where it isn't known.

    A command is a text, or a list of words, as in `["bash", "-lc", "ls"]`.
    """
    return bool(meaning(one, folder) == meaning(other, folder))


def meaning(command: Any, folder: str = "") -> Any:
    """Return what two commands have in common if, and only if, they are the same."""
    if isinstance(command, list):
        if len(command) == 3 and _SHELLS.match(str(command[0])) and command[1] in ("-c", "-lc", "-ic", "-lic"):
            return meaning(str(command[2]), folder)
        return _several([(";", [[Token(str(word)) for word in command]])], folder)
    try:
        tokens = split(str(command).strip())
    except Unreadable:
        return "text", " ".join(str(command).split())
    if any(token.operator and token.text in ("(", ")", ";;") for token in tokens) or _is_compound(tokens):
        return "words", tuple(tokens)
    return _inner(tokens, folder) or _several(_pipelines(tokens), folder)


def _inner(tokens: Sequence[Token], folder: str) -> Any:
    """Return the meaning of the command that is given to a shell, as in `bash -c "ls"`; None where it is none."""
    words = [token.text for token in tokens]
    is_call = len(words) == 3 and not any(token.operator for token in tokens)
    if is_call and _SHELLS.match(words[0]) and words[1] in ("-c", "-lc"):
        return meaning(words[2].replace(QUOTED, ""), folder)
    return None


def _is_compound(tokens: Sequence[Token]) -> bool:
    begins = [token for before, token in zip([Token(";", True), *tokens], tokens, strict=False) if before.operator]
    return any(not token.operator and token.text in _COMPOUND for token in begins)


def _pipelines(tokens: Sequence[Token]) -> list[tuple[str, list[list[Token]]]]:
    """Return each pipeline, a list of commands, with what stands before it."""
    found: list[tuple[str, list[list[Token]]]] = [(";", [[]])]
    for token in tokens:
        if not token.operator or token.text not in _BETWEEN:
            found[-1][1][-1].append(token)
        elif token.text in ("|", "|&"):
            found[-1][1][-1] += [Token("2>&", True), Token("1")] if token.text == "|&" else []
            found[-1][1].append([])
        elif any(found[-1][1]):
            found.append((token.text, [[]]))
    return [(before, [each for each in commands if each]) for before, commands in found if any(commands)]


def _several(pipelines: Sequence[tuple[str, list[list[Token]]]], folder: str) -> Any:
    """Return the meaning of pipelines; a `cd` before them only changes where they work."""
    found: list[Any] = []
    between = ""
    for before, commands in pipelines:
        between = between if not found else before
        words = [token.text for token in commands[0]]
        goes = len(commands) == 1 and before in ("&&", ";") and len(words) == 2 and words[0] == "cd"
        if goes and not _is_expanded(words[1]):
            folder = place(words[1].replace(QUOTED, ""), folder)
            continue
        last = len(commands) - 1
        pipeline = tuple(_simple(each, folder, is_last=at == last) for at, each in enumerate(commands))
        found.append((between, pipeline))
    return tuple(found) or ("cd", folder)


def _is_expanded(word: str) -> bool:
    return "$" in word or "`" in word or word == "-"


class _Simple(NamedTuple):
    """A command without anything that the shell itself does: `options` in any order, `words` in theirs."""

    variables: frozenset[tuple[str, str]]
    program: str
    options: frozenset[tuple[tuple[str, str], int]]
    words: tuple[str, ...]
    redirects: tuple[str, ...]
    folder: str


def _simple(tokens: Sequence[Token], folder: str, is_last: bool) -> _Simple:
    words, redirects = _redirects(tokens, folder)
    if is_last and redirects == ["2>&", "1"]:
        redirects = []  # an agent sees both anyway
    variables: dict[str, str] = {}
    if len(words) > 1 and words[0] == "env" and _SET.match(words[1]):
        words = words[1:]
    while words and _SET.match(words[0]):
        name, _, value = words.pop(0).partition("=")
        variables[name] = value
    if not words:
        return _Simple(frozenset(variables.items()), "", frozenset(), (), tuple(redirects), folder)
    name, program, length = programs.find(words)
    name = place(name, folder) if "/" in name else name
    if program is None:
        rest = tuple(_place_in(part, folder) for word in words[length:] for part in _parts(word))
        return _Simple(frozenset(variables.items()), name, frozenset(), rest, tuple(redirects), folder)
    options, others = _options(words[length:], program)
    first = len(others) if program.first_path is None else program.first_path
    first = 0 if program.first_path == 1 and any(option == "-e" for option, _ in options) else first
    paths = [_path(word, folder) for word in others[first:]]
    counted = frozenset(Counter(options).items())
    return _Simple(
        frozenset(variables.items()),
        name,
        counted,
        (*others[:first], *paths),
        tuple(redirects),
        "" if paths else folder,
    )


def _redirects(tokens: Sequence[Token], folder: str) -> tuple[list[str], list[str]]:
    """Return the words of a command, and its redirections with the places that they lead to."""
    words: list[str] = []
    redirects: list[str] = []
    waits = False
    for token in tokens:
        if token.operator:
            redirects.append(token.text)
            waits = True
        elif waits:
            redirects.append(token.text if redirects[-1].endswith("&") else _path(token.text, folder))
            waits = False
        else:
            words.append(token.text)
    return words, redirects


def _options(words: Sequence[str], program: Program) -> tuple[list[tuple[str, str]], list[str]]:
    """Return a command's options with their values, and its other words."""
    options: list[tuple[str, str]] = []
    others: list[str] = []
    left = list(words)
    while left:
        word = left.pop(0)
        if word == "--":
            others += left
            break
        if word.startswith("--"):
            long, equals, value = word.partition("=")
            takes = not equals and long in program.long_valued and left
            options.append((program.same.get(long, long), left.pop(0) if takes else value))
        elif program.digits and word[:1] == "-" and word[1:].isdigit():
            options.append((program.digits, word[1:]))
        elif word.startswith("-") and word != "-":
            options += _letters(word[1:], left, program)
        else:
            others.append(word)
    return options, others


def _letters(letters: str, left: list[str], program: Program) -> list[tuple[str, str]]:
    """Return the options of a word such as `-la` or `-n5`; a value may be the next word, which is taken from `left`."""
    found: list[tuple[str, str]] = []
    for at, letter in enumerate(letters):
        if letter in program.valued:
            value = letters[at + 1 :] or (left.pop(0) if left else "")
            return [*found, (f"-{letter}", value)]
        found.append((f"-{letter}", ""))
    return found


def _parts(word: str) -> list[str]:
    """Return an option and its value apart: `--a=b` is `--a b`."""
    name, equals, value = word.partition("=")
    return [name, value] if equals and name.startswith("--") else [word]


def _place_in(word: str, folder: str) -> str:
    """Return a word of an unknown program, as the place that it means if it looks like a path."""
    is_path = not word.startswith("-") and "://" not in word and ("/" in word or _FILE.fullmatch(word))
    return _path(word, folder) if is_path else word


def _path(word: str, folder: str) -> str:
    return word if _is_expanded(word) or "://" in word else place(word, folder)
