"""The report of a session: its turns and agents with their tokens, reuse and times."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from analysis.prefix_cache.cache import Reuse, Server, cache_of, was_served
from analysis.prefix_cache.prompts import Counts, Prompt, Prompts, part_counter
from analysis.prefix_cache.server import believable_usage, learn, server_of
from analysis.prefix_cache.templates import ORDERS, template_of
from analysis.session.activities import Activity, seconds_by_activity
from analysis.session.sums import has_output, waiting_seconds, writing_seconds
from analysis.tokens.cache import CountCache
from analysis.tokens.counters import DEFAULT, counter
from analysis.tokens.models import most_used_model
from traces.metrics import InputUsage, Sum, sum_known
from traces.money import book
from traces.money.book import UNPRICED, Charge, PriceBook, total
from traces.money.busy import busy_seconds
from traces.sessions.model import Agent, Place, Session, Turn


@dataclass(frozen=True, slots=True)
class TurnRow:
    """One turn, with the tokens of its request.

    Where the server reports a plausible total, that is `input`, and what we counted is scaled to it. `new` and
    `reusable` are None where the server refused the request, and where its texts aren't recorded.

    counted     the request's tokens as we count them; None where not all of it is recorded
    input       the request's tokens; None where neither the server nor we could count them
    new         of these, in parts that this agent's turn before didn't have, not even in another place
    reusable    of these, the longest prefix that the server can still have in its cache
    cached      of these, from the cache, as the server reports it
    usage       what the server reports, where that is plausible
    charge      what it cost, by the prices known now
    """

    turn: Turn
    place: Place
    agent: str
    counted: int | None
    input: int | None
    new: int | None
    reusable: int | None
    usage: InputUsage | None
    charge: Charge = UNPRICED

    @property
    def reusable_percent(self) -> float | None:
        """The reusable share of the input; None where either is unknown or there is no input."""
        return None if self.reusable is None or not self.input else round(100 * self.reusable / self.input, 1)

    @property
    def cached(self) -> int | None:
        """The input tokens from the cache, as the server reports them."""
        return self.usage.cache_read if self.usage else None


@dataclass(frozen=True, slots=True)
class Sums:
    """The sums of several turns; requests that the server refused add nothing to `input`.

    waiting    seconds until the first tokens
    writing    seconds from there to the end

    Any of these may be unknown for some turns; the sums count how many.
    """

    turns: int
    input: Sum
    new: Sum
    reusable: Sum
    output: Sum
    waiting: Sum
    writing: Sum
    tool_calls: int
    cost: Sum


@dataclass(frozen=True, slots=True)
class SessionReport:
    """All there is to show of a session.

    server    what the server's cache is assumed to hold
    agents    each agent, its name, and the sums of its turns
    time      seconds of each activity; None where the record has none of the times that tell it
    """

    session: Session
    template: str
    server: Server
    rows: Sequence[TurnRow]
    agents: Sequence[tuple[Agent, str, Sums]]
    total: Sums
    time: Mapping[Activity, float | None]


def report(
    session: Session, counts: Counts, server: Server, template: str, prices: PriceBook | None = None
) -> SessionReport:
    """Return the report of a session whose prompts go in the template's order to a server with such a cache."""
    names = _agent_names(session.agents)
    cache = cache_of(counts, ORDERS[template], server)
    rows: list[TurnRow] = []
    for turn, place, charge in zip(session.turns, session.places, charges(session, prices or PriceBook()), strict=True):
        reuse = cache.ask(turn)
        before = _last_served(session, place)
        new = _new_tokens(cache.prompts, cache.history[-1], None if before is None else cache.history[before - 1])
        rows.append(replace(_row(turn, place, names[place.agent], reuse, new), charge=charge))
    return SessionReport(
        session=session,
        template=template,
        server=server,
        rows=rows,
        agents=[(agent, names[agent.key], _sums(rows[n - 1] for n in agent.turns)) for agent in session.agents],
        total=_sums(rows),
        time=_time(session),
    )


def _time(session: Session) -> Mapping[Activity, float | None]:
    """Return the seconds of each activity, as far as they are known: a transcript holds no time of an answer."""
    seconds: dict[Activity, float | None] = {**seconds_by_activity(session)}
    unknown: list[Activity] = []
    if all(turn.times_unknown and turn.timing.ttft is None for turn in session.turns):
        unknown += ["waiting", "writing"]
    if all(turn.times_unknown and turn.ended_at is None for turn in session.turns):
        unknown += ["tools", "retries", "person"]
    return {**seconds, **dict.fromkeys(unknown)}


def charges(session: Session, prices: PriceBook) -> list[Charge]:
    """Return what each turn cost. Where an hour has a price, a moment is shared out among the session's own turns."""
    seconds = busy_seconds([(turn.mode, turn.timestamp, turn.timing.total) for turn in session.turns])
    return [prices.charge(turn.billed, turn.timestamp, busy) for turn, busy in zip(session.turns, seconds, strict=True)]


def _last_served(session: Session, place: Place) -> int | None:
    """Return the number of the turn that this one continues, leaving out those that the server refused."""
    follows = place.follows
    while follows is not None and not was_served(session.turns[follows - 1]):
        follows = session.places[follows - 1].follows
    return follows


def _row(turn: Turn, place: Place, agent: str, reuse: Reuse, new: int) -> TurnRow:
    if not turn.digest:  # there is nothing to count, and so nothing to doubt the server's count by
        total = turn.usage.total if turn.usage else None
        return TurnRow(turn, place, agent, None if turn.unknown else total or 0, total, None, None, turn.usage)
    usage = believable_usage(turn, reuse.total)
    total = usage.total if usage else reuse.total
    if not was_served(turn):
        return TurnRow(turn, place, agent, reuse.total, total, None, None, usage)
    scale = total / reuse.total if reuse.total else 0
    return TurnRow(turn, place, agent, reuse.total, total, round(new * scale), round(reuse.tokens * scale), usage)


def _new_tokens(prompts: Prompts, sent: Prompt, before: Prompt | None) -> int:
    """Return the tokens of parts that the turn before neither sent nor generated; a part that is repeated is new."""
    new = Counter(sent.numbers[: sent.asked])
    if before:
        new -= Counter(before.numbers)
    return sum(prompts.tokens(number) * times for number, times in new.items())


def _sums(rows: Iterable[TurnRow]) -> Sums:
    rows = list(rows)
    turns = [row.turn for row in rows]
    served = [row for row in rows if was_served(row.turn)]
    return Sums(
        turns=len(rows),
        input=sum_known(row.input for row in served),
        new=sum_known(row.new for row in served),
        reusable=sum_known(row.reusable for row in served),
        output=sum_known(turn.output_tokens for turn in turns if has_output(turn.kind, turn.state, turn.timing.ttft)),
        waiting=sum_known(waiting_seconds(turn.timing, turn.times_unknown) for turn in turns),
        writing=sum_known(writing_seconds(turn.timing, turn.times_unknown) for turn in turns),
        tool_calls=sum(len(turn.tools_used) for turn in turns),
        cost=total(row.charge for row in rows),
    )


def _agent_names(agents: Sequence[Agent]) -> dict[str, str]:
    """Return a name for each agent's key: its type where the client sends one, with a number where types repeat."""
    names: dict[str, str] = {}
    numbers: Counter[str] = Counter()
    for agent in agents:
        name = agent.type or ("subagent" if agent.parent else agent.key)
        numbers[name] += 1
        names[agent.key] = name if numbers[name] == 1 else f"{name} {numbers[name]}"
    return names


@dataclass(frozen=True, slots=True)
class View:
    """The reports of one session or several, and the name of the counter."""

    reports: Sequence[SessionReport]
    counter: str


def view(sessions: Sequence[Session], tokenizer: str = DEFAULT) -> View:
    """Return the report of each session by itself, as if its server had answered no other one meanwhile."""
    model = most_used_model(turn.model for session in sessions for turn in session.turns)
    tokens, prices = counter(tokenizer, model), book.load()
    with CountCache() as cache:
        counts = part_counter(cache.wrap(tokens), model)
        return View([_report(one, counts, prices) for one in sessions], tokens.name)


def _report(session: Session, counts: Counts, prices: PriceBook) -> SessionReport:
    template = _template(session)
    server = server_of({turn.mode for turn in session.turns})
    return report(session, counts, learn(server, session.turns, counts, ORDERS[template]), template, prices)


def _template(session: Session) -> str:
    return template_of(session.turns[-1].mode, (turn.model for turn in session.turns))
