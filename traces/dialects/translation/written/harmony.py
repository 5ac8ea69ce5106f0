"""The format of OpenAI's gpt-oss models, where a server passes it on unread.

`<|channel|>analysis<|message|>…<|end|><|start|>assistant<|channel|>commentary to=functions.NAME <|constrain|>json`
`<|message|>{…}<|call|>`: the channel `analysis` is thinking, what has a recipient is a call, and the rest is text.
"""

import re

from traces.dialects.pieces import Piece
from traces.dialects.translation.written.reader import WrittenCall, cut_before, find_first

_OPENERS = ("<|start|>", "<|channel|>")
_ENDS = ("<|end|>", "<|call|>", "<|return|>")
_MESSAGE = "<|message|>"
_LONGEST_HEADER = 500
_RECIPIENT = re.compile(r"\bto=(?:functions\.)?([\w.-]+)")


class Harmony:
    """Reads messages one after another; calls are passed on as they are written."""

    def __init__(self) -> None:
        self._rest = ""
        self._in_header = False
        self._in_message = False
        self._thinks = False
        self._call: WrittenCall | None = None

    def feed(self, text: str) -> list[Piece]:
        self._rest += text
        return self._read(is_whole=False)

    def end(self) -> list[Piece]:
        return self._read(is_whole=True)

    def _read(self, is_whole: bool) -> list[Piece]:
        found: list[Piece] = []
        while self._rest:
            if self._in_header:
                if not self._header(found, is_whole):
                    break
                continue
            tags = (*_OPENERS, *(_ENDS if self._in_message else ()))
            first = find_first(self._rest, tags)
            cut = first[0] if first else len(self._rest) if is_whole else cut_before(self._rest, tags)
            self._take(found, self._rest[:cut])
            self._rest = self._rest[cut:]
            if first is None:
                break
            self._end_message()
            if first[1] in _ENDS:
                self._rest = self._rest[len(first[1]) :]
            else:
                self._in_header = True
        return found

    def _header(self, found: list[Piece], is_whole: bool) -> bool:
        """Take a message's header; return whether it is whole. What turns out to be none is text."""
        end = self._rest.find(_MESSAGE)
        closed = find_first(self._rest, _ENDS)
        if (end < 0 or end > _LONGEST_HEADER or (closed and closed[0] < end)) and (
            is_whole or closed or len(self._rest) > _LONGEST_HEADER + len(_MESSAGE)
        ):
            self._in_header = False
            opener = next(tag for tag in _OPENERS if self._rest.startswith(tag))
            self._take(found, opener)
            self._rest = self._rest[len(opener) :]
            return True
        if end < 0:
            return False
        header, self._rest = self._rest[:end], self._rest[end + len(_MESSAGE) :]
        self._in_header, self._in_message = False, True
        recipient = _RECIPIENT.search(header)
        self._thinks = "analysis" in header.partition("<|channel|>")[2] and recipient is None
        if recipient:
            self._call = WrittenCall(recipient[1])
            found.append(Piece("tool", "", self._call, self._call.name))
        return True

    def _end_message(self) -> None:
        self._in_message = self._thinks = False
        self._call = None

    def _take(self, found: list[Piece], text: str) -> None:
        if self._call is not None and text:
            found.append(Piece("tool", text, self._call))
        elif text:
            found.append(Piece("thinking" if self._thinks else "text", text))
