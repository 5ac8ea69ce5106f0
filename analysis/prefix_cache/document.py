"""What the command `cache` reports as plain data, for JSON, CSV and pages: the turns, the sums and what to do."""

from collections.abc import Sequence
from dataclasses import asdict
from math import inf

from analysis.prefix_cache.anthropic import Predicted
from analysis.prefix_cache.no_reuse import turns_without_reuse
from analysis.prefix_cache.report import Row
from analysis.prefix_cache.totals import losses, remedies, sums
from analysis.prefix_cache.view import View

KEYS = (
    *("session", "number", "agent", "kind", "model", "total", "cached", "predicted", "reused", "percent", "needed"),
    *("wasted", "seconds", "estimated", "culprit", "where", "token", "before", "after"),
)
"""The columns of CSV, with the first cause in full. `predicted` is what Anthropic's own cache should have had."""


def documents(view: View) -> list[dict[str, object]]:
    """Return the turns as plain data."""
    if not view.anthropic:
        return [_document(row) for row in view.rows]
    return [
        {**_document(row, one), "anthropic": None if one is None else one._asdict()}
        for row, one in zip(view.rows, view.anthropic, strict=True)
    ]


def _document(row: Row, predicted: Predicted | None = None) -> dict[str, object]:
    first = row.breaks[0] if row.breaks else None
    return {
        "session": row.session,
        "number": row.number,
        "agent": row.agent,
        "kind": row.turn.kind,
        "model": row.turn.model,
        "total": row.total,
        "cached": row.cached,
        "predicted": predicted.read if predicted else None,
        "reused": row.reused,
        "percent": round(100 * row.reused / row.total) if row.total else 0,
        "needed": row.needed,
        "wasted": row.wasted,
        "seconds": _rounded(row.seconds(row.wasted)),
        "estimated": row.estimated,
        "culprit": first.cause.kind if first else "",
        "where": first.cause.where if first else "",
        "token": first.at if first else None,
        "before": first.cause.before if first else "",
        "after": first.cause.after if first else "",
        "breaks": [
            {
                "kind": one.cause.kind,
                "where": one.cause.where,
                "token": one.at,
                "wasted": one.wasted,
                "seconds": _rounded(row.seconds(one.wasted)),
                "before": one.cause.before,
                "after": one.cause.after,
            }
            for one in row.breaks
        ],
    }


def _sums(rows: Sequence[Row]) -> dict[str, object]:
    all = sums(rows)
    return {
        **asdict(all),
        "prefill_seconds": _rounded(all.prefill_seconds),
        "wasted_seconds": _rounded(all.wasted_seconds),
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


def document(view: View) -> dict[str, object]:
    """Return all of it, as JSON shows it."""
    return {
        "sessions": [session.id for session in view.sessions],
        "server": {
            "slots": view.server.slots,
            "ram": None if view.server.host == inf else view.server.host,
            "by_model": view.server.by_model,
            "template": view.template,
            "turns_without_reuse": 0 if view.anthropic else turns_without_reuse(view.rows),
        },
        "counter": view.counter,
        "estimate": view.estimate,
        "turns_left_out": view.unknown,
        "turns": documents(view),
        "sums": _sums(view.rows),
        "losses": {
            kind: {
                "turns": loss.turns,
                "tokens": loss.tokens,
                "seconds": _rounded(loss.seconds),
                "seconds_estimated": loss.seconds_estimated,
                "cost": view.costs[kind].known,
                "cost_unknown": view.costs[kind].unknown,
            }
            for kind, loss in losses(view.rows).items()
        },
        "remedies": [
            {
                "name": one.name,
                "how": one.how,
                "tokens": one.tokens,
                "seconds": _rounded(one.seconds),
                "seconds_estimated": one.seconds_estimated,
            }
            for one in remedies(view.rows)
        ],
        "without": None
        if view.saving is None
        else {
            "named": view.saving.named,
            "calls": view.saving.calls,
            "tokens": view.saving.tokens,
            "prefilled": view.saving.prefilled,
            "seconds": _rounded(view.saving.seconds),
            "seconds_estimated": view.saving.seconds_estimated,
        },
    }
