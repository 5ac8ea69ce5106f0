"""The table of measures: for each its name, unit, value, which way is better, and where it is shown.

Reports, tables, exported files, pages and the view in mitmweb read these rows: a new measure is one more row. The terms
of the original guide are only headings of a replay and of a comparison (`heading`, `column`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from traces import counts, metrics
from traces.counts import Count, Output
from traces.metrics import InputUsage, Speed
from traces.model import Event, Json, Timing

Unit = Literal["s", "tokens", "tokens/s"]

Place = Literal["analyze", "export", "compare", "table", "replay", "view"]
"""Where a measure is shown: by `trace-analyzer analyze` and its page; in exported rows; in comparisons of replays
(JSON, CSV and page), and in the table of one; of a single replay; in mitmweb."""

EVERYWHERE: frozenset[Place] = frozenset(("analyze", "export", "compare", "table", "replay", "view"))

_ANALYSIS: frozenset[Place] = frozenset(("analyze", "export", "view"))


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured of one exchange, from which all measures are computed.

    generation   seconds from the first content to the end; an older file may hold its own
    events       those with content are enough
    cold         the cache was kept out of the prompt, whatever the server says of it
    """

    timing: Timing
    generation: float | None
    input: InputUsage | None
    output: Output
    decode: Speed
    events: Sequence[Event]
    cold: bool = False

    def gap(self, percent: int) -> float | None:
        """Return a percentile of the gaps between chunks."""
        return metrics.percentile(sorted(metrics.chunk_gaps(self.events)), percent)


def figures(
    message: Json, request: Json, timing: Timing, events: Sequence[Event], own: Count = counts.estimate_tokens
) -> Figures:
    """Return what was measured of an exchange; `own` counts tokens where the server's count is none."""
    output = counts.output(message, events, own)
    return Figures(
        timing=timing,
        generation=timing.generation,
        input=counts.credible_input(message, request),
        output=output,
        decode=counts.decode(message, events, output),
        events=events,
    )


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure.

    key            its name in JSON, CSV and data frames
    name           as a person reads it, everywhere; `short` where there is little room
    meaning        its definition, in one line
    value          None where it isn't known
    better         which way; empty where neither is
    decides        whether comparisons look into differences of it
    by_count       whether it is an estimate where the count of the output is
    where          it is shown
    note           the remark on an exchange's value, if that isn't the meaning
    milliseconds   whether a person reads it in these
    compared       its key in comparisons, if that differs
    heading        what the original guide calls it in a single replay, if that differs
    column         what it calls it in the table of a comparison, if that differs
    digits         behind the point, in that table
    """

    key: str
    name: str
    unit: Unit
    meaning: str
    value: Callable[[Figures], float | None]
    short: str = ""
    better: Literal["less", "more", ""] = ""
    decides: bool = False
    by_count: bool = False
    note: Callable[[Figures], str] | str | None = None
    where: frozenset[Place] = EVERYWHERE
    milliseconds: bool = False
    compared: str = ""
    heading: str = ""
    column: str = ""
    digits: int = 2

    @property
    def brief(self) -> str:
        """Its name where there is little room."""
        return self.short or self.name

    @property
    def compared_key(self) -> str:
        """Its key in comparisons."""
        return self.compared or self.key

    @property
    def replay_heading(self) -> str:
        """Its heading in a single replay."""
        return self.heading or self.name

    @property
    def compare_column(self) -> str:
        """Its heading in the table of a comparison."""
        return self.column or self.brief

    def remark(self, of: Figures) -> str:
        """Return the remark on this exchange's value."""
        if self.note is None:
            return self.meaning
        return self.note if isinstance(self.note, str) else self.note(of)


def _count_remark(of: Figures) -> str:
    if not of.output.estimated:
        return "the server's count"
    false = of.output.reported
    return "counted here" + (f": the server says {false:,}, which can't be true" if false is not None else "")


def _decode_remark(of: Figures) -> str:
    return "after the first chunk" + (", an estimate" if of.decode.estimated else "")


def _prefill(of: Figures) -> float | None:
    return metrics.prefill_speed(of.input, of.timing.ttft, of.cold)


TABLE: tuple[Measure, ...] = (
    Measure(
        "headers", "Headers", "s", "t0 to the response's headers", lambda of: of.timing.headers, better="less",
        where=_ANALYSIS, note="the response began, the prompt may still be read",
    ),
    Measure(
        "ttft", "Time to First Token", "s", "t0 to the first content", lambda of: of.timing.ttft, "TTFT", "less",
        decides=True, note="prompt processing: text, thinking or a tool call", heading="Prompt Processing",
        column="Prompt Proc",
    ),
    Measure(
        "first_answer", "Time to First Answer", "s", "the same, thinking left out", lambda of: of.timing.first_answer,
        better="less", where=_ANALYSIS,
    ),
    Measure(
        "first_tool_call", "First Tool Call", "s", "t0 to a whole tool call", lambda of: of.timing.first_tool_call,
        better="less", note="it was whole", column="First Tool",
    ),
    Measure(
        "last_content", "Last Content", "s", "t0 to the last content", lambda of: of.timing.last_content,
        where=frozenset(("export",)),
    ),
    Measure(
        "generation", "Generation Time", "s", "first content to the end", lambda of: of.generation, "Generation",
        note="first token to the end", heading="Token Generation",
    ),
    Measure(
        "total", "Total Time", "s", "t0 to the end", lambda of: of.timing.total, "Total", "less", decides=True, note="",
        column="Total Time",
    ),
    Measure(
        "output_tokens", "Output", "tokens", "the server's count, else ours", lambda of: of.output.tokens,
        by_count=True, where=EVERYWHERE - {"replay", "view"}, note=_count_remark, compared="tokens", column="Tokens",
        digits=0,
    ),
    Measure(
        "prefill_speed", "Prefill Speed", "tokens/s", "input not from the cache over TTFT", _prefill, "Prefill", "more",
        compared="prefill", column="Prefill tok/s", digits=1,
    ),
    Measure(
        "generation_speed", "Decode Speed", "tokens/s", "streamed tokens after the first chunk over their time",
        lambda of: of.decode.tokens_per_second, "Decode", "more", decides=True, by_count=True, note=_decode_remark,
        compared="decode", heading="Generation Speed", column="Decode tok/s",
    ),
    Measure(
        "end_to_end_speed", "End-to-end Speed", "tokens/s", "output over total",
        lambda of: metrics.end_to_end_speed(of.output.tokens, of.timing.total), "End-to-end", "more", by_count=True,
        where=EVERYWHERE - {"view"}, compared="end_to_end", column="Tok/sec",
    ),
    *(
        Measure(
            f"latency_{name}", f"Inter-token {name}", "s", meaning, partial(Figures.gap, percent=percent),
            better="less", where=frozenset(("analyze", "export")), note=note, milliseconds=True,
        )
        for name, percent, meaning, note in (
            ("p50", 50, "gap between content chunks", "between chunks, which can hold several tokens"),
            ("p95", 95, "the same, 95th percentile", ""),
            ("max", 100, "the longest of them", ""),
        )
    ),
    Measure(
        "input", "Input", "tokens", "as the server counted it", lambda of: of.input.total if of.input else None,
        where=frozenset(("compare",)), digits=0,
    ),
)  # fmt: skip
"""In the order in which they are shown."""


def shown_in(place: Place) -> list[Measure]:
    """Return the measures that are shown there, in order."""
    return [measure for measure in TABLE if place in measure.where]


def values(of: Figures, place: Place) -> dict[str, float | None]:
    """Return the measures that are shown there, by their keys."""
    return {measure.key: measure.value(of) for measure in shown_in(place)}


def by_key(key: str) -> Measure:
    """Return the measure of this key."""
    return next(measure for measure in TABLE if measure.key == key)
