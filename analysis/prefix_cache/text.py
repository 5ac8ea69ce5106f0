"""What the command `cache` prints: a row for each turn, the causes of breaks, the sums, and what to do."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from analysis.prefix_cache.causes import KINDS
from analysis.prefix_cache.document import KEYS, document, documents
from analysis.prefix_cache.no_reuse import turns_without_reuse
from analysis.prefix_cache.report import Row
from analysis.prefix_cache.server import describe
from analysis.prefix_cache.totals import Sums, by_kind, losses, remedies, sums
from analysis.prefix_cache.view import View
from traces.metrics import Sum
from traces.servers import NO_REUSE
from traces.sessions.model import agent_names, short_ids
from ui.sections import Line, Section, as_markdown_page, as_page
from ui.tables import AT_LEAST, Column, as_count, as_csv, as_dollars, as_json, as_percent, render


def _wasted_color(value: object) -> str | None:
    return "red" if value else None


_NOTABLE = 5  # percent of the input by which a server may hold more or less than predicted without a note

COLUMNS = (
    Column("session", "Session", optional=True),
    Column("number", "Turn", as_count),
    Column("agent", "Agent", cut=True),
    Column("kind", "Kind", spare=True),
    Column("total", "Input", as_count),
    Column("cached", "Server's cache", as_count, spare=True, optional=True),
    Column("predicted", "Predicted", as_count, spare=True, optional=True),
    Column("reused", "Reusable", as_count),
    Column("percent", "%", as_percent),
    Column("needed", "New", as_count),
    Column("wasted", "Wasted", as_count, paint=_wasted_color),
    Column("time", "Costs", align="right", optional=True),
    Column("why", "Cause"),
)
"""The table's columns. `Predicted` is of Anthropic's own cache; `New` had to be prefilled; `Wasted` again."""


def _table_row(document: dict[str, object], row: Row, session: str, agent: str) -> dict[str, object]:
    """Return a row of the table, which adds to the data the time as it is read, and the causes in words."""
    seconds = row.seconds(row.wasted) if row.wasted else None
    return {
        **document,
        "session": session,
        "agent": agent,
        "wasted": row.wasted or "",
        "time": "" if seconds is None else _time(seconds, row.estimated),
        "why": "; ".join(f"{KINDS[one.cause.kind].label}: {one.cause.where}" for one in by_kind(row.breaks)),
    }


def table(view: View, style: str) -> str:
    """Return the table and the sections below it, in a style of `ui.tables`."""
    names = short_ids(view.sessions) if len(view.sessions) > 1 else {}
    agents = agent_names(view.sessions)
    shown = [
        _table_row(document, row, names.get(row.session, ""), agents[row.agent])
        for document, row in zip(documents(view), view.rows, strict=True)
    ]
    sections = [*_sections(view)]
    page = as_page(sections) if style == "table" else as_markdown_page(sections)
    return f"{render(shown, COLUMNS, style)}\n\n{page}"


def _sections(view: View) -> Iterator[Section]:
    yield from _causes(view.rows, view.costs)
    yield Section("SUMS", list(_sums(view)))
    if view.anthropic:
        yield Section("ANTHROPIC'S CACHE", list(_anthropic(view)))
    yield from _remedies(view.rows)
    if view.saving is not None:
        yield Section(f"WITHOUT {view.saving.named}", list(_saving(view)))


def _causes(rows: Sequence[Row], costs: Mapping[str, Sum]) -> Iterator[Section]:
    found = losses(rows)
    if not found:
        return
    lines = []
    for kind, loss in found.items():
        turns = "in 1 turn" if loss.turns == 1 else f"in {loss.turns} turns"
        one = loss.broken
        note = turns if loss.seconds is None else f"{turns}, {_time(loss.seconds, loss.seconds_estimated)}"
        if costs[kind].known:
            note += f", {AT_LEAST if costs[kind].unknown else ''}{as_dollars(costs[kind].known)}"
        text = [f"in turn {loss.example.number}: {one.cause.where}, token {one.at:,}"]
        if one.cause.before or one.cause.after:
            text += [f"before: {_one_line(one.cause.before)}", f"after:  {_one_line(one.cause.after)}"]
        lines.append(Line(KINDS[kind].label, loss.tokens, "tokens", note=note, text="\n".join(text)))
    yield Section("WHAT BROKE THE PREFIX (tokens prefilled again; the worst turn of each)", lines)


def _time(seconds: float, estimated: bool) -> str:
    return f"{'~' if estimated else ''}{seconds:,.1f} s"


def _one_line(text: str) -> str:
    return text.replace("\n", "\\n") if text else "(nothing)"


def _sums(view: View) -> Iterator[Line]:
    all = sums(view.rows)
    counted = f"{len(view.rows):,} turns, counted by {view.counter}{', an estimate' * view.estimate}"
    if view.unknown:
        counted += f"; {view.unknown:,} others are left out: their records don't hold whole requests"
    yield Line("Input", all.input, "tokens", note=counted)
    parts = {
        "From the cache": (all.reused, f"{describe(view.server)}, template {view.template}"),
        "New": (all.needed, "had to be prefilled"),
        "Wasted": (all.wasted, "prefilled again, though an earlier turn had it"),
    }
    for label, (tokens, note) in parts.items():
        yield Line(label, tokens, "tokens", round(100 * tokens / all.input) if all.input else 0, note)
    for label, seconds, estimated in (
        ("Prefilling", all.prefill_seconds, all.prefill_seconds_estimated),
        ("Wasted time", all.wasted_seconds, all.estimated),
    ):
        yield Line(label, seconds, "s", note="at the prefill speed of each turn" + ", in part estimated" * estimated)
    if all.cached is not None and all.of:
        idle = 0 if view.anthropic else turns_without_reuse(view.rows)
        yield _reported(all, 100 * all.cached / all.of, "below" if view.anthropic else "--slots and --ram", idle)


def _reported(all: Sums, share: float, see: str, idle: int) -> Line:
    """Return what the server reports of its cache; `idle` turns reused nothing of the one before."""
    note, at_least = "as the server reports", all.cached_unknown > 0
    if idle:
        note += f": it reused nothing, though {idle} turns carried on the one before; more slots don't help"
        return Line("Server's cache", all.cached, "tokens", round(share), note, text=NO_REUSE, at_least=at_least)
    more = share - 100 * all.reused / all.input if all.input else 0.0
    if abs(more) > _NOTABLE:
        note += f": it holds {'more' if more > 0 else 'less'} than assumed, see {see}"
    return Line("Server's cache", all.cached, "tokens", round(share), note, at_least=at_least)


def _anthropic(view: View) -> Iterator[Line]:
    pairs = [(row, one) for row, one in zip(view.rows, view.anthropic, strict=True) if one is not None]
    reported = [(row, one) for row, one in pairs if row.cached is not None]
    yield Line(
        "Predicted", sum(one.read for _, one in pairs), "tokens", note="read from its cache, by its published rules"
    )
    if reported:
        total = sum(row.cached or 0 for row, _ in reported)
        at_least = len(reported) < len(pairs)
        yield Line("Reported", total, "tokens", note="cache_read_input_tokens", at_least=at_least)
        short = max(reported, key=lambda pair: pair[1].read - (pair[0].cached or 0))
        missing = short[1].read - (short[0].cached or 0)
        if missing > 0:
            yield Line("Largest miss", missing, "tokens", note=f"turn {short[0].number}: predicted, but not read")


def _remedies(rows: Sequence[Row]) -> Iterator[Section]:
    lines = [
        Line(
            one.name,
            one.tokens,
            "tokens",
            note="" if one.seconds is None else _time(one.seconds, one.seconds_estimated),
            text=one.how,
        )
        for one in remedies(rows)
    ]
    if lines:
        yield Section("WHAT TO DO (what each saves, when those above it are done)", lines, numbered=True)


def _saving(view: View) -> Iterator[Line]:
    saving = view.saving
    assert saving is not None
    used = {0: "never used here", 1: "used once"}.get(saving.calls, f"used {saving.calls} times")
    yield Line("Input", saving.tokens, "tokens", note=f"fewer; {used}")
    yield Line("Prefilled", saving.prefilled, "tokens", note="fewer, as the cache has the rest")
    yield Line("Time", saving.seconds, "s", note="saved in all" + ", in part estimated" * saving.seconds_estimated)


RENDERERS: Mapping[str, Callable[[View], str]] = {
    "table": lambda view: table(view, "table"),
    "json": lambda view: as_json(document(view)),
    "csv": lambda view: as_csv(documents(view), KEYS),
    "markdown": lambda view: table(view, "markdown"),
}
"""What is printed in each format, by its name."""
