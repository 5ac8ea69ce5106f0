"""How much of each request a server can take from its cache: the longest prefix that it still holds."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from analysis.prefix_cache.prompts import Counts, Prompt, Prompts
from analysis.prefix_cache.slots import NOTHING, Holder, make_holder
from analysis.prefix_cache.templates import DEFAULT, ORDERS, Order
from traces.sessions.model import Turn


@dataclass(frozen=True, slots=True)
class Server:
    """What a server holds.

    slots       prompts that it holds at the same time; 0: all there ever were
    host        tokens that llama.cpp's host-memory cache has room for (`--cache-ram`): 0 for none, `inf` for any number
    by_model    whether each model's name has a cache of its own; else one loaded model answers to all names
    rewrites_header    whether it makes `cch=` of Claude Code's billing header the same in all requests
    """

    slots: int = 1
    host: float = 0
    by_model: bool = False
    rewrites_header: bool = False


@dataclass(frozen=True, slots=True)
class Reuse:
    """What one request can take from the cache.

    tokens    how many needn't be prefilled: never all, since the last one has to be
    total     the request's tokens
    held      the turn (its place in the list) whose prompt the server goes on from
    parts     how many whole parts of the request these tokens are, in the template's order
    """

    tokens: int
    total: int
    held: int | None
    parts: int


@dataclass
class Cache:
    """One server's cache. Ask it for turn after turn; `history` holds all prompts that it was given."""

    prompts: Prompts
    server: Server
    turns: list[Turn] = field(default_factory=list)
    history: list[Prompt] = field(default_factory=list)
    _holders: dict[str | None, Holder] = field(default_factory=dict)

    def ask(self, turn: Turn) -> Reuse:
        """Return what the turn can reuse, and keep its prompt and answer, if the prompt is known."""
        at = len(self.turns)
        self.turns.append(turn)
        self.history.append(self.prompts.of(turn))
        total = self.history[at].tokens
        found = self._holder(turn).serve(at) if was_served(turn) and not turn.unknown else NOTHING
        return Reuse(max(min(found.shared.tokens, total - 1), 0), total, found.turn, found.shared.parts)

    def _holder(self, turn: Turn) -> Holder:
        model = turn.model if self.server.by_model else None
        if model not in self._holders:
            self._holders[model] = make_holder(
                self.prompts, self.history, self.turns, self.server.slots, self.server.host
            )
        return self._holders[model]


def cache_of(counts: Counts, order: Order, server: Server) -> Cache:
    """Return the empty cache of a server whose template writes parts in this order."""
    return Cache(Prompts(counts, order, server.rewrites_header), server)


def was_served(turn: Turn) -> bool:
    """Whether a model was given the request: not one that was refused, and not one that only counts its tokens."""
    return turn.kind != "COUNT_TOKENS" and turn.status is not None and turn.status < 400


def predict(
    turns: Sequence[Turn],
    counts: Counts,
    slots: int = 1,
    order: Order = ORDERS[DEFAULT],
    *,
    host: float = 0,
    by_model: bool = False,
    rewrites_header: bool = False,
) -> list[Reuse]:
    """Return what each of the turns, in order, can take from the cache of a server that answered those before it.

    `counts` returns how many tokens each part has, for instance `prompts.part_counter(counter)`: those of its text,
    so what the template writes around it isn't counted. To compare with a server's own numbers, scale to its own total:

        reuse.tokens / reuse.total * (input_tokens + cache_read_input_tokens)

    Closer still are counts of parts as the template writes them: `counts` may render a part in any way (a tool as the
    template's JSON, a message with its `<|im_start|>`), as long as it renders the beginning of a part in the same way.

    What a turn generated is held too, so replayed turns must carry the answers that this server gave, not those of the
    recording: `dataclasses.replace(turn, answer=…)`.
    """
    cache = cache_of(counts, order, Server(slots, host, by_model, rewrites_header))
    return [cache.ask(turn) for turn in turns]
