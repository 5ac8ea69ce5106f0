"""Result files of anyclaude's own `trace-replayer`, read as documents of our version 1.

What they lack stays empty, and what they hold is believed. Their tokens are chunks, and are called so; their speed is
of the whole generation, and is called an estimate.
"""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from traces.model import Json

_NOISE = Decimal("0.000001")
"""Seconds by which the difference of two readings of a clock may be off."""

_TIMES = ("timeToFirstToken", "promptProcessingTime", "generationTime", "totalTime")


def is_result(document: Json) -> bool:
    return isinstance(document, dict) and "model" in document and "success" in document


def upgrade(old: dict[str, Any], source: Path) -> dict[str, Any]:
    """Return the document as one of version 1. Where nothing was measured, such files hold a 0, which is left out."""
    times = {name: old.get(name) or None for name in _TIMES}
    ttft, generation = times["promptProcessingTime"] or times["timeToFirstToken"], times["generationTime"]
    total = times["totalTime"]
    both = _sum(ttft, generation)
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
                "total": total or (None if both is None else float(both)),
            },
            "given_generation": generation if total else None,
            "doubts": list(_doubts(ttft, generation, total)),
            "decode": {"tokens_per_second": old.get("tokensPerSecond") or None, "estimated": True},
            "output": old.get("tokensGenerated") or None,
            "output_by": "chunks",
        },
        "message": {"content": [{"type": "text", "text": text}]} if text else None,
        "error": None if old["success"] else error,
    }


def _sum(*seconds: Json) -> Decimal | None:
    """Return the sum in decimal, as a person adds up; None where a summand is unknown or no number."""
    known = [Decimal(str(each)) for each in seconds if isinstance(each, int | float) and not isinstance(each, bool)]
    return sum(known, Decimal()) if len(known) == len(seconds) else None


def _doubts(ttft: Json, generation: Json, total: Json) -> Iterator[str]:
    both, whole = _sum(ttft, generation), _sum(total)
    if both is not None and whole is not None and not abs(both - whole) <= _NOISE:
        yield f"the file's times don't add up: {ttft} s and {generation} s are {both} s, not {total} s"
