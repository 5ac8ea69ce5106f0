"""The real Codex and opencode, started by `anyclaude` before a real llama.cpp, and the real Gemini CLI and Qwen Code.

The model calls a tool whatever it is asked, and by its own choice which one: a run ends once enough was recorded.
Subagents and compactions are provoked by scripted answers.
"""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support import answers, chat_answers, gemini_answers, responses_answers
from tests.support.answers import text, tool
from tests.support.npm_clients import ANYCLAUDE, NpmClient, install
from tests.support.packages import python_with
from tests.support.patience import PATIENCE
from tests.support.replayer import Replayer
from tests.support.scripted import Answer, Received, serving, stream, whole
from traces.clients import client_of, side_request
from traces.clients.base import lower
from traces.model import Trace
from traces.storage import store


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


FULL = 90_000
"""Tokens of input that an answer claims to have had, so that the client makes a summary of the history."""


def test_codex_has_its_subagent_and_its_compaction_in_one_session(tmp_path: Path) -> None:
    codex = install("codex", tmp_path)

    def server(request: Received) -> Answer:
        if request.method != "POST":
            return whole({"data": [{"id": "m"}]})
        given = request.json["input"]
        said = json.dumps(given)
        results = [item["output"] for item in given if item["type"] == "function_call_output"]
        if "CONTEXT CHECKPOINT" in json.dumps(given[-1]):
            return stream(responses_answers.chunks(text("Summary: they looked for a plum.")))
        if "What is the word?" not in said or "Summary: they looked" in said:
            return stream(responses_answers.chunks(text("It is plum.")))
        if not results:
            call = tool("multi_agent_v1/spawn_agent", "call_1", message="Find the word.")
        elif len(results) == 1:
            call = tool("multi_agent_v1/wait_agent", "call_2", targets=[json.loads(results[0])["agent_id"]])
        else:
            call = tool("exec_command", "call_3", cmd="echo plum")
        return stream(responses_answers.chunks(call, input_tokens=FULL if len(results) == 2 else 9_000))

    limit = "model_auto_compact_token_limit=50000"
    with serving(server) as service:
        options = ["--mode", "local", "--backend", service.url]
        codex.run_until(
            lambda traces: len(finished(traces)) >= 6,
            options,
            *("exec", "--skip-git-repo-check", "-c", limit, "What is the word?"),
        )
    [session] = sessions(codex)
    assert session["agents"] == 2
    found = turns(codex)
    main = [turn for turn in found if turn["agent"] == "main"]
    [subagent] = [turn for turn in found if turn["agent"] != "main"]
    assert subagent["request_type"] == "SUBAGENT"
    assert [turn["tool_calls"] for turn in main] == [["spawn_agent"], ["wait_agent"], ["exec_command"], [], []]
    assert [turn["why"] for turn in main] == ["first", "continued", "continued", "side", "compacted"]
    assert main[3]["request_type"] == "COMPACTION"
    assert_replayed(codex, len(found), "responses", "anthropic")


def test_opencode_has_its_subagent_and_its_compaction_in_one_session(tmp_path: Path) -> None:
    opencode = install("opencode", tmp_path)
    limits = {"m": {"name": "m", "limit": {"context": 60_000, "output": 4_000}}}
    settings = {"provider": {"anyclaude": {"models": limits}}}
    (opencode.project / "opencode.json").write_text(json.dumps(settings))
    find = tool("task", "call_1", description="find", prompt="Find the word.", subagent_type="general")
    echo = tool("bash", "call_2", command="echo plum", description="Say it")

    def server(request: Received) -> Answer:
        if request.method != "POST":
            return whole({"data": [{"id": "m"}]})
        messages = request.json["messages"]
        said, prompt = json.dumps(messages), json.dumps(messages[0])
        results = [message for message in messages if message["role"] == "tool"]
        if "title generator" in prompt:
            return stream(chat_answers.chunks(text("A word")))
        if "summarization" in prompt:
            return stream(chat_answers.chunks(text("Summary: they looked for a plum.")))
        if "What is the word?" not in said or len(results) > 1:
            return stream(chat_answers.chunks(text("It is plum.")))
        events = chat_answers.chunks(echo if results else find)
        full = b'"prompt_tokens": %d' % (FULL if results else 9_000)
        return stream([event.replace(b'"prompt_tokens": 15', full) for event in events])

    with serving(server) as service:
        options = ["--mode", "local", "--backend", service.url]
        opencode.run_until(
            lambda traces: len(finished(traces)) >= 6 and titles(traces) > 0, options, "run", "What is the word?"
        )
    [session] = sessions(opencode)
    assert session["agents"] == 2
    found = [turn for turn in turns(opencode) if turn["request_type"] != "TITLE"]
    main = [turn for turn in found if turn["agent"] == "main"]
    assert [turn["request_type"] for turn in found if turn["agent"] != "main"] == ["SUBAGENT"]
    assert [turn["tool_calls"] for turn in main] == [["task"], ["bash"], [], []]
    assert [turn["why"] for turn in main] == ["first", "continued", "side", "compacted"]
    assert main[2]["request_type"] == "COMPACTION"
    assert_replayed(opencode, len(found) + 1, "chat", "responses")


def test_gemini_cli_is_recorded_with_its_tool_call_and_its_routing_told_apart(tmp_path: Path) -> None:
    gemini = install("gemini", tmp_path)
    notes = gemini.project / "notes.txt"
    notes.write_text("blue\n")

    def server(request: Received) -> Answer:
        if ":generateContent" in request.path:  # which model shall answer
            return whole(
                gemini_answers.answer(text('{"complexity_reasoning": "It is simple.", "complexity_score": 10}'))
            )
        if "functionResponse" in request.json["contents"][-1]["parts"][0]:
            return stream(gemini_answers.chunks(text("It says blue.")))
        return stream(gemini_answers.chunks(tool("read_file", file_path=str(notes))))

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
    assert_replayed(gemini, 3, "gemini", "chat")


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
    found = turns(qwen)
    assert ["agent"] in [turn["tool_calls"] for turn in found]
    assert "SUBAGENT" in {turn["request_type"] for turn in found}
    assert_replayed(qwen, len(found), "chat", "anthropic")


PROGRAMS = {
    "openai==3.51.0": (
        "/v1/chat/completions",
        "import openai\n"
        "asked = [{'role': 'user', 'content': 'Hello.'}]\n"
        "told = openai.OpenAI().chat.completions.create(model='tiny', max_tokens=8, stream=True, messages=asked)\n"
        "print('told', ''.join(each.choices[0].delta.content or '' for each in told if each.choices))\n",
    ),
    "anthropic==2.12.0": (
        "/v1/messages",
        "import anthropic\n"
        "asked = [{'role': 'user', 'content': 'Hello.'}]\n"
        "with anthropic.Anthropic().messages.stream(model='tiny', max_tokens=8, messages=asked) as told:\n"
        "    print('told', told.get_final_text())\n",
    ),
}
"""A package of another maker -> the path that it asks, and a program that uses it."""


@pytest.mark.parametrize("package", PROGRAMS)
def test_any_program_that_heeds_the_usual_variables_is_recorded(package: str, tiny_server: str, tmp_path: Path) -> None:
    path, program = PROGRAMS[package]
    python = python_with(package)
    (tmp_path / "ask.py").write_text(program)
    ran = subprocess.run(
        [ANYCLAUDE, "--mode", "llamacpp", "--backend", tiny_server, "run", "--", python, tmp_path / "ask.py"],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "NO_PROXY": "127.0.0.1", "PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE,
    )
    assert ran.returncode == 0, ran.stderr.decode()
    [trace] = [store.load(file) for file in store.files(tmp_path / ".anyclaude" / "traces")]
    assert (trace.state, trace.error, trace.marks) == ("complete", None, ())
    assert trace.request.url == f"{tiny_server}{path}"
    answer: Any = trace.message
    said = answer["content"][0]["text"] if "content" in answer else answer["choices"][0]["message"]["content"]
    assert ran.stdout.decode() == f"told {said}\n"


ASKED = {
    "anthropic": ("/v1/messages", answers.events),
    "chat": ("/v1/chat/completions", chat_answers.chunks),
    "gemini": (":streamGenerateContent?alt=sse", gemini_answers.chunks),
    "responses": ("/v1/responses", responses_answers.chunks),
}
"""API format -> how the path ends that is asked, and what writes an answer."""

LONGEST_QUESTION = 500
"""Bytes of a request by which a replay learns what a server is."""


def assert_replayed(client: NpmClient, turns: int, *dialects: str) -> None:
    """Replay the client's session to a server, once in each of the formats, and look at what the server got."""
    replayer = Replayer(client.home / ".anyclaude")
    for dialect in dialects:
        path, write = ASKED[dialect]

        def server(request: Received, path: str = path, write: Any = write) -> Answer:
            return stream(write(text("Fine."))) if request.path.endswith(path) else whole({}, 404)

        with serving(server) as target:
            to = ("--target", target.url, "--model", "m", "--dialect", dialect, "--output", client.home / dialect)
            done = replayer("session", "latest", *to)
        assert (done.exit_code, "✗" in done.output) == (0, False), done.output
        sent = [post.json for post in target.posts if len(post.body) > LONGEST_QUESTION]
        assert len(sent) == turns
        assert all(re.search(r"plum|word|notes\.txt", json.dumps(body)) for body in sent)


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
