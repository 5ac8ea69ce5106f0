"""What a request is made of, seen by the model that reads it. Types only."""

from typing import Literal, NamedTuple

from traces.content.media import Media

Section = Literal["tools", "system", "messages"]

Kind = Literal[
    "tool",  # one tool's definition, as compact JSON of its name, description and schema
    "system",  # one block of the system prompt
    "user",  # what the user wrote
    "reminder",  # what the client wrote for the user: <system-reminder>, or a later message with the role system
    "claude_md",  # contents of a CLAUDE.md that a reminder carries
    "tool_result",
    "assistant",  # what the model answered in earlier turns
    "thinking",
    "tool_input",  # what the model gave to a tool, as compact JSON
    "image",
    "document",
    "other",  # what isn't understood, as its JSON
]


class Part(NamedTuple):
    """One piece of what a model is given. (A tuple, since a request has a hundred and a folder thousands of requests.)

    text     what counts; empty for media
    name     the tool's (of a tool, its input, its result and the media in it), or the path of a CLAUDE.md
    index    the place in its section: the n-th tool, the n-th system block, the n-th message, from 0
    """

    section: Section
    kind: Kind
    text: str
    name: str | None = None
    index: int = 0  # type: ignore[assignment]  # nobody misses a tuple's method of this name
    media: Media | None = None
