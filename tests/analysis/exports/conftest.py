"""A made-up day: a session with a retry, a subagent, a branch and a compaction, and sessions in other API formats."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.support import answers, chat_answers
from tests.support.analyzer import Analyzer
from tests.support.factories import AGENT, call, exchange, result, trace
from traces.model import Event, Ids, Timing, Trace
from traces.storage import codec, store

KEY = "sk-ant-api03-" + "A1b2C3d4" * 11 + "-AbCdEfAA"
USAGE = {"input_tokens": 300, "cache_read_input_tokens": 200, "cache_creation_input_tokens": 12, "output_tokens": 30}
GO = [call("Agent", "t1", prompt="Find it"), call("Read", "t2", file_path="notes.txt")]
BACK = [result("plum"), result("The word is plum.", "t2")]
TIMING = Timing(headers=0.25, ttft=0.5, first_answer=0.5, last_content=1.5, total=2.0)
EVENTS = (Event(0.3, "message_start"), Event(0.5, "content_block_delta", "text", 4), Event(2.0, "message_stop"))

CHAT_URL = "http://localhost:8000/v1/chat/completions"
CHAT = {
    "model": "qwen3",
    "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "What is a plum?"}],
}
RESPONSES_URL = "http://localhost:8000/v1/responses"
RESPONSES = {"model": "gpt-5", "instructions": "Be brief.", "input": "What is a pear?"}
ANSWERED = {
    "id": "resp_1",
    "status": "completed",
    "output": [{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "A fruit."}]}],
    "usage": {"input_tokens": 9, "output_tokens": 4},
}

DAY: tuple[Trace, ...] = (
    exchange(0, "Go", failed="http_error", timing=Timing(headers=0.1, total=0.25)),
    exchange(1.5, "Go", answer=GO, usage=USAGE, timing=TIMING),
    exchange(4, "Find it", ids=AGENT, prompt="Seek.", answer="plum", x_claude_code_agent_type="Explore"),
    exchange(8, "Go", GO, BACK, answer="They say plum.", usage={**USAGE, "cache_read_input_tokens": 280}),
    exchange(20, "Go", GO, BACK, "They say plum.", "Sure?", answer="Yes.", timing=TIMING),
    exchange(30, "Go", GO, BACK, "They say plum.", "Or a pear?", answer="No.", timing=TIMING),
    exchange(40, "Go", GO, BACK, "They say plum.", "Or a pear?", "No.", "Why?", failed="client_disconnected"),
    trace(CHAT, chat_answers.completion(answers.text(f"A fruit. {KEY}")), at=50, url=CHAT_URL, ids=Ids("c4a70000")),
    trace(RESPONSES, ANSWERED, at=60, url=RESPONSES_URL, ids=Ids("2e590000"), timing=Timing()),
)


@pytest.fixture
def day(analyzer: Analyzer) -> Analyzer:
    """Return the command with these traces in its folder; the second one was streamed."""
    for number, one in enumerate(DAY):
        write(analyzer, one if number != 1 else _streamed(one))
    return analyzer


@pytest.fixture
def exported(analyzer: Analyzer) -> Callable[..., Any]:
    """Return what exports all traces to a file, and returns the file and what was printed."""

    def export(name: str, *options: str) -> Any:
        path = analyzer.home / name
        done = analyzer("export", analyzer.root, "-o", path, *options)
        assert (done.exit_code, done.stderr) == (0, "")
        return path, done.stdout

    return export


def write(analyzer: Analyzer, one: Trace) -> None:
    store.create(analyzer.root / one.mode, store.stem_of(one.timestamp), codec.encode(one))


def _streamed(one: Trace) -> Trace:
    return replace(one, events=EVENTS)
