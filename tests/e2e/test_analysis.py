"""The analyzer over captures of the real client: its figures against who counted them elsewhere.

A scripted server counts each request by itself, part by part; a real model server says how many tokens it was given.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import toktok  # type: ignore[import-untyped]

from tests.support import answers, own_tokenizer
from tests.support.analyzer import Analyzer
from tests.support.client import Client
from tests.support.needs import need
from tests.support.proxy import recording
from tests.support.scripted import Answer, Received, serving, stream
from traces.storage import store


@dataclass(frozen=True)
class Counted:
    """A request's tokens, counted without any of our code."""

    system: int
    tools: list[tuple[str, int]]
    messages: int

    @classmethod
    def of(cls, body: Any) -> "Counted":
        return cls(
            system=sum(_tokens(block["text"]) for block in body["system"]),
            tools=[(tool["name"], _tokens(_compact(tool))) for tool in body["tools"] if not tool.get("defer_loading")],
            messages=sum(_tokens(text) for message in body["messages"] for text in _texts(message["content"])),
        )

    @property
    def total(self) -> int:
        return self.system + sum(tokens for _, tokens in self.tools) + self.messages


def _tokens(text: str) -> int:
    [count] = toktok.batch_count([text], "o200k_base")
    return int(count)


def _compact(tool: Mapping[str, Any]) -> str:
    described = {key: tool[key] for key in ("name", "description", "input_schema") if key in tool}
    return json.dumps(described, separators=(",", ":"), ensure_ascii=False)


def _texts(content: Any) -> Iterator[str]:
    for block in [content] if isinstance(content, str) else content:
        match block:
            case str():
                yield block
            case {"type": "text", "text": text}:
                yield text
            case {"type": "tool_use", "input": given}:
                yield json.dumps(given, separators=(",", ":"), ensure_ascii=False)
            case {"type": "tool_result", "content": result}:
                yield from _texts(result)


def counting(request: Received) -> Answer:
    """A model that reads a file, then tells what stands in it; it reports what it counted."""
    if request.method != "POST":
        return stream([])
    read = "tool_result" in request.body.decode()
    said = answers.text("The word is plum.") if read else answers.tool("Read", file_path="notes.txt")
    reported = f'"input_tokens": {Counted.of(request.json).total - answers.USAGE["cache_read_input_tokens"]}'
    usual = f'"input_tokens": {answers.USAGE["input_tokens"]}'
    events = [event.replace(usual.encode(), reported.encode(), 1) for event in answers.events(said)]
    return stream([0.05, events[0], 0.05, *events[1:]])


@dataclass(frozen=True)
class Captured:
    analyzer: Analyzer
    counts: list[Counted]

    def json(self, *arguments: object) -> Any:
        result = self.analyzer(*arguments, "--format", "json")
        assert (result.exit_code, result.stderr) == (0, "")
        return json.loads(result.stdout)


@pytest.fixture(scope="module")
def captured(claude_program: Path, tmp_path_factory: pytest.TempPathFactory) -> Captured:
    home = tmp_path_factory.mktemp("captured")
    client = Client(claude_program, home / "home")
    (client.project / "notes.txt").write_text("The word is plum.\n")
    with serving(counting) as server:
        with recording(server.url, home) as proxy:
            outcome = client.ask(proxy.url, "What is the word in notes.txt?", "--allowedTools", "Read")
        assert outcome.result == "The word is plum."
        return Captured(Analyzer(home), [Counted.of(request.json) for request in server.posts])


def test_every_exchange_is_told_for_what_it_was(captured: Captured) -> None:
    listed = captured.json("list")
    assert [row["request_type"] for row in listed] == ["TEXT_GENERATION", "TOOL_CALL"]
    assert [row["input_tokens"] for row in listed] == [count.total for count in reversed(captured.counts)]
    assert {row["state"] for row in listed} == {"complete"}
    assert all(0.05 < row["ttft"] < 10 for row in listed)


def test_system_and_tools_have_the_tokens_that_the_server_counted(captured: Captured) -> None:
    for number, count in enumerate(reversed(captured.counts), 1):
        report = captured.json("analyze", f"last:{number}")
        assert report["tokens"]["system"] == count.system
        assert [(tool["name"], tool["tokens"]) for tool in report["tools"]] == count.tools
        assert report["tokens"]["reported"]["total"] == count.total


def test_messages_differ_by_no_more_than_where_texts_are_cut(captured: Captured) -> None:
    """A reminder in a text is counted apart from it, and a token that reached over the cut becomes two."""
    for number, _ in enumerate(captured.counts, 1):
        report = captured.json("analyze", f"last:{number}")
        parts = sum(kind["parts"] for kind in report["messages"])
        assert abs(report["tokens"]["difference"]) <= 2 * parts


def test_the_page_shows_these_figures_in_their_columns(captured: Captured) -> None:
    tokens = captured.json("analyze", "last:2")["tokens"]
    [count] = captured.counts[:1]
    page = captured.analyzer("analyze", "last:2").stdout
    assert [line for line in page.splitlines() if line.isupper() or line.startswith("TOOL DEF")] == [
        "TRACE ANALYSIS",
        "TOKEN BREAKDOWN",
        f"TOOL DEFINITIONS ({len(count.tools)} tools, the 10 largest; -v lists all)",
        "TIMING",
    ]
    assert re.search("^Request Type:  TOOL_CALL$", page, re.MULTILINE)
    assert re.search("^Tools Used:    Read$", page, re.MULTILINE)
    shares = {section: f"({percent}%)".rjust(6) for section, percent in tokens["percent"].items()}
    cached = answers.USAGE["cache_read_input_tokens"]
    difference = f"{100 * tokens['difference'] / count.total:+.1f}%"
    counted_tools = sum(tokens for _, tokens in count.tools)
    assert page.split("\n\n")[1] == "\n".join(
        [
            "TOKEN BREAKDOWN",
            f"System Prompt:    {count.system:7,} tokens {shares['system']}  ← Claude Code's instructions",
            f"Tool Definitions: {counted_tools:7,} tokens {shares['tools']}"
            f"  ← {len(count.tools)} tools with JSON schemas",
            f"Messages:         {tokens['messages']:7,} tokens {shares['messages']}  ← Your actual conversation",
            f"Total Input:      {tokens['total']:7,} tokens         ← counted by o200k_base, an estimate",
            f"Server Reported:  {count.total:7,} tokens         "
            f"← {count.total - cached:,} new, {cached} read from its cache, 0 written to it",
            f"Difference:       {tokens['difference']:7,} tokens         ← counted minus reported: {difference}",
        ]
    )


def test_both_turns_are_compared(captured: Captured) -> None:
    result = captured.analyzer("compare", captured.analyzer.root, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["request_type"] for row in rows] == ["TOOL_CALL", "TEXT_GENERATION"]
    assert [int(row["system"]) for row in rows] == [count.system for count in captured.counts]
    assert int(rows[0]["messages"]) < int(rows[1]["messages"])


@pytest.fixture(scope="module")
def modelled(claude_program: Path, tiny_server: str, tmp_path_factory: pytest.TempPathFactory) -> Captured:
    """A question without tools to a real model, whose answers are cut short; the client asks it to go on."""
    home = tmp_path_factory.mktemp("modelled")
    short = ("--tools", "", "--system-prompt", "You answer briefly. " * 20)
    with recording(tiny_server, home) as proxy:
        Client(claude_program, home / "home").ask(
            proxy.url, "What is a plum?", *short, CLAUDE_CODE_MAX_OUTPUT_TOKENS="16"
        )
    return Captured(Analyzer(home), [])


def test_with_the_models_own_tokenizer_counts_are_what_its_server_reports(modelled: Captured, tmp_path: Path) -> None:
    """But for the template: it puts `<|im_start|>role↵…<|im_end|>↵` around each message, and opens the answer's.

    Where it joins two texts, a token can more or less result.
    """
    need(find_spec("tokenizers"), "tokenizers is missing: pip install tokenizers")
    tokenizer = own_tokenizer.write(tmp_path / "tokenizer.json")
    traces = [store.load(file) for file in store.files(modelled.analyzer.root)]
    assert len(traces) >= 2
    for trace in traces:
        tokens = modelled.json("analyze", trace.source, "--tokenizer", tokenizer)["tokens"]
        messages = 1 + len(trace.request.body["messages"])  # type: ignore[index]
        assert tokens["estimate"] is False
        assert abs(-tokens["difference"] - (5 * messages + 3)) <= messages


def test_a_real_exchange_is_timed_and_its_speeds_follow(modelled: Captured) -> None:
    report = modelled.json("analyze", "last:1")
    timing, measures = report["timing"], report["measures"]
    assert 0 < timing["headers"] <= timing["ttft"] <= timing["last_content"] <= timing["total"]
    assert measures["output_tokens"] == pytest.approx(measures["end_to_end_speed"] * timing["total"])
    reported = report["tokens"]["reported"]
    few = reported["uncached"] < 0.05 * reported["total"]  # most of the wait wasn't for reading them
    speed = None if few else pytest.approx(reported["uncached"] / timing["ttft"])
    assert measures["prefill_speed"] == speed
    assert measures["latency_p50"] <= measures["latency_p95"] <= measures["latency_max"] < timing["total"]
