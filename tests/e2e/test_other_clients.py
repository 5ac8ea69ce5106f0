"""The real Codex and opencode, started by `anyclaude` before a real llama.cpp, and the real Gemini CLI and Qwen Code.

The model calls a tool whatever it is asked, and by its own choice which one: a run ends once enough was recorded.
"""

import json
from pathlib import Path
from typing import Any

from tests.support import chat_answers
from tests.support.answers import text, tool
from tests.support.npm_clients import NpmClient, install
from tests.support.patience import PATIENCE
from tests.support.scripted import Answer, Received, serving, stream, whole
from traces.clients import client_of, side_request
from traces.clients.base import lower
from traces.model import Trace


def test_codex_is_recorded_as_one_session_of_its_own(tool_server: str, tmp_path: Path) -> None:
    codex = install("codex", tmp_path)
    options = ["--mode", "llamacpp", "--backend", tool_server]
    traces = codex.run_until(
        lambda traces: len(finished(traces)) >= 3, options, "exec", "--skip-git-repo-check", "Say hello."
    )
    first, second, *_ = traces
    assert {sender(trace) for trace in traces} == {"codex"}
    assert (first.marks, first.request.url) == ((), f"{tool_server}/v1/responses")
    assert (first.state, first.error) == ("complete", None)  # also where Codex hangs up right behind the last event
    assert first.response is not None
    answer: Any = first.response.body
    assert answer["status"] == "completed"
    [session] = sessions(codex)
    assert session["session"] == first.ids.session == second.ids.session
    turn = turns(codex)[0]
    assert turn["request_type"] == "TOOL_CALL"
    assert_called(turn, {tool["name"] for tool in tools(first) if "name" in tool})
    assert all(trace.error is None or trace.error.kind == "client_disconnected" for trace in finished(traces))
    body: Any = second.request.body  # with the call's result
    assert any(item["type"] == "function_call_output" for item in body["input"])


def test_opencode_is_recorded_as_one_session_with_its_title_told_apart(tool_server: str, tmp_path: Path) -> None:
    opencode = install("opencode", tmp_path)
    options = ["--mode", "llamacpp", "--backend", tool_server]
    traces = opencode.run_until(
        lambda traces: [side_request(one) for one in finished(traces)].count(None) >= 2 and titles(traces) > 0,
        options,
        "run",
        "Hi.",
    )
    done = finished(traces)
    assert {sender(trace) for trace in traces} == {"opencode"}
    assert {trace.request.url for trace in traces} == {f"{tool_server}/v1/chat/completions"}
    assert [(trace.error, trace.marks) for trace in done] == [(None, ())] * len(done)
    assert titles(traces) == 1
    [session] = sessions(opencode)
    assert {trace.ids.session for trace in traces} == {session["session"]}
    assert session["side_requests"] == 1
    first = next(turn for turn in turns(opencode) if turn["request_type"] != "TITLE")
    assert first["request_type"] == "TOOL_CALL"
    [asked] = [trace for trace in traces if trace.timestamp == first["timestamp"]]
    assert_called(first, {tool["function"]["name"] for tool in tools(asked)})


def test_gemini_cli_is_recorded_with_its_tool_call_and_its_routing_told_apart(tmp_path: Path) -> None:
    gemini = install("gemini", tmp_path)
    notes = gemini.project / "notes.txt"
    notes.write_text("blue\n")

    def server(request: Received) -> Answer:
        if ":generateContent" in request.path:  # which model shall answer
            return whole(candidate({"text": '{"complexity_reasoning": "It is simple.", "complexity_score": 10}'}))
        if "functionResponse" in request.json["contents"][-1]["parts"][0]:
            return stream([event({"text": "It says blue."})])
        return stream([event({"functionCall": {"name": "read_file", "args": {"file_path": str(notes)}}})])

    with (
        serving(server) as service,
        gemini.running(
            ["--mode", "gemini", "--backend", service.url], "--skip-trust", "-p", "What does notes.txt say?"
        ) as process,
    ):
        process.wait(PATIENCE)
    traces = gemini.traces()

    assert (process.returncode, gemini.printed.read_text()) == (0, "It says blue.\n")
    assert [(sender(trace), trace.state, trace.error, trace.marks) for trace in traces] == [
        ("gemini_cli", "complete", None, ())
    ] * 3
    assert [trace.request.body for trace in traces] == [post.json for post in service.posts]
    assert [turn["request_type"] for turn in turns(gemini)] == ["SIDE_REQUEST", "TOOL_CALL", "TEXT_GENERATION"]
    assert turns(gemini)[1]["tool_calls"] == ["read_file"]
    assert "blue" in json.dumps(traces[2].request.body)
    assert all(post.header("x-goog-api-key") == "made-up" for post in service.posts)


def test_qwen_code_is_recorded_as_one_session_with_its_subagent(tmp_path: Path) -> None:
    qwen = install("qwen", tmp_path)
    call = tool("agent", "call_1", description="find", prompt="Find the word.", subagent_type="general-purpose")

    def server(request: Received) -> Answer:
        if request.method != "POST":
            return whole({"data": [{"id": "m"}]})
        said = json.dumps(request.json["messages"])
        if "What is the word?" not in said:
            return stream(chat_answers.chunks(text("It is plum.")))
        return stream(chat_answers.chunks(call if "call_1" not in said else text("Plum.")))

    def has_both(traces: list[Trace]) -> bool:
        kinds = [side_request(trace) for trace in finished(traces)]
        return kinds.count("SUBAGENT") >= 1 and kinds.count(None) >= 2

    with serving(server) as service:
        options = ["--mode", "local", "--backend", service.url]
        traces = qwen.run_until(has_both, options, "--yolo", "-p", "What is the word?")
    assert {(sender(trace), trace.state, trace.marks) for trace in finished(traces)} == {("qwen_code", "complete", ())}
    assert {trace.request.url for trace in traces} == {f"{service.url}/v1/chat/completions"}
    [session] = sessions(qwen)
    assert session["agents"] == 2
    assert ["agent"] in [turn["tool_calls"] for turn in turns(qwen)]
    assert "SUBAGENT" in {turn["request_type"] for turn in turns(qwen)}


def candidate(part: dict[str, Any]) -> dict[str, Any]:
    """Return an answer of Gemini's API, or an event of a streamed one."""
    return {
        "candidates": [{"content": {"role": "model", "parts": [part]}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15},
    }


def event(part: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(candidate(part)).encode() + b"\r\n\r\n"


def finished(traces: list[Trace]) -> list[Trace]:
    return [trace for trace in traces if trace.state in ("complete", "error")]


def titles(traces: list[Trace]) -> int:
    return [side_request(trace) for trace in traces].count("TITLE")


def sender(trace: Trace) -> str:
    return client_of(lower(trace.request.headers), trace.request.body).name


def tools(trace: Trace) -> list[dict[str, Any]]:
    assert isinstance(trace.request.body, dict)
    found: Any = trace.request.body["tools"]
    return list(found)


def assert_called(turn: dict[str, Any], tools: set[str]) -> None:
    assert turn["tool_calls"]
    assert set(turn["tool_calls"]) <= tools


def sessions(client: NpmClient) -> list[dict[str, Any]]:
    return list(json.loads(client.analyzer("sessions", "--format", "json").stdout))


def turns(client: NpmClient) -> list[dict[str, Any]]:
    [session] = json.loads(client.analyzer("session", "latest", "--format", "json").stdout)
    return list(session["turns"])
