"""The report of one run: in full, or in a line where there are many."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from replay.exchange import ReplayError
from replay.request import Run
from replay.result import ReplayResult
from replay.run import calls, verdict
from traces.measures import Measure, shown_in
from ui.tables import UNKNOWN
from ui.terminal import printable

LINE = "─" * 60


def head(run: Run) -> str:
    trace = run.trace
    return f"Replaying trace to model: {printable(run.model)}\nRequest: {trace.messages} messages, {trace.tools} tools"


def report(result: ReplayResult) -> str:
    """Return the full report: every measure; of a failed run, why it failed."""
    if result.error is not None:
        return "\n".join([LINE, f"✗ {failure(result)}", *notes([result])])
    lines = [
        LINE,
        "PERFORMANCE METRICS",
        LINE,
        *(f"{name + ':':<18}  {words}" for name, words in _measures(result)),
        LINE,
        *(f"✗ {printable(each.detail)}" for each in result.verdicts if each.passed is False),
        *(f"? {printable(each.detail)}" for each in verdict.unjudged(result.verdicts)),
        *(
            f"⚠ {printable(other)} answered, not {printable(result.run.model)}"
            for other in [result.other_model]
            if other
        ),
        *(f"⚠ not to be trusted: {printable(doubt)}" for doubt in result.metrics.doubts),
        *notes([result]),
    ]
    return "\n".join(lines)


def notes(results: Iterable[ReplayResult]) -> list[str]:
    """Return what wasn't sent as it was recorded, each note once."""
    return [f"Note: {printable(note)}" for note in dict.fromkeys(note for each in results for note in each.notes)]


_FIRST = ("ttft", "generation", "total", "generation_speed", "end_to_end_speed")
"""The measures that the original guide shows of a run, in its order, known or not. Others follow where known."""


def _measures(result: ReplayResult) -> Iterator[tuple[str, str]]:
    shown = {measure.key: measure for measure in shown_in("replay")}
    for key in _FIRST:
        yield shown[key].replay_heading, _value(shown[key], result)
    for key, measure in shown.items():
        if key not in _FIRST and (measure.value(result.figures) is not None or _is_explained(key, result)):
            yield measure.replay_heading, _value(measure, result)
    correct = verdict.is_correct(result.verdicts)
    if correct is not None or verdict.is_unknown(result.verdicts):
        yield "Correct", "unknown" if correct is None else "✓" if correct else "✗"


def _is_explained(key: str, result: ReplayResult) -> bool:
    """Return whether an unknown measure is shown with the reason."""
    return key == "prefill_speed" and result.metrics.input is not None


def _value(measure: Measure, result: ReplayResult) -> str:
    value = measure.value(result.figures)
    aside = _ASIDES[measure.key](result) if measure.key in _ASIDES else ""
    if measure.unit == "s":
        return _aside(_seconds(value), aside) if aside else _seconds(value)
    if measure.unit == "tokens":
        return UNKNOWN if value is None else f"{value:,.0f} tokens"
    return _speed(value, aside)


def _after_first(result: ReplayResult) -> str:
    return "after the first token" + (", estimated" if result.metrics.decode.estimated else "")


def _called_tools(result: ReplayResult) -> str:
    return printable(", ".join(dict.fromkeys(call.name for call in calls.tool_calls(result.message))))


def _tokens(result: ReplayResult) -> str:
    output, reported = result.metrics.output, result.metrics.output_reported
    if output is None:
        return "tokens unknown"
    if result.metrics.output_by == "server":
        return f"{output:,} tokens"
    false = "" if reported is None else f"; the server says {reported:,}, which can't be true"
    return f"about {output:,} tokens{false}"


def _prompt(result: ReplayResult) -> str:
    """Say how much of the prompt the server had to read."""
    usage = result.metrics.input
    if usage is None:
        return ""
    if usage.cache_read is None:
        return f"{usage.total:,} tokens; the server doesn't say how many its cache held"
    return f"{usage.prefilled:,} tokens; the cache held {usage.cache_read:,}"


_ASIDES: Mapping[str, Callable[[ReplayResult], str]] = {
    "ttft": lambda result: "time to first token",
    "generation": _tokens,
    "generation_speed": _after_first,
    "first_tool_call": _called_tools,
    "prefill_speed": _prompt,
}
"""What is shown in parentheses after a measure, by its key."""


def _seconds(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.2f}s"


def _speed(value: float | None, aside: str = "") -> str:
    words = UNKNOWN if value is None else f"{value:,.2f} tokens/sec"
    if not aside or (value is None and not aside[0].isdigit()):
        return words
    return _aside(words, aside)


def _aside(words: str, aside: str) -> str:
    return f"{words:<6}  ({aside})"


def failure(result: ReplayResult) -> str:
    assert result.error is not None
    return f"{printable(result.run.label)}: {reason(result.error)}"


def reason(error: ReplayError) -> str:
    """Return the server's message, with the status that refused the request unless the message contains it.

    The status of a stream that broke off is 200, and left out.
    """
    status = str(error.status or "") if error.kind == "http_error" else ""
    return printable(error.message if status in error.message else f"{status}: {error.message}")


def line(result: ReplayResult, number: int, of: int) -> str:
    """Return the line of a run among many."""
    run, metrics = result.run, result.metrics
    which = f"[{number}/{of}]"
    if result.error is not None:
        return f"✗ {which} {failure(result)}"
    speed = metrics.decode.tokens_per_second
    words = [
        f"✓ {which} {printable(run.label)}" + (" (warm-up)" if run.warmup else ""),
        f"first token {_seconds(metrics.timing.ttft)}",
        f"total {_seconds(metrics.timing.total)}",
        *([f"{speed:.1f} tokens/s"] if speed is not None else []),
        *(["incorrect"] if verdict.is_correct(result.verdicts) is False else []),
        *(["correctness unknown"] if verdict.is_unknown(result.verdicts) else []),
        *("not to be trusted" for _ in metrics.doubts[:1]),
    ]
    return ", ".join(words)
