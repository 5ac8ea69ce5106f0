"""What a request is made of, seen by the model that reads it. Types only."""

from typing import Literal, NamedTuple

from traces.content.media import Media

Section = Literal["tools", "system", "messages"]

Kind = Literal[
    "tool",  # one tool's definition, or what a group of tools says of itself, as compact JSON
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

    section  where it stands: a tool that a search loaded stands among the messages
    text     what counts; empty for media
    name     the tool's (of a tool, its input, its result and the media in it), the path of a CLAUDE.md, or the type of
             what isn't understood
    index    the place in its section: the n-th tool, the n-th system block, the n-th message, from 0
    group    of a tool: the namespace that holds it, or `mcp__` and the MCP server's name; the group's own words have
             this as their name, too
    """

    section: Section
    kind: Kind
    text: str
    name: str | None = None
    index: int = 0  # type: ignore[assignment]  # nobody misses a tuple's method of this name
    media: Media | None = None
    group: str | None = None

    @property
    def counts_as(self) -> Section:
        """The section whose sum it belongs to: a tool's definition is one wherever it stands."""
        return "tools" if self.kind == "tool" else self.section

    @property
    def is_group(self) -> bool:
        """Whether it is what a group of tools says of itself: its tools are parts of their own."""
        return self.group is not None and self.group == self.name

    @property
    def server(self) -> str | None:
        """The MCP server whose tool it is, or was called."""
        return mcp_server(self.name or "") or mcp_server(f"{(self.group or '').rstrip('_')}__tool")


def mcp_server(tool: str) -> str | None:
    """Return the server in a tool's name: `mcp__github__search` -> `github`; None where no MCP server offers it."""
    prefix, _, rest = tool.partition("__")
    server, found, _ = rest.partition("__")
    return server if prefix == "mcp" and found and server else None
