"""The same session of the real Claude Code, told four ways: by the proxy, its raw bodies, its transcripts, and HAR.

One run of the client serves all: mitmdump records it and writes the HAR.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from analysis.exchange import reading
from tests.support import answers
from tests.support.analyzer import Analyzer
from tests.support.answers import text, tool
from tests.support.client import Client
from tests.support.npm_clients import install
from tests.support.proxy import recording
from tests.support.scripted import Answer, Received, serving, stream
from traces.model import Trace
from traces.storage import foreign, store

WAYS = ("raw bodies", "transcript", "har")

WORDS = "Say it."

BILLING = 60
"""Tokens that the billing line of the system prompt takes at most: a transcript doesn't hold it."""


@dataclass(frozen=True)
class Told:
    """`sources` are the records that other programs made of the session."""

    analyzer: Analyzer
    sources: dict[str, Path]
    recorded: list[Trace]

    def imported(self, way: str) -> list[Trace]:
        into = self.analyzer.home / "imported" / way.replace(" ", "-")
        result = self.analyzer("import", self.sources[way], "--into", into)
        assert result.exit_code == 0, result.stderr
        return list(map(store.load, store.files(into)))

    def shares(self, path: Path) -> dict[str, dict[str, Any]]:
        """Return the tokens and shares of each exchange, by the message that its answer is."""
        rows = json.loads(self.analyzer("compare", path, "--format", "json").stdout)["traces"]
        return {key: row for key, row in zip(map(answer_id, self._traces(path)), rows, strict=True) if key}

    def _traces(self, path: Path) -> list[Trace]:
        return list(reading.read_exchanges(store.files(path), []))


def answer_id(trace: Trace) -> str:
    return str(trace.message.get("id", "")) if isinstance(trace.message, dict) else ""


def script() -> Any:
    """Answer the main agent with a tool, a subagent and an end; the subagent with a word."""
    said = iter(
        [
            [tool("Read", file_path="notes.txt")],
            [tool("Agent", "toolu_a", description="Look", prompt="Look it up.", subagent_type="general-purpose")],
        ]
    )
    numbers = iter(range(1, 100))

    def answer(request: Received) -> Answer:
        is_subagent = request.header("x-claude-code-agent-id") is not None
        blocks = [text("It is plum.")] if is_subagent else next(said, [text("Fine.")])
        return stream(answers.events(*blocks, id=f"msg_{next(numbers)}"))

    return answer


@pytest.fixture(scope="module")
def told(claude_program: Path, tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("told")
    claude = Client(claude_program, folder / "home")
    (claude.project / "notes.txt").write_text("The word is plum.\n")
    sources = {
        "raw bodies": folder / "raw",
        "transcript": claude.home / ".claude" / "projects",
        "har": folder / "a.har",
    }
    raw = f"file:{sources['raw bodies']}"
    hardump = ("--set", f"hardump={sources['har']}")
    with serving(script()) as server, recording(server.url, folder / "proxy", *hardump) as proxy:
        process = claude.start(proxy.url, "What is it?", "--allowedTools", "Read,Agent", OTEL_LOG_RAW_API_BODIES=raw)
        try:
            process.communicate(timeout=180)
        finally:
            process.kill()
            process.wait()
        proxy.stop()
        recorded = proxy.traces()
    return Told(Analyzer(folder), sources, recorded)


def test_the_same_session_has_the_same_shares_however_it_was_recorded(told: Told) -> None:
    answered = [trace for trace in told.recorded if answer_id(trace)]
    assert len(answered) >= 4
    assert any(trace.ids.agent for trace in answered)
    proxy = told.shares(told.analyzer.home / "proxy" / "traces")
    assert set(proxy) == set(map(answer_id, answered))
    last = answer_id(answered[-1])
    for way in WAYS:
        found = told.shares(told.sources[way])
        missing = {last} if way == "raw bodies" else set()  # the client may end before it has written its last answer
        assert set(proxy) - missing <= set(found) <= set(proxy), way
        for key, row in found.items():
            mine = proxy[key]
            assert (row["tools"], row["messages"]) == (mine["tools"], mine["messages"]), way
            assert 0 <= mine["system"] - row["system"] <= (BILLING if way == "transcript" else 0), way
            shares = [f"{section}_percent" for section in ("system", "tools", "messages")]
            assert all(abs(row[share] - mine[share]) <= 1 for share in shares), way


@pytest.mark.parametrize("way", WAYS)
def test_each_way_says_what_it_does_not_know(way: str, told: Told) -> None:
    for trace in told.imported(way):
        assert trace.ids.session == told.recorded[0].ids.session
        assert trace.timing.ttft is None
        assert "times_unknown" in trace.marks
        assert trace.unknown_sections == frozenset()
        assert ("headers_unknown" in trace.marks) == (way != "har")
        assert (trace.timing.total is not None) == (way == "har")
        assert trace.origin is not None
    mains = [trace for trace in told.imported(way) if not trace.ids.agent]
    assert len(mains) == len([trace for trace in told.recorded if not trace.ids.agent])


def test_importing_it_beside_the_proxys_traces_adds_nothing(told: Told) -> None:
    root = told.analyzer.home / "proxy" / "traces"
    before = store.files(root)
    for way in ("raw bodies", "transcript"):
        result = told.analyzer("import", told.sources[way], ANYCLAUDE_TRACE_DIR=str(root))
        assert result.stdout.startswith("0 exchanges imported"), way
        assert "already there from another source" in result.stdout
    assert store.files(root) == before


def test_an_older_clients_transcript_says_that_shares_are_unknown(told: Told, tmp_path: Path) -> None:
    """Older versions don't note of what a request was made: without these lines, a transcript is like theirs."""
    [session] = [file for file in foreign.files(told.sources["transcript"]) if file.parent.name != "subagents"]
    lines = [line for line in session.read_text().splitlines() if '"type":"api-request' not in line]
    old = tmp_path / session.name
    old.write_text("\n".join(lines) + "\n")
    rows = told.shares(old)
    recorded = [trace for trace in told.recorded if answer_id(trace) and not trace.ids.agent]
    assert set(rows) == set(map(answer_id, recorded))
    for row in rows.values():
        assert [row[f"{section}_percent"] for section in ("system", "tools", "messages")] == [None] * 3
        assert (row["tools"], row["total"]) == (None, None)


def test_codexs_rollout_has_the_conversation_that_the_proxy_recorded(tmp_path: Path) -> None:
    codex = install("codex", tmp_path)

    def event(**fields: Any) -> bytes:
        return b"event: %b\ndata: %b\n\n" % (fields["type"].encode(), json.dumps(fields).encode())

    def server(request: Received) -> Answer:
        item = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed"}
        item["content"] = [{"type": "output_text", "text": "It is plum.", "annotations": []}]  # type: ignore[assignment]
        usage = {"input_tokens": 5000, "output_tokens": 17, "total_tokens": 5017}
        response = {"id": "resp_1", "object": "response", "status": "completed", "model": "m", "output": [item]}
        return stream(
            [
                event(type="response.created", response={**response, "status": "in_progress", "output": []}),
                event(type="response.output_item.done", output_index=0, item=item),
                event(type="response.completed", response={**response, "usage": usage}),
            ]
        )

    with serving(server) as service:
        options = ["--mode", "openai", "--backend", service.url]
        recorded = codex.run_until(
            lambda traces: any(answer_id(trace) for trace in traces),
            options,
            "exec",
            "--skip-git-repo-check",
            WORDS,
        )
    [rollout] = foreign.files(codex.home / ".codex" / "sessions")
    [trace] = store.read(rollout)
    mine = next(each for each in recorded if answer_id(each))
    assert "tools_unknown" in trace.marks
    assert trace.ids.session == mine.ids.session
    assert told_texts(trace.message) == told_texts(mine.message) == ["It is plum."]
    body: Any = trace.request.body
    assert WORDS in json.dumps(body["input"])


def told_texts(message: Any) -> list[str]:
    return [part["text"] for item in message["output"] for part in item.get("content", [])]
