"""Whole conversations of the real Claude Code, once directly with a scripted model and once through the proxy.

Shown is that nobody notices the proxy, and that the traces hold what was said, each field of it.
"""

import json
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import zip_longest
from pathlib import Path

import pytest

from tests.support import answers, story
from tests.support.answers import Block, text, thinking, tool
from tests.support.client import Client
from tests.support.proxy import recording
from tests.support.scripted import Received, serving
from tests.support.story import SESSION, Seen, Story
from traces.model import Ids, Request, Response, Trace
from traces.raw_body import is_as_sent
from traces.redact import REDACTED
from traces.storage import store
from traces.storage.head import Head

HEAD = ["version", "timestamp", "mode", "state", "ids", "summary", "timing", "error", "marks", "odd_events", "cost"]

FIRST = ("--session-id", SESSION)
ALLOWED = ("--allowedTools", "Read,Edit,Write,Bash,Agent")

STORIES = {
    "a tool call and its answer": Story(
        asks=[("What is the word in notes.txt?", *FIRST, *ALLOWED)],
        answers=[
            [thinking("I should look."), text("Let me look."), tool("Read", file_path="notes.txt")],
            [text("The word is plum.")],
        ],
        prints=["The word is plum."],
    ),
    "five tool calls in a row": Story(
        asks=[("Make it a pear.", *FIRST, *ALLOWED)],
        answers=[
            [tool("Read", "toolu_1", file_path="notes.txt")],
            [tool("Edit", "toolu_2", file_path="notes.txt", old_string="plum", new_string="pear")],
            [tool("Bash", "toolu_3", command="cat notes.txt", description="Show the notes")],
            [tool("Write", "toolu_4", file_path="done.txt", content="äöü – 梨\n")],
            [tool("Read", "toolu_5", file_path="done.txt")],
            [text("It is a pear now.")],
        ],
        prints=["It is a pear now."],
    ),
    "a subagent": Story(
        asks=[("Let somebody find the word.", *FIRST, *ALLOWED)],
        answers=[
            [tool("Agent", description="find it", prompt="Find the word.", subagent_type="general-purpose")],
            [text("I wait.")],
            [text("They say plum.")],
        ],
        subagent=[text("It is plum.")],
        prints=["They say plum."],
    ),
    "a conversation that is continued": Story(
        asks=[("Hello.", *FIRST), ("What did I say?", "--continue")],
        answers=[[text("Hello to you.")], [text("You said hello.")]],
        prints=["Hello to you.", "You said hello."],
    ),
}


@dataclass(frozen=True)
class Played:
    story: Story
    direct: Seen
    proxied: Seen
    received: list[Received]
    traces: list[Trace]
    folder: Path
    began: float
    ended: float


@pytest.fixture(scope="module", params=list(STORIES.values()), ids=list(STORIES))
def played(request: pytest.FixtureRequest, claude_program: Path, tmp_path_factory: pytest.TempPathFactory) -> Played:
    told: Story = request.param
    folder = tmp_path_factory.mktemp("story")
    client = Client(claude_program, folder / "home")
    with serving(told.script()) as server:
        direct = story.play(told, client, server, server.url)
    shutil.rmtree(client.home)
    began = time.time()
    with serving(told.script()) as server:
        with recording(server.url, folder) as proxy:
            proxied = story.play(told, client, server, proxy.url)
        return Played(told, direct, proxied, server.posts, proxy.traces(), folder, began, time.time())


def test_the_client_prints_what_the_model_said(played: Played) -> None:
    assert [printed["result"] for printed in played.proxied.printed] == played.story.prints


def test_the_client_prints_the_same_as_without_the_proxy(played: Played) -> None:
    assert played.proxied.printed == played.direct.printed


def test_the_server_gets_the_same_bytes_as_without_the_proxy(played: Played) -> None:
    for proxied, direct in zip(sorted(played.proxied.requests), sorted(played.direct.requests), strict=True):
        assert proxied[:-1] == direct[:-1]
        assert first_difference(proxied[-1], direct[-1]) is None  # not the bodies: 50 KB each of somebody's prompt


def test_every_request_is_kept_as_the_server_got_it(played: Played) -> None:
    by_body = {json.dumps(request.json): request for request in played.received}
    assert len(played.traces) == len(played.received) == len(by_body)
    for trace in played.traces:
        got = by_body[json.dumps(trace.request.body)]
        headers = {name.lower(): value for name, value in got.headers} | {"x-api-key": REDACTED}
        url = f"http://{got.header('host')}{got.path}"
        assert replace(trace.request, raw=None) == Request(got.method, url, headers, got.json)
        assert is_as_sent(trace.request.body, trace.request.raw)
        assert trace.ids == Ids(SESSION, got.header("x-claude-code-agent-id"), None)


def test_every_answer_is_kept_as_one_message(played: Played) -> None:
    for trace, blocks, id in _told(played):
        assert trace.response is not None
        assert replace(trace.response, raw=None) == Response(
            status=200,
            headers={"content-type": "text/event-stream; charset=utf-8", "transfer-encoding": "chunked"},
            body=answers.message(*blocks, id=id),
        )


def test_every_event_is_kept_with_what_it_brought(played: Played) -> None:
    for trace, blocks, _ in _told(played):
        assert [event.kind for event in trace.events] == [_kind(event) for event in answers.events(*blocks)]
        brought = {
            content: sum(e.size for e in trace.events if e.content == content) for content in ("text", "thinking")
        }
        assert brought == {
            "text": sum(len(block.get("text", "")) for block in blocks),
            "thinking": sum(len(block.get("thinking", "")) for block in blocks),
        }
        calls = [block for block in blocks if block["type"] == "tool_use"]
        assert [event.content for event in trace.events].count("tool_end") == len(calls)


def test_every_moment_lies_in_its_order(played: Played) -> None:
    for trace in played.traces:
        times, moments = trace.timing, [event.at or -1 for event in trace.events]
        content = [event.at or -1 for event in trace.events if event.content in ("text", "thinking", "tool")]
        first, last = content[0], content[-1]
        assert moments == sorted(moments)
        prefill = story.PREFILL + (story.SUBAGENT_THINKS if trace.ids.agent else 0)
        assert times.headers is not None
        assert times.total is not None
        assert 0 < times.headers <= moments[0]
        assert prefill <= moments[0] <= first <= last <= moments[-1] <= times.total
        assert (times.ttft, times.last_content) == (first, last)
        assert times.first_answer == next(e.at for e in trace.events if e.content in ("text", "tool"))
        assert times.first_tool_call == next((e.at for e in trace.events if e.content == "tool_end"), None)


def test_every_trace_is_whole_and_says_so(played: Played) -> None:
    for trace in played.traces:
        assert (trace.state, trace.error, trace.marks, trace.mode) == ("complete", None, (), "local")


def test_the_files_are_named_by_their_time_and_for_their_owner_alone(played: Played) -> None:
    files = [trace.source for trace in played.traces]
    folder = played.folder / "traces" / "local"
    assert {file.name for file in folder.iterdir()} == {file.name for file in files if file} | {"latest.json"}
    assert (folder / "latest.json").resolve() == files[-1]
    assert folder.stat().st_mode & 0o777 == 0o700
    for trace in played.traces:
        assert trace.source is not None
        assert trace.source.stat().st_mode & 0o777 == 0o600
        assert trace.source.stem.startswith(re.sub(r"[:.]", "-", trace.timestamp.removesuffix("Z")))
        moment = datetime.fromisoformat(trace.timestamp)
        assert played.began <= moment.timestamp() <= played.ended


def test_the_files_hold_the_keys_that_anyclaude_wrote_and_what_is_new(played: Played) -> None:
    for trace in played.traces:
        assert trace.source is not None
        raw = json.loads(trace.source.read_bytes())
        assert list(raw) == [*HEAD, "request", "response", "events"]
        assert list(raw["request"]) == ["method", "url", "headers", "body", "raw"]
        assert list(raw["response"]) == ["statusCode", "headers", "body", "raw"]


def test_the_first_line_of_a_file_says_what_a_list_must_know(played: Played) -> None:
    for trace, blocks, _ in _told(played):
        assert trace.source is not None
        calls = any(block["type"] == "tool_use" for block in blocks)
        assert store.peek(trace.source) == Head(
            timestamp=trace.timestamp,
            mode="local",
            state="complete",
            ids=trace.ids,
            model=trace.model,
            kind="SUBAGENT" if trace.ids.agent else "TOOL_CALL" if calls else "TEXT_GENERATION",
            input_tokens=None,  # no prompt of the client's is as short as this server says
            output_tokens=answers.USAGE["output_tokens"],
            ttft=trace.timing.ttft,
            total=trace.timing.total,
            client="claude_code",
            tools=tuple(dict.fromkeys(block["name"] for block in blocks if block["type"] == "tool_use")),
        )


def first_difference(one: str, other: str) -> tuple[str, str] | None:
    """Where two texts part: 60 characters of each, from a little before."""
    for at, (left, right) in enumerate(zip_longest(one, other)):
        if left != right:
            start = max(0, at - 20)
            return one[start : start + 60], other[start : start + 60]
    return None


def _told(played: Played) -> Iterator[tuple[Trace, Sequence[Block], str]]:
    """Each trace, with what the model said in it and the id of that message."""
    main = (trace for trace in played.traces if trace.ids.agent is None)
    for number, (trace, blocks) in enumerate(zip(main, played.story.answers, strict=True)):
        yield trace, blocks, f"msg_{number}"
    for trace in played.traces:
        if trace.ids.agent is not None:
            yield trace, played.story.subagent, "msg_sub"


def _kind(event: bytes) -> str:
    """The name of an event, with that of the block or the delta in it."""
    data = json.loads(event.partition(b"data: ")[2])
    inner = data.get("content_block") or data.get("delta") or {}
    return ":".join(filter(None, (data["type"], inner.get("type"))))
