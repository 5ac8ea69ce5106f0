"""The data of the page of two sessions: the JSON of `diff`, and what was asked and answered in each turn.

The scripts of the page, in `web`, read the keys that are written here.
"""

from collections.abc import Sequence
from typing import Any

from analysis.diff.document import document
from analysis.diff.prompts import GROUPS
from analysis.diff.report import DiffReport, Row
from analysis.diff.steps import Step
from analysis.prefix_cache.prompts import part_counter
from analysis.tokens.cache import CountCache
from analysis.tokens.counters import DEFAULT, counter
from analysis.web.contents import Contents
from traces.content.parts import Part


def data(report: DiffReport, tokenizer: str = DEFAULT) -> dict[str, Any]:
    """Return the page's data."""
    model = report.left.session.turns[0].model
    with CountCache() as cache:
        contents = Contents(part_counter(cache.wrap(counter(tokenizer, model)), model))
        first = report.first or (None, None)
        return {
            "title": title(report),
            "report": document(report),
            "prompts": {
                side: contents.parts.add(_prompt(step)) for side, step in zip(("left", "right"), first, strict=True)
            },
            "turns": [_turn(row, contents) for row in report.rows],
            **contents.lists(),
        }


def title(report: DiffReport) -> str:
    """Return the page's title: the programs or, where these are the same, the models, else when they began."""
    sides = [report.left.session, report.right.session]
    for named in (
        [", ".join(dict.fromkeys(turn.program for turn in side.turns if turn.program)) for side in sides],
        [", ".join(dict.fromkeys(turn.model for turn in side.turns if turn.model)) for side in sides],
    ):
        if all(named) and named[0] != named[1]:
            return " and ".join(named)
    return " and ".join(side.turns[0].timestamp for side in sides)


def _prompt(step: Step | None) -> Sequence[Part]:
    """Return what the client wrote into a request, tools by their names: where one stands is no difference to show."""
    found = [part for belongs in GROUPS.values() for part in step.turn.parts if belongs(part)] if step else []
    return sorted(found, key=lambda part: (part.name or "") if part.section == "tools" else "\U0010ffff")


def _turn(row: Row, contents: Contents) -> dict[str, list[int]]:
    """Return the lists of what was asked and answered, of the left and of the right."""
    sides = (row.pair.left, row.pair.right)
    return {
        "asked": [contents.parts.add(step.asked if step else ()) for step in sides],
        "answered": [contents.parts.add(step.answered if step else ()) for step in sides],
    }
