"""llama-benchy, which reports first tokens and texts in a file of its progress, and speeds in its results.

It makes its prompts from a book, which it looks for under its home before it downloads it.
"""

import json
from collections import defaultdict
from hashlib import md5
from pathlib import Path
from typing import Any

from benchmarks.replay import tokenizer
from benchmarks.replay.client import PROMPT, WORDS, Answer, Client, Load, Report

OUT, PROGRESS, BOOK = "out.json", "progress.jsonl", "book"


def command(bin: Path, folder: Path, address: str, load: Load) -> list[str | Path]:
    books = folder / ".cache" / "llama-benchy"
    books.mkdir(parents=True)
    (books / f"{md5(BOOK.encode()).hexdigest()}.txt").write_text(PROMPT * 2)
    return [
        *(bin / "llama-benchy", "--base-url", f"{address}/v1", "--model", load.model),
        *("--tokenizer", tokenizer.write(folder / "tokenizer"), "--book-url", BOOK),
        *("--pp", str(WORDS), "--tg", str(load.tokens)),
        *("--concurrency", str(load.streams), "--runs", str(load.bursts)),
        *("--no-warmup", "--no-adapt-prompt", "--skip-coherence", "--latency-mode", "none"),
        *("--format", "json", "--save-result", OUT, *(["--emit-progress", PROGRESS] if load.texts else [])),
    ]


def read(folder: Path) -> Report:
    if not (folder / PROGRESS).exists():
        return Report([])
    ttfts: dict[int, float] = {}
    texts: defaultdict[int, str] = defaultdict(str)
    for line in (folder / PROGRESS).read_text().splitlines():
        event = json.loads(line)
        if event["type"] == "request_first_token":
            ttfts[event["request_id"]] = event["ttft_s"]
        elif event["type"] == "tokens":
            texts[event["request_id"]] += event["snippet"]
        elif event["type"] == "request_end":
            texts[event["request_id"]] += ""
    [benchmark] = json.loads((folder / OUT).read_text())["benchmarks"]
    speeds, prefills = (_values(benchmark, name, len(texts)) for name in ("tg_req_throughput", "pp_req_throughput"))
    return Report(
        [
            Answer(ttfts.get(number), speed and 1 / speed, texts[number], prefill=prefill)
            for number, speed, prefill in zip(sorted(texts), speeds, prefills, strict=True)
        ]
    )


def _values(benchmark: Any, name: str, count: int) -> list[float | None]:
    """Return the values in the order of the requests.

    The report leaves out requests without a figure: if it has too few, none can be assigned.
    """
    values = (benchmark[name] or {}).get("values", [])
    return values if len(values) == count else [None] * count


CLIENT = Client("llama-benchy", "llama-benchy==0.4.0", command, read)
