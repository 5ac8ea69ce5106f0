"""What `trace-analyzer session` prints: a table of the turns, the tree of agents, and where the time went."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict

import click

from analysis.prefix_cache.server import describe
from analysis.session.activities import Activity
from analysis.session.report import SessionReport, Sums, TurnRow, View
from analysis.session.sums import sum_columns
from traces.measures import by_key
from traces.metrics import whole_percentages
from traces.money.book import total
from ui.sections import Line, Section, as_markdown_page, as_page
from ui.tables import Column, Row, as_count, as_csv, as_dollars, as_json, as_markdown, as_seconds, as_table
from ui.terminal import printable, width


def _as_share(value: object) -> str:
    return f"{value:.1f}%"


def _as_speed(value: object) -> str:
    return f"{value:,.1f} t/s"


TURNS = (
    Column("number", "#", as_count),
    Column("agent", "Agent", cut=True),
    Column("request_type", "Type"),
    Column("input_tokens", "Input", as_count),
    Column("new_tokens", "New", as_count),
    Column("reusable_tokens", "Reusable", as_count),
    Column("reusable_percent", "%", _as_share),
    Column("cached_tokens", "Cached", as_count),
    Column("output_tokens", "Output", as_count),
    Column("ttft", by_key("ttft").brief, as_seconds),
    Column("decode_speed", by_key("generation_speed").brief, _as_speed),
    Column("cost", "Cost", as_dollars),
    Column("tool_calls", "Tool calls", cut=True),
    Column("note", "Note", optional=True, spare=True),
)

AGENTS = (
    Column("tree", "Agent"),
    Column("turns", "Turns", as_count),
    Column("input_tokens", "Input", as_count),
    Column("new_tokens", "New", as_count),
    Column("reusable_tokens", "Reusable", as_count),
    Column("output_tokens", "Output", as_count),
    Column("waiting", "Waiting", as_seconds),
    Column("writing", "Writing", as_seconds),
    Column("tool_calls", "Tool calls", as_count),
    Column("cost", "Cost", as_dollars),
)

_LABELS: Mapping[Activity, tuple[str, str]] = {
    "waiting": ("Waiting", "for the model's first token"),
    "writing": ("Writing", "from the first token to the end of the answer"),
    "tools": ("Tools", "until their results were sent, permissions included"),
    "retries": ("Retries", "between a failed try and the next one"),
    "unknown": ("Unknown", "requests whose end, or first token, wasn't measured"),
    "person": ("User", "until the next prompt was sent; not in the shares"),
}
"""An activity -> its label, and what belongs to it; in the order in which they are shown."""


def turn_row(row: TurnRow) -> Row:
    """Return a turn as a row of the table, with more columns for CSV and JSON."""
    turn, place = row.turn, row.place
    return {
        "number": place.number,
        "agent": row.agent,
        "agent_id": turn.ids.agent,
        "request_type": turn.kind,
        "input_tokens": row.input,
        "new_tokens": row.new,
        "reusable_tokens": row.reusable,
        "reusable_percent": row.reusable_percent,
        "cached_tokens": row.cached,
        "output_tokens": turn.output_tokens,
        "ttft": turn.timing.ttft,
        "decode_speed": turn.decode.tokens_per_second,
        "tool_calls": ", ".join(turn.tools_used),
        "note": _note(row),
        "counted_tokens": row.counted,
        "follows": place.follows,
        "why": place.why,
        "state": turn.state,
        "status": turn.status,
        "model": turn.model,
        "timestamp": turn.timestamp,
        "total": turn.timing.total,
        "file": str(turn.file) if turn.file else None,
        "exchange": turn.place,
        **sum_columns("cost", total([row.charge])),
    }


def _columns(columns: Sequence[Column], report: SessionReport) -> Sequence[Column]:
    """Return the columns without costs where nothing is known to have cost anything."""
    return columns if report.total.cost.known else [column for column in columns if column.key != "cost"]


def _note(row: TurnRow) -> str:
    """Return what a reader must know to understand the row."""
    failed = None if row.turn.state == "complete" else f"{row.turn.state} {row.turn.status or ''}".strip()
    why = None if row.place.why in ("first", "continued", "side") else row.place.why
    odd = row.turn.odd_events
    odd_events = f"{odd} odd event{'s' if odd > 1 else ''}" if odd else None
    return ", ".join(filter(None, (why, failed, odd_events)))


def _sums_row(sums: Sums) -> Row:
    return {
        "turns": sums.turns,
        **sum_columns("input_tokens", sums.input),
        **sum_columns("new_tokens", sums.new),
        **sum_columns("reusable_tokens", sums.reusable),
        **sum_columns("output_tokens", sums.output),
        **sum_columns("waiting", sums.waiting),
        **sum_columns("writing", sums.writing),
        "tool_calls": sums.tool_calls,
        **sum_columns("cost", sums.cost),
    }


def agent_rows(report: SessionReport) -> list[Row]:
    """Return a row for each agent that has turns, and, of several agents, a last row for all turns."""
    rows: list[Row] = [
        {"tree": f"{'  ' * agent.depth}{name}", "id": agent.id, **_sums_row(sums)}
        for agent, name, sums in report.agents
        if sums.turns
    ]
    return rows if len(rows) == 1 else [*rows, {"tree": "all", "id": None, **_sums_row(report.total)}]


def _time_section(report: SessionReport) -> Section:
    """Return the section of activities; shares are of the time without that in which the client waited for the user."""
    time = report.time
    shown = [activity for activity in _LABELS if time[activity] or activity in ("waiting", "writing", "tools")]
    busy = [
        (activity, seconds) for activity in shown if activity != "person" and (seconds := time[activity]) is not None
    ]
    is_known = None not in time.values()
    percents = whole_percentages([round(1000 * seconds) for _, seconds in busy]) if is_known else [None] * len(busy)
    shares: dict[Activity, int | None] = dict(zip([activity for activity, _ in busy], percents, strict=True))
    lines = []
    for activity in shown:
        label, note = _LABELS[activity]
        lines.append(Line(label, time[activity], "s", shares.get(activity), note))
    return Section("WHERE THE TIME WENT", lines)


def heading(report: SessionReport) -> str:
    """Return the title of a session: its id, modes, models, beginning and number of turns."""
    session = report.session
    turns = f"{len(session.turns):,} {'turn' if len(session.turns) == 1 else 'turns'}"
    models = dict.fromkeys(turn.model for turn in session.turns if turn.model)
    modes = dict.fromkeys(turn.mode for turn in session.turns)
    known = [" ".join(modes), ", ".join(models), session.turns[0].timestamp, turns]
    return printable(f"SESSION {session.id}: {', '.join(filter(None, known))}")


def notes(report: SessionReport, counter: str) -> Iterator[str]:
    """Yield what the table's figures mean: who counted, what 'Reusable' assumes, where the session continues."""
    reported = sum(row.usage is not None for row in report.rows)
    source = "Input is the server's count" if reported else f"Input is counted by {counter}"
    others = len(report.rows) - reported
    if reported and others:
        source += f" ({others} turns have none: counted by {counter})"
    yield f"{source}; New and Reusable are shares of it, counted by {counter}." if reported else f"{source}."
    if any(row.usage and row.usage != row.turn.usage for row in report.rows):
        yield "The server counts cached tokens within its input tokens: they are counted once here."
    cache = f"{describe(report.server)}, in the order of {report.template} templates"
    yield f"Reusable: the longest prefix still in {cache}."
    turns = report.session.turns
    if partial := sum(bool(turn.unknown) for turn in turns):
        yield f"Of {partial:,} turns, the records don't hold the whole request: New and Reusable are unknown."
    if untimed := sum(turn.times_unknown for turn in turns):
        yield f"Of {untimed:,} turns, the records don't hold the answer's times."
    if sources := {row.charge.source for row in report.rows if row.charge.dollars}:
        yield f"Cost: dollars, by {', '.join(sorted(sources))}."
    for other in report.session.ids[1:]:
        yield f"It continues in session {other}."
    if not report.session.has_client_id:
        yield "The client sent no session id: turns are grouped by the longest conversation that they share."


def document(report: SessionReport, counter: str) -> Row:
    """Return the whole report as JSON. Times are seconds, speeds tokens per second."""
    session = report.session
    return {
        "session": session.id,
        "ids": list(session.ids),
        "given": session.has_client_id,
        "counter": counter,
        "template": report.template,
        "slots": report.server.slots,
        "turns": [
            {**turn_row(row), "tool_calls": list(row.turn.tools_used), "timing": asdict(row.turn.timing)}
            for row in report.rows
        ],
        "agents": [{**asdict(agent), "name": name, **_sums_row(sums)} for agent, name, sums in report.agents],
        "total": _sums_row(report.total),
        "time": dict(report.time),
    }


def _page(report: SessionReport, counter: str) -> str:
    rows = [turn_row(row) for row in report.rows]
    turns = as_table(rows, _columns(TURNS, report), width())
    below = "\n".join(click.style(line, dim=True) for line in notes(report, counter))
    agents = f"{click.style('AGENTS', bold=True)}\n{as_table(agent_rows(report), _columns(AGENTS, report), width())}"
    title = click.style(heading(report), bold=True)
    return "\n\n".join((title, turns, below, agents, as_page([_time_section(report)])))


def _markdown(report: SessionReport, counter: str) -> str:
    rows = [turn_row(row) for row in report.rows]
    below = "\n".join(notes(report, counter))
    agents = f"## AGENTS\n\n{as_markdown(agent_rows(report), _columns(AGENTS, report))}"
    title = f"# {heading(report)}"
    return "\n\n".join(
        (title, as_markdown(rows, _columns(TURNS, report)), below, agents, as_markdown_page([_time_section(report)]))
    )


def _csv(reports: Sequence[SessionReport]) -> str:
    rows = [{"session": report.session.id, **turn_row(row)} for report in reports for row in report.rows]
    return as_csv(rows, list(rows[0]))


RENDERERS: Mapping[str, Callable[[View], str]] = {
    "table": lambda view: "\n\n\n".join(_page(report, view.counter) for report in view.reports),
    "json": lambda view: as_json([document(report, view.counter) for report in view.reports]),
    "csv": lambda view: _csv(view.reports),
    "markdown": lambda view: "\n\n".join(_markdown(report, view.counter) for report in view.reports),
}
"""The name of a format -> the function that returns the text of one session or several. CSV has only turns."""
