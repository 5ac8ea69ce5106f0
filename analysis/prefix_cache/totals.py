"""What was wasted in all, by cause, and what each fix would save."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from analysis.prefix_cache.causes import KINDS, advice
from analysis.prefix_cache.losses import Break
from analysis.prefix_cache.report import Row
from traces.clients import by_name, remedy
from traces.clients.claude_code.fixes import FIXES


@dataclass(frozen=True, slots=True)
class Loss:
    """What one kind of cause wasted, and in how many turns.

    seconds             None where no speed was measured
    seconds_estimated   whether the speed of one of these turns is that of others
    """

    turns: int
    tokens: int
    seconds: float | None
    seconds_estimated: bool
    example: Row
    broken: Break


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do, and what that saves once those before it in the list are done. Seconds are as in `Loss`."""

    name: str
    how: str
    tokens: int
    seconds: float | None
    seconds_estimated: bool


@dataclass(frozen=True, slots=True)
class Sums:
    """Tokens of all turns together, and seconds, None where no speed was measured.

    input             of the requests: what was reused, needed and wasted
    cached, of        what the server says that it had, of how many tokens; None where it says nothing, and of how
                      many turns it says nothing (`cached_unknown`)
    prefill_seconds   to prefill what wasn't reused; `wasted_seconds` of it for what an earlier turn had
    estimated         whether the speed of a turn that lost something is that of others: so `wasted_seconds` is an
                      estimate, as `prefill_seconds` is with `prefill_seconds_estimated`
    """

    input: int
    reused: int
    needed: int
    wasted: int
    cached: int | None
    cached_unknown: int
    of: int | None
    prefill_seconds: float | None
    wasted_seconds: float | None
    estimated: bool
    prefill_seconds_estimated: bool


def sums(rows: Sequence[Row]) -> Sums:
    """Return the sums of all rows."""
    reported = [row.usage for row in rows if row.usage and row.usage.cache_read is not None]
    return Sums(
        input=sum(row.total for row in rows),
        reused=sum(row.reused for row in rows),
        needed=sum(row.needed for row in rows),
        wasted=sum(row.wasted for row in rows),
        cached=sum(usage.cache_read or 0 for usage in reported) if reported else None,
        cached_unknown=len(rows) - len(reported),
        of=sum(usage.total for usage in reported) if reported else None,
        prefill_seconds=sum_known(row.seconds(row.prefilled) for row in rows),
        wasted_seconds=sum_known(row.seconds(row.wasted) for row in rows),
        estimated=has_estimate((row, row.wasted) for row in rows),
        prefill_seconds_estimated=has_estimate((row, row.prefilled) for row in rows),
    )


_BY_HAND = " (by hand)"


def losses(rows: Iterable[Row]) -> dict[str, Loss]:
    """Return the losses by kind of cause, the largest first; the example is the turn that lost most."""
    found: dict[str, list[tuple[Row, Break]]] = {}
    for row in rows:
        for one in by_kind(row.breaks):
            found.setdefault(one.cause.kind, []).append((row, one))
    sums = {kind: _loss(some) for kind, some in found.items()}
    return dict(sorted(sums.items(), key=lambda item: -item[1].tokens))


def by_kind(breaks: Sequence[Break]) -> list[Break]:
    """Return one break for each kind, at its first place, with what all of that kind lost."""
    wasted: Counter[str] = Counter()
    for one in breaks:
        wasted[one.cause.kind] += one.wasted
    first = {one.cause.kind: one for one in reversed(breaks)}
    return [replace(first[kind], wasted=tokens) for kind, tokens in wasted.items()]


def _loss(found: Sequence[tuple[Row, Break]]) -> Loss:
    example, broken = max(found, key=lambda one: one[1].wasted)
    seconds = sum_known(row.seconds(one.wasted) for row, one in found)
    estimated = has_estimate((row, one.wasted) for row, one in found)
    return Loss(len(found), sum(one.wasted for _, one in found), seconds, estimated, example, broken)


def remedies(rows: Sequence[Row]) -> list[Remedy]:
    """Return what to do: first what saves most, then what saves most once that is done.

    A break only counts as saved when all before it in its turn are fixed: else the prefix ends there already. So those
    that lost nothing by themselves count too. What would save nothing in the end is left out.
    """
    left: Counter[str] = Counter()
    for row in rows:
        for one in row.breaks:
            left[_remedy(one)] += one.wasted
    done: list[str] = []
    found = []
    saved = _saved(rows, done)
    while left:
        options = {name: _saved(rows, [*done, name]) for name in left}
        name = max(left, key=lambda name: (sum(options[name]), left[name]))
        gains = [(row, after - before) for row, before, after in zip(rows, saved, options[name], strict=True)]
        seconds = sum_known(row.seconds(tokens) for row, tokens in gains)
        found.append(Remedy(name, _how(name, rows), sum(tokens for _, tokens in gains), seconds, has_estimate(gains)))
        saved = options[name]
        done.append(name)
        del left[name]
    while found and not found[-1].tokens:
        found.pop()
    return found


def _saved(rows: Sequence[Row], done: Sequence[str]) -> list[int]:
    """Return the tokens that each row saves once this is done."""
    fixed = {*done, *(other for name in done if name in FIXES for other in FIXES[name].covers)}
    return [sum(one.wasted for one in _leading(row.breaks, lambda one: _remedy(one) in fixed)) for row in rows]


def _leading(breaks: Iterable[Break], fixed: Callable[[Break], bool]) -> Iterator[Break]:
    for one in breaks:
        if not fixed(one):
            return
        yield one


def _remedy(one: Break) -> str:
    """Return the name of what helps: a fix, or a kind that no fix changes. Some kinds have the name of their fix."""
    kind = one.cause.kind
    return one.cause.fix or (f"{kind}{_BY_HAND}" if KINDS[kind].fix else kind)


def _how(name: str, rows: Sequence[Row]) -> str:
    """Return what to do with the client that sent the requests; where several did, with each of them."""
    senders = sorted({row.turn.client for row in rows for one in row.breaks if _remedy(one) == name})
    texts = {sender: _instructions(name, sender) for sender in senders}
    if len(set(texts.values())) == 1:
        return next(iter(texts.values()))
    return " ".join(f"{_capital(by_name(sender).title)}: {text}" for sender, text in texts.items())


def _instructions(name: str, client: str) -> str:
    return remedy(name, client) if name in FIXES else advice(name.removesuffix(_BY_HAND), client)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def has_estimate(counts: Iterable[tuple[Row, float]]) -> bool:
    """Whether the time of some of these tokens is an estimate: the speed of their turn is that of others."""
    return any(row.estimated for row, tokens in counts if tokens)


def sum_known(seconds: Iterable[float | None]) -> float | None:
    """Return the sum of what is known; None where nothing is."""
    known = [one for one in seconds if one is not None]
    return sum(known) if known else None
