"""The launcher finds the model servers that run on this machine, and says which it takes and why."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.machine import Machine
from tests.support.model_lists import (
    IDLE_OLLAMA,
    LLAMACPP,
    LMSTUDIO,
    NO_SERVERS,
    OLLAMA,
    SILENT_KIND,
    listing,
    silent_port,
)
from tests.support.scripted import Answer, Received, serving, whole


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path)
    machine.claude("print(ask(), os.environ.get('ANTHROPIC_MODEL'))")
    return machine


def test_the_only_server_is_taken_and_its_loaded_model_asked_for(machine: Machine) -> None:
    with serving(listing(OLLAMA)) as server:
        code, stdout, stderr = machine.run(env={**NO_SERVERS, "OLLAMA_URL": server.url})
    assert (code, stdout) == (0, "Hello qwen3:8b\n")
    assert stderr.splitlines()[:2] == [
        f"anyclaude: found Ollama at {server.url} (qwen3:8b)",
        f"anyclaude: recording ollama at {server.url}",
    ]


def test_of_several_the_one_with_a_model_loaded_is_taken_and_the_others_are_named(machine: Machine) -> None:
    with serving(listing(LMSTUDIO)) as lmstudio, serving(listing(OLLAMA)) as ollama:
        env = {**NO_SERVERS, "LMSTUDIO_URL": lmstudio.url, "OLLAMA_URL": ollama.url}
        code, _, stderr = machine.run(env=env)
        assert code == 0
        assert stderr.splitlines()[0] == (
            f"anyclaude: found Ollama at {ollama.url} (qwen3:8b), LM Studio at {lmstudio.url} (no model loaded): "
            "taking Ollama, it has a model loaded; choose another with --mode lmstudio"
        )
        _, _, stderr = machine.run("--mode", "lmstudio", env=env)
        assert stderr.splitlines()[0] == f"anyclaude: recording lmstudio at {lmstudio.url}"


@pytest.mark.parametrize(
    ("tables", "why"),
    [
        ((LLAMACPP, OLLAMA), "Ollama, the first with a model that is loaded; choose another with --mode llamacpp"),
        ((LMSTUDIO, IDLE_OLLAMA), "taking LM Studio, the first of these; choose another with --mode ollama"),
    ],
)  # fmt: skip
def test_why_one_is_taken_is_told(machine: Machine, tables: tuple[dict[str, object], ...], why: str) -> None:
    names = {"/props": "LLAMACPP_URL", "/api/ps": "OLLAMA_URL", "/api/v1/models": "LMSTUDIO_URL"}
    with ExitStack() as stack:
        env = dict(NO_SERVERS)
        for table in tables:
            name = next(variable for path, variable in names.items() if path in table)
            env[name] = stack.enter_context(serving(listing(table))).url
        _, _, stderr = machine.run(env=env)
    assert stderr.splitlines()[0].endswith(why)


def test_a_server_that_goes_by_no_names_is_asked_for_the_clients_own_model(machine: Machine) -> None:
    with serving(listing(LLAMACPP)) as server:
        code, stdout, stderr = machine.run(env={**NO_SERVERS, "LLAMACPP_URL": server.url})
    assert (code, stdout) == (0, "Hello None\n")
    assert stderr.startswith(f"anyclaude: found llama.cpp at {server.url} (tool)\n")


def test_a_server_that_does_not_say_what_it_is_is_of_the_kind_that_does_not(machine: Machine) -> None:
    machine.claude("")
    with serving(listing(SILENT_KIND)) as server:
        env = {**NO_SERVERS, "LLAMACPP_URL": server.url, "MLX_URL": server.url}
        _, _, stderr = machine.run(env=env)
    assert stderr.startswith(f"anyclaude: found MLX at {server.url} (mlx-community/Qwen3)\n")


def test_with_no_server_it_says_how_to_start_each_kind(machine: Machine) -> None:
    code, stdout, stderr = machine.run(env=NO_SERVERS)
    assert (code, stdout) == (1, "")
    lines = stderr.splitlines()
    assert lines[0] == "anyclaude: no model server answers on this machine. Start one:"
    assert lines[-1] == "or name one elsewhere with --backend URL; --mode claude is for Anthropic's own service."
    starts = {" ".join(line.split()) for line in lines[1:-1]}
    assert {
        "LM Studio http://127.0.0.1:9 lms server start",
        "Ollama http://127.0.0.1:9 ollama serve",
        "llama.cpp http://127.0.0.1:9 llama-server -m MODEL.gguf",
        "vLLM http://127.0.0.1:9 vllm serve MODEL",
    } <= starts
    assert not (machine.home / "ran.json").exists()


def test_one_that_hangs_is_named_and_holds_nothing_up(machine: Machine) -> None:
    with silent_port() as hanging, serving(listing(OLLAMA)) as ollama:
        env = {**NO_SERVERS, "LLAMACPP_URL": hanging}
        code, _, stderr = machine.run(env=env)
        assert code == 1
        assert f"({hanging}: it accepts connections, but doesn't answer). Start one:" in stderr.splitlines()[0]
        code, _, stderr = machine.run(env={**env, "OLLAMA_URL": ollama.url})
        assert (code, stderr.splitlines()[0]) == (0, f"anyclaude: found Ollama at {ollama.url} (qwen3:8b)")


def test_one_that_wants_a_key_is_told_with_the_variable_for_it(machine: Machine) -> None:
    with serving(lambda request: whole({"error": "no key"}, 401)) as server:
        _, _, stderr = machine.run(env={**NO_SERVERS, "VLLM_URL": server.url})
    assert f"({server.url}: it wants a key: set VLLM_API_KEY)" in stderr.splitlines()[0]


def test_a_user_name_and_password_in_an_address_are_sent_and_not_shown(machine: Machine) -> None:
    table = listing(OLLAMA)

    def respond(request: Received) -> Answer:
        known = request.header("authorization") == "Basic dTpnZWhlaW0="
        return table(request) if known else whole({"error": "who are you?"}, 401)

    with serving(respond) as server:
        url = server.url.replace("//", "//u:geheim@")
        code, stdout, stderr = machine.run(env={**NO_SERVERS, "OLLAMA_URL": url})
        assert (code, stdout) == (0, "Hello qwen3:8b\n")
        assert stderr.startswith(f"anyclaude: found Ollama at {server.url} (qwen3:8b)\n")
        _, stdout, more = machine.run("doctor", env={**NO_SERVERS, "OLLAMA_URL": url})
        assert "✓ requests " in stdout
        _, _, wrong = machine.run(env={**NO_SERVERS, "OLLAMA_URL": url.replace("geheim", "secret")})
        assert f"({server.url}: it wants a key" in wrong
    assert not any(word in stderr + stdout + more + wrong for word in ("geheim", "secret"))


def test_something_else_at_a_usual_address_is_no_model_server(machine: Machine) -> None:
    with serving(lambda request: whole({"hello": "world"})) as server:
        code, _, stderr = machine.run(env={**NO_SERVERS, "VLLM_URL": server.url})
    assert (code, stderr.splitlines()[0]) == (1, "anyclaude: no model server answers on this machine. Start one:")


def test_an_address_for_one_kind_alone_names_it(machine: Machine) -> None:
    machine.claude("")
    with serving(listing(SILENT_KIND)) as server:
        _, _, stderr = machine.run(env={"VLLM_URL": server.url})
    assert stderr.splitlines()[0] == f"anyclaude: recording vllm at {server.url}"


def test_the_address_that_claude_code_would_ask_is_the_backend(machine: Machine) -> None:
    machine.claude("print(ask())")
    with serving(listing(LLAMACPP)) as server:
        code, stdout, stderr = machine.run(env={**NO_SERVERS, "ANTHROPIC_BASE_URL": server.url})
    assert (code, stdout) == (0, "Hello\n")
    assert stderr.splitlines()[0] == f"anyclaude: recording local at {server.url} (ANTHROPIC_BASE_URL)"


def test_one_that_lets_only_unknown_questions_hang_is_found(machine: Machine) -> None:
    table = listing(SILENT_KIND)

    def respond(request: Received) -> Answer:
        return Answer((60.0,)) if request.path == "/api/v1/models" else table(request)

    machine.claude("")
    with serving(respond) as server:
        _, _, stderr = machine.run(env={**NO_SERVERS, "LITELLM_URL": server.url, "OLLAMA_URL": "http://127.0.0.1:9"})
    assert stderr.startswith(f"anyclaude: found LiteLLM at {server.url} (mlx-community/Qwen3)\n")
