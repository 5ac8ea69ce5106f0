"""GuideLLM, which reports its figures of each request and the answer, but not when each token came."""

import json
from pathlib import Path
from typing import Any

from benchmarks.replay import tokenizer
from benchmarks.replay.client import PATH, PROMPT, Answer, Client, Load, Report

OUT = "out.json"


def command(bin: Path, folder: Path, address: str, load: Load) -> list[str | Path]:
    prompts, scenario = folder / "prompts.jsonl", folder / "scenario.json"
    prompts.write_text((json.dumps({"text": PROMPT}) + "\n") * load.requests)
    spec = {
        "backend": {"kind": "openai_http", "target": address, "model": load.model, "request_format": PATH},
        "profile": {"kind": "constant", "rate": [load.rate]}
        if load.rate
        else {"kind": "concurrent", "streams": load.streams},
        "data": [{"kind": "json_file", "path": str(prompts)}],
        "tokenizer": {"kind": "hf_auto", "model": str(tokenizer.write(folder / "tokenizer"))},
        "constraints": [{"kind": "max_requests", "count": load.requests}],
        "outputs": [{"kind": "json", "path": OUT}],
    }
    scenario.write_text(json.dumps({"metadata": {"name": "known times"}, "spec": spec}))
    return [bin / "python", bin / "guidellm", "run", "--config", scenario, "--disable-console"]


def read(folder: Path) -> Report:
    [benchmark] = json.loads((folder / OUT).read_text())["benchmarks"]
    return Report([_answer(request) for request in benchmark["requests"]["successful"]])


def _answer(request: Any) -> Answer:
    ttft, gap = request["time_to_first_token_ms"], request["inter_token_latency_ms"]
    lag = request["request_dispatch_delay"]
    return Answer(ttft and ttft / 1000, gap and gap / 1000, request["output"] or "", lag=lag)


CLIENT = Client("guidellm", "guidellm==0.8.1", command, read)
