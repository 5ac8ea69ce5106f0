"""The columns of data frames and exported files: their names, types, units and meanings.

There is one table for exchanges and one for the parts of requests. The types are our own; each writer maps them to its
format's.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Generic, Literal, TypeVar

from analysis.exchange.report import Report
from traces.content.parts import Part
from traces.measures import Measure, shown_in
from ui.tables import Column, Row

Type = Literal["text", "time", "count", "number"]

Source = TypeVar("Source")


@dataclass(frozen=True, slots=True)
class Field(Generic[Source]):
    """One column: its name, type, unit and meaning, and the function that returns its value."""

    name: str
    type: Type
    unit: str
    meaning: str
    value: Callable[[Source], object]


@dataclass(frozen=True, slots=True)
class CountedPart:
    """A part of a request with its tokens, and its share of the request's total; both None where it is encrypted.

    The share is None, too, where the total isn't known.
    """

    report: Report
    part: Part
    tokens: int | None
    percent: float | None


def counted_parts(report: Report) -> Iterator[CountedPart]:
    """Yield every part of an exchange's request."""
    tokens = report.tokens
    for part, count in zip(tokens.parts, tokens.counts, strict=True):
        percent = round(100 * (count or 0) / tokens.total, 3) if tokens.total else 0.0
        is_known = count is not None and tokens.total is not None
        yield CountedPart(report, part, count, percent if is_known else None)


def rows(reports: Iterator[Report], by_part: bool) -> Iterator[dict[str, object]]:
    """Yield a row for each exchange, or for each part of each: its values by their column's name."""
    for report in reports:
        if by_part:
            yield from (values(PARTS, part) for part in counted_parts(report))
        else:
            yield values(EXCHANGES, report)


def columns(by_part: bool) -> Sequence[Field[Any]]:
    """Return the columns of these rows."""
    return PARTS if by_part else EXCHANGES


def values(fields: Sequence[Field[Source]], source: Source) -> dict[str, object]:
    """Return one row: the value of each column."""
    return {field.name: _storable(field.value(source)) for field in fields}


def _storable(value: object) -> object:
    """Return a value that a column can hold: half a surrogate pair, which JSON allows, is written as an escape."""
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def _file(report: Report) -> str | None:
    return str(report.trace.source) if report.trace.source else None


def _section(name: Literal["tools", "system", "messages"]) -> Callable[[Report], int | None]:
    return lambda report: report.tokens.tokens(name)


def _reported(name: str) -> Callable[[Report], object]:
    return lambda report: getattr(report.tokens.reported, name, None)


def _output_counter(report: Report) -> str | None:
    output = report.figures.output
    return None if output.tokens is None else report.tokens.counter if output.estimated else "server"


def _measure(measure: Measure) -> Field[Report]:
    kind: Type = "count" if measure.unit == "tokens" else "number"
    return Field(measure.key, kind, measure.unit, measure.meaning, lambda report: measure.value(report.figures))


EXCHANGES: tuple[Field[Report], ...] = (
    Field("file", "text", "", "the file it was read from", _file),
    Field("timestamp", "time", "UTC", "when the request had arrived in the proxy", attrgetter("trace.timestamp")),
    Field("mode", "text", "", "the server kind that answered", attrgetter("trace.mode")),
    Field("model", "text", "", "the model that was asked for", attrgetter("trace.model")),
    Field("session", "text", "", "the session's id", attrgetter("trace.ids.session")),
    Field("agent", "text", "", "the subagent's id", attrgetter("trace.ids.agent")),
    Field("parent_agent", "text", "", "the id of the agent that started it", attrgetter("trace.ids.parent_agent")),
    Field("request_type", "text", "", "TOOL_CALL, TEXT_GENERATION, UNKNOWN, or the side request", attrgetter("kind")),
    Field("state", "text", "", "complete, error or incomplete", attrgetter("trace.state")),
    Field("status", "count", "", "HTTP status", lambda report: getattr(report.trace.response, "status", None)),
    Field("stop_reason", "text", "", "why the answer ended, as the server calls it", attrgetter("stop_reason")),
    Field("tools_used", "text", "", "the tools the answer calls", lambda report: ", ".join(report.tools_used)),
    Field("counter", "text", "", "the tokenizer that counted the tokens", attrgetter("tokens.counter")),
    Field("system_tokens", "count", "tokens", "system prompt", _section("system")),
    Field("tools_tokens", "count", "tokens", "tool definitions", _section("tools")),
    Field("messages_tokens", "count", "tokens", "messages", _section("messages")),
    Field("total_tokens", "count", "tokens", "the sum of these three", attrgetter("tokens.total")),
    Field("tools", "count", "", "how many tools are defined", attrgetter("tokens.tools_defined")),
    Field("reported_input", "count", "tokens", "input as the server reports it", _reported("total")),
    Field("reported_uncached", "count", "tokens", "of these, not from its cache", _reported("uncached")),
    Field("reported_cache_read", "count", "tokens", "of these, from its cache", _reported("cache_read")),
    Field("reported_cache_written", "count", "tokens", "of these, written to its cache", _reported("cache_written")),
    *(_measure(each) for each in shown_in("export") if each.unit == "tokens"),
    Field("output_counter", "text", "", "what counted the output: server, or the tokenizer", _output_counter),
    Field(
        "output_reported",
        "count",
        "tokens",
        "the server's count, even where implausible",
        attrgetter("figures.output.reported"),
    ),
    *(_measure(each) for each in shown_in("export") if each.unit != "tokens"),
)
"""The columns with one row an exchange."""

PARTS: tuple[Field[CountedPart], ...] = (
    Field("file", "text", "", "the file it was read from", lambda part: _file(part.report)),
    Field("timestamp", "time", "UTC", "of the exchange, which it identifies", attrgetter("report.trace.timestamp")),
    Field("section", "text", "", "tools, system or messages", attrgetter("part.counts_as")),
    Field("kind", "text", "", "tool, system, user, tool_result, assistant, …", attrgetter("part.kind")),
    Field("name", "text", "", "the tool's, or the path of a CLAUDE.md", attrgetter("part.name")),
    Field("server", "text", "", "the MCP server whose tool it is", attrgetter("part.server")),
    Field("position", "count", "", "the place in its section, from 0", attrgetter("part.index")),
    Field("characters", "count", "characters", "length of its text", lambda source: len(source.part.text)),
    Field("tokens", "count", "tokens", "its tokens; empty where it is encrypted", attrgetter("tokens")),
    Field("percent", "number", "%", "share of the request's total", attrgetter("percent")),
)
"""The columns with one row a part of a request."""

DTYPES: Mapping[Type, str] = {
    "text": "string",
    "time": "datetime64[ms, UTC]",
    "count": "Int64",
    "number": "float64",
}
"""The dtype of each type in pandas. A missing text or count is `<NA>`, a missing time `NaT`, a missing number `NaN`."""

DESCRIPTION = (
    Column("name", "Column"),
    Column("dtype", "dtype"),
    Column("unit", "Unit"),
    Column("meaning", "Meaning"),
)


def descriptions(by_part: bool) -> list[Row]:
    """Return the rows of the table that `trace-analyzer columns` prints."""
    return [
        {"name": field.name, "dtype": DTYPES[field.type], "unit": field.unit, "meaning": field.meaning}
        for field in columns(by_part)
    ]
