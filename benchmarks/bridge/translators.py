"""What can stand between Claude Code and a server that speaks only chat completions, each started as its users do."""

import json
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from benchmarks.replay import environments
from demo import CACHE
from tests.support.proxy import recording

CCR = "@musistudio/claude-code-router@2.0.0"
LITELLM = "litellm[proxy]==1.108.7"
KEY = "sk-benchmark-0b3c1f0e5a0d4d0e9c53"
PATIENCE = 120.0
"""Seconds until one listens. LiteLLM imports for half a minute on a busy machine."""


class NotStarted(Exception):
    """Why there is nothing to measure."""


@contextmanager
def ours(server: str, folder: Path) -> Iterator[str]:
    with recording(server, folder, "--set", "anyclaude_translate=chat") as proxy:
        yield proxy.url


@contextmanager
def claude_code_router(server: str, folder: Path) -> Iterator[str]:
    """Run it with its configuration in a home of its own."""
    place = CACHE / "bench-ccr"
    program = place / "node_modules" / ".bin" / "ccr"
    if not program.exists():
        place.mkdir(parents=True, exist_ok=True)
        _run(["npm", "install", "--no-audit", "--no-fund", "--prefix", str(place), CCR])
    port = _free_port()
    provider = {"name": "x", "api_base_url": f"{server}/v1/chat/completions", "api_key": KEY, "models": ["m"]}
    settings = {"HOST": "127.0.0.1", "PORT": port, "LOG": False, "NON_INTERACTIVE_MODE": True}
    config = folder / ".claude-code-router" / "config.json"
    config.parent.mkdir(parents=True)
    config.write_text(json.dumps({**settings, "Providers": [provider], "Router": {"default": "x,m"}}))
    with _running([str(program), "start"], folder, port, "/", {"HOME": str(folder)}) as url:
        yield url


@contextmanager
def litellm(server: str, folder: Path) -> Iterator[str]:
    """Run its proxy, for a server of vLLM's kind: for those it asks for chat completions."""
    try:
        place = environments.make("litellm", LITELLM)
    except environments.NotInstalled as error:
        raise NotStarted(str(error)) from error
    port = _free_port()
    folder.mkdir(parents=True)
    parameters = {"model": "hosted_vllm/m", "api_base": f"{server}/v1", "api_key": KEY, "max_retries": 0}
    models = [{"model_name": "*", "litellm_params": parameters}]
    config = folder / "config.yaml"  # JSON is YAML
    config.write_text(
        json.dumps({"model_list": models, "router_settings": {"num_retries": 0, "disable_cooldowns": True}})
    )
    argv = [str(place / "bin" / "litellm"), "--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
    offline = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MASTER_KEY": KEY}
    with _running(argv, folder, port, "/health/liveliness", offline) as url:
        yield url


TRANSLATORS: Mapping[str, Callable[[str, Path], AbstractContextManager[str]]] = {
    "ours": ours,
    "claude-code-router 2.0.0": claude_code_router,
    "LiteLLM 1.108.7": litellm,
}
"""Name in the table -> what runs it before a server, in an empty folder, and yields its address."""


def _run(argv: list[str]) -> None:
    try:
        subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=600, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise NotStarted(f"{' '.join(argv[:2])}: {error}") from error


@contextmanager
def _running(argv: list[str], folder: Path, port: int, path: str, more: Mapping[str, str]) -> Iterator[str]:
    """Run a program until the block ends; yield its address once it answers there."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "NO_PROXY": "127.0.0.1", **more}
    log = folder / "log.txt"
    with log.open("wb") as out:
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment, cwd=folder)
    url = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + PATIENCE
        while not _answers(url + path):
            if time.monotonic() > until or process.poll() is not None:
                raise NotStarted(f"{argv[0]} doesn't listen: {log.read_text()[-300:]}")
            time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except OSError as error:
        return hasattr(error, "code")  # it listens, and has no such path


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port
