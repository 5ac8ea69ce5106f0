"""Thinking that a model writes before its answer, between tags."""

from traces.dialects.pieces import Piece
from traces.dialects.translation.written.reader import cut_before, find_first

TAGS = {"<think>": "</think>", "<thinking>": "</thinking>", "[THINK]": "[/THINK]", "<seed:think>": "</seed:think>"}


class Thoughts:
    """Tells thinking at the beginning of an answer from its text. Tags further on are text.

    `begun`: the prompt ended with the opening tag, so the answer begins with thinking. White space beside the tags
    belongs to neither.
    """

    def __init__(self, begun: bool) -> None:
        self._begins = True  # nothing but white space came so far
        self._closing = ("</think>",) if begun else ()  # the tags that may end the thinking; none outside of it
        self._first_thought = True  # no thinking came so far
        self._after = False  # the closing tag was the last
        self._rest = ""

    def feed(self, text: str) -> list[Piece]:
        return self._read(self._rest + text, is_whole=False)

    def end(self) -> list[Piece]:
        return self._read(self._rest, is_whole=True)

    def _read(self, text: str, is_whole: bool) -> list[Piece]:
        self._rest = ""
        found: list[Piece] = []
        if self._begins:
            start = text.lstrip()
            opened = next((tag for tag in TAGS if start.startswith(tag)), None)
            if opened:
                self._closing = (TAGS[opened],)
                text = start[len(opened) :]
                self._begins = False
            elif not is_whole and (not start or any(tag.startswith(start) for tag in TAGS)):
                self._rest = text
                return found
            else:
                self._begins = False
        if self._closing:
            text = self._think(text, is_whole, found)
        if self._after:
            text = text.lstrip()
            self._after = not text
        if text:
            found.append(Piece("text", text))
        return found

    def _think(self, text: str, is_whole: bool, found: list[Piece]) -> str:
        """Take thinking; return the text behind it."""
        end = find_first(text, self._closing)
        if end is not None:
            thought, text = text[: end[0]], text[end[0] + len(end[1]) :]
            self._closing, self._after = (), True
            thought = thought.rstrip()
        else:
            cut = len(text) if is_whole else cut_before(text, self._closing)
            thought, text = text[:cut], text[cut:]
            if not is_whole:
                self._rest = thought[len(thought.rstrip()) :] + text
                thought = thought.rstrip()
            text = ""
        if self._first_thought:
            thought = thought.lstrip()
            self._first_thought = not thought
        if thought:
            found.append(Piece("thinking", thought))
        return text
