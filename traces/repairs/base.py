"""What a repair is: a named change to a request that a server would otherwise refuse."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from traces.dialects import Dialect, dialect_of
from traces.dialects.format_anthropic import AnthropicMessages
from traces.dialects.translation.notes import Notes

Fields = dict[str, Any]

NOTHING_LEFT = "(left out)"
"""What a message says of which nothing else is left: servers refuse an empty one."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request on its way to a server.

    path     with its query
    headers  as the client sent them, names in any case
    body     a request of any API format; what isn't shaped like one is left as it is
    """

    path: str
    headers: Mapping[str, str]
    body: Fields

    def with_body(self, body: Fields) -> "Outgoing":
        """Return the same request with another body."""
        return replace(self, body=body)


Change = Callable[[Outgoing, Notes], Outgoing]
"""A request -> the repaired one, itself unchanged. What it changed goes to the notes."""


@dataclass(frozen=True, slots=True)
class Repair:
    """One kind of change.

    name     what `--repair` calls it
    what     what it does, in one line
    change   does it
    formats  the API formats that it is about; none for all
    """

    name: str
    what: str
    change: Change
    formats: tuple[Dialect, ...] = ()


def without_header(headers: Mapping[str, str], unwanted: str) -> dict[str, str]:
    """Return the headers without this one, whose name is in lower case."""
    return {name: value for name, value in headers.items() if name.lower() != unwanted}


def is_anthropic(request: Outgoing) -> bool:
    """Return whether it is in Anthropic's format."""
    return dialect_of(request.path) == AnthropicMessages.name
