"""All that `cache` tells, from sessions that were read: put together here, shown by `analysis.cache_table`."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from analysis.anthropic_cache import Predicted, predict
from analysis.cache_report import Row, rows
from analysis.cache_sums import added
from analysis.count_cache import CountCache
from analysis.order import ORDERS, template_of
from analysis.prefix import Server, served
from analysis.prompts import counted
from analysis.tokens import DEFAULT, counter
from analysis.without import without
from traces.errors import ToolkitError
from traces.turn import Session

ANTHROPIC = frozenset(("claude", "openrouter"))
"""Modes in which Anthropic's own cache answers, which holds whatever was marked; no slots are in the way."""

WITH_RAM = frozenset(("llamacpp", "ollama"))
"""Modes in which llama.cpp's server keeps in the host's memory what a slot loses: 8 GiB, if it isn't told otherwise."""

REWRITES_HEADER = frozenset(("llamacpp",))
"""Modes in which the server makes what changes per request in the billing header the same, since early in 2026."""

ONE_FOR_ALL = frozenset(("llamacpp", "mlx"))
"""Modes in which the one loaded model answers to every name."""


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
        raise ToolkitError("No model was given any of these requests: there is nothing that a cache could hold.")
    modes = {turn.mode for turn in turns}
    mode, models = turns[-1].mode, [turn.model for turn in turns]
    template = template or template_of(mode, models)
    server = Server(
        slots=slots if slots is not None else 0 if modes <= ANTHROPIC else 1,
        host=ram if ram is not None else inf if mode in WITH_RAM else 0,
        by_model=mode not in ONE_FOR_ALL,
        rewrites_header=mode in REWRITES_HEADER,
    )
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
