"""What `session` prints of a session: a table of its turns, the tree of its agents, and where the time went."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict

import click

from analysis.prefix_cache.server import describe
from analysis.session.report import SessionReport, Sums, TurnRow, View
from analysis.session.sums import columns
from analysis.session.time import Doing
from traces.measures import by_key
from traces.metrics import whole_percentages
from ui.sections import Line, Section, as_markdown_page, as_page
from ui.tables import Column, Row, as_count, as_csv, as_json, as_markdown, as_seconds, as_table
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
)

_LABELS: Mapping[Doing, tuple[str, str]] = {
    "waiting": ("Waiting", "for the model's first token"),
    "writing": ("Writing", "from the first token to the end of the answer"),
    "tools": ("Tools", "until their results were sent, permissions included"),
    "retries": ("Retries", "between a failed try and the next one"),
    "unknown": ("Unknown", "requests whose end wasn't measured"),
    "person": ("User", "until the next prompt was sent; not in the shares"),
}
"""What went on -> how it is called, and what belongs to it; in the order in which it is shown."""


def turn_row(row: TurnRow) -> Row:
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
    }


def _note(row: TurnRow) -> str:
    """What a person must know to understand the row."""
    failed = None if row.turn.state == "complete" else f"{row.turn.state} {row.turn.status or ''}".strip()
    why = None if row.place.why in ("first", "continued", "side") else row.place.why
    return ", ".join(filter(None, (why, failed)))


def _sums_row(sums: Sums) -> Row:
    return {
        "turns": sums.turns,
        "input_tokens": sums.input,
        "new_tokens": sums.new,
        "reusable_tokens": sums.reusable,
        **columns("output_tokens", sums.output),
        **columns("waiting", sums.waiting),
        **columns("writing", sums.writing),
        "tool_calls": sums.tool_calls,
    }


def agent_rows(report: SessionReport) -> list[Row]:
    """Those without a turn are left out, but for their sums, which are in nobody's; the last row is of all."""
    rows: list[Row] = [
        {"tree": f"{'  ' * agent.depth}{name}", "id": agent.id, **_sums_row(sums)}
        for agent, name, sums in report.agents
        if sums.turns
    ]
    return rows if len(rows) == 1 else [*rows, {"tree": "all", "id": None, **_sums_row(report.total)}]


def _time_section(report: SessionReport) -> Section:
    """Shares of the time in which somebody waited for the computer: how long the person was away says nothing of it."""
    shown = [doing for doing in _LABELS if report.time[doing] > 0 or doing in ("waiting", "writing", "tools")]
    busy = [doing for doing in shown if doing != "person"]
    shares: dict[Doing, int] = dict(
        zip(busy, whole_percentages([round(1000 * report.time[doing]) for doing in busy]), strict=True)
    )
    return Section(
        "WHERE THE TIME WENT",
        [Line(_LABELS[doing][0], report.time[doing], "s", shares.get(doing), _LABELS[doing][1]) for doing in shown],
    )


def heading(report: SessionReport) -> str:
    session = report.session
    turns = f"{len(session.turns):,} {'turn' if len(session.turns) == 1 else 'turns'}"
    models = dict.fromkeys(turn.model for turn in session.turns if turn.model)
    modes = dict.fromkeys(turn.mode for turn in session.turns)
    known = [" ".join(modes), ", ".join(models), session.turns[0].timestamp, turns]
    return printable(f"SESSION {session.id}: {', '.join(filter(None, known))}")


def notes(report: SessionReport, counter: str) -> Iterator[str]:
    """What the figures of the table mean, where that isn't plain."""
    reported = sum(row.usage is not None for row in report.rows)
    scaled = "Input is the server's count" if reported else f"Input is counted by {counter}"
    others = len(report.rows) - reported
    if reported and others:
        scaled += f" ({others} turns without one: {counter}'s)"
    yield f"{scaled}; New and Reusable are shares of it, counted by {counter}." if reported else f"{scaled}."
    held = f"{describe(report.server)}, in the order of {report.template} templates"
    yield f"Reusable: the longest prefix still in {held}."
    for other in report.session.ids[1:]:
        yield f"It goes on in session {other}."
    if not report.session.has_client_id:
        yield "The client gave no session id: these turns share the longest conversation."


def document(report: SessionReport, counter: str) -> Row:
    """All of it as JSON. Times are seconds, speeds tokens per second."""
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
    turns = as_table(rows, TURNS, width())
    below = "\n".join(click.style(line, dim=True) for line in notes(report, counter))
    agents = f"{click.style('AGENTS', bold=True)}\n{as_table(agent_rows(report), AGENTS, width())}"
    title = click.style(heading(report), bold=True)
    return "\n\n".join((title, turns, below, agents, as_page([_time_section(report)])))


def _markdown(report: SessionReport, counter: str) -> str:
    rows = [turn_row(row) for row in report.rows]
    below = "\n".join(notes(report, counter))
    agents = f"## AGENTS\n\n{as_markdown(agent_rows(report), AGENTS)}"
    title = f"# {heading(report)}"
    return "\n\n".join((title, as_markdown(rows, TURNS), below, agents, as_markdown_page([_time_section(report)])))


def _csv(reports: Sequence[SessionReport]) -> str:
    rows = [{"session": report.session.id, **turn_row(row)} for report in reports for row in report.rows]
    return as_csv(rows, list(rows[0]))


RENDERERS: Mapping[str, Callable[[View], str]] = {
    "table": lambda view: "\n\n\n".join(_page(report, view.counter) for report in view.reports),
    "json": lambda view: as_json([document(report, view.counter) for report in view.reports]),
    "csv": lambda view: _csv(view.reports),
    "markdown": lambda view: "\n\n".join(_markdown(report, view.counter) for report in view.reports),
}
"""What is printed of one session or of several, by the name of its format. CSV has the turns alone."""
