"""The real Claude Code asks its own history: our MCP server, started by the client as a user would configure it."""

import json
import sys
from itertools import count
from pathlib import Path

from tests.support import answers
from tests.support.analyzer import Analyzer
from tests.support.answers import text, tool
from tests.support.client import Client
from tests.support.factories import SESSION, exchange
from tests.support.scripted import Answer, Received, serving, stream
from traces.storage import codec, store

PREFIX = "mcp__anyclaude__"
SAID = ("Where is the plum?", "Gone.", "Where to?")
ASKED = {"search": {"query": "plum"}, "session": {"session": SESSION[:8]}, "prefix_breaks": {"session": SESSION[:8]}}


def test_the_real_client_calls_our_tools_and_gets_their_answers(claude: Client, tmp_path: Path) -> None:
    analyzer = Analyzer(tmp_path)
    for trace in (exchange(0, SAID[0], answer=SAID[1]), exchange(9, *SAID, prompt="New. ", answer="?")):
        store.create(analyzer.root / trace.mode, store.stem_of(trace.timestamp), codec.encode(trace))
    server = {"command": str(Path(sys.executable).with_name("anyclaude")), "args": ["mcp"], "env": analyzer.environment}
    config = tmp_path / "mcp.json"
    config.write_text(json.dumps({"mcpServers": {"anyclaude": server}}))
    calls = [tool(f"{PREFIX}{name}", f"toolu_{name}", **given) for name, given in ASKED.items()]
    given: dict[str, str] = {}
    (claude.project / "notes.txt").write_text("Nothing.")
    waits = count(1)

    def script(request: Received) -> Answer:
        offered = [one["name"] for one in request.json.get("tools", [])]
        results = [
            block
            for message in request.json["messages"]
            for block in (message["content"] if isinstance(message["content"], list) else [])
            if block["type"] == "tool_result"
        ]
        given.update({block["tool_use_id"]: json.dumps(block["content"]) for block in results})
        if f"{PREFIX}search" not in offered:  # it asks before its MCP servers have answered: something else to do
            return stream([0.5, *answers.events(tool("Read", f"toolu_{next(waits)}", file_path="notes.txt"))])
        if f"toolu_{next(iter(ASKED))}" in given:
            return stream([*answers.events(text("It is gone."))])
        return stream([*answers.events(*calls)])

    with serving(script) as model:
        outcome = claude.ask(
            model.url,
            "What became of the plum?",
            *("--mcp-config", str(config), "--strict-mcp-config"),
            *("--allowedTools", ",".join(["Read", *(f"{PREFIX}{name}" for name in ASKED)])),
            ENABLE_TOOL_SEARCH="false",
            MCP_TIMEOUT="120000",
        )
    assert outcome.result == "It is gone."
    assert "Where is the **plum**?" in given["toolu_search"]
    assert "TEXT_GENERATION" in given["toolu_session"]
    assert "system-changed" in given["toolu_prefix_breaks"]
