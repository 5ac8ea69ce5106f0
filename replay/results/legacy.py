"""The result files that anyclaude's own `trace-replayer` writes, as documents of our first version.

What they lack stays empty. Their tokens are chunks, and are called so; their speed divides by the whole generation, and
is taken over as an estimate. Knows nothing of results of ours but the names of their fields.
"""

from pathlib import Path
from typing import Any

from traces.model import Json

_TIMES = ("timeToFirstToken", "promptProcessingTime", "generationTime", "totalTime")


def is_result(document: Json) -> bool:
    return isinstance(document, dict) and "model" in document and "success" in document


def upgraded(old: dict[str, Any], source: Path) -> dict[str, Any]:
    """A failed run has zeros where nothing was measured: there, 0 is nothing."""
    times = {name: old.get(name) or None for name in _TIMES}
    ttft, generation = times["timeToFirstToken"] or times["promptProcessingTime"], times["generationTime"]
    both = ttft + generation if ttft and generation else None
    model, text = old["model"], old.get("response")
    error = {"kind": "other", "message": str(old.get("error") or "unknown")}
    return {
        "schema_version": 1,
        "run": {"trace": {"name": source.stem.partition("_replay_")[0], "hash": ""}, "model": model},
        "target": {"url": "", "name": "", "dialect": "chat"},
        "started": old.get("timestamp") or "",
        "model_answered": model,
        "metrics": {
            "timing": {
                "ttft": ttft,
                "total": times["totalTime"] or both,
            },
            "decode": {"tokens_per_second": old.get("tokensPerSecond") or None, "estimated": True},
            "output": old.get("tokensGenerated") or None,
            "output_by": "chunks",
        },
        "message": {"content": [{"type": "text", "text": text}]} if text else None,
        "error": None if old["success"] else error,
    }
