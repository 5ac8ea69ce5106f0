"""What `trace-analyzer import` prints: how many exchanges came from where, and what can't be known of them."""

from collections.abc import Iterator

from traces.importing import Outcome
from ui.terminal import printable


def text(outcome: Outcome, is_dry: bool) -> str:
    """Return the outcome in words; of a dry run, what would be done."""
    return "\n".join(_lines(outcome, is_dry))


def _lines(outcome: Outcome, is_dry: bool) -> Iterator[str]:
    verb = "would be imported" if is_dry else "imported"
    yield f"{_exchanges(outcome.new)} {verb} to {printable(outcome.folder)}"
    replaced = "would be replaced" if is_dry else "replaced"
    for number, what in (
        (outcome.changed, f"{replaced}: the record tells more now"),
        (outcome.known, "already there"),
        (outcome.elsewhere, "left out: already there from another source"),
    ):
        if number:
            yield f"{_exchanges(number)} {what}"
    if outcome.others:
        yield f"{outcome.others:,} other records hold no exchange with a model"
    for title, lacks in outcome.formats.items():
        yield f"Not in {title}: {lacks}."
    if outcome.new and not is_dry:
        yield "To look at them: trace-analyzer sessions, or: trace-analyzer list"


def _exchanges(number: int) -> str:
    return f"{number:,} exchange{'' if number == 1 else 's'}"
