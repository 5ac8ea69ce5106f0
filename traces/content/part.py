"""The parts of a request as a model reads them. Types only."""

from typing import Literal, NamedTuple

from traces.content.media import Media

Section = Literal["tools", "system", "messages"]

Kind = Literal[
    "tool",  # one tool's definition, or the description of a group of tools, as compact JSON
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
    "other",  # a block of an unknown type, as its JSON
]


class Part(NamedTuple):
    """One piece of what a model is given.

    A tuple, since a request has a hundred of them, and a folder thousands of requests.

    section  where it is: a tool that a search loaded is among the messages
    text     what a model reads of it; empty for media
    name     the tool's (of a tool, its input, its result and the media in it), the path of a CLAUDE.md, or the type of
             an unknown block
    index    the place in its section: the n-th tool, the n-th system block, the n-th message, from 0
    group    of a tool: the namespace that holds it, or `mcp__` and the MCP server's name; the group's own
             description has this as its name, too
    """

    section: Section
    kind: Kind
    text: str
    name: str | None = None
    index: int = 0  # type: ignore[assignment]  # hides a tuple's method, which isn't used
    media: Media | None = None
    group: str | None = None

    @property
    def counts_as(self) -> Section:
        """The section whose sum it belongs to: a tool's definition counts as a tool wherever it is."""
        return "tools" if self.kind == "tool" else self.section

    @property
    def is_group(self) -> bool:
        """Whether it is the description of a group of tools, whose tools are parts of their own."""
        return self.group is not None and self.group == self.name

    @property
    def server(self) -> str | None:
        """The MCP server of its tool."""
        return mcp_server(self.name or "") or mcp_server(f"{(self.group or '').rstrip('_')}__tool")


def mcp_server(tool: str) -> str | None:
    """Return the server in a tool's name: `mcp__github__search` -> `github`; None where no MCP server offers it."""
    prefix, _, rest = tool.partition("__")
    server, found, _ = rest.partition("__")
    return server if prefix == "mcp" and found and server else None
