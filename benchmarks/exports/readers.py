"""AIPerf and GuideLLM as readers of exported traces: how each is started, and the prefix hit ratio that comes of it.

A ratio is either the program's own figure, or that of the prompts that it sends: how many of their characters, each of
which is a token, earlier prompts begin with.
"""

import json
import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.prefix_cache.prompts import common_length
from benchmarks.exports import tokenizer
from tests.support import answers, chat_answers
from tests.support.scripted import Answer, Received, serving, stream, whole

LIMIT = 400
"""Seconds that a run may take: GuideLLM needs one for each 64 on an idle machine, some for starting."""

MODEL = "model"
CHAT = "/v1/chat/completions"


class Failed(Exception):
    """Why a reader has no figure."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a reader: its folder, the exported file, and how many requests are in it."""

    bin: Path
    folder: Path
    exported: Path
    requests: int
    block_size: int


@dataclass(frozen=True, slots=True)
class Reader:
    """A program that reads one format.

    command   (the run, the server's address) -> what to start
    figure    (the run, the requests that the server got) -> the hit ratio
    """

    name: str
    requirement: str
    format: str
    what: str
    command: Callable[[Run, str], Sequence[str | Path]]
    figure: Callable[[Run, Sequence[Received]], float]


def hit_ratio(reader: Reader, run: Run) -> tuple[int, float]:
    """Return how many requests the reader sent, and the hit ratio. Raises Failed."""
    run.folder.mkdir()
    surroundings = tokenizer.write(run.folder / "hub")
    environment = {**os.environ, **surroundings, "HOME": str(run.folder), "NO_PROXY": "127.0.0.1"}
    with serving(_answer) as server:
        command = reader.command(run, server.url)
        try:
            done = subprocess.run(
                command, cwd=run.folder, env=environment, capture_output=True, text=True, timeout=LIMIT, check=False
            )
        except subprocess.TimeoutExpired:
            raise Failed(f"it took more than {LIMIT} s") from None
        sent = [request for request in server.posts if b'"messages"' in request.body]
    if done.returncode:
        raise Failed(f"it ended with {done.returncode}: {(done.stdout + done.stderr).strip()[-300:]}")
    return len(sent), reader.figure(run, sent)


def _answer(request: Received) -> Answer:
    """Answer with a word, or with a call where tools are offered: GuideLLM ends a conversation without it."""
    if request.method != "POST":
        return whole({"data": [{"id": MODEL}]})
    if request.path != CHAT:
        return stream(answers.events(answers.text("plum")))
    tools = request.json.get("tools")
    block = answers.tool(tools[0]["function"]["name"], "call_1", query="plum") if tools else answers.text("plum")
    return stream(chat_answers.chunks(block, model=MODEL))


def shared(prompts: Sequence[str]) -> float:
    """Return the share of the characters that earlier prompts begin with."""
    reused = 0
    for number, prompt in enumerate(prompts):
        best = 0
        for earlier in prompts[:number]:
            if earlier.startswith(prompt[: best + 1]):
                best = max(best, common_length(prompt, earlier))
        reused += best
    return reused / max(sum(map(len, prompts)), 1)


def _prompts_shared(run: Run, sent: Sequence[Received]) -> float:
    return shared([_text(request.json["messages"]) for request in sent])


def _last_shared(run: Run, sent: Sequence[Received]) -> float:
    """Return the ratio of each request's own prompt: GuideLLM puts those of the turns before it in front of it."""
    users = [[each for each in request.json["messages"] if each["role"] == "user"] for request in sent]
    return shared([_text(said[-1:]) for said in users])


def _text(messages: Any) -> str:
    contents = [each["content"] for each in messages]
    return "".join(held if isinstance(held, str) else "".join(part["text"] for part in held) for held in contents)


def _analyzed(run: Run, sent: Sequence[Received]) -> float:
    return float(json.loads((run.folder / "found.json").read_text())["cache_hit_rate"])


def _theoretical(run: Run, sent: Sequence[Received]) -> float:
    report = json.loads((run.folder / "out" / "profile_export_aiperf.json").read_text())
    return float(report["theoretical_prefix_cache_hit"]["avg"]) / 100


def _as_recorded(run: Run, sent: Sequence[Received]) -> float:
    """Return the share of the requests that were sent as they are in the file."""
    data = json.loads(run.exported.read_text())["data"]
    expected = [payload for session in data for payload in session["payloads"]]
    got = [request.json for request in sent]
    return sum(payload in got for payload in expected) / len(expected)


def _analyze(run: Run, url: str) -> Sequence[str | Path]:
    options = ("--block-size", str(run.block_size), "--output-file", "found.json")
    return [run.bin / "aiperf", "analyze-trace", "--input-file", run.exported, *options]


def _profile(*more: str) -> Callable[[Run, str], Sequence[str | Path]]:
    def command(run: Run, url: str) -> Sequence[str | Path]:
        given = {"REQUESTS": str(run.requests), "SIZE": str(run.block_size)}
        return [
            *(run.bin / "aiperf", "profile", "--url", url, "--model", MODEL, "--streaming"),
            *("--tokenizer", tokenizer.NAME, "--use-server-token-count", "--input-file", run.exported),
            *("--ui", "none", "--no-server-metrics", "--no-gpu-telemetry", "--output-artifact-dir", "out"),
            *(given.get(option, option) for option in more),
        ]

    return command


def _guide(kind: str, time_scale: float) -> Callable[[Run, str], Sequence[str | Path]]:
    def command(run: Run, url: str) -> Sequence[str | Path]:
        source = {"kind": "json_file", "path": str(run.exported)}
        spec = {
            "backend": {"kind": "openai_http", "target": url, "model": MODEL, "request_format": CHAT},
            "profile": {"kind": "replay", "time_scale": time_scale},
            "data": [{"kind": kind, "source": source, "hash_id_block_size": run.block_size}],
            "tokenizer": {"kind": "hf_auto", "model": tokenizer.NAME},
            "outputs": [{"kind": "json", "path": "out.json"}],
        }
        (run.folder / "scenario.json").write_text(json.dumps({"metadata": {"name": kind}, "spec": spec}))
        return [run.bin / "guidellm", "run", "--config", run.folder / "scenario.json", "--disable-console"]

    return command


_IN_TURN = ("--concurrency", "1", "--request-count", "REQUESTS")
_AIPERF, _GUIDELLM = "aiperf==0.13.0", "guidellm==0.8.1"

READERS = (
    Reader("aiperf", _AIPERF, "mooncake", "its own mean of all requests", _analyze, _analyzed),
    Reader(
        *("aiperf", _AIPERF, "mooncake", "the prompts that it sends"),
        _profile("--endpoint-type", "chat", "--custom-dataset-type", "mooncake_trace", "--isl-block-size", "SIZE"),
        _prompts_shared,
    ),
    Reader(
        *("aiperf", _AIPERF, "weka", "its own figure"),
        _profile("--endpoint-type", "chat", "--custom-dataset-type", "weka_trace", *_IN_TURN),
        _theoretical,
    ),
    Reader(
        *("guidellm", _GUIDELLM, "mooncake", "the prompts that it sends"),
        _guide("mooncake", 0.001),  # timestamps are milliseconds, which it takes for seconds
        _prompts_shared,
    ),
    Reader(
        *("guidellm", _GUIDELLM, "weka", "the prompts that it makes"),
        _guide("weka", 0.2),
        _last_shared,
    ),
    Reader(
        *("aiperf", _AIPERF, "aiperf", "requests sent as recorded"),
        _profile("--endpoint-type", "messages", "--custom-dataset-type", "inputs_json", *_IN_TURN),
        _as_recorded,
    ),
)
