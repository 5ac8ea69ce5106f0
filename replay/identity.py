"""Who is who in a comparison: which runs are alike, and by what name a reader tells them from others.

Knows nothing of what was measured.
"""

from collections.abc import Sequence
from typing import NamedTuple

from replay.outcome import ReplayResult


class Identity(NamedTuple):
    """What makes runs alike, each part as a label tells it."""

    model: str
    name: str
    url: str
    dialect: str
    cache: str
    settings: str


def label(one: Identity, all_of_them: Sequence[Identity]) -> str:
    """The model, and no more than is needed to tell it from others of that name. A server is told by its name, unless
    that stood for several addresses."""
    namesakes = [other for other in all_of_them if other.model == one.model]
    names, places = {other.name for other in namesakes}, {(other.name, other.url) for other in namesakes}
    untold = "url" if len(names) == len(places) else "name"
    differs = [
        len(set(values)) > 1 and field != untold for field, *values in zip(Identity._fields, *namesakes, strict=True)
    ]
    return " ".join(part for part, told in zip(one, [True, *differs[1:]], strict=True) if told and part)


def identity(result: ReplayResult) -> Identity:
    target = result.target
    settings = " ".join(f"{name}={value}" for name, value in sorted(result.settings.items()))
    return Identity(
        result.run.model,
        target.name and f"@{target.name}",
        target.url and f"@{target.url}",
        target.dialect,
        f"({result.run.cache})",
        settings,
    )
