"""A shell command's text -> its words and operators, as a POSIX shell splits them.

Python's `shlex` forgets which characters were quoted, so that `'$HOME'` would be the same as `$HOME`.
"""

from typing import NamedTuple

QUOTED = "\0"
"""Put before a character that would mean something to the shell, and doesn't because it is quoted."""

_MEANINGFUL = frozenset("$`*?[]{}~!")

_OPERATORS = (
    "&&",
    "||",
    ";;",
    "|&",
    "<<<",
    "<<",
    ">>",
    ">&",
    "<&",
    "&>",
    "<(",
    ">(",
    "|",
    ";",
    "&",
    "(",
    ")",
    "<",
    ">",
)


class Unreadable(Exception):
    """A shell wouldn't read it either, or only with what isn't known here."""


class Token(NamedTuple):
    """A word, or an operator (also a line break, as `;`)."""

    text: str
    operator: bool = False


def split(command: str) -> list[Token]:
    """Return the words and operators of a command. Raises Unreadable."""
    return _Splitter(command).tokens()


class _Splitter:
    def __init__(self, command: str) -> None:
        self._text = command.replace("\\\r\n", "").replace("\\\n", "").replace("\r\n", "\n")
        self._at = 0
        self._found: list[Token] = []
        self._word: list[str] | None = None

    def tokens(self) -> list[Token]:
        while self._at < len(self._text):
            self._step(self._text[self._at])
        self._end_word()
        return self._found

    def _step(self, character: str) -> None:
        if character in " \t":
            self._end_word()
            self._at += 1
        elif character == "\n":
            self._end_word()
            self._found.append(Token(";", operator=True))
            self._at += 1
        elif character == "#" and self._word is None:
            end = self._text.find("\n", self._at)
            self._at = len(self._text) if end < 0 else end
        elif operator := next((each for each in _OPERATORS if self._text.startswith(each, self._at)), None):
            self._operator(operator)
        else:
            self._part(character)

    def _operator(self, operator: str) -> None:
        if operator in ("<<", "<(", ">("):
            raise Unreadable
        if self._word is not None and operator[0] in "<>" and "".join(self._word).isdigit():
            operator_text = "".join(self._word) + operator  # 2>
            self._word = None
        else:
            operator_text = operator
            self._end_word()
        self._found.append(Token(operator_text, operator=True))
        self._at += len(operator)

    def _part(self, character: str) -> None:
        word = self._word = self._word if self._word is not None else []
        if character == "'":
            end = self._find("'", self._at + 1)
            word += [_quoted(each) for each in self._text[self._at + 1 : end]]
            self._at = end + 1
        elif character == '"':
            self._double_quoted(word)
        elif character == "\\":
            word += [_quoted(each) for each in self._text[self._at + 1 : self._at + 2]]
            self._at += 2
        elif self._text.startswith(("$(", "${"), self._at):
            word.append(self._expansion())
        elif character == "`":
            end = self._find("`", self._at + 1)
            word.append(self._text[self._at : end + 1])
            self._at = end + 1
        else:
            word.append(character)
            self._at += 1

    def _double_quoted(self, word: list[str]) -> None:
        self._at += 1
        while self._at < len(self._text) and (character := self._text[self._at]) != '"':
            if character == "\\" and self._text[self._at + 1 : self._at + 2] in ("$", "`", '"', "\\"):
                word.append(_quoted(self._text[self._at + 1]))
                self._at += 2
            elif self._text.startswith(("$(", "${"), self._at):
                word.append(self._expansion())
            else:
                word.append(character if character in "$`" else _quoted(character))
                self._at += 1
        if self._at >= len(self._text):
            raise Unreadable
        self._at += 1

    def _expansion(self) -> str:
        """Return an expansion as it is written; what is in it isn't compared by meaning."""
        opening, closing = (("(", ")"), ("{", "}"))[self._text[self._at + 1] == "{"]
        depth, end = 0, self._at + 1
        while end < len(self._text):
            depth += {opening: 1, closing: -1}.get(self._text[end], 0)
            end += 1
            if depth == 0:
                written, self._at = self._text[self._at : end], end
                return " ".join(written.split())
        raise Unreadable

    def _find(self, character: str, begin: int) -> int:
        end = self._text.find(character, begin)
        if end < 0:
            raise Unreadable
        return end

    def _end_word(self) -> None:
        if self._word is not None:
            self._found.append(Token("".join(self._word)))
            self._word = None


def _quoted(character: str) -> str:
    return QUOTED + character if character in _MEANINGFUL else character
