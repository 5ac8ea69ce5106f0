"""What happened to tools that stand no more where they stood: a difference in, kinds with the tools' names out.

Several can happen at once, and each has a mend of its own. Knows nothing of texts but whether they are the same.
"""

from collections.abc import Iterator, Sequence

from analysis.telling import Difference
from traces.content.parts import Part


def changes(difference: Difference) -> Iterator[tuple[str, list[str]]]:
    """At least one: a tool that is as it was stands elsewhere."""
    before, after = (_by_name(side) for side in (difference.tools_before, difference.tools_after))
    here = _by_name((*difference.come, *difference.gone))
    found = {
        "tool-changed": [name for name in here if name in before and name in after and before[name] != after[name]],
        "tool-added": [name for name in here if name not in before],
        "tool-removed": [name for name in here if name not in after],
    }
    if difference.moved:
        yield "tools-moved", []
    same = [name for name in here if name in before and before[name] == after.get(name)]
    reordered = bool(same) and _order(before, after) != _order(after, before)
    if reordered or not (difference.moved or any(found.values())):
        yield "tools-reordered", (same or list(here))[:1]
    yield from ((kind, names) for kind, names in found.items() if names)


def _by_name(parts: Sequence[Part]) -> dict[str, str]:
    return {part.name or "?": part.text for part in parts}


def _order(tools: dict[str, str], others: dict[str, str]) -> list[str]:
    """Of the tools that the others hold, too."""
    return [name for name in tools if name in others]
