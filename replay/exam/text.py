"""The report of an exam as text: a table of the models, one by tool, and what went wrong, with examples."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from replay.exam.report import KINDS
from ui import tables
from ui.tables import Column, Row, as_seconds
from ui.terminal import printable, width

Document = Mapping[str, Any]

_BY_TOOL = ("calls", "arguments_parse", "parameters_known", "arguments_fit", "arguments_agree", "calls_nothing")


def render(document: Document, style: str) -> str:
    """Return the report in one of the formats table, json, csv and markdown."""
    if style == "json":
        return tables.as_json(document)
    if style == "csv":
        rows = list(rows_by_tool(document))
        return tables.as_csv(rows, list(dict.fromkeys(key for row in rows for key in row)))
    if style == "markdown":
        return _text(document, tables.as_markdown, lambda text: f"**{text}**", "\n\n", "- ")
    return _text(document, lambda rows, columns: tables.as_table(rows, columns, width()), str, "\n", "  ")


def rows_by_tool(document: Document) -> Iterator[Row]:
    """Yield a flat row for each model (its tool is `all`) and for each of its tools."""
    for model in document["models"]:
        yield {
            "model": model["label"],
            "tool": "all",
            "calls": None,
            "answers": model["answers"],
            "failed": model["failed"],
            "open": model["open"],
            "next_action": model["next_action"],
            **_flat(model["checks"], [check["question"] for check in document["checks"]]),
        }
        for tool in model["tools"]:
            yield {
                "model": model["label"],
                "tool": tool["name"],
                "calls": tool["calls"],
                "unasked": tool["unasked"],
                "next_action": tool["next_action"],
                **_flat(tool["checks"], _BY_TOOL),
            }


def _flat(checks: Mapping[str, Any], keys: Sequence[str]) -> Row:
    found = {}
    for key in keys:
        for part in ("passed", "of", "low", "high"):
            found[f"{key}_{part}"] = checks[key][part] if checks.get(key) else None
    return found


def answer_rows(document: Document) -> list[Row]:
    """Return a flat row for each answer."""
    return [
        {
            **answer,
            **{key: " ".join(tool["name"] for tool in answer[key]) for key in ("recorded_tools", "called_tools")},
        }
        for answer in document["answers"]
    ]


Draw = Callable[[Sequence[Row], Sequence[Column]], str]


def _text(document: Document, draw: Draw, heading: Callable[[str], str], gap: str, item: str) -> str:
    def part(title: str, *body: str) -> str:
        return gap.join([heading(title), *body])

    def items(lines: Iterator[str] | Sequence[str]) -> str:
        return "\n".join(f"{item}{printable(line)}" for line in lines)

    models = document["models"]
    blocks = [part(f"EXAM, {_scope(document)}", draw([_row(model) for model in models], _columns(document)))]
    order = list(dict.fromkeys(tool["name"] for model in models for tool in model["tools"]))
    by_tool = sorted((row for model in models for row in _tool_rows(model)), key=lambda row: order.index(row["tool"]))
    if by_tool:
        blocks.append(part("BY TOOL, recorded calls", draw(by_tool, _TOOL_COLUMNS)))
    if document["mistakes"]:
        blocks.append(part("MISTAKES, each with an example", items(_mistakes(document["mistakes"]))))
    if document["failures"]:
        blocks.append(part("NOT ANSWERED", items(_failures(document["failures"]))))
    if document["pairs"]:
        blocks.append(part("IN PAIRS, turn by turn", items([pair_words(pair) for pair in document["pairs"]])))
    if document.get("drift"):
        blocks.append(part("DRIFT", items([row["note"] for row in document["drift"]])))
    if document["cautions"]:
        blocks.append("\n".join(f"⚠ {printable(line)}" for line in document["cautions"]))
    return "\n\n".join(blocks)


def _scope(document: Document) -> str:
    asked, of = document["questions"], document["of"]
    chosen = f"{asked} of {of} turns, chosen by tool" if asked < of else f"{asked} turn{'s' if asked != 1 else ''}"
    return f"{chosen}; [ ] is the 95% interval"


def _columns(document: Document) -> list[Column]:
    return [
        Column("model", "Model", cut=True),
        Column("right", "Right"),
        *(
            Column(check["question"], check["title"], align="right", optional=True, spare=check["question"] in _SPARE)
            for check in document["checks"][1:]
        ),
        Column("failed", "Failed", optional=True, align="right"),
        Column("next_action", "Next action", as_seconds),
    ]


_SPARE = ("known_tool", "parameters_known", "arguments_parse")


def _row(model: Mapping[str, Any]) -> Row:
    checks = model["checks"]
    return {
        "model": f"{model['label']} (recorded)" if model["control"] else model["label"],
        **{key: _of(each) for key, each in checks.items()},
        "right": with_interval(checks["right"], model["open"]),
        "failed": model["failed"] or None,
        "next_action": model["next_action"],
    }


def _of(share: Mapping[str, Any] | None) -> str | None:
    return f"{share['passed']:g}/{share['of']}" if share else None


def with_interval(share: Mapping[str, Any] | None, unknown: int = 0) -> str | None:
    """Return `83% [61%, 94%] of 18`, with how many answers couldn't be judged."""
    aside = f", ? {unknown}" if unknown else ""
    if share is None:
        return f"? {unknown}" if unknown else None
    return f"{share['share']:.0%} [{share['low']:.0%}, {share['high']:.0%}] of {share['of']}{aside}"


_TOOL_COLUMNS = (
    Column("tool", "Tool", cut=True),
    Column("model", "Model", cut=True),
    Column("calls_recorded", "Recorded", align="right"),
    Column("calls", "Called"),
    Column("arguments_parse", "Parse", align="right", spare=True, optional=True),
    Column("parameters_known", "Known args", align="right", spare=True, optional=True),
    Column("arguments_fit", "Fit", align="right", optional=True),
    Column("arguments_agree", "Agree", align="right", optional=True),
    Column("unasked", "Elsewhere", align="right", optional=True),
    Column("next_action", "Next action", as_seconds),
)


def _tool_rows(model: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for tool in model["tools"]:
        checks = tool["checks"]
        called = checks.get("calls_nothing") or checks.get("calls")
        yield {
            **{key: _of(checks.get(key)) for key in _BY_TOOL},
            "tool": tool["name"],
            "model": model["label"],
            "calls_recorded": tool["calls"],
            "calls": with_interval(called),
            "unasked": tool["unasked"] or None,
            "next_action": tool["next_action"],
        }


def _mistakes(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for row in rows:
        example = f"{row['recorded']} → {row['answered'] or 'nothing'}" if row["recorded"] else row["answered"]
        words = f"{row['label']}, {_times(row['times'])}: {KINDS.get(row['kind'], row['kind'])}. Turn {row['turn']}"
        detail = f", {row['detail']}" if row["detail"] else ""
        yield f"{words}{detail}: {example}" if example else f"{words}{detail}"


def _failures(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for row in rows:
        yield f"{row['label']}, {_times(row['times'])}: {row['message']}"


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def pair_words(pair: Mapping[str, Any]) -> str:
    """Return how two models compare, as a sentence."""
    whom = f"{pair['other']}, the recorded model," if pair["control"] else pair["other"]
    counts = (
        f"right where {whom} was wrong in {pair['better']} of {pair['n']} turns, the other way round in {pair['worse']}"
    )
    verdict = f"a difference (p = {pair['p']:.3g})" if pair["shown"] else "no difference shown"
    return f"{pair['one']}: {counts}: {verdict}"
