"""The MCP server: the questions as tools of the official SDK, over standard input and output."""

from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from typing import Annotated, Literal

from anyio import to_thread
from mcp.server.fastmcp import FastMCP
from mcp.server.fastmcp.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from analysis.mcp import questions
from analysis.mcp.answers import MOST_ROWS, Answer, as_text
from traces.errors import ToolkitError

INSTRUCTIONS = """\
The recorded history of coding agents on this machine: every request to a model, and its answer.
Begin with `search` or `sessions`; both name the session and turn that the other tools take. Sessions are named by the
beginning of their id; `latest` is the newest, which may be the one that you are in.
Answers are cut to a few thousand tokens: where `next_offset` is there, ask again with it as `offset`.
A person opens a turn with: trace-analyzer view SESSION --turn N"""

READ_ONLY = ToolAnnotations(readOnlyHint=True, destructiveHint=False, idempotentHint=True, openWorldHint=False)

Name = Annotated[
    str, Field(description="The beginning of a session's id (4 characters or more), a trace's name, latest or last:N.")
]
Offset = Annotated[int, Field(ge=0, description="Where to go on: `next_offset` of the answer before.")]
Limit = Annotated[int, Field(ge=1, le=MOST_ROWS, description="How many at most.")]
Since = Annotated[
    str | None, Field(description="Not older than this: an age (90m, 12h, 7d, 2w) or a date (2026-11-20).")
]


def make() -> FastMCP:
    """Return the server, with all tools."""
    server = FastMCP("anyclaude", instructions=INSTRUCTIONS, log_level="WARNING")
    server._mcp_server.version = version("anyclaude-toolkit")  # FastMCP takes none, and would report the SDK's own
    for tool in (search, sessions, session, turn, prefix_breaks, cost):
        server.add_tool(tool, annotations=READ_ONLY, structured_output=False)
    return server


def serve() -> None:
    """Answer on standard input and output until the input ends."""
    make().run("stdio")


async def search(
    query: Annotated[
        str, Field(description='All of these words, in any order; "two words" together; word* begins so.')
    ],
    role: Annotated[
        Literal["user", "assistant", "tool", "system"] | None,
        Field(description="Who said it; tool: what a tool was given, or gave."),
    ] = None,
    tool: Annotated[str | None, Field(description="What this tool was given, or gave: Read, Bash, …")] = None,
    model: Annotated[str | None, Field(description="Asked of a model with this in its name.")] = None,
    since: Since = None,
    project: Annotated[
        str | None, Field(description="Said in this folder (an absolute path), or in one below it.")
    ] = None,
    regex: Annotated[bool, Field(description="Take the query as one regular expression of Python's.")] = False,
    limit: Limit = 10,
    offset: Offset = 0,
) -> str:
    """Search all that was ever said in recorded sessions: by the user, by a model, in a tool's input or result.

    Returns snippets, the newest first, each with the session and turn in which it was said for the first time.
    """
    asked = partial(questions.search, query, role, tool, model, since, project, regex, offset, limit)
    return await _answer(asked)


async def sessions(since: Since = None, limit: Limit = 10, offset: Offset = 0) -> str:
    """List the recorded sessions, newest first: model, turns, agents, tokens, seconds of waiting, failed requests."""
    return await _answer(partial(questions.sessions, since, offset, limit))


async def session(session: Name = "latest", limit: Limit = 20, offset: Offset = 0) -> str:
    """Show one session turn by turn: input, new, cached and output tokens, time to the first token, tool calls.

    Also the sums of each agent, and where the time went (waiting for the model, writing, tools, the user).
    """
    return await _answer(partial(questions.session, session, offset, limit))


async def turn(
    session: Name = "latest",
    number: Annotated[int | None, Field(ge=1, description="The turn's number; default: the last.")] = None,
    section: Annotated[
        Literal["conversation", "system", "tools"],
        Field(description="What is new in the conversation, or all of the system prompt or of the tools."),
    ] = "conversation",
    offset: Offset = 0,
) -> str:
    """Read one turn of a session: what was new in its conversation and the answer, its system prompt, or its tools."""
    return await _answer(partial(questions.turn, session, number, section, offset))


async def prefix_breaks(session: Name = "latest", limit: Limit = 10, offset: Offset = 0) -> str:
    """Say what broke a session's prefix cache, what that cost in tokens and seconds, and what to do about it.

    The turns that lost most come first, each with the block that changed and the text before and after.
    """
    return await _answer(partial(questions.prefix_breaks, session, offset, limit))


async def cost(
    session: Annotated[str | None, Field(description="One session, named as elsewhere; default: all of them.")] = None,
    by: Annotated[
        questions.Group, Field(description="What is added up, the dearest first (days in order).")
    ] = "session",
    limit: Limit = 20,
    offset: Offset = 0,
) -> str:
    """Say what recorded requests cost, in dollars, by day, session, agent, model or project, and what isn't known."""
    return await _answer(partial(questions.cost, session, by, offset, limit))


async def _answer(ask: Callable[[], Answer]) -> str:
    """Return an answer as text. It is made in a thread, so that the client's pings are answered meanwhile."""
    try:
        return as_text(await to_thread.run_sync(ask))
    except ToolkitError as error:
        raise ToolError(str(error)) from None
