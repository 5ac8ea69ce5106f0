"""Two sessions side by side as plain data, for JSON and for the page. `left` is the session that was named first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Literal

from analysis.diff.alignment import Pair, Side
from analysis.diff.report import DiffReport, Row
from analysis.diff.steps import key
from analysis.prefix_cache.causes import EXCERPT_CONTEXT
from analysis.prefix_cache.prompts import common_length
from analysis.session.report import SessionReport, TurnRow
from traces.content.parts import Part
from traces.metrics import Sum, sum_known
from ui.tables import UNKNOWN_SUFFIX

Match = Literal["same", "left_history", "right_history", "answer", "question", "left", "right"]
"""How a pair of turns compares: the same; of the right, in the left one's history, and the other way round; another
answer to the same question; another question; only in the left session; only in the right."""

_HISTORY: Mapping[Side, Match] = {"left": "left_history", "right": "right_history"}

_EXCERPT = 160
"""Characters shown of each side where they part ways."""

SUMS: Mapping[str, Callable[[SessionReport], Sum | int | None]] = {
    "turns": lambda report: report.total.turns,
    "agents": lambda report: sum(bool(agent.turns) for agent, *_ in report.agents),
    "failed": lambda report: sum(row.turn.state != "complete" for row in report.rows),
    "tool_calls": lambda report: report.total.tool_calls,
    "input_tokens": lambda report: report.total.input,
    "new_tokens": lambda report: report.total.new,
    "cached_tokens": lambda report: sum_known(row.cached for row in report.rows),
    "output_tokens": lambda report: report.total.output,
    "waiting": lambda report: report.total.waiting,
    "writing": lambda report: report.total.writing,
    "cost": lambda report: report.total.cost,
}
"""The sums that are compared: tokens, seconds of waiting for first tokens and of writing, and dollars."""


def document(report: DiffReport) -> dict[str, Any]:
    """Return all of it."""
    return {
        "left": _side(report.left),
        "right": _side(report.right),
        "counter": report.counter,
        "sums": {name: _compared(sum_of(report.left), sum_of(report.right)) for name, sum_of in SUMS.items()},
        "prompt": {
            "left_turn": report.first[0].place.number if report.first else None,
            "right_turn": report.first[1].place.number if report.first else None,
            "shared_tokens": report.shared,
            "reordered_tools": report.reordered,
            "parts": [asdict(part) for part in report.parts],
        },
        "turns": [_row(row) for row in report.rows],
        "divergence": _divergence(report.divergence) if report.divergence else None,
    }


def _side(report: SessionReport) -> dict[str, Any]:
    session = report.session
    turns = session.turns
    return {
        "session": session.id,
        "programs": list(dict.fromkeys(turn.program for turn in turns if turn.program)),
        "modes": list(dict.fromkeys(turn.mode for turn in turns)),
        "models": list(dict.fromkeys(turn.model for turn in turns if turn.model)),
        "began": turns[0].timestamp,
    }


def _compared(left: Sum | int | None, right: Sum | int | None) -> dict[str, Any]:
    """Return two sums and their difference, which isn't known where a member of one of them isn't."""
    ones, others = (value if isinstance(value, Sum) else Sum(value, 0) for value in (left, right))
    known = ones.known is not None and others.known is not None and not (ones.unknown or others.unknown)
    return {
        "left": ones.known,
        f"left{UNKNOWN_SUFFIX}": ones.unknown,
        "right": others.known,
        f"right{UNKNOWN_SUFFIX}": others.unknown,
        "difference": round((others.known or 0) - (ones.known or 0), 6) if known else None,
    }


def _row(row: Row) -> dict[str, Any]:
    holder = row.pair.in_history_of
    return {
        "agent": row.agent,
        "match": match(row.pair),
        "shared_tokens": row.shared,
        **{f"left_{name}": value for name, value in _turn(row.left, holder == "left").items()},
        **{f"right_{name}": value for name, value in _turn(row.right, holder == "right").items()},
    }


def _turn(row: TurnRow | None, is_holder: bool) -> dict[str, Any]:
    """Return the figures of a turn; none of one that is only named because its history holds the other."""
    own = None if is_holder else row
    return {
        "turn": row.place.number if row else None,
        "kind": own.turn.kind if own else None,
        "input_tokens": own.input if own else None,
        "output_tokens": own.turn.output_tokens if own else None,
        "ttft": own.turn.timing.ttft if own else None,
        "total": own.turn.timing.total if own else None,
        "tool_calls": list(own.turn.tools_used) if own else [],
    }


def match(pair: Pair) -> Match:
    """Return how a pair of turns compares."""
    if pair.right is None:
        return "left"
    if pair.left is None:
        return "right"
    if not pair.same_question:
        return "question"
    if not pair.same_answer:
        return "answer"
    return _HISTORY[pair.in_history_of] if pair.in_history_of else "same"


def _divergence(row: Row) -> dict[str, Any]:
    """Return where the sessions part ways, and what was said there on each side."""
    pair, what = row.pair, match(row.pair)
    left, right = _first_difference(_said(pair, what, 0), _said(pair, what, 1))
    return {
        "agent": row.agent,
        "match": what,
        "left_turn": row.left.place.number if row.left else None,
        "right_turn": row.right.place.number if row.right else None,
        "left": left,
        "right": right,
    }


def _said(pair: Pair, what: Match, side: int) -> Sequence[Part]:
    step = (pair.left, pair.right)[side]
    if step is None:
        return []
    parts = step.answered if what == "answer" else step.asked
    return [part for part in parts if key(part) in (step.answer if what == "answer" else step.question)]


def _first_difference(left: Sequence[Part], right: Sequence[Part]) -> tuple[str, str]:
    """Return excerpts of the first parts that differ, from shortly before that point; "" where there is none."""
    same = next((at for at, (one, other) in enumerate(zip(left, right, strict=False)) if key(one) != key(other)), None)
    at = min(len(left), len(right)) if same is None else same
    one, other = (_words(parts[at]) if at < len(parts) else "" for parts in (left, right))
    start = max(common_length(one, other) - EXCERPT_CONTEXT, 0)
    return _cut(one, start), _cut(other, start)


def _words(part: Part) -> str:
    name = f" {part.name}" if part.name else ""
    return f"{part.kind.replace('_', ' ')}{name}: {part.text or ('(not text)' if part.media else '')}"


def _cut(text: str, start: int) -> str:
    end = start + _EXCERPT
    return f"{'…' if start and text else ''}{text[start:end]}{'…' if end < len(text) else ''}"
