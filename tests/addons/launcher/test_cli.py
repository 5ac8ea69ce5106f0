"""The `anyclaude` command as a user starts it: real processes, a real proxy, and a small program in claude's place."""

import json
import os
import re
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import answers, chat_answers
from tests.support.certificates import a_certificate_that_the_proxy_trusts
from tests.support.machine import Machine, in_a_terminal, listens, screen
from tests.support.patience import PATIENCE, eventually
from tests.support.scripted import Answer, Received, ScriptedServer, serving, stream, whole


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    (tmp_path / "bin").mkdir()
    return Machine(tmp_path)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with serving([whole(answers.message(answers.text("Hello")))]) as started:
        yield started


def test_claude_runs_behind_the_proxy_and_leaves_a_trace(machine: Machine, server: ScriptedServer) -> None:
    machine.claude("print(ask()); sys.exit(3)")
    theirs = ["-p", "two words", "--output-format", "json", "--", "-x", "--web", ""]
    code, stdout, stderr = machine.run("--backend", server.url, *theirs)
    assert (code, stdout) == (3, "Hello\n")
    assert machine.ran["argv"] == theirs
    assert [post.path for post in server.posts] == ["/v1/messages"]
    [trace] = machine.traces()
    assert trace.state == "complete"
    folder = machine.home / ".anyclaude" / "traces" / "local"
    assert stderr.splitlines() == [
        f"anyclaude: recording local at {server.url}",
        f"anyclaude: 1 trace in {folder}; to look at the latest: trace-analyzer analyze latest",
    ]
    assert not listens(machine.ran["env"]["ANTHROPIC_BASE_URL"])


def test_the_addons_path_is_printed_for_a_mitmproxy_of_ones_own(machine: Machine) -> None:
    code, stdout, stderr = machine.run("addon-path")
    assert (code, stderr) == (0, "")
    assert "addons = [" in Path(stdout.removesuffix("\n")).read_text()


@pytest.mark.parametrize(
    ("arguments", "theirs"),
    [(["--", "--help"], ["--help"]), (["--", "--mode", "x"], ["--mode", "x"]), (["mcp", "add", "--", "npx"],) * 2],
)
def test_two_dashes_separate_our_options_from_claudes(
    machine: Machine, server: ScriptedServer, arguments: list[str], theirs: list[str]
) -> None:
    machine.claude("")
    code, _, stderr = machine.run(*arguments, env={"ANYCLAUDE_BACKEND": server.url})
    assert (code, machine.ran["argv"]) == (0, theirs)
    assert "anyclaude: no traces" in stderr


def test_another_client_runs_behind_the_proxy_with_the_model_that_is_loaded(machine: Machine) -> None:
    machine.program("opencode", "")
    with serving(lambda request: whole({"data": [{"id": "loaded"}]})) as server:
        code, _, stderr = machine.run("--backend", server.url, "opencode", "run", "--mode", "x", "--", "hi")
    assert (code, machine.ran["argv"]) == (0, ["run", "--mode", "x", "--", "hi"])
    config = json.loads(machine.ran["env"]["OPENCODE_CONFIG_CONTENT"])
    assert config["model"] == "anyclaude/loaded"
    assert "anyclaude: no traces: no request to a model went through the proxy\n" in stderr


def test_any_program_runs_behind_the_proxy_and_leaves_a_trace(machine: Machine, server: ScriptedServer) -> None:
    machine.program("agent", "print(ask())")
    code, stdout, _ = machine.run("--backend", server.url, "run", "--", "agent", "-p")
    assert (code, stdout, machine.ran["argv"]) == (0, "Hello\n", ["-p"])
    assert [trace.state for trace in machine.traces()] == ["complete"]


def test_a_file_of_settings_is_there_while_the_client_runs_and_gone_afterwards(machine: Machine) -> None:
    machine.program("gemini", "print(open(os.environ['GEMINI_CLI_HOME'] + '/.gemini/settings.json').read())")
    with serving([]) as server:
        code, stdout, _ = machine.run("--backend", server.url, "gemini", "-p", "hi")
    assert (code, json.loads(stdout)) == (0, {"security": {"auth": {"selectedType": "gemini-api-key"}}})
    assert not Path(machine.ran["env"]["GEMINI_CLI_HOME"]).exists()


def test_two_dashes_keep_a_clients_name_for_claude(machine: Machine, server: ScriptedServer) -> None:
    machine.claude("")
    machine.run("--backend", server.url, "--", "codex", "exec")
    assert machine.ran["argv"] == ["codex", "exec"]


def test_forward_is_for_claude_code_alone(machine: Machine) -> None:
    code, _, stderr = machine.run("--mode", "claude", "--forward", "codex")
    assert (code, stderr) == (1, "anyclaude: --forward is for Claude Code: leave it out for Codex\n")


def test_a_claude_that_a_signal_ended_gives_what_a_shell_would_give(machine: Machine, server: ScriptedServer) -> None:
    machine.claude("os.kill(os.getpid(), signal.SIGTERM); time.sleep(60)")
    assert machine.run("--backend", server.url)[0] == 128 + signal.SIGTERM


def test_debug_prints_each_trace_when_it_is_saved(machine: Machine, server: ScriptedServer) -> None:
    wait = "while not (home / 'go').exists(): time.sleep(0.02)"
    machine.claude(f"ask()\n{wait}\nask()")
    process = machine.start("--backend", server.url, env={"ANYCLAUDE_DEBUG": "1"})
    assert process.stderr is not None
    line = [process.stderr.readline() for _ in range(2)][1]
    assert re.match(r"anyclaude: \d\d:\d\d:\d\d .*Trace saved: \S+/local/\S+\.json", line)
    (machine.home / "go").touch()
    _, rest = process.communicate(timeout=PATIENCE)
    assert rest.count("Trace saved") == 1
    assert "anyclaude: 2 traces" in rest


def test_a_trace_that_cannot_be_written_costs_a_warning_and_no_answer(machine: Machine, server: ScriptedServer) -> None:
    machine.claude("print(ask())")
    (machine.home / "file").touch()
    code, stdout, stderr = machine.run("--backend", server.url, "--trace-dir", str(machine.home / "file" / "traces"))
    assert (code, stdout) == (0, "Hello\n")
    assert "anyclaude: warning: " in stderr


def test_ctrl_c_is_claudes_and_the_proxy_outlives_it(machine: Machine, server: ScriptedServer) -> None:
    machine.claude(
        "try:\n    print('ready', flush=True)\n    time.sleep(60)\n"
        "except KeyboardInterrupt:\n    print(ask(), 'after all', flush=True)\n    sys.exit(42)"
    )
    with in_a_terminal(machine, "--backend", server.url, ANYCLAUDE_DEBUG="1") as (process, ours):
        screen(ours, "ready")
        os.write(ours, b"\x03")
        shown = screen(ours, "analyze latest")
        assert process.wait(PATIENCE) == 42
    assert machine.ran["tty"]
    lines = [line for line in shown.splitlines() if "after all" in line or "anyclaude:" in line]
    assert [re.sub("^.*(Hello after all|Trace saved|1 trace).*$", r"\1", line) for line in lines] == [
        "Hello after all",
        "Trace saved",
        "1 trace",
    ], "claude has the screen to itself until it has ended"


def test_a_terminated_launcher_takes_claude_and_the_proxy_with_it(machine: Machine, server: ScriptedServer) -> None:
    machine.claude("time.sleep(60)")
    process = machine.start("--backend", server.url)
    assert eventually((machine.home / "ran.json").exists)
    process.terminate()
    _, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 128 + signal.SIGTERM
    assert "anyclaude: no traces" in stderr
    assert not listens(machine.ran["env"]["ANTHROPIC_BASE_URL"])
    with pytest.raises(ProcessLookupError):
        os.kill(machine.ran["pid"], 0)


def test_the_proxy_ends_with_a_killed_launcher_and_keeps_what_was_open(machine: Machine) -> None:
    machine.claude("ask()")
    begin = answers.events(answers.text("Hello"))[:4]
    with serving([stream([*begin, 60.0])]) as slow:
        process = machine.start("--backend", slow.url, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        assert eventually(lambda: slow.posts)
        process.kill()
        process.wait()
        assert eventually(lambda: not listens(machine.ran["env"]["ANTHROPIC_BASE_URL"]))
    assert eventually(lambda: [trace.error.kind for trace in machine.traces() if trace.error] == ["proxy_stopped"])


def test_the_proxy_alone_says_how_to_use_it_and_ends_with_ctrl_c(machine: Machine, server: ScriptedServer) -> None:
    process = machine.start("--backend", server.url, env={"PROXY_ONLY": "true", "LOCAL_API_KEY": "hush"})
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"ANTHROPIC_BASE_URL=(http://127\.0\.0\.1:\d+) .* claude$", line)
    assert found
    assert "hush" not in line
    request = urllib.request.Request(
        f"{found[1]}/v1/messages", b'{"messages": []}', {"content-type": "application/json"}
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=PATIENCE) as response:
        assert response.status == 200
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert "anyclaude: 1 trace in" in stderr


def test_mitmweb_shows_the_traffic_while_claude_runs(machine: Machine, server: ScriptedServer) -> None:
    machine.claude("ask()\nwhile not (home / 'go').exists(): time.sleep(0.02)")
    process = machine.start("--backend", server.url, "--web")
    assert process.stderr is not None
    found = re.search(r"mitmweb: (http://\S+)", "".join(process.stderr.readline() for _ in range(2)))
    assert found
    assert eventually((machine.home / "ran.json").exists)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(found[1], timeout=PATIENCE) as page:
        assert b"mitmproxy" in page.read()
    (machine.home / "go").touch()
    _, stderr = process.communicate(timeout=PATIENCE)
    assert "anyclaude: 1 trace in" in stderr


def test_forward_opens_the_traffic_to_the_model_and_no_other(machine: Machine) -> None:
    machine.claude(
        "import hashlib, http.client\n"
        "def certificate(url):\n"
        "    proxy = os.environ['HTTPS_PROXY'].removeprefix('http://')\n"
        "    tunnel = http.client.HTTPSConnection(proxy, context=ssl._create_unverified_context())\n"
        "    tunnel.set_tunnel(url.removeprefix('https://')); tunnel.connect()\n"
        "    return hashlib.sha256(tunnel.sock.getpeercert(binary_form=True)).hexdigest()\n"
        "print(ask(), certificate(os.environ['ANTHROPIC_BASE_URL']), certificate(sys.argv[1]))"
    )
    tls, fingerprint = a_certificate_that_the_proxy_trusts(machine.home)
    with serving([whole(answers.message(answers.text("Hello")))], tls) as model, serving([whole({})], tls) as other:
        env = {"ANTHROPIC_BASE_URL": model.url, "ANTHROPIC_API_KEY": "own"}
        code, stdout, stderr = machine.run("--forward", other.url, env=env)
        assert code == 0, stderr
        text, of_the_model, of_the_other = stdout.split()
        assert text == "Hello"
        assert of_the_model != fingerprint, "the proxy shows a certificate of its own"
        assert of_the_other == fingerprint
        assert model.posts[0].header("x-api-key") is None
    assert [trace.request.url for trace in machine.traces("claude")] == [f"{model.url}/v1/messages"]


@pytest.mark.parametrize(
    ("arguments", "env", "message"),
    [
        (["--mode", "lmstudios"], {}, "--mode: 'lmstudios' can't be used: it must be one of lmstudio, ollama"),
        (
            ["--claude", "/no/claude"],
            {},
            "no claude at /no/claude: install it with `npm install -g @anthropic-ai/claude-code`",
        ),
        ([], {"LMSTUDIO_URL": "http://127.0.0.1:9"}, "nothing answers at http://127.0.0.1:9 ("),
        ([], {"LMSTUDIO_URL": "http://127.0.0.1:9"}, "start the model server with `lms server start`, or name another"),
        (
            ["--translate", "messages"],
            {},
            "--translate: 'messages' can't be used: it must be one of chat, responses, auto",
        ),
        (
            ["--repair", "all"],
            {},
            "--repair: 'all' can't be used: it must be a list of repairs: 'all' is no repair: known",
        ),
        (
            ["--port", "TAKEN"],
            {"LMSTUDIO_URL": "http://127.0.0.1:TAKEN"},
            "port TAKEN is taken: choose another one with",
        ),
    ],
)
def test_a_failed_start_is_one_line_with_what_fixes_it(
    machine: Machine, server: ScriptedServer, arguments: list[str], env: dict[str, str], message: str
) -> None:
    machine.claude("")
    taken = server.url.rpartition(":")[2]
    arguments, [message] = [part.replace("TAKEN", taken) for part in arguments], [message.replace("TAKEN", taken)]
    code, stdout, stderr = machine.run(
        *arguments, env={name: value.replace("TAKEN", taken) for name, value in env.items()}
    )
    assert (code, stdout, len(stderr.splitlines())) == (1, "", 1)
    assert stderr.startswith("anyclaude: ")
    assert message in stderr
    assert not (machine.home / "ran.json").exists()


def test_no_claude_on_the_path_is_said_with_the_command_that_installs_it(machine: Machine) -> None:
    code, _, stderr = machine.run("--backend", "http://127.0.0.1:9")
    assert (code, stderr) == (
        1,
        "anyclaude: no claude on the PATH: install it with `npm install -g @anthropic-ai/claude-code`\n",
    )


def has_only_chat(request: Received) -> Answer:
    """Answer as a server that speaks OpenAI's chat completions alone."""
    if request.path != "/v1/chat/completions":
        return whole({"error": {"message": "Not Found"}}, 404)
    return whole(chat_answers.completion(answers.text("Hi"))) if request.body != b"{}" else whole({}, 422)


TOLD = {
    "asked for by name": (["--translate", "chat"], ", translating to chat"),
    "chosen by what the server has": (["--translate", "auto"], ", translating to chat: it has no /v1/messages"),
    "what the mode needs": (["--mode", "mlx"], ", translating to chat"),
    "what the mode's own format needs": (["--mode", "llamacpp", "--translate", "chat"], ", translating to chat"),
    "with a repair": (["--translate", "chat", "--repair", "billing"], ", translating to chat, repairing billing"),
}


@pytest.mark.parametrize(("arguments", "told"), TOLD.values(), ids=TOLD.keys())
def test_the_first_line_says_what_is_changed(machine: Machine, arguments: list[str], told: str) -> None:
    machine.claude("print(ask())")
    with serving(has_only_chat) as server:
        code, stdout, stderr = machine.run("--backend", server.url, *arguments)
    assert (code, stdout) == (0, "Hi\n"), stderr
    mode = arguments[1] if arguments[0] == "--mode" else "local"
    assert stderr.splitlines()[0] == f"anyclaude: recording {mode} at {server.url}{told}"
    [trace] = machine.traces(mode)
    assert trace.upstream is not None
    assert trace.upstream.exchange.request.url == f"{server.url}/v1/chat/completions"


def test_without_the_option_a_server_that_only_speaks_chat_is_told_with_it(machine: Machine) -> None:
    machine.claude("try: ask()\nexcept OSError: pass")
    with serving(has_only_chat) as server:
        _, _, stderr = machine.run("--backend", server.url)
    assert (
        f"{server.url} has no /v1/messages (404): translate to what it has, with anyclaude --translate auto" in stderr
    )


def test_a_server_that_wants_a_key_is_told_with_its_variable_while_the_client_tries(machine: Machine) -> None:
    machine.claude("try:\n    ask()\nexcept urllib.error.HTTPError as error:\n    print(error.code)")
    with serving(lambda request: whole({"error": {"message": "Invalid API key"}}, 401)) as server:
        _, stdout, stderr = machine.run("--mode", "vllm", "--backend", server.url)
        machine.program("opencode", "print('never')")
        code, _, refused = machine.run("--mode", "vllm", "--backend", server.url, "opencode", "run", "hi")
    assert stdout == "401\n"
    assert f"{server.url} wants a key, or another one (401): start anyclaude again with VLLM_API_KEY=KEY." in stderr
    assert code == 1
    assert refused.splitlines() == [
        f"anyclaude: opencode needs a model's name, and {server.url} lists none "
        "(it wants a key, or another one: set VLLM_API_KEY): set VLLM_MODEL"
    ]
