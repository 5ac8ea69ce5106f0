"""Made-up results of replays with all figures known, for what is done with results."""

from collections.abc import Sequence
from typing import Any

from replay.exchange import ReplayError
from replay.request import Run, Target, TraceRef
from replay.result import Metrics, ReplayResult, Verdict
from traces.metrics import InputUsage, Speed
from traces.model import Event, Timing

TARGET = Target("http://localhost:1234", "lmstudio", server="lmstudio", version="0.4.2")
SIMPLE = TraceRef("simple-tool-call", "c0ffee", "claude-sonnet-4-5", messages=3, tools=16)


def result(
    model: str = "llama-3.1-8b",
    round: int = 1,
    *,
    ttft: float = 2.41,
    generation: float = 6.71,
    tokens: int | None = 439,
    reported: int | None = None,
    decode: float | None = 65.28,
    tool: float | None = None,
    usage: InputUsage | None = InputUsage(12_000, 400, 0),  # noqa: B008 - a named tuple never changes
    trace: TraceRef = SIMPLE,
    **more: Any,
) -> ReplayResult:
    """Return a run that succeeded. `reported`: the server's count, where it can't be true."""
    metrics = Metrics(
        timing=Timing(0.01, ttft, ttft, tool, ttft + generation - 0.01, ttft + generation),
        output=tokens,
        output_by=None if tokens is None else "server" if reported is None else "estimate",
        output_reported=tokens if reported is None else reported,
        decode=Speed(decode, estimated=False),
        input=usage,
        doubts=more.pop("doubts", ()),
    )
    return ReplayResult(
        run=more.pop("run", Run(trace, model, round, seed=7)),
        target=more.pop("target", TARGET),
        started=more.pop("started", f"2025-10-26T14:{abs(round):02}:45.123Z"),
        model_answered=more.pop("answered", model),
        metrics=metrics,
        chunks=(Event(ttft, "content_block_delta:text_delta", "text", 12),),
        **more,
    )


def failed(model: str = "gone", round: int = 1, message: str = "404: model 'gone' not found") -> ReplayResult:
    return ReplayResult(
        run=Run(SIMPLE, model, round, seed=7),
        target=TARGET,
        started=f"2025-10-26T14:{round:02}:45.123Z",
        error=ReplayError("http_error", message, int(message[:3]) if message[:3].isdigit() else 404),
    )


def wrong(detail: str = "called no tool; the recording called Read") -> tuple[Verdict, ...]:
    return (Verdict("calls_a_tool", False, detail), Verdict("whole", True))


RIGHT = (Verdict("calls_a_tool", True), Verdict("same_tool", True), Verdict("whole", True))


def runs(model: str, ttfts: Sequence[float], **more: Any) -> list[ReplayResult]:
    """One run for each time to the first token."""
    return [result(model, number, ttft=ttft, **more) for number, ttft in enumerate(ttfts, 1)]


def unjudged(detail: str = "Read: not judged by type: file") -> tuple[Verdict, ...]:
    return (Verdict("calls_a_tool", True), Verdict("arguments_fit", None, detail))
