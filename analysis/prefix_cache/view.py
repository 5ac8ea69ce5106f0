"""All that `cache` tells, from sessions that were read: put together here, shown by `analysis.prefix_cache.text`."""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.prefix_cache.anthropic import Predicted, predict
from analysis.prefix_cache.cache import Server, served
from analysis.prefix_cache.prompts import Counts, counted
from analysis.prefix_cache.report import Row, counted_rows, expired, scaled
from analysis.prefix_cache.server import has_anthropics_cache, learnt, server_of
from analysis.prefix_cache.templates import ORDERS, template_of
from analysis.prefix_cache.totals import added
from analysis.prefix_cache.what_if import without
from analysis.tokens.cache import CountCache
from analysis.tokens.counters import DEFAULT, counter
from analysis.tokens.models import most_used_model
from traces.errors import ToolkitError
from traces.sessions.model import Session


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
    """`anthropic`: the prediction of Anthropic's own cache for each row, None for those of other servers; empty where
    there are only these."""

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
    model = most_used_model(models)
    who = counter(tokenizer, model)
    with CountCache() as cache:
        counts = counted(cache.wrap(who), model)
        server = learnt(server_of(modes, slots, ram), turns, counts, ORDERS[template])
        before = counted_rows(sessions, counts, server, ORDERS[template])
        found = scaled(before)
        saving = None
        if leave_out:
            left = without(sessions, leave_out)
            after = counted_rows(left.sessions, counts, server, ORDERS[template])
            saving = _saving(leave_out, left.calls, found, before, after)
        anthropic = _anthropic(found, counts, server)
    shown = expired(found, anthropic) if anthropic else found
    return View(sessions, shown, server, template, who.name, who.estimate, saving, anthropic)


def _anthropic(rows: Sequence[Row], counts: Counts, server: Server) -> list[Predicted | None]:
    """Of the turns that Anthropic's own cache answered, where there are any."""
    theirs = [has_anthropics_cache(row.turn) for row in rows]
    turns = [row.turn for row, is_theirs in zip(rows, theirs, strict=True) if is_theirs]
    found = iter(predict(turns, counts, server.rewrites_header))
    return [next(found) if is_theirs else None for is_theirs in theirs] if turns else []


def _saving(
    names: Sequence[str], calls: int, found: Sequence[Row], before: Sequence[Row], after: Sequence[Row]
) -> Saving:
    """What the counter counts less, in the server's tokens of each turn. The server reported a total with what is left
    out, so to scale both to that would make them equal."""
    scales = [row.total / old.total if old.total else 1.0 for row, old in zip(found, before, strict=True)]
    pairs = list(zip(scales, before, after, strict=True))
    prefilled = [scale * (old.prefilled - new.prefilled) for scale, old, new in pairs]
    return Saving(
        ", ".join(names),
        calls,
        round(sum(scale * (old.total - new.total) for scale, old, new in pairs)),
        round(sum(prefilled)),
        added(row.seconds(tokens) for row, tokens in zip(found, prefilled, strict=True)),
    )
