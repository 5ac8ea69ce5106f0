"""The result files that anyclaude's own `trace-replayer` writes, as documents of our first version.

What they lack stays empty: their speed of generation counts chunks, not tokens, and isn't taken over. Knows nothing of
results of ours but the names of their fields.
"""

from pathlib import Path
from typing import Any

from traces.model import Json

_TIMES = ("timeToFirstToken", "promptProcessingTime", "totalTime")


def is_result(document: Json) -> bool:
    return isinstance(document, dict) and "model" in document and "success" in document


def upgraded(old: dict[str, Any], source: Path) -> dict[str, Any]:
    """A failed run has zeros where nothing was measured: there, 0 is nothing."""
    times = {name: old.get(name) or None for name in _TIMES}
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
                "ttft": times["timeToFirstToken"] or times["promptProcessingTime"],
                "total": times["totalTime"],
            },
            "output": old.get("tokensGenerated") or None,
            "output_by": "estimate",
        },
        "message": {"content": [{"type": "text", "text": text}]} if text else None,
        "error": None if old["success"] else error,
    }
