"""A request at other depths: its history cut, or grown by the real history of its session, to so many tokens."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from replay.variants.edit import Edited, EditError, variant
from replay.variants.history import Item, cuts, inserted, items_of, joined, openings, steps_in, with_items
from traces.errors import ToolkitError, TraceFormatError
from traces.model import Json, Trace
from traces.sessions.model import Session, Turn
from traces.storage import store

_UNITS = {"": 1, "k": 1_000, "m": 1_000_000}

FARTHEST = 0.1
"""How far from the depth that was asked for a grown request may stay, as a share: fewer tokens are another depth."""


class Count(NamedTuple):
    """A count of a request's tokens, and whose it is."""

    tokens: int
    by: str


Counter = Callable[[Json], Awaitable[Count]]
"""Counts the tokens of a request's body."""


def parse(text: str) -> list[tuple[str, int]]:
    """Read `4k,16k,64k`: each depth as it is written, and its tokens. Raises ValueError."""
    found = []
    for part in (each.strip() for each in text.split(",")):
        number, unit = (part[:-1], part[-1].lower()) if part[-1:].isalpha() else (part, "")
        if not number.isdigit() or not int(number) or unit not in _UNITS:
            raise ValueError(f"{part!r} is no depth: write 4k, or 4000.")
        found.append((part, int(number) * _UNITS[unit]))
    if len({tokens for _, tokens in found}) < len(found):
        raise ValueError(f"{text!r} names a depth twice.")
    return found


async def at_depth(trace: Trace, name: str, tokens: int, pool: Sequence[Sequence[Item]], count: Counter) -> Edited:
    """Return the request with a history that makes it so many tokens long, or as nearly as its turns allow.

    `pool` are the histories to grow it by, each put before what was grown so far. Raises EditError where neither
    cutting nor growing gets there.
    """
    body = trace.request.body
    if not isinstance(body, dict) or not items_of(body):
        raise EditError("The request holds no history that could be cut or grown.")
    whole = await count(body)
    if whole.tokens > tokens:
        return await _cut(trace, body, name, tokens, count)
    return await _grown(trace, body, name, tokens, pool, count)


async def _cut(trace: Trace, body: dict[str, Any], name: str, tokens: int, count: Counter) -> Edited:
    items = items_of(body)
    shorter = [with_items(body, kept) for kept in cuts(items)]
    fit = await _first(shorter, lambda found: found.tokens <= tokens, count)
    if fit is None:
        least = await count(shorter[-1] if shorter else body)
        raise EditError(
            f"{name}: what can't be cut is {least.tokens:,} tokens by {least.by}: tools, system prompt, last turn."
        )
    kept, found = fit
    words = f"{len(items) - len(items_of(kept))} of {len(items)} messages left out, the earliest"
    return variant(trace, f"depth {name}", kept, (f"{words}: {found.tokens:,} tokens by {found.by}",))


async def _grown(
    trace: Trace, body: dict[str, Any], name: str, tokens: int, pool: Sequence[Sequence[Item]], count: Counter
) -> Edited:
    items = items_of(body)
    before: list[Item] = []
    best: tuple[dict[str, Any], Count] | None = None
    for history in pool:
        whole = list(openings(history))
        longer = [with_items(body, joined([*part, *before], items)) for part in whole]
        longer = longer or [with_items(body, inserted(part, items)) for part in steps_in(history)]
        too_long = await _first(longer, lambda found: found.tokens > tokens, count)
        at = len(longer) if too_long is None else longer.index(too_long[0])
        if at:
            best = longer[at - 1], await count(longer[at - 1])
        if too_long is not None:
            break
        before = [*whole[-1], *before] if whole else before
    if best is None or best[1].tokens < (1 - FARTHEST) * tokens:
        found = best[1] if best else await count(body)
        raise EditError(f"{name}: the session has history for {found.tokens:,} tokens by {found.by} only.")
    grown, found = best
    words = f"{len(items_of(grown)) - len(items)} messages of the session put in before"
    return variant(trace, f"depth {name}", grown, (f"{words}: {found.tokens:,} tokens by {found.by}",))


async def _first(
    bodies: Sequence[dict[str, Any]], is_so: Callable[[Count], bool], count: Counter
) -> tuple[dict[str, Any], Count] | None:
    """Return the first body of which something is so, and its count, where it is so of all that follow it."""
    low, high = 0, len(bodies)
    found: Count | None = None
    while low < high:
        middle = (low + high) // 2
        counted = await count(bodies[middle])
        if is_so(counted):
            high, found = middle, counted
        else:
            low = middle + 1
    return None if low == len(bodies) or found is None else (bodies[low], found)


def pool_of(session: Session, trace: Trace) -> Iterator[list[Item]]:
    """Yield the session's other histories: what was said before this request's conversation, then what came after it.

    Of the request's own conversation only what follows its answer counts, without that answer. Turns whose traces can't
    be read are left out.
    """
    number = _number_of(session, trace)
    own = items_of(trace.request.body)
    later: list[list[Item]] = []
    seen: list[list[Item]] = []
    for place in reversed(session.places):
        turn = session.turns[place.number - 1]
        if place.why == "side" or turn.dialect != session.turns[number - 1].dialect or place.number == number:
            continue
        items = _items(turn)
        if not items or any(_begins(other, items) for other in seen):
            continue  # a later turn repeats it
        seen.append(items)
        if _begins(items, own):
            later.append(items[len(own) + 1 :])
        elif not _begins(own, items):
            yield items
    yield from later


def _number_of(session: Session, trace: Trace) -> int:
    for number, turn in enumerate(session.turns, 1):
        if turn.timestamp == trace.timestamp:
            return number
    raise ToolkitError("The request isn't among the turns of its session.")


def _items(turn: Turn) -> list[Item]:
    try:
        found = next(islice(store.read(turn.file, events=False), turn.place - 1, None), None) if turn.file else None
    except TraceFormatError:
        return []
    return items_of(found.request.body) if found else []


def _begins(longer: Sequence[Item], shorter: Sequence[Item]) -> bool:
    """Return whether a history begins with another one; what moves within it (markers) doesn't count."""
    return len(longer) >= len(shorter) and all(_same(*pair) for pair in zip(longer, shorter, strict=False))


def _same(one: Item, other: Item) -> bool:
    return bool(_plain(one) == _plain(other))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        content = value.get("content")
        plain = {name: _plain(item) for name, item in value.items() if name != "cache_control"}
        return {**plain, "content": [{"type": "text", "text": content}]} if isinstance(content, str) else plain
    return [_plain(item) for item in value] if isinstance(value, list) else value
