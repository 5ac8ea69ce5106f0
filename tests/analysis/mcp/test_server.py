"""The MCP server as the official SDK's own client sees it, over standard input and output."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.types import TextContent

from tests.support.analyzer import Analyzer
from tests.support.factories import SESSION, exchange
from traces.storage import codec, store

pytestmark = pytest.mark.io

TOOLS = {"search", "sessions", "session", "turn", "prefix_breaks", "cost"}
PATIENCE = 120


def record(analyzer: Analyzer, at: float, *said: str) -> None:
    trace = exchange(at, *said, answer="Fine.")
    store.create(analyzer.root / trace.mode, store.stem_of(trace.timestamp), codec.encode(trace))


def talk(analyzer: Analyzer, folder: Path, use: Callable[[ClientSession], Awaitable[None]]) -> None:
    """Run `anyclaude mcp` in a folder, and use it."""
    start = "from addons.launcher.cli import main; main()"
    program = StdioServerParameters(
        command=sys.executable,
        args=["-P", "-c", start, "--trace-dir", str(analyzer.root), "mcp"],
        env=analyzer.environment,
        cwd=folder,
    )

    async def run() -> None:
        async with asyncio.timeout(PATIENCE), stdio_client(program) as streams, ClientSession(*streams) as session:
            begun = await session.initialize()
            assert "`latest` is the newest" in (begun.instructions or "")
            assert (begun.serverInfo.name, begun.serverInfo.version) == ("anyclaude", version("anyclaude-toolkit"))
            await use(session)

    asyncio.run(run())


async def called(client: ClientSession, tool: str, /, **given: Any) -> Any:
    answer = await client.call_tool(tool, given)
    [content] = answer.content
    assert isinstance(content, TextContent)
    return content.text if answer.isError else json.loads(content.text)


def test_the_sdks_client_lists_and_calls_the_tools(analyzer: Analyzer, tmp_path: Path) -> None:
    (tmp_path / "analysis").mkdir()  # a project's own folder of that name isn't taken for ours
    (tmp_path / "analysis" / "__main__.py").write_text("raise SystemExit('the wrong one')")

    async def use(client: ClientSession) -> None:
        tools = (await client.list_tools()).tools
        assert {tool.name for tool in tools} == TOOLS
        for tool in tools:
            assert tool.annotations is not None
            assert (tool.annotations.readOnlyHint, tool.annotations.destructiveHint) == (True, False)
            assert tool.description
            for option in tool.inputSchema["properties"].values():
                assert option["description"]
        assert "No traces found in" in await called(client, "session")
        assert await called(client, "search", query="plum") == {"hits": []}
        record(analyzer, 0, "Where is the plum?")
        [hit] = (await called(client, "search", query="plum"))["hits"]
        assert (hit["session"], hit["turn"]) == (SESSION[:8], 1)
        record(analyzer, 10, "Where is the plum?", "Fine.", "And the pear?")  # recorded while the server runs
        assert [turn["number"] for turn in (await called(client, "session"))["turns"]] == [1, 2]
        assert "And the pear?" in (await called(client, "turn", session=SESSION))["text"]
        assert (await called(client, "prefix_breaks"))["worst_turns"] == []
        assert (await called(client, "cost"))["total"]["requests"] == 2
        assert "limit" in await called(client, "search", query="plum", limit=100_000)
        assert "no such file, folder, trace or session" in await called(client, "session", session="nowhere")

    talk(analyzer, tmp_path, use)


def test_without_the_sdk_one_line_says_what_to_install(analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "mcp"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "analysis.mcp.server", raising=False)
    monkeypatch.setitem(sys.modules, "mcp", None)
    shown = analyzer("mcp")
    assert shown.exit_code == 1
    assert shown.stderr == "Error: This needs the MCP SDK: in a clone of the toolkit, pip install '.[mcp]'\n"
