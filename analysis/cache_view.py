"""All that `cache` tells, from sessions that were read: put together here, shown by `analysis.cache_table`."""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.anthropic_cache import Predicted, predict
from analysis.cache_report import Row, rows
from analysis.cache_sums import added
from analysis.count_cache import CountCache
from analysis.order import ORDERS, template_of
from analysis.prefix import Server, served
from analysis.prompts import counted
from analysis.servers import ANTHROPIC, server_of
from analysis.tokens import DEFAULT, counter
from analysis.without import without
from traces.errors import ToolkitError
from traces.turn import Session


class NothingServed(ToolkitError):
    """No model was given any of the requests."""


@dataclass(frozen=True, slots=True)
class Saving:
    """What the sessions would save without what is `named`, and how often they used it."""

    named: str
    calls: int
    tokens: int
    prefilled: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class View:
    """`anthropic`: the prediction of Anthropic's own cache for each row; empty where another server answered."""

    sessions: Sequence[Session]
    rows: Sequence[Row]
    server: Server
    template: str
    counter: str
    estimate: bool
    saving: Saving | None
    anthropic: Sequence[Predicted | None]


def view(
    sessions: Sequence[Session],
    slots: int | None = None,
    ram: int | None = None,
    template: str | None = None,
    leave_out: Sequence[str] = (),
    tokenizer: str = DEFAULT,
) -> View:
    """`slots`, `ram` and `template` are the user's word; else what the mode and the model's name tell.

    `ram`: the tokens that llama.cpp's host-memory cache has room for."""
    turns = [turn for session in sessions for turn in session.turns if served(turn)]
    if not turns:
        raise NothingServed("No model was given any of these requests: there is nothing that a cache could hold.")
    modes = {turn.mode for turn in turns}
    models = [turn.model for turn in turns]
    template = template or template_of(turns[-1].mode, models)
    server = server_of(modes, slots, ram)
    who = counter(tokenizer, models[0])
    with CountCache() as cache:
        counts = counted(cache.around(who), models[0])
        found = rows(sessions, counts, server, ORDERS[template])
        saving = None
        if leave_out:
            left = without(sessions, leave_out)
            saving = _saving(leave_out, left.calls, found, rows(left.sessions, counts, server, ORDERS[template]))
        anthropic = predict([row.turn for row in found], counts) if modes & ANTHROPIC else []
    return View(sessions, found, server, template, who.name, who.estimate, saving, anthropic)


def _saving(names: Sequence[str], calls: int, before: Sequence[Row], after: Sequence[Row]) -> Saving:
    pairs = list(zip(before, after, strict=True))
    seconds = added(old.seconds(old.prefilled - new.prefilled) for old, new in pairs)
    return Saving(
        ", ".join(names),
        calls,
        sum(old.total - new.total for old, new in pairs),
        sum(old.prefilled - new.prefilled for old, new in pairs),
        seconds,
    )
