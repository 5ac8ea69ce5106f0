"""The report of one exchange as text: overview, tokens, tools, timing."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from analysis.exchange import on_the_way
from analysis.exchange.breakdown import MessageRow, ToolRow
from analysis.exchange.report import Report, document
from traces.clients import client_of
from traces.clients.base import lower, text_at
from traces.clients.generic import conversation_of
from traces.counts import rejected_input
from traces.measures import Measure, shown_in
from traces.model import TEXT_REMOVED, Timing
from traces.raw_body import is_as_sent
from traces.servers import kind_of
from ui.sections import Line, Section, as_csv_page, as_markdown_page, as_page
from ui.tables import as_json

AS_SENT = {True: "the bytes that were sent, by their hash", False: "not byte for byte as it was sent"}

_NOT_RECORDED = "not in this record"
_DELETED = "the texts of this trace were deleted"

LARGEST_TOOLS = 10
"""How many tools are listed without -v."""

KIND_LABELS = {
    "user": "User text",
    "reminder": "System reminders",
    "claude_md": "CLAUDE.md",
    "tool_result": "Tool results",
    "assistant": "Assistant text",
    "thinking": "Thinking",
    "tool_input": "Tool inputs",
    "image": "Images",
    "document": "Documents",
    "other": "Other",
}


def sections(report: Report, verbose: bool = False) -> Iterator[Section]:
    """Yield the sections of the page; with `verbose`, those of -v as well."""
    yield Section("TRACE ANALYSIS", list(_overview(report, verbose)))
    yield Section("TOKEN BREAKDOWN", list(_breakdown(report, verbose)))
    yield from _all_tools(report) if verbose else _largest_tools(report)
    if verbose and report.tokens.system_rows:
        yield _system(report)
    if verbose and report.tokens.message_rows:
        yield Section("MESSAGES BY KIND", [_message_line(row) for row in report.tokens.message_rows])
    yield timing_section(report)
    yield from on_the_way.section(report.trace)


def _overview(report: Report, verbose: bool) -> Iterator[Line]:
    trace = report.trace
    yield Line("Timestamp", trace.timestamp or None)
    yield Line("Mode", trace.mode)
    yield Line("Model", trace.model)
    yield Line("Request Type", report.kind)
    yield Line("Tools Used", ", ".join(report.tools_used) or "none")
    if trace.error:
        yield Line("State", f"{trace.state}: {trace.error.message}")
    elif verbose or trace.state != "complete":
        yield Line("State", trace.state)
    if trace.origin:
        yield Line("Imported From", trace.origin.format)
    if trace.marks:
        yield Line("Marks", ", ".join(trace.marks))
    if trace.odd:
        note = "not as their API format requires; the first begins:"
        yield Line("Odd Events", trace.odd.count, note=note, text=trace.odd.sample)
    if verbose:
        yield Line("Stop Reason", report.stop_reason)
        yield Line("Session", trace.ids.session)
        if trace.ids.agent:
            yield Line("Agent", trace.ids.agent)
        if trace.request.raw:
            yield Line("Request Body", AS_SENT[bool(is_as_sent(trace.request.body, trace.request.raw))])
        if trace.cost:
            spent = f"and {trace.cost.seconds * 1000:.1f} ms of the writer's processor time"
            yield Line("Recording Cost", trace.cost.bytes, "bytes", note=spent)
        if trace.source:
            yield Line("File", str(trace.source))
    if trace.source and trace.source.suffix != ".json":
        yield Line("Exchange", f"{report.exchange} in {trace.source.name}")


def _breakdown(report: Report, verbose: bool) -> Iterator[Line]:
    tokens, percents = report.tokens, report.tokens.percents
    tools = tokens.tools_defined
    yield Line("System Prompt", tokens.tokens("system"), "tokens", percents["system"], _instructions_note(report))
    yield Line(
        "Tool Definitions",
        tokens.tokens("tools"),
        "tokens",
        percents["tools"],
        _missing(report) if tools is None else f"{_quantity(tools, 'tool')} with JSON schemas",
    )
    yield Line("Messages", tokens.tokens("messages"), "tokens", percents["messages"], _messages_note(report))
    counted = f"counted by {tokens.counter}{', an estimate' * tokens.estimate}"
    if TEXT_REMOVED in report.trace.marks:
        counted = _DELETED
    elif tokens.unknown:
        counted = f"{_NOT_RECORDED}; {tokens.recorded:,} tokens are in the record, {counted}"
    yield Line("Total Input", tokens.total, "tokens", note=counted)
    if tokens.uncounted:
        yield Line("Not Counted", tokens.uncounted, "parts", note="encrypted: only the server can read them")
    if tokens.reported is None:
        false = rejected_input(report.trace.response and report.trace.response.body, report.trace.request.body)
        why = "no input tokens in its answer" if false is None else f"its answer says {false:,}, which can't be true"
        yield Line("Server Reported", None, note=why)
    else:
        yield Line("Server Reported", tokens.reported.total, "tokens", note=_cache_note(report))
        if tokens.difference is not None:
            yield Line("Difference", tokens.difference, "tokens", note=_difference_note(report))
    if verbose and report.window and report.window_percent is not None:
        yield Line("Context Window", report.window, "tokens", note=f"{report.window_percent}% of it used")


def _missing(report: Report) -> str:
    """Return why a section isn't there."""
    return _DELETED if TEXT_REMOVED in report.trace.marks else _NOT_RECORDED


def _messages_note(report: Report) -> str:
    tokens = report.tokens
    if "messages" not in tokens.unknown:
        return "Your actual conversation"
    if TEXT_REMOVED in report.trace.marks:
        return _DELETED
    return f"not all of them are in this record: {tokens.sections['messages']:,} tokens are"


def _instructions_note(report: Report) -> str:
    if "system" in report.tokens.unknown:
        return _missing(report)
    request = report.trace.request
    return f"{client_of(lower(request.headers), request.body).title}'s instructions"


def _cache_note(report: Report) -> str:
    reported = report.tokens.reported
    assert reported is not None
    cache = {"read from its cache": reported.cache_read, "written to it": reported.cache_written}
    known = [f"{count:,} {what}" for what, count in cache.items() if count is not None]
    if known:
        return ", ".join([f"{reported.uncached:,} new", *known])
    kind = kind_of(report.trace.mode)
    return f"{'the server' if kind.cache.is_reported else kind.title} doesn't report cached tokens"


def _difference_note(report: Report) -> str:
    tokens, body = report.tokens, report.trace.request.body
    assert tokens.difference is not None
    assert tokens.reported is not None
    kept = text_at(body, "previous_response_id") or conversation_of(body)
    why = "; the server keeps the history" if kept else ""
    return f"counted minus reported: {100 * tokens.difference / tokens.reported.total:+.1f}%{why}"


def _largest_tools(report: Report) -> Iterator[Section]:
    rows = sorted(report.tokens.tool_rows, key=lambda row: -row.tokens)
    if not rows:
        return
    tools = sum(not row.is_group for row in rows)
    more = f", the {LARGEST_TOOLS} largest; -v lists all" if len(rows) > LARGEST_TOOLS else ""
    title = f"TOOL DEFINITIONS ({_quantity(tools, 'tool')}{more})"
    yield Section(title, [_tool_line(row) for row in rows[:LARGEST_TOOLS]], numbered=True)


def _all_tools(report: Report) -> Iterator[Section]:
    """Yield the section of the client's own tools, then one for each MCP server."""
    by_server: dict[str | None, list[ToolRow]] = {}
    for row in sorted(report.tokens.tool_rows, key=lambda row: (row.server or "", -row.tokens)):
        by_server.setdefault(row.server, []).append(row)
    for server, rows in by_server.items():
        title = f"MCP SERVER {server}" if server else "TOOL DEFINITIONS"
        total = sum(row.tokens for row in rows)
        tools = sum(not row.is_group for row in rows)
        counts = f"{_quantity(tools, 'tool')}, {total:,} tokens"
        yield Section(f"{title} ({counts})", [_tool_line(row) for row in rows], numbered=True)


def _tool_line(row: ToolRow) -> Line:
    return Line(row.name, row.tokens, "tokens", row.percent)


def _system(report: Report) -> Section:
    rows = report.tokens.system_rows
    lines = [Line(f"Block {row.number}", row.tokens, "tokens", row.percent, text=row.start) for row in rows]
    return Section(f"SYSTEM PROMPT ({_quantity(len(rows), 'block')}, the first 500 characters of each)", lines)


def _message_line(row: MessageRow) -> Line:
    label = KIND_LABELS.get(row.kind, row.kind)
    if row.kind == "claude_md" and row.name and row.name.endswith("AGENTS.md"):
        label = "AGENTS.md"
    label = f"{label} ({row.name})" if row.name else label
    return Line(label, row.tokens, "tokens", row.percent, _quantity(row.parts, "part"))


def _quantity(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def timing_section(report: Report) -> Section:
    """Return the section of times and speeds, without those that weren't measured."""
    lines = [line for line in map(partial(_measure_line, report), shown_in("analyze")) if line.value is not None]
    if report.trace.timing == Timing():
        lines.insert(0, Line("Times", "not recorded in this trace"))
    return Section("TIMING", lines)


def _measure_line(report: Report, measure: Measure) -> Line:
    value, unit = measure.value(report.figures), str(measure.unit)
    if measure.milliseconds:
        value, unit = None if value is None else value * 1000, "ms"
    return Line(measure.name, value, unit, note=measure.remark(report.figures))


RENDERERS: Mapping[str, Callable[[Report, bool], str]] = {
    "table": lambda report, verbose: as_page(sections(report, verbose)),
    "json": lambda report, verbose: as_json(document(report)),
    "csv": lambda report, verbose: as_csv_page(sections(report, verbose)),
    "markdown": lambda report, verbose: as_markdown_page(sections(report, verbose)),
}
"""The name of a format -> the function that returns the text. JSON holds everything, with -v or without."""
