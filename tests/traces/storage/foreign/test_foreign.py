"""Records of other programs as traces: what each format gives, what it leaves unknown, and what isn't understood."""

import base64
import gzip
import json
import os
import sqlite3
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support import records
from tests.support.records import ANSWER, BODY, KEY, SESSION, Transcript
from traces.errors import TraceFormatError
from traces.model import Timing, Trace
from traces.redact import REDACTED
from traces.storage import codec, foreign, store
from traces.storage.foreign import pieces
from traces.storage.foreign.base import Notes
from traces.storage.foreign.replays import hash_of


def read(path: Path) -> list[Trace]:
    """Return the exchanges of a file in which all was understood, as they are after a way through a trace's file."""
    return [codec.decode(codec.encode(trace), path) for trace in foreign.read(path)]


def said(trace: Trace) -> Any:
    return trace.message


def asked(trace: Trace) -> Any:
    return trace.request.body


TOLD = ("request_rebuilt", "headers_unknown", "times_unknown")
ALL_UNKNOWN = ("system_unknown", "tools_unknown", "messages_unknown", *TOLD)


def test_an_older_transcript_tells_the_conversation_and_marks_the_rest_as_unknown(tmp_path: Path) -> None:
    one, two = read(records.transcript().write(tmp_path / "a.jsonl"))
    assert one.marks == two.marks == ALL_UNKNOWN
    assert asked(one) == {
        "model": "m",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "What is it?"}]}],
    }
    assert [block["type"] for block in said(one)["content"]] == ["text", "tool_use"]
    assert [message["role"] for message in asked(two)["messages"]] == ["user", "assistant", "user"]
    assert (one.ids.session, one.timing, one.model, one.state) == (SESSION, Timing(), "m", "complete")
    assert one.timestamp == "2026-11-20T09:00:01.000Z"  # when the question was written
    assert one.origin != two.origin


def test_a_recent_transcript_gives_the_whole_request(tmp_path: Path) -> None:
    made = Transcript()
    made.user("Hi")
    message = {"role": "user", "content": [{"type": "text", "text": "Hi"}, {"type": "text", "text": "a reminder"}]}
    mark = {"path": ["messages", 0, "content", 1], "value": {"type": "ephemeral"}}
    made.asked("r1", [message], cacheControl=[mark])
    made.said("msg_1", ANSWER["content"][0], requestRef="r1", requestId="req_abc")
    made.user("Again")
    request = {"keep": 1, "tail": [], "base": "r1"}
    answer = {"role": "assistant", "content": [ANSWER["content"][0]]}
    question = {"role": "user", "content": "Again"}
    tail = [hash_of(answer), hash_of(question)]  # of lines that are there
    made.asked("r2", [], **{**request, "tail": tail})
    made.said("msg_2", ANSWER["content"][0], requestRef="r2")
    one, two = read(made.write(tmp_path / "a.jsonl"))
    assert one.marks == two.marks == TOLD
    assert (asked(one)["system"], asked(one)["tools"]) == (records.SYSTEM, records.TOOLS)
    assert asked(one)["messages"][0]["content"][1]["cache_control"] == {"type": "ephemeral"}
    assert [each["role"] for each in asked(two)["messages"]] == ["user", "assistant", "user"]
    assert "cache_control" not in json.dumps(asked(two))
    assert (one.mode, two.mode) == ("claude", "local")  # only Anthropic names its requests so
    assert one.timestamp == "2026-11-20T09:30:00.000Z"


def test_a_request_whose_messages_are_missing_falls_back_on_the_conversation(tmp_path: Path) -> None:
    made = Transcript()
    made.user("Hi")
    made.asked("r1", [], tail=["gone"])
    made.said("msg_1", ANSWER["content"][0], requestRef="r1")
    [trace] = read(made.write(tmp_path / "a.jsonl"))
    assert trace.marks == ("messages_unknown", *TOLD)
    assert asked(trace)["tools"] == records.TOOLS
    assert len(asked(trace)["messages"]) == 1


def test_a_failed_try_in_a_transcript_is_an_exchange_of_its_own(tmp_path: Path) -> None:
    made = Transcript()
    made.user("Hi")
    message = {"role": "user", "content": "Hi"}
    made.asked("r1", [message])
    made.line("system", subtype="api_error", error={"formatted": "529 Overloaded", "status": 529})
    made.asked("r2", [], base="r1", keep=1, tail=[])
    made.said("msg_1", ANSWER["content"][0], requestRef="r2")
    made.asked("r3", [message])
    failed, answered, open = read(made.write(tmp_path / "a.jsonl"))
    assert failed.error is not None
    assert (failed.state, failed.error.message) == ("error", "529 Overloaded")
    assert (answered.state, open.state) == ("complete", "incomplete")


def test_a_compaction_and_a_step_back_end_what_was_before(tmp_path: Path) -> None:
    made = Transcript()
    first = made.user("One")
    kept = made.said("msg_1", ANSWER["content"][0])
    made.user("Two, taken back")
    made.line("user", parent=kept, message={"role": "user", "content": "Two"})
    made.said("msg_2", ANSWER["content"][0])
    metadata = {"preservedMessages": {"uuids": [kept]}}
    made.line("system", parent=None, subtype="compact_boundary", compactMetadata=metadata)
    made.user("The summary")
    made.said("msg_3", ANSWER["content"][0])
    made.said("msg_4", ANSWER["content"][0], model="<synthetic>")
    _, two, three = read(made.write(tmp_path / "a.jsonl"))
    texts = [
        [block["text"] for message in asked(each)["messages"] for block in message["content"]] for each in (two, three)
    ]
    assert texts == [["One", "Hello.", "Two"], ["Hello.", "The summary"]]
    assert first != kept


def test_a_subagents_transcript_names_its_agent_and_who_started_it(tmp_path: Path) -> None:
    made = Transcript(isSidechain=True, agentId="a1")
    made.user("Look")
    made.said("msg_1", ANSWER["content"][0])
    path = made.write(tmp_path / "agent-a1.jsonl")
    path.with_suffix(".meta.json").write_text('{"agentType": "Explore", "parentAgentId": "a0"}')
    [trace] = read(path)
    assert (trace.ids.session, trace.ids.agent, trace.ids.parent_agent) == (SESSION, "a1", "a0")
    assert trace.request.headers["x-claude-code-agent-type"] == "Explore"


def test_raw_bodies_hold_all_but_times_and_headers(tmp_path: Path) -> None:
    folder = records.raw_bodies(tmp_path / "raw")
    assert [file.name for file in foreign.files(folder)] == ["one.request.json", "two.request.json"]
    one, two = [trace for file in foreign.files(folder) for trace in read(file)]
    assert one.marks == two.marks == ("headers_unknown", "times_unknown")
    assert "betas" not in asked(one)
    assert asked(one)["tools"] == records.TOOLS
    assert said(one) == ANSWER
    assert (one.state, two.state, one.ids.session) == ("complete", "incomplete", SESSION)
    assert one.request.headers == {"user-agent": "claude-cli/2.1.0", "anthropic-beta": "b1,b2"}
    assert one.timestamp == "2026-11-20T09:00:01.000Z"  # of the answer: the file is a later copy


def test_raw_bodies_without_their_thinking_say_so(tmp_path: Path) -> None:
    thought = {"role": "assistant", "content": [{"type": "thinking", "thinking": "<REDACTED>", "signature": "x"}]}
    path = tmp_path / "one.request.json"
    path.write_text(json.dumps({**BODY, "messages": [*BODY["messages"], thought]}))
    [trace] = read(path)
    assert "messages_unknown" in trace.marks


def test_a_rollout_of_codex_has_its_answers_with_what_the_server_counted(tmp_path: Path) -> None:
    one, two = read(records.jsonl(tmp_path / "rollout-1.jsonl", records.rollout()))
    assert one.marks == ("system_unknown", "tools_unknown", *TOLD)
    assert [item["type"] for item in said(one)["output"]] == ["reasoning", "function_call"]
    assert [item["type"] for item in asked(two)["input"]] == [
        "message",
        "reasoning",
        "function_call",
        "function_call_output",
    ]
    assert [said(each)["usage"]["input_tokens"] for each in (one, two)] == [900, 950]
    assert (one.ids.session, one.model, one.request.url) == (SESSION, "m", "/v1/responses")
    assert "internal_note" not in json.dumps(asked(two))


def test_a_recent_rollout_holds_the_system_prompt_too_and_a_subagents_its_parent(tmp_path: Path) -> None:
    spawned = {"subagent": {"thread_spawn": {"parent_thread_id": "p", "agent_role": "explorer"}}}
    meta = {"base_instructions": {"text": "Be good."}, "source": spawned, "session_id": "s"}
    one, _ = read(records.jsonl(tmp_path / "rollout-1.jsonl", records.rollout(**meta)))
    assert one.marks == ("tools_unknown", *TOLD)
    assert asked(one)["instructions"] == "Be good."
    assert (one.ids.session, one.ids.agent, one.ids.parent_agent) == ("s", SESSION, "p")


def test_claude_taps_record_is_read_from_each_of_its_files(tmp_path: Path) -> None:
    record = records.claude_tap()
    records.jsonl(tmp_path / "a.jsonl", [record, records.claude_tap("/v1/models", None)])
    compact = {
        **record,
        "request": {**record["request"], "body": {**BODY, "tools": {"__claude_tap_blob_ref__": {"hash": "h"}}}},
    }
    kept = {"__claude_tap_compact_record__": {"version": 1}, "record": compact}
    bundle = {
        "__claude_tap_compact_trace__": {"version": 1},
        "records": [kept],
        "blobs": {"h": {"payload": records.TOOLS}},
    }
    (tmp_path / "b.json").write_text(json.dumps(bundle))
    with sqlite3.connect(tmp_path / "c.sqlite3") as connection:
        connection.execute("CREATE TABLE records (session_id, record_index, payload_json)")
        connection.execute("CREATE TABLE record_blobs (session_id, hash, payload_json)")
        connection.execute("INSERT INTO records VALUES ('s', 1, ?)", (json.dumps(kept),))
        connection.execute("INSERT INTO record_blobs VALUES ('s', 'h', ?)", (json.dumps(records.TOOLS),))
    connection.close()
    found = [read(file) for file in foreign.files(tmp_path)]
    assert len(found) == 3
    for [trace] in found:
        assert asked(trace) == BODY
        assert said(trace) == ANSWER
        assert (trace.marks, trace.mode, trace.timing) == (("times_unknown",), "claude", Timing(total=1.5))
        assert trace.timestamp == "2026-11-20T09:00:00.500Z"
        assert trace.origin == found[0][0].origin


def test_claude_traces_log_and_page_hold_the_same(tmp_path: Path) -> None:
    pair = records.claude_trace()
    log = records.jsonl(tmp_path / "log.jsonl", [pair, records.claude_trace(response=None)])
    web = tmp_path / "page.html"
    web.write_text(records.page([pair]))
    (trace, broken), [same] = read(log), read(web)
    assert (asked(trace), said(trace)["content"]) == (BODY, ANSWER["content"])
    assert (trace.timing.headers, trace.timing.ttft, trace.marks) == (0.5, None, ("times_unknown",))
    assert trace.request.headers["authorization"] == REDACTED
    assert (broken.state, broken.response) == ("incomplete" if broken.error is None else broken.state, None)
    assert broken.error is not None
    assert same.origin == trace.origin
    web.rename(tmp_path / "log.html")
    assert foreign.files(tmp_path) == [log]  # which says the same


def test_har_has_times_of_the_whole_answer_and_bodies_of_any_kind(tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    entry = records.har_entry()
    body = base64.b64encode(json.dumps(ANSWER).encode()).decode()
    packed = records.har_entry(response={"status": 200, "headers": [], "content": {"text": body, "encoding": "base64"}})
    left_out = records.har_entry(response={"status": 200, "headers": [], "content": {"size": 99}})
    never = records.har_entry(response={"status": 0, "headers": [], "_error": "net::ERR_FAILED"})
    path.write_text(records.har(entry, packed, left_out, never, records.har_entry("https://example.org/x.png")))
    notes = Notes()
    one, two, three, four = foreign.read(path, notes)
    assert (notes.others, notes.problem) == (1, "")
    assert (asked(one), said(one)["content"], said(two)) == (BODY, ANSWER["content"], ANSWER)
    assert one.timing.ttft is None
    assert [one.timing.headers, one.timing.total] == pytest.approx([0.51, 2.01])
    assert one.timestamp == "2026-11-20T09:00:00.100Z"  # when the connection was open
    assert three.marks == ("response_body_not_stored", "times_unknown")
    assert four.error is not None
    assert four.response is None


def test_a_websocket_in_har_is_as_many_exchanges_as_it_carried(tmp_path: Path) -> None:
    def frame(way: str, **event: Any) -> dict[str, Any]:
        return {"type": way, "time": 1795000000.0, "opcode": 1, "data": json.dumps(event)}

    item = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hi."}]}
    response = {"id": "r", "object": "response", "status": "completed", "model": "m", "output": [item]}
    talk = [
        frame("send", type="response.create", model="m", input="Hi"),
        frame("receive", type="response.created", response={**response, "output": []}),
        frame("receive", type="response.completed", response=response),
    ]
    entry = records.har_entry("wss://api.openai.com/v1/responses", _webSocketMessages=[*talk, *talk])
    entry["request"]["method"], entry["response"]["status"] = "GET", 101
    path = tmp_path / "a.har"
    path.write_text(records.har(entry))
    one, two = read(path)
    assert (one.model, one.mode, one.state) == ("m", "openai", "complete")
    assert one.origin != two.origin


SECRETS: dict[str, Callable[[Path], Path]] = {
    "a.jsonl": lambda path: _with_key(records.transcript()).write(path),
    "rollout-1.jsonl": lambda path: records.jsonl(path, records.rollout(base_instructions={"text": f"Use {KEY}"})),
    "one.request.json": lambda path: _written(path, json.dumps({**BODY, "system": f"Use {KEY}"})),
    "tap.jsonl": lambda path: records.jsonl(path, [records.claude_tap(body={**BODY, "system": f"Use {KEY}"})]),
    "log.jsonl": lambda path: records.jsonl(path, [_with_header(records.claude_trace())]),
    "a.har": lambda path: _written(path, records.har(records.har_entry())),
}


def _with_key(made: Transcript) -> Transcript:
    made.user(f"My key is {KEY}")
    made.said("msg_9", ANSWER["content"][0])
    return made


def _with_header(pair: dict[str, Any]) -> dict[str, Any]:
    pair["request"]["headers"]["x-api-key"] = KEY
    return pair


def _written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


@pytest.mark.parametrize("name", SECRETS)
def test_no_secret_comes_through(name: str, tmp_path: Path) -> None:
    path = SECRETS[name](tmp_path / name)
    assert KEY in path.read_text()
    written = b"".join(codec.encode(trace) for trace in foreign.read(path))
    assert KEY.encode() not in written
    assert REDACTED.encode() in written


def test_what_is_not_understood_is_counted_and_the_first_named(tmp_path: Path) -> None:
    path = records.transcript().write(tmp_path / "a.jsonl")
    with path.open("a") as file:
        file.write('[1, 2]\n\n\0\0{"no": "kind"}\n{"type": "user", "mess')
    notes = Notes()
    assert len(list(foreign.read(path, notes))) == 2
    assert notes.problem == "3 records were not understood and left out: the first is line 7: no JSON object: [1, 2]"
    with pytest.raises(TraceFormatError, match="3 records were not understood"):
        list(store.read(path))


BROKEN: dict[str, tuple[str, str, str]] = {
    "no JSON": ("x.request.json", "{nothing", "Invalid JSON"),
    "a har that ends early": ("a.har", records.har(records.har_entry())[:-100], "the file ends within it"),
    "a har without entries": ("a.har", '{"log": {}}', 'it holds no list "entries"'),
    "a page without data": ("a.html", "<script>window.claudeData</script>", "holds no exchanges"),
    "anything": ("a.jsonl", "hello", "Nothing in a format that is known here"),
    "a bundle without records": ("a.json", '{"__claude_tap_compact_trace__": {}}', "needs records and blobs"),
    "another program's database": ("a.sqlite3", "SQLite format 3\0record_blobs", "Not a database of claude-tap's"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_file_gets_one_clear_line(what: str, tmp_path: Path) -> None:
    name, text, words = BROKEN[what]
    path = _written(tmp_path / name, text)
    with pytest.raises(TraceFormatError) as caught:
        list(foreign.read(path))
    assert str(path) in str(caught.value)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("pack", "words"),
    [
        (gzip.compress, "compressed by gzip. Unpack it first, with gunzip."),
        (lambda data: data.decode().encode("utf-16"), "UTF-16. Write it as UTF-8 first"),
        (lambda data: b"", "Nothing is in it"),
    ],
    ids=["gzip", "UTF-16", "empty"],
)
@pytest.mark.parametrize("name", ["a.jsonl", "a.har"])
def test_what_must_be_unpacked_first_is_said(
    name: str, pack: Callable[[bytes], bytes], words: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(pack(json.dumps(records.claude_trace()).encode()))
    with pytest.raises(TraceFormatError, match=words):
        list(foreign.read(path))


def test_a_mark_of_utf_8_before_a_record_is_no_matter(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(records.claude_trace()).encode())
    assert len(list(foreign.read(path))) == 1


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jsonl")
    with pytest.raises(TraceFormatError, match="it is no file"):
        list(foreign.read(tmp_path / "a.jsonl"))


def test_a_record_of_no_kind_is_named_by_its_line(tmp_path: Path) -> None:
    notes = Notes()
    path = records.jsonl(tmp_path / "a.jsonl", [*records.transcript().lines, {"sessionId": SESSION}])
    assert len(list(foreign.read(path, notes))) == 2
    assert notes.first.startswith("line 7: no kind of record is named")


@pytest.mark.parametrize("chunk", [1, 7, 2**20])
def test_a_document_is_read_piece_by_piece(chunk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "_CHUNK", chunk)
    entries = [{"a": 'q"\\'}, {"b": [{"c": "}]"}, []]}, {}, {"é": "\n"}]
    path = _written(tmp_path / "a.har", json.dumps({"log": {"pages": [{"x": 1}], "entries": entries, "z": [1]}}))
    notes = Notes()
    assert [value for _, value in pieces.items(path, "entries", notes)] == entries
    assert notes.problem == ""


def test_a_long_transcript_takes_no_more_memory_than_a_conversation(tmp_path: Path) -> None:
    made = Transcript()
    for number in range(60):
        made.line("system", parent=None, subtype="compact_boundary")
        made.user("x" * 50_000)
        made.said(f"msg_{number}", ANSWER["content"][0])
    path = made.write(tmp_path / "a.jsonl")
    del made
    tracemalloc.start()
    try:
        assert sum(1 for _ in foreign.read(path)) == 60
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < path.stat().st_size / 3


def test_a_piece_that_is_too_large_is_left_out_and_named(tmp_path: Path) -> None:
    entries = [{"a": 1}, {"a": "x" * 5000}, {"a": 2}]
    path, notes = _written(tmp_path / "a.har", json.dumps({"entries": entries})), Notes()
    lines, others = records.jsonl(tmp_path / "a.jsonl", entries), Notes()
    assert [number for number, _ in pieces.lines(lines, others, largest=1000)] == [1, 3]
    assert others.first.startswith("line 2: longer than")
    assert [number for number, _ in pieces.items(path, "entries", notes, largest=10)] == [1, 3]
    assert notes.first.startswith("entry 2: longer than")
