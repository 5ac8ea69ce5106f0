"""`anyclaude doctor` finds what is wrong, says what mends it, and ends whatever a server does."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support import answers, chat_answers
from tests.support.machine import Machine
from tests.support.model_lists import IDLE_OLLAMA, LLAMACPP, NO_SERVERS, OLLAMA, silent_port
from tests.support.scripted import Answer, Received, Script, serving, whole

SMALL = {**LLAMACPP, "/props": {"default_generation_settings": {"n_ctx": 4096}, "build_info": "b1"}}
LARGE = {**LLAMACPP, "/props": {"default_generation_settings": {"n_ctx": 65536}, "build_info": "b1-abc"}}

NAMES = [
    *("client", "settings.json", "server", "model", "context", "translation", "requests", "tools", "prefix cache"),
    "traces",
]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path)
    machine.claude("print('2.1.332 (Claude Code)')")
    return machine


def model_server(table: Mapping[str, Any], *, strict: bool = False, tools: str = "called", reused: int = 90) -> Script:
    """Return a server with these lists. `tools` says what becomes of a tool: called, ignored, or dropped."""

    def respond(request: Received) -> Answer:
        if request.method == "GET":
            found = table.get(request.path)
            return whole({"error": "Not Found"}, 404) if found is None else whole(found)
        body = request.json
        if not request.path.startswith("/v1/messages") or not body:
            return whole({"error": {"message": "no body"}}, 400 if request.path.startswith("/v1/messages") else 404)
        if strict and (unknown := next((name for name in ("context_management", "thinking") if name in body), None)):
            return whole({"error": {"message": f"{unknown}: Extra inputs are not permitted"}}, 400)
        has_tools = "tools" in body and tools != "dropped"
        usage = {"input_tokens": 10 + 60 * has_tools, "cache_read_input_tokens": reused, "output_tokens": 1}
        block = answers.text("Yes.")
        if has_tools and "tool_choice" in body and tools == "called":
            block = {"type": "tool_use", "id": "t", "name": "get_weather", "input": {"city": "Paris"}}
        return whole({**answers.message(block), "usage": usage})

    return respond


def examined(machine: Machine, *arguments: str, **env: str) -> tuple[int, dict[str, dict[str, str]]]:
    """Return the exit code, and each check by its name."""
    code, stdout, stderr = machine.run("doctor", "--format", "json", *arguments, env={**NO_SERVERS, **env})
    assert stderr == ""
    report = json.loads(stdout)
    assert report["ok"] is (code == 0)
    return code, {check["name"]: check for check in report["checks"]}


def test_all_is_well(machine: Machine) -> None:
    with serving(model_server(LARGE)) as server:
        code, checks = examined(machine, "--mode", "llamacpp", "--backend", server.url)
    assert (code, list(checks)) == (0, NAMES)
    assert {check["state"] for check in checks.values()} == {"ok"}, checks
    assert {name: check["found"] for name, check in checks.items() if name not in ("client", "traces")} == {
        "settings.json": "nothing in it leads past the proxy",
        "server": f"llama.cpp b1-abc at {server.url}",
        "model": "tool",
        "context": "65,536 tokens; Claude Code needs about 25,000",
        "translation": "not needed: it has /v1/messages",
        "requests": "what Claude Code sends is accepted",
        "tools": "a call comes back: get_weather",
        "prefix cache": "90 of 100 tokens reused",
    }
    assert checks["client"]["found"].startswith("2.1.332 (Claude Code) at ")


def test_a_person_reads_a_line_for_each_and_what_mends_it_below(machine: Machine) -> None:
    with serving(model_server(SMALL)) as server:
        code, stdout, _ = machine.run("--mode", "llamacpp", "doctor", "--backend", server.url)
    assert code == 1
    assert "✓ model          tool\n" in stdout
    assert "✗ context        4,096 tokens; Claude Code needs about 25,000\n    llama-server … -c 65536\n" in stdout


def test_without_a_server_each_kinds_start_is_named_and_the_rest_is_skipped(machine: Machine) -> None:
    code, checks = examined(machine)
    assert code == 1
    assert checks["search"]["state"] == "problem"
    assert "ollama serve" in checks["search"]["mend"]
    assert {checks[name]["state"] for name in NAMES[2:-1]} == {"skipped"}
    assert checks["traces"]["state"] == "ok"


def test_a_server_that_runs_here_is_found_and_its_model_asked_for(machine: Machine) -> None:
    with serving(model_server(OLLAMA)) as server:
        code, checks = examined(machine, OLLAMA_URL=server.url, LMSTUDIO_URL="http://127.0.0.1:9")
    assert code == 0
    assert checks["search"]["found"] == f"found Ollama at {server.url} (qwen3:8b)"
    assert (checks["model"]["state"], checks["model"]["found"]) == ("ok", "qwen3:8b")


def test_a_server_that_hangs_holds_nothing_up(machine: Machine) -> None:
    with silent_port() as url:
        code, checks = examined(machine, "--backend", url)
    assert code == 1
    assert checks["server"]["found"] == f"{url}: it accepts connections, but doesn't answer"
    assert checks["tools"]["state"] == "skipped"


def test_no_model_that_is_loaded_is_told_with_how_to_load_one(machine: Machine) -> None:
    with serving(model_server(IDLE_OLLAMA)) as server:
        code, checks = examined(machine, "--mode", "ollama", "--backend", server.url)
    assert code == 1
    assert checks["model"]["found"] == "none is loaded; it has qwen3:8b, gemma3:latest"
    assert "ollama run MODEL" in checks["model"]["mend"]
    assert checks["requests"]["state"] == "skipped", "a request would load one, which can take minutes"


def test_a_server_that_goes_by_names_is_told_with_the_variable(machine: Machine) -> None:
    with serving(model_server(OLLAMA)) as server:
        code, checks = examined(machine, "--mode", "ollama", "--backend", server.url)
    assert (code, checks["model"]["state"]) == (0, "warning")
    assert checks["model"]["mend"] == "OLLAMA_MODEL=qwen3:8b anyclaude"


def test_a_server_that_refuses_what_the_client_sends_is_told_with_the_repairs(machine: Machine) -> None:
    with serving(model_server(LARGE, strict=True)) as server:
        arguments = ("--mode", "llamacpp", "--backend", server.url)
        code, checks = examined(machine, *arguments)
        assert code == 1
        assert "400: context_management: Extra inputs" in checks["requests"]["found"]
        repairs = "drop:context_management,drop:thinking"
        assert checks["requests"]["mend"] == f"anyclaude --repair {repairs}"
        assert checks["tools"]["state"] == "ok", "the checks after it go on with the repairs"
        code, checks = examined(machine, *arguments, "--repair", repairs)
        assert (code, checks["requests"]["found"]) == (0, "what Claude Code sends is accepted once repaired")


def test_a_server_with_chat_alone_is_told_with_the_translation(machine: Machine) -> None:
    def respond(request: Received) -> Answer:
        if request.path == "/v1/models":
            return whole({"data": [{"id": "m"}]})
        if request.path != "/v1/chat/completions":
            return whole({"error": {"message": "Not Found"}}, 404)
        return whole(chat_answers.completion(answers.text("Hi"))) if request.body != b"{}" else whole({}, 422)

    with serving(respond) as server:
        code, checks = examined(machine, "--backend", server.url)
        assert code == 1
        assert checks["translation"]["found"] == "it has no /v1/messages, but /v1/chat/completions"
        assert checks["translation"]["mend"] == "anyclaude --translate auto"
        assert checks["requests"]["state"] == "ok", "translated, it takes them"
        _, checks = examined(machine, "--backend", server.url, "--translate", "chat")
        assert checks["translation"]["state"] == "ok"


@pytest.mark.parametrize(
    ("tools", "state", "found"),
    [
        ("ignored", "warning", "the model answered without the call it was asked for"),
        ("dropped", "problem", "the model isn't shown its tools (100 tokens with one, 100 without)"),
    ],
)
def test_a_template_that_drops_tools_differs_from_a_model_that_calls_none(
    machine: Machine, tools: str, state: str, found: str
) -> None:
    with serving(model_server(LARGE, tools=tools)) as server:
        _, checks = examined(machine, "--mode", "llamacpp", "--backend", server.url)
    assert (checks["tools"]["state"], checks["tools"]["found"]) == (state, found)


def test_a_cache_that_reuses_nothing_is_told_with_the_likely_reasons(machine: Machine) -> None:
    with serving(model_server(LARGE, reused=0)) as server:
        code, checks = examined(machine, "--mode", "llamacpp", "--backend", server.url)
    assert (code, checks["prefix cache"]["state"]) == (0, "warning")
    assert "--swa-full" in checks["prefix cache"]["mend"]


def test_what_leads_past_the_proxy_in_settings_json_is_told(machine: Machine) -> None:
    folder = machine.home / ".claude"
    folder.mkdir()
    with serving(model_server(LARGE)) as server:
        env = {"ANTHROPIC_BASE_URL": server.url, "CLAUDE_CODE_USE_BEDROCK": "1"}
        (folder / "settings.json").write_text(json.dumps({"env": env}))
        _, stdout, _ = machine.run("doctor", env=NO_SERVERS)
    where = folder / "settings.json"
    assert f"✓ settings.json  ANTHROPIC_BASE_URL of {where} is the server that anyclaude takes\n" in stdout
    assert "! settings.json  CLAUDE_CODE_USE_BEDROCK asks Amazon Bedrock: it is left out for the run\n" in stdout


@pytest.mark.parametrize(
    ("plays", "found"),
    [("sys.exit(3)", "--version fails (3)"), ("print('')", "--version fails (0)")],
)
def test_a_client_that_does_not_start_is_told_with_how_to_install_it(machine: Machine, plays: str, found: str) -> None:
    machine.claude(plays)
    code, checks = examined(machine)
    assert code == 1
    assert checks["client"]["found"].endswith(found)
    assert checks["client"]["mend"] == "npm install -g @anthropic-ai/claude-code"


def chat_server(request: Received) -> Answer:
    """A server with a list of models and chat completions, nothing else."""
    if request.path == "/v1/models":
        return whole({"data": [{"id": "m", "context_length": 8192}]})
    if request.path != "/v1/chat/completions":
        return whole({"error": {"message": "Not Found"}}, 404)
    return whole(chat_answers.completion(answers.text("Hi"))) if request.body != b"{}" else whole({}, 422)


def test_another_client_is_looked_at_and_asked_for_in_its_own_format(machine: Machine) -> None:
    machine.program("opencode", "print('1.18.33')")
    machine.program("qwen", "print('0.24.4')")
    with serving(chat_server) as server:
        _, checks = examined(machine, "opencode", "--backend", server.url)
        sent = [post.json for post in server.posts if post.path == "/v1/chat/completions" and post.body != b"{}"]
        _, of_qwen = examined(machine, "qwen", "--backend", server.url)
    assert list(checks) == [name for name in NAMES if name != "settings.json"]
    assert checks["client"]["found"].startswith("1.18.33 at ")
    assert checks["translation"]["found"] == "not needed: it has /v1/chat/completions"
    assert checks["requests"]["found"] == "a conversation with tools, as in OpenAI's chat completions, is accepted"
    assert [message["role"] for message in sent[0]["messages"]] == ["system", "user", "assistant", "tool"]
    assert (checks["model"]["state"], checks["model"]["found"]) == ("ok", "m"), "opencode is told the name"
    assert of_qwen["context"]["found"] == "8,192 tokens; Qwen Code needs about 20,000"


def test_a_client_whose_path_the_server_lacks_is_told_with_those_that_it_can_serve(machine: Machine) -> None:
    with serving(chat_server) as server:
        code, checks = examined(machine, "codex", "--backend", server.url)
    assert code == 1
    assert (checks["client"]["found"], checks["client"]["mend"]) == ("no codex", "npm install -g @openai/codex")
    found = "it has no /v1/responses, which Codex needs, but /v1/chat/completions"
    mend = "another --backend, or: anyclaude opencode, or: anyclaude qwen, or: anyclaude --translate auto"
    assert (checks["translation"]["found"], checks["translation"]["mend"]) == (found, mend)
    assert checks["requests"]["found"] == "nothing that Codex can ask"


def test_gemini_cli_is_for_googles_service_or_one_like_it(machine: Machine) -> None:
    machine.program("gemini", "print('0.61.0')")
    with serving([whole({"models": []})]) as server:
        code, checks = examined(machine, "gemini", "--backend", server.url)
    assert (code, checks["server"]["found"]) == (0, f"Gemini answers at {server.url}")


def test_geminis_models_are_told_where_there_is_a_key_to_ask_with(machine: Machine) -> None:
    machine.program("gemini", "print('0.61.0')")
    listed = {"name": "models/gemini-2.5-pro", "inputTokenLimit": 1048576, "supportedGenerationMethods": []}

    def respond(request: Received) -> Answer:
        if request.path != "/v1beta/models":
            return whole({})
        return whole({"models": [listed]}) if request.header("x-goog-api-key") == "k" else whole({"error": "No."}, 400)

    with serving(respond) as server:
        of = ("gemini", "--backend", server.url)
        _, unasked = examined(machine, *of)
        _, chosen = examined(machine, *of, GEMINI_API_KEY="k")
        _, named = examined(machine, *of, GEMINI_API_KEY="k", GEMINI_MODEL="gemini-2.5-pro")
        _, missing = examined(machine, *of, GEMINI_API_KEY="k", GEMINI_MODEL="gemini-9")
        _, refused = examined(machine, *of, GEMINI_API_KEY="x")
    assert unasked["model"]["found"] == "no key to ask with: set GEMINI_API_KEY"
    assert chosen["model"]["found"] == "1 models; Gemini CLI chooses among them"
    assert (named["model"]["found"], named["context"]["state"]) == ("gemini-2.5-pro", "ok")
    assert missing["model"]["found"] == "gemini-9 isn't listed; it has gemini-2.5-pro"
    assert refused["model"]["found"] == "it doesn't list its models (400: No.)"


def test_a_server_that_lists_no_models_is_told_with_the_variable(machine: Machine) -> None:
    def respond(request: Received) -> Answer:
        return whole({"error": "Not Found"}, 404) if request.method == "GET" else whole({"error": "no body"}, 400)

    with serving(respond) as server:
        code, checks = examined(machine, "--backend", server.url)
    assert (code, checks["model"]["found"]) == (0, "it doesn't list its models: name the one to ask")
    assert checks["model"]["mend"] == "LOCAL_MODEL=NAME anyclaude"
    assert checks["requests"]["found"] == "no model to ask"


def test_where_nothing_listens_the_address_is_named_once(machine: Machine) -> None:
    _, checks = examined(machine, "--backend", "http://127.0.0.1:9")
    assert checks["server"]["found"] == "http://127.0.0.1:9: connection refused: nothing listens there"


def test_a_folder_that_cannot_be_written_is_told_with_the_option(machine: Machine) -> None:
    file = machine.home / "file"
    file.touch()
    _, checks = examined(machine, "--trace-dir", str(file / "traces"))
    assert checks["traces"]["state"] == "problem"
    assert "--trace-dir" in checks["traces"]["mend"]


def test_a_bad_setting_is_one_line(machine: Machine) -> None:
    code, stdout, stderr = machine.run("doctor", "--mode", "lmstudios")
    assert (code, stdout, len(stderr.splitlines())) == (1, "", 1)


def test_claudes_own_doctor_is_behind_two_dashes(machine: Machine) -> None:
    machine.claude("print(sys.argv[1:])")
    with serving([whole({})]) as server:
        code, stdout, _ = machine.run("--backend", server.url, "--", "doctor")
    assert (code, stdout) == (0, "['doctor']\n")
