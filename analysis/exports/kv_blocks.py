"""Requests as benchmarks of KV caches know them: how many tokens, when, and which blocks of the cache. No text.

A block's id says that the prompt is the same up to the end of this block as another one with this id, and nothing else:
ids are numbers in the order in which blocks first appear, so that nothing of a text can be found out from them. Which
blocks two prompts share is what `trace-analyzer cache` predicts, in the server's own tokens, for a server that holds
all prompts. Answers are in no such trace, so they are held by none of its blocks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count, islice

from analysis.prefix_cache import view
from traces import counts
from traces.sessions.grouping import Place, Session, Turn

BLOCK_SIZE = 16
"""Tokens of a block, as vLLM has it. The larger the blocks, the less of what prompts share shows."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    started    seconds since the epoch; None where it isn't known
    input, output   tokens, the server's where it counts them
    reused     tokens of the input that earlier requests hold
    blocks     the ids of its blocks; the last one may be partly filled
    """

    session: str
    agent: str
    turn: Turn
    started: float | None
    input: int
    output: int
    reused: int
    blocks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Workload:
    """Requests in the order in which a server was given them."""

    requests: Sequence[Request]
    block_size: int

    @property
    def input(self) -> int:
        return sum(request.input for request in self.requests)

    @property
    def reused(self) -> int:
        return sum(request.reused for request in self.requests)

    @property
    def hit_ratio(self) -> float:
        """The share of the input that a cache of any size holds already."""
        return self.reused / self.input if self.input else 0.0

    @property
    def shares(self) -> list[float]:
        """The same for each request."""
        return [request.reused / request.input for request in self.requests if request.input]


def workload(sessions: Sequence[Session], block_size: int, tokenizer: str) -> Workload:
    """Return the requests that a model was given. Raises ToolkitError where there are none, or their texts are gone."""
    rows = view.view([_without_answers(session) for session in sessions], slots=0, tokenizer=tokenizer).rows
    written = {(session.id, place.number): turn for session in sessions for turn, place in _placed(session)}
    found: list[Request] = []
    fresh = count()
    for row in rows:
        shared: tuple[int, ...] = ()
        if row.held is not None:
            shared = found[row.held].blocks[: row.reused // block_size]
        own = -(-row.total // block_size) - len(shared)
        turn = written[row.session, row.number]
        blocks = (*shared, *islice(fresh, max(own, 0)))
        found.append(
            Request(row.session, row.agent, turn, turn.started_at, row.total, _output(turn), row.reused, blocks)
        )
    return Workload(found, block_size)


def _without_answers(session: Session) -> Session:
    return replace(session, turns=tuple(replace(turn, answer=()) for turn in session.turns))


def _placed(session: Session) -> "zip[tuple[Turn, Place]]":
    return zip(session.turns, session.places, strict=True)


def _output(turn: Turn) -> int:
    """Return the tokens of the answer: an estimate where the server doesn't count them. No reader takes 0 of them."""
    return turn.output_tokens or counts.estimate_tokens([part.text for part in turn.answer]) or 1
