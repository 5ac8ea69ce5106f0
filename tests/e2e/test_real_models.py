"""The real Claude Code with a real llama.cpp, through the proxy: what the client counted is what the traces say.

The conversation with real weights is the demo's own: see tests/demo/test_story.py.
"""

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.support.client import EACH_DELTA, Client
from tests.support.patience import eventually
from tests.support.proxy import recording
from traces.content.answers import kind_of
from traces.model import Trace

# Its first block otherwise changes with each request, and nothing after it could come from the server's prefix cache.
STEADY_PREFIX = {"CLAUDE_CODE_ATTRIBUTION_HEADER": "0"}


def test_five_tool_calls_in_a_row_are_five_whole_exchanges(claude: Client, tool_server: str, tmp_path: Path) -> None:
    arguments = ("--model", "tool", "--tools", "Read", "--allowedTools", "Read", "--max-turns", "5")
    with recording(tool_server, tmp_path) as proxy:
        outcome = claude.ask(proxy.url, "Go on.", *arguments, **STEADY_PREFIX)
    traces = proxy.traces()

    assert [(trace.state, trace.error, trace.marks) for trace in traces] == [("complete", None, ())] * 5
    assert [kind_of(trace) for trace in traces] == ["TOOL_CALL"] * 5
    assert {trace.ids.session for trace in traces} == {outcome.printed["session_id"]}
    assert _usage(traces) == {name: outcome.printed["usage"][name] for name in _usage(traces)}
    for trace, following in pairwise(traces):
        answered = following.request.body["messages"][-1]["content"][0]  # type: ignore[index]
        assert answered["tool_use_id"] == _body(trace)["content"][0]["id"]
    for trace in traces:
        times = trace.timing
        assert 0 < (times.headers or 0) <= (times.ttft or 0) < (times.first_tool_call or 0) <= (times.total or 0)
        assert times.ttft == times.first_answer


def test_the_clients_whole_prompt_comes_from_the_servers_cache_the_second_time(
    claude: Client, tiny_server: str, tmp_path: Path
) -> None:
    few = {"CLAUDE_CODE_MAX_OUTPUT_TOKENS": "8"}  # the model never ends by itself; the client then asks it to go on
    with recording(tiny_server, tmp_path) as proxy:
        claude.ask(proxy.url, "Go on.", "--model", "tiny", **STEADY_PREFIX, **few)
    first, second, *_ = [_body(trace) for trace in proxy.traces()]
    assert first["stop_reason"] == "max_tokens"
    prompt = first["usage"]["input_tokens"] + first["usage"]["cache_read_input_tokens"]
    assert prompt > 10_000
    assert second["usage"]["cache_read_input_tokens"] >= 0.95 * prompt


def test_a_client_that_is_killed_leaves_what_a_real_server_had_streamed(
    claude: Client, tiny_server: str, tmp_path: Path
) -> None:
    with recording(tiny_server, tmp_path) as proxy:
        client = claude.start(proxy.url, "Go on.", "--model", "tiny", "--tools", "Read", *EACH_DELTA)
        assert client.stdout is not None
        seen = next(delta for line in client.stdout if (delta := json.loads(line).get("event", {}).get("delta")))
        client.kill()
        client.communicate()
        assert eventually(lambda: any(trace.error for trace in proxy.traces()))
    [trace] = proxy.traces()
    assert (trace.state, trace.error and trace.error.kind) == ("incomplete", "client_disconnected")
    [block] = _body(trace)["content"]
    assert block["text"].startswith(seen["text"])


def _body(trace: Trace) -> Any:
    assert trace.response is not None
    return trace.response.body


def _usage(traces: Sequence[Trace]) -> dict[str, int]:
    """Added up as the client adds it up over its turns."""
    names = ("input_tokens", "cache_read_input_tokens", "output_tokens")
    return {name: sum(_body(trace)["usage"][name] for trace in traces) for name in names}
