"""What one event of a stream added to the answer, text by text: what a translation of the answer is made from."""

from typing import NamedTuple, Protocol

from traces.model import Content


class CallSoFar(Protocol):
    """A tool call that is being streamed.

    ident     its id, "" where none came
    name      its tool, as far as it has come
    is_text   whether its input is a text, not JSON
    """

    @property
    def ident(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def is_text(self) -> bool: ...


class Piece(NamedTuple):
    """What an event added.

    content   what kind of content it is
    text      the new text; of a tool call, the new part of its arguments
    call      the call that it belongs to
    name      the new part of that call's name
    """

    content: Content
    text: str
    call: CallSoFar | None = None
    name: str = ""

    @property
    def size(self) -> int:
        return len(self.text) + len(self.name)
