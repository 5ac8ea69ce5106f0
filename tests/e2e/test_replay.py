"""Recorded requests, replayed to a real llama.cpp in both dialects: what we measure is what it says of itself.

Two models of clearly different speed stand behind two servers: SmolLM2's real weights, and small ones made for tests.
"""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from replay.api import replay_async
from replay.errors import TargetError
from replay.exchange import Sent
from replay.prepare import prepare
from replay.request import Options, Target
from replay.result import Metrics
from replay.run import fit, metrics
from replay.targets import resolve
from replay.transport import send
from replay.transport.send import ask
from tests.support.client import Client
from tests.support.proxy import recording
from traces.content.answers import stop_reason, tools_used
from traces.dialects import Dialect
from traces.metrics import prefill_speed
from traces.model import Request, Trace

STORY = "Once upon a time there was a fox who lived in a forest near a river and liked to walk in the evening. "
SCHEMA = {"type": "object", "properties": {"file_path": {"type": "string"}}, "required": ["file_path"]}

IN_ANTHROPICS = {
    "model": "as-recorded",
    "max_tokens": 24,
    "temperature": 0,
    "stream": True,
    "system": "You are a helpful assistant.",
    "messages": [
        {"role": "user", "content": [{"type": "text", "text": STORY * 8}]},
        {
            "role": "assistant",
            "content": [{"type": "tool_use", "id": "a", "name": "Read", "input": {"file_path": "/x"}}],
        },
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a", "content": "The fox slept."}]},
    ],
    "tools": [{"name": "Read", "description": "Reads a file.", "input_schema": SCHEMA}],
}
IN_OPENAIS = {
    "model": "as-recorded",
    "max_tokens": 24,
    "temperature": 0,
    "stream": True,
    "messages": [
        {"role": "system", "content": "You are a helpful assistant."},
        {"role": "user", "content": STORY * 8},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "a", "type": "function", "function": {"name": "Read", "arguments": '{"file_path":"/x"}'}}
            ],
        },
        {"role": "tool", "tool_call_id": "a", "content": "The fox slept."},
    ],
    "tools": [{"type": "function", "function": {"name": "Read", "description": "Reads a file.", "parameters": SCHEMA}}],
}
RECORDED = {
    "anthropic": Trace(
        "2025-10-26T14:23:45.123Z", "claude", Request("POST", "http://x/v1/messages", {}, IN_ANTHROPICS)
    ),
    "chat": Trace("2025-10-26T14:23:45.123Z", "local", Request("POST", "http://x/v1/chat/completions", {}, IN_OPENAIS)),
}


def without_tools(trace: Trace) -> Trace:
    assert isinstance(trace.request.body, dict)
    body = {name: value for name, value in trace.request.body.items() if name != "tools"}
    body["messages"] = [m for m in body["messages"] if m["role"] in ("system", "user")][:2]
    return Trace(trace.timestamp, trace.mode, Request("POST", trace.request.url, {}, body))


def connect(url: str, dialect: Dialect) -> Target:
    target, served = asyncio.run(resolve.connect(resolve.find(url, {}), dialect, ask))
    assert (target.dialect, served.server) == (dialect, "llamacpp")
    return target


def replay(trace: Trace, url: str, dialect: Dialect, run: str = "1", **options: Any) -> tuple[Sent, Metrics]:
    """One run; a cold one, so that the whole prompt is processed, where `options` ask for no other."""
    target = connect(url, dialect)
    request = prepare.prepare(trace, target, "any", Options(**{"cache": "cold", **options}), run)
    exchange = asyncio.run(send.send(request))
    assert exchange.error is None
    return exchange, metrics.measure(exchange)


DIALECTS: tuple[Dialect, ...] = ("anthropic", "chat")
BOTH = pytest.mark.parametrize("dialect", DIALECTS)


@BOTH
@pytest.mark.parametrize("recorded", RECORDED)
def test_a_text_comes_back_in_either_dialect_whichever_was_recorded(
    tiny_server: str, recorded: str, dialect: Dialect
) -> None:
    exchange, measured = replay(without_tools(RECORDED[recorded]), tiny_server, dialect, f"text {recorded} {dialect}")
    assert measured.output == 24 or stop_reason(exchange.message) in ("end_turn", "stop")
    assert measured.input is not None
    assert measured.input.total > 150
    timing = measured.timing
    assert 0 < (timing.headers or 0) <= (timing.ttft or 0) < (timing.last_content or 0) <= (timing.total or 0)
    assert timing.first_tool_call is None


@BOTH
@pytest.mark.parametrize("recorded", RECORDED)
def test_a_tool_is_called_in_either_dialect_whichever_was_recorded(
    tool_server: str, recorded: str, dialect: Dialect
) -> None:
    exchange, measured = replay(
        RECORDED[recorded], tool_server, dialect, f"tool {recorded} {dialect}", settings={"max_tokens": 200}
    )
    assert tools_used(exchange.message) == ["Read"]
    assert (measured.timing.ttft or 0) < (measured.timing.first_tool_call or 0) <= (measured.timing.total or 0)


@pytest.mark.parametrize("recorded", RECORDED)
def test_the_model_reads_the_same_prompt_in_both_dialects(tiny_server: str, recorded: str) -> None:
    counts = {
        dialect: measured.input and measured.input.total
        for dialect in DIALECTS
        for _, measured in [replay(RECORDED[recorded], tiny_server, dialect, cache="as-is")]
    }
    assert counts["anthropic"] == counts["chat"]


def test_our_times_are_near_the_servers_own(smollm2_server: str) -> None:
    """Ask for it of one run in five, and roughly: how exact the times are is measured in `benchmarks`."""
    settings = {"max_tokens": 64, "messages": [{"role": "user", "content": STORY * 12}]}  # a few ms are little of it
    for number in range(runs := 5):
        _, measured = replay(
            RECORDED["chat"], smollm2_server, "chat", f"times {number}", settings={**settings, "tools": None}
        )
        server, timing = measured.server, measured.timing
        assert server is not None
        assert server.prefill_tokens > 150
        pairs = [
            (timing.ttft, server.prefill),
            ((timing.last_content or 0) - (timing.ttft or 0), server.decode),
            (prefill_speed(measured.input, timing.ttft), server.prefill_tokens / server.prefill),
            (measured.decode.tokens_per_second, (server.decode_tokens - 1) / server.decode),
        ]
        if all(ours == pytest.approx(theirs, rel=0.2) for ours, theirs in pairs):
            return
    raise AssertionError(f"in none of {runs} runs; in the last: {pairs}")


def test_a_tool_that_the_real_client_offered_is_called_again_by_the_right_model(
    claude: Client, tool_server: str, tiny_server: str, tmp_path: Path
) -> None:
    arguments = ("--model", "tool", "--tools", "Read", "--allowedTools", "Read", "--max-turns", "2")
    with recording(tool_server, tmp_path) as proxy:
        claude.ask(proxy.url, "Go on.", *arguments)
    recorded = proxy.traces()[-1]
    assert "tool_result" in json.dumps(recorded.request.body)

    options = Options(settings={"max_tokens": 200})
    for dialect in DIALECTS:
        right, wrong = (
            asyncio.run(replay_async(recorded, url, dialect=dialect, options=options))
            for url in (tool_server, tiny_server)
        )
        assert (right.error, wrong.error) == (None, None)
        assert (right.model_answered, wrong.model_answered) == ("tool", "tiny")
        assert [verdict.name for verdict in right.verdicts if verdict.passed is False] == []
        assert [verdict.name for verdict in wrong.verdicts if verdict.passed is False] != []


def without_deferred(trace: Trace) -> Trace:
    """The trace without tools that are loaded later: llama.cpp shows its model those, too; a translation leaves them
    out."""
    body: Any = trace.request.body
    tools = [tool for tool in body["tools"] if not tool.get("defer_loading")]
    return replace(trace, request=replace(trace.request, body={**body, "tools": tools}))


def test_the_real_clients_whole_prompt_is_the_same_in_both_dialects(
    claude: Client, tiny_server: str, tmp_path: Path
) -> None:
    with recording(tiny_server, tmp_path) as proxy:
        claude.ask(proxy.url, "Go on.", "--model", "tiny", CLAUDE_CODE_MAX_OUTPUT_TOKENS="8")
    recorded = without_deferred(proxy.traces()[0])
    kept = Options(system_role="keep")  # folded, what Claude Code says in mid-conversation is read otherwise
    replayed = [asyncio.run(replay_async(recorded, tiny_server, dialect=each, options=kept)) for each in DIALECTS]
    inputs = [result.metrics.input for result in replayed]
    counts = [found.total for found in inputs if found]
    assert counts[0] > 10_000
    assert counts[1] == pytest.approx(counts[0], abs=5)  # llama.cpp puts nothing between system blocks, we line breaks


@BOTH
def test_a_first_token_and_a_speed_are_measured_of_each_of_two_models(
    smollm2_server: str, tiny_server: str, dialect: Dialect
) -> None:
    settings = {"max_tokens": 400}  # the small one writes a thousand a second: a few would be a burst without a speed
    for url in (smollm2_server, tiny_server):
        _, measured = replay(without_tools(RECORDED["anthropic"]), url, dialect, f"speed {dialect}", settings=settings)
        assert (measured.timing.ttft or 0) > 0
        assert (measured.decode.tokens_per_second or 0) > 0


@BOTH
def test_a_second_run_comes_from_the_servers_cache_and_a_cold_one_does_not(tiny_server: str, dialect: Dialect) -> None:
    settings = {"max_tokens": 2}
    (_, first), (_, same), (_, cold) = (
        replay(RECORDED["anthropic"], tiny_server, dialect, run, settings=settings)
        for run in (f"A {dialect}", f"A {dialect}", f"B {dialect}")
    )
    assert first.input is not None
    assert same.input is not None
    assert cold.input is not None
    assert (same.input.cache_read or 0) > 0.9 * same.input.total
    assert (cold.input.cache_read or 0) < 0.2 * cold.input.total


@BOTH
def test_a_request_too_long_is_found_before_it_is_sent_and_the_server_agrees(
    tiny_server: str, dialect: Dialect
) -> None:
    long = {**IN_ANTHROPICS, "messages": [{"role": "user", "content": STORY * 2000}]}
    trace = Trace("2025-10-26T14:23:45.123Z", "claude", Request("POST", "http://x/v1/messages", {}, long))
    request = prepare.prepare(trace, connect(tiny_server, dialect), "tiny", Options(), "long")
    problem = asyncio.run(fit.problem(request, ask))
    exchange = asyncio.run(send.send(request))
    assert problem is not None
    assert exchange.error is not None
    assert (problem.kind, exchange.status) == ("context", 400)
    tokens = json.dumps(exchange.error.message).partition("(")[2].split()[0]
    assert f"{int(tokens):,} tokens" in problem.message
    assert "32,768" in problem.message
    assert "32768" in exchange.error.message


def test_the_model_to_replay_to_is_the_one_that_the_server_has(tool_server: str) -> None:
    served = asyncio.run(resolve.survey(resolve.find(tool_server, {}), ask))
    assert resolve.choose_models(served, []) == ["tool"]
    assert served.models[0].context == 32_768


def test_where_nobody_listens_is_said_in_a_line() -> None:
    target = resolve.find("http://127.0.0.1:9", {})
    with pytest.raises(TargetError, match=r"doesn't answer at http://127\.0\.0\.1:9: connection refused"):
        asyncio.run(resolve.connect(target, "anthropic", ask))
