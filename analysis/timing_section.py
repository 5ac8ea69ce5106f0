"""The section of `analyze` that tells how fast an exchange was. What a measure is, `traces.metrics` defines."""

from collections.abc import Iterator

from analysis.report import Report
from traces.model import Timing
from ui.sections import Line, Section


def timing_section(report: Report) -> Section:
    """What wasn't measured isn't listed."""
    lines = [line for line in (*_moments(report), *_speeds(report)) if line.value is not None]
    if report.trace.timing == Timing():
        lines.insert(0, Line("Times", "not recorded in this trace"))
    return Section("TIMING", lines)


def _moments(report: Report) -> Iterator[Line]:
    clock = report.trace.timing
    yield Line("Headers", clock.headers, "s", note="the response began, the prompt may still be read")
    yield Line("Time to First Token", clock.ttft, "s", note="prompt processing: text, thinking or a tool call")
    yield Line("Time to First Answer", clock.first_answer, "s", note="the same, thinking left out")
    yield Line("First Tool Call", clock.first_tool_call, "s", note="it was whole")
    yield Line("Generation Time", clock.generation, "s", note="first token to the end")
    yield Line("Total", clock.total, "s")


def _speeds(report: Report) -> Iterator[Line]:
    speed = report.measures
    counted = "counted here" if speed.output_counted else "the server's count"
    estimate = ", an estimate" if speed.generation_estimated else ""
    yield Line("Output", speed.output_tokens, "tokens", note=counted)
    yield Line("Prefill Speed", speed.prefill_speed, "tokens/s", note=_prefill_note(report))
    yield Line("Generation Speed", speed.generation_speed, "tokens/s", note=f"after the first chunk{estimate}")
    yield Line("End-to-end Speed", speed.end_to_end_speed, "tokens/s", note="output over total")
    chunks = "between chunks, which can hold several tokens"
    yield Line("Inter-token p50", _milliseconds(speed.latency_p50), "ms", note=chunks)
    yield Line("Inter-token p95", _milliseconds(speed.latency_p95), "ms")
    yield Line("Inter-token max", _milliseconds(speed.latency_max), "ms")


def _prefill_note(report: Report) -> str:
    reported = report.tokens.reported
    if reported is None or reported.cache_read is None:
        return "input over TTFT; what the cache spared isn't known"
    return "input not from the cache over TTFT"


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000
