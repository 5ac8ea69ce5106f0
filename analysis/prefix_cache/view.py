"""All that the command `cache` reports of sessions, as one `View`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis.prefix_cache import what_if
from analysis.prefix_cache.anthropic import Predicted, predict
from analysis.prefix_cache.cache import Server, was_served
from analysis.prefix_cache.money import costs
from analysis.prefix_cache.prompts import Counts, part_counter
from analysis.prefix_cache.report import Row, mark_expired, scale, unscaled_rows
from analysis.prefix_cache.server import has_anthropics_cache, learn, server_of
from analysis.prefix_cache.templates import ORDERS, template_of
from analysis.prefix_cache.totals import has_estimate, sum_known
from analysis.tokens.cache import CountCache
from analysis.tokens.counters import DEFAULT, counter
from analysis.tokens.models import most_used_model
from traces.errors import ToolkitError
from traces.metrics import Sum
from traces.money import book
from traces.sessions.model import Session


class NoRequestServed(ToolkitError):
    """No model was given any of the requests."""


@dataclass(frozen=True, slots=True)
class Saving:
    """What the sessions would save without the tools or blocks that are `named`, and how often they used these."""

    named: str
    calls: int
    tokens: int
    prefilled: int
    seconds: float | None
    seconds_estimated: bool


@dataclass(frozen=True, slots=True)
class View:
    """What the command `cache` reports.

    estimate     whether the tokens were counted with a tokenizer that isn't the model's own
    anthropic    the prediction of Anthropic's own cache for each row, None for those of other servers; empty where
                 there are only these
    costs        what each kind of cause cost in dollars, where prices are known
    unknown      how many turns are left out, as not all of their prompts is in the record
    """

    sessions: Sequence[Session]
    rows: Sequence[Row]
    server: Server
    template: str
    counter: str
    estimate: bool
    saving: Saving | None
    anthropic: Sequence[Predicted | None]
    costs: Mapping[str, Sum]
    unknown: int = 0


def view(
    sessions: Sequence[Session],
    slots: int | None = None,
    ram: int | None = None,
    template: str | None = None,
    leave_out: Sequence[str] = (),
    tokenizer: str = DEFAULT,
) -> View:
    """Return what is known of the prefix cache of these sessions. Raise NoRequestServed where there is nothing.

    slots, ram    what the server holds, where the user says so; `ram` is the tokens that llama.cpp's host-memory cache
                  has room for
    template      the chat template, if the user names one, else that of the model's name
    leave_out     tools or blocks: what would be saved without them
    """
    turns = [turn for session in sessions for turn in session.turns if was_served(turn)]
    if not turns:
        raise NoRequestServed("No model was given any of these requests: there is nothing that a cache could hold.")
    if all(turn.unknown for turn in turns):
        missing = ", ".join(sorted(frozenset().union(*(turn.unknown for turn in turns))))
        raise NoRequestServed(f"Nothing can be said of a prefix: these records don't hold whole requests ({missing}).")
    if not any(turn.digest for turn in turns):
        raise NoRequestServed("The texts of these requests aren't recorded: nothing can be said of a cache.")
    modes = {turn.mode for turn in turns}
    models = [turn.model for turn in turns]
    template = template or template_of(turns[-1].mode, models)
    model = most_used_model(models)
    who = counter(tokenizer, model)
    with CountCache() as cache:
        counts = part_counter(cache.wrap(who), model)
        server = learn(server_of(modes, slots, ram), turns, counts, ORDERS[template])
        before = unscaled_rows(sessions, counts, server, ORDERS[template])
        found = scale(before)
        saving = None
        if leave_out:
            left = what_if.leave_out(sessions, leave_out)
            after = unscaled_rows(left.sessions, counts, server, ORDERS[template])
            saving = _saving(leave_out, left.calls, found, before, after)
        anthropic = _anthropic(found, counts, server)
    shown = mark_expired(found, anthropic) if anthropic else found
    unknown = sum(bool(turn.unknown) for turn in turns)
    spent = costs(shown, book.load())
    return View(sessions, shown, server, template, who.name, who.estimate, saving, anthropic, spent, unknown)


def _anthropic(rows: Sequence[Row], counts: Counts, server: Server) -> list[Predicted | None]:
    """Return the prediction for each turn that Anthropic's own cache answered; nothing where there is none."""
    theirs = [has_anthropics_cache(row.turn) for row in rows]
    turns = [row.turn for row, is_theirs in zip(rows, theirs, strict=True) if is_theirs]
    found = iter(predict(turns, counts, server.rewrites_header))
    return [next(found) if is_theirs else None for is_theirs in theirs] if turns else []


def _saving(
    names: Sequence[str], calls: int, found: Sequence[Row], before: Sequence[Row], after: Sequence[Row]
) -> Saving:
    """Return what the counter counts less, in the server's tokens of each turn.

    The server's total includes what is left out, so scaling both to it would make them equal.
    """
    scales = [row.total / old.total if old.total else 1.0 for row, old in zip(found, before, strict=True)]
    pairs = list(zip(scales, before, after, strict=True))
    prefilled = [scale * (old.prefilled - new.prefilled) for scale, old, new in pairs]
    return Saving(
        ", ".join(names),
        calls,
        round(sum(scale * (old.total - new.total) for scale, old, new in pairs)),
        round(sum(prefilled)),
        sum_known(row.seconds(tokens) for row, tokens in zip(found, prefilled, strict=True)),
        has_estimate(zip(found, prefilled, strict=True)),
    )
