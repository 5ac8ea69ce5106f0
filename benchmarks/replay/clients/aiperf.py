"""AIPerf, which reports its figures of each request, and, in a second file, the answers."""

import json
from pathlib import Path
from typing import Any

from benchmarks.replay import tokenizer
from benchmarks.replay.client import PROMPT, Answer, Client, Load, Report

OUT = "out"
OFFLINE = ("--ui", "none", "--no-server-metrics", "--no-gpu-telemetry")


def command(bin: Path, folder: Path, address: str, load: Load) -> list[str | Path]:
    prompt = folder / "prompt.jsonl"
    prompt.write_text(json.dumps({"text": PROMPT}) + "\n")
    return [
        *(bin / "python", bin / "aiperf", "profile", "--url", address, "--model", load.model),
        *("--endpoint-type", "chat", "--streaming"),
        *("--input-file", prompt, "--custom-dataset-type", "single_turn"),
        *("--tokenizer", tokenizer.write(folder / "tokenizer"), "--use-server-token-count"),
        *("--request-count", str(load.requests)),
        *(
            ("--request-rate", str(load.rate), "--arrival-pattern", "constant")
            if load.rate
            else ("--concurrency", str(load.streams))
        ),
        *(*OFFLINE, "--output-artifact-dir", OUT, *(["--export-outputs-json"] if load.texts else [])),
    ]


def read(folder: Path) -> Report:
    texts = {}
    if (folder / OUT / "outputs.json").exists():
        data = json.loads((folder / OUT / "outputs.json").read_text())["data"]
        texts = {answer["x_request_id"]: answer["response_text"] or "" for answer in data}
    lines = (folder / OUT / "profile_export.jsonl").read_text().splitlines()
    return Report([_answer(json.loads(line), texts) for line in lines])


def _answer(record: Any, texts: dict[str, str]) -> Answer:
    figures = {name: metric["value"] for name, metric in record["metrics"].items()}
    return Answer(
        ttft=_seconds(figures.get("time_to_first_token")),
        gap=_seconds(figures.get("inter_token_latency")),
        text=texts.get(record["metadata"]["x_request_id"], ""),
        gaps=tuple(gap / 1000 for gap in figures.get("inter_chunk_latency", ())),
        prefill=figures.get("prefill_throughput_per_user"),
    )


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


CLIENT = Client("aiperf", "aiperf==0.13.0", command, read)
