"""What `trace-analyzer diff` prints: sums, what the clients sent, the turns in pairs, and the first divergence."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import click

from analysis.diff.document import Match, document
from analysis.diff.report import DiffReport
from traces.measures import by_key
from ui.tables import Column, Row, as_count, as_csv, as_dollars, as_json, as_markdown, as_seconds, as_table
from ui.terminal import printable, width

_SIDES = (("left", "A"), ("right", "B"))

_MATCHES: Mapping[Match, str] = {
    "same": "same",
    "left_history": "in A's history",
    "right_history": "in B's history",
    "answer": "other answer",
    "question": "other question",
    "left": "only A",
    "right": "only B",
}

_LABELS: Mapping[str, tuple[str, Callable[[object], str]]] = {
    "turns": ("Turns", as_count),
    "agents": ("Agents", as_count),
    "failed": ("Failed", as_count),
    "tool_calls": ("Tool calls", as_count),
    "input_tokens": ("Input tokens", as_count),
    "new_tokens": ("New tokens", as_count),
    "cached_tokens": ("Cached tokens", as_count),
    "output_tokens": ("Output tokens", as_count),
    "waiting": ("Waiting", as_seconds),
    "writing": ("Writing", as_seconds),
    "cost": ("Cost", as_dollars),
}

_GROUPS = {"tools": "Tools", "system": "System prompt", "reminders": "Reminders"}

_SUMS = (
    Column("label", ""),
    Column("left", "A", align="right"),
    Column("right", "B", align="right"),
    Column("difference", "Difference", align="right"),
)

_PARTS = (
    Column("where", "Part"),
    Column("left", "A", as_count),
    Column("right", "B", as_count),
    Column("difference", "Difference", align="right"),
    Column("change", "Change"),
)

TURNS = (
    Column("left_turn", "A", as_count),
    Column("right_turn", "B", as_count),
    Column("agent", "Agent", cut=True, spare=True),
    Column("match", "Match"),
    Column("shared_tokens", "Shared", as_count),
    Column("left_input_tokens", "Input A", as_count),
    Column("right_input_tokens", "Input B", as_count),
    Column("left_output_tokens", "Output A", as_count, spare=True),
    Column("right_output_tokens", "Output B", as_count, spare=True),
    Column("left_ttft", f"{by_key('ttft').brief} A", as_seconds),
    Column("right_ttft", f"{by_key('ttft').brief} B", as_seconds),
    Column("left_tool_calls", "Calls A", cut=True),
    Column("right_tool_calls", "Calls B", cut=True),
)
"""The columns of the turns. `Shared`: tokens at the beginning of both prompts that are the same."""


_ABOVE_INDENTED = re.compile(r"^(\S.*)\n(?= {4}[AB]: )", re.MULTILINE)
"""A line above indented ones: unless an empty one is between, Markdown reads what anybody may have written in these."""


def _sum_rows(shown: Mapping[str, Any]) -> list[Row]:
    """Return the row of each sum; without costs where nothing is known to have cost anything."""
    sums = {name: sum for name, sum in shown["sums"].items() if name != "cost" or sum["left"] or sum["right"]}
    return [_sum_row(*_LABELS[name], compared) for name, compared in sums.items()]


def _sum_row(label: str, show: Callable[[object], str], compared: Mapping[str, Any]) -> Row:
    difference = compared["difference"]
    cells = {side: Column(side, "", show).cell(compared) for side in ("left", "right")}
    return {"label": label, **cells, "difference": None if difference is None else _signed(difference, show)}


def _signed(value: float, show: Callable[[object], str] = as_count) -> str:
    return f"{'+' if value > 0 else ''}{show(value)}" if value else "0"


def _part_rows(shown: Mapping[str, Any]) -> Iterator[Row]:
    """Yield for each group a row for its sum, and one for each part that isn't the same on both sides."""
    for group, title in _GROUPS.items():
        parts = [part for part in shown["prompt"]["parts"] if part["group"] == group]
        if parts:
            same = sum(part["change"] == "same" for part in parts)
            left, right = (sum(part[side] or 0 for part in parts) for side, _ in _SIDES)
            yield _part_row(title, left, right, f"{same} of {len(parts)} the same")
        for part in parts:
            if part["change"] != "same":
                change = f"{part['change']}: {part['kind']}" if part["kind"] else part["change"]
                yield _part_row(f"  {part['where']}", part["left"], part["right"], change)


def _part_row(where: str, left: int | None, right: int | None, change: str) -> Row:
    difference = _signed((right or 0) - (left or 0))
    return {"where": where, "left": left, "right": right, "difference": difference, "change": change}


def _excerpts(shown: Mapping[str, Any]) -> Iterator[str]:
    for part in shown["prompt"]["parts"]:
        if part["change"] == "changed":
            yield f"{part['where']}:"
            yield f"    A: {part['before']}"
            yield f"    B: {part['after']}"
    if shown["prompt"]["reordered_tools"]:
        yield "The tools that both have come in another order."


def _divergence(shown: Mapping[str, Any]) -> Iterator[str]:
    found = shown["divergence"]
    if found is None:
        yield "The turns are the same throughout."
        return
    turns = [f"turn {found[f'{side}_turn']} of {name}" for side, name in _SIDES if found[f"{side}_turn"] is not None]
    who = "" if found["agent"] == "main" else f" ({found['agent']})"
    yield f"{' and '.join(turns)}{who}: {_MATCHES[found['match']]}"
    yield from (f"    {name}: {found[side]}" for side, name in _SIDES if found[f"{side}_turn"] is not None)


def _turn_rows(shown: Mapping[str, Any]) -> list[Row]:
    return [
        {
            **row,
            "match": _MATCHES[row["match"]],
            **{f"{side}_tool_calls": ", ".join(row[f"{side}_tool_calls"]) for side, _ in _SIDES},
        }
        for row in shown["turns"]
    ]


def _heads(shown: Mapping[str, Any]) -> Iterator[str]:
    for side, name in _SIDES:
        one = shown[side]
        known = (" ".join(one["modes"]), ", ".join(one["models"]), ", ".join(one["programs"]), one["began"])
        yield f"{name}: session {one['session']}: {', '.join(filter(None, known))}"


def _prompt_title(shown: Mapping[str, Any]) -> str:
    prompt = shown["prompt"]
    if prompt["left_turn"] is None:
        return "WHAT THE CLIENT SENT"
    return f"WHAT THE CLIENT SENT (turn {prompt['left_turn']} of A, turn {prompt['right_turn']} of B)"


def _notes(shown: Mapping[str, Any]) -> Iterator[str]:
    yield f"Parts and what is shared are counted by {shown['counter']}; input is the server's count where it has one."
    if (shared := shown["prompt"]["shared_tokens"]) is not None:
        yield f"The first {shared:,} tokens of these two prompts are the same: so far a cache of one serves the other."


Table = Callable[[Sequence[Row], Sequence[Column]], str]


def _blocks(shown: Mapping[str, Any], table: Table) -> Iterator[tuple[str, str]]:
    """Yield the titles and texts of all that is shown."""
    yield "", "\n".join(map(printable, _heads(shown)))
    yield "SUMS", table(_sum_rows(shown), _SUMS)
    if rows := list(_part_rows(shown)):
        below = "\n".join(map(printable, (*_excerpts(shown), *_notes(shown))))
        yield _prompt_title(shown), f"{table(rows, _PARTS)}\n\n{below}"
    yield "TURNS", table(_turn_rows(shown), TURNS)
    yield "WHERE THEY PART", "\n".join(map(printable, _divergence(shown)))


def _page(report: DiffReport) -> str:
    blocks = _blocks(document(report), lambda rows, columns: as_table(rows, columns, width()))
    return "\n\n".join(f"{click.style(title, bold=True)}\n{text}" if title else text for title, text in blocks)


def _markdown(report: DiffReport) -> str:
    blocks = [(title, _ABOVE_INDENTED.sub(r"\1\n\n", text)) for title, text in _blocks(document(report), as_markdown)]
    return "\n\n".join(f"## {title}\n\n{text}" if title else text.replace("\n", "  \n") for title, text in blocks)


def _csv(report: DiffReport) -> str:
    rows = _turn_rows(document(report))
    return as_csv(rows, list(rows[0]) if rows else [column.key for column in TURNS])


RENDERERS: Mapping[str, Callable[[DiffReport], str]] = {
    "table": _page,
    "json": lambda report: as_json(document(report)),
    "csv": _csv,
    "markdown": _markdown,
}
"""The name of a format -> the function that returns the text. CSV has only the turns."""
