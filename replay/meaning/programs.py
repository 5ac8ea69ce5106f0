"""How programs read their options, of those that agents call most: which take a value, and what follows them.

Only of a program that is known here is it certain that `-la` is `-al` and `-l -a`, and that options may stand anywhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Program:
    """A program whose options are read as getopt does.

    valued        the short options that take a value, each a letter
    long_valued   the long ones
    same          other names of options: the short one by the long one
    first_path    how many words come before its paths; None where it takes none
    digits        the option that a number alone means, as in `head -20`
    """

    valued: str = ""
    long_valued: frozenset[str] = frozenset()
    same: Mapping[str, str] = field(default_factory=dict)
    first_path: int | None = None
    digits: str = ""


def _program(
    valued: str = "", long_valued: str = "", first_path: int | None = None, digits: str = "", **same: str
) -> Program:
    """Return a program; `same` names the short option by the long one, with _ for -."""
    names = {f"--{long.replace('_', '-')}": f"-{short}" for long, short in same.items()}
    return Program(valued, frozenset(f"--{name}" for name in long_valued.split()), names, first_path, digits)


_GREP = _program(
    "efmABCdD",
    "regexp file max-count after-context before-context context include exclude exclude-dir",
    first_path=1,
    ignore_case="i",
    recursive="r",
    line_number="n",
    files_with_matches="l",
    count="c",
    invert_match="v",
    word_regexp="w",
    extended_regexp="E",
    fixed_strings="F",
    after_context="A",
    before_context="B",
    context="C",
    regexp="e",
    max_count="m",
)
_RIPGREP = _program(
    "efgtTmABCjMrd",
    "regexp file glob type type-not max-count after-context before-context context threads sort max-depth",
    first_path=1,
    ignore_case="i",
    line_number="n",
    files_with_matches="l",
    count="c",
    glob="g",
    type="t",
    after_context="A",
    before_context="B",
    context="C",
    regexp="e",
    max_count="m",
    word_regexp="w",
    fixed_strings="F",
)
_HEAD = _program("nc", "lines bytes", first_path=0, digits="-n", lines="n", bytes="c", quiet="q")
_COPY = _program("tS", "target-directory suffix", first_path=0, recursive="r", force="f", verbose="v", no_clobber="n")

PROGRAMS: Mapping[str, Program] = {
    "ls": _program("ITw", "ignore width", first_path=0, all="a", recursive="R", human_readable="h", almost_all="A"),
    "cat": _program(first_path=0, number="n", show_all="A"),
    "head": _HEAD,
    "tail": _HEAD,
    "wc": _program(first_path=0, lines="l", words="w", bytes="c"),
    "stat": _program("cf", "format printf", first_path=0),
    "file": _program(first_path=0, brief="b"),
    "du": _program("dBt", "max-depth", first_path=0, summarize="s", human_readable="h", all="a", max_depth="d"),
    "df": _program("Bt", first_path=0, human_readable="h"),
    "rm": _program(first_path=0, recursive="r", force="f", verbose="v"),
    "mkdir": _program("m", "mode", first_path=0, parents="p", verbose="v", mode="m"),
    "rmdir": _program(first_path=0, parents="p"),
    "touch": _program("drt", "date reference", first_path=0),
    "cp": _COPY,
    "mv": _COPY,
    "ln": _program("tS", first_path=0, symbolic="s", force="f"),
    "tree": _program("LIP", first_path=0),
    "sort": _program("ktSTo", "key field-separator output", first_path=0, reverse="r", unique="u", numeric_sort="n"),
    "uniq": _program("fsw", count="c", repeated="d"),
    "cut": _program("dfbc", "delimiter fields", first_path=0, delimiter="d", fields="f"),
    "diff": _program("UCIx", "unified exclude", first_path=0, recursive="r", brief="q"),
    "grep": _GREP,
    "egrep": _GREP,
    "fgrep": _GREP,
    "rg": _RIPGREP,
    "git status": _program(short="s", branch="b"),
    "git diff": _program("SGU", "unified", digits=""),
    "git log": _program("nLSG", "max-count since until author grep format pretty", digits="-n", max_count="n"),
    "git show": _program("SGU", "format pretty"),
    "git add": _program(first_path=0, all="A", force="f", patch="p", update="u"),
    "git commit": _program("mFCc", "message file author", message="m", all="a"),
    "git branch": _program("u", all="a", delete="d", remotes="r", verbose="v"),
    "git stash": _program("m", "message"),
}
"""Each program by its name; of git, each of its commands."""


def find(words: Sequence[str]) -> tuple[str, Program | None, int]:
    """Return the name of the program that a command calls, what is known of it, and how many words the name takes."""
    name = words[0]
    for folder in ("/bin/", "/usr/bin/", "/usr/local/bin/"):
        name = name.removeprefix(folder)
    if len(words) > 1 and f"{name} {words[1]}" in PROGRAMS:
        return f"{name} {words[1]}", PROGRAMS[f"{name} {words[1]}"], 2
    return name, PROGRAMS.get(name), 1
