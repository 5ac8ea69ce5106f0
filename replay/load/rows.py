"""The raw record of one request under load: everything that is told of a load is computed from such rows.

Percentiles are always taken of rows, never of other percentiles. A row is flat, so that it is a line of a CSV file, of
JSON lines, or of a Parquet table.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One request, and what came of it. None is what wasn't measured, or isn't known.

    Which one it was:
        run           of which level, and which of its repeated runs: from 1, in the order they were made
        level         the level's name: `8 agents`, `6/min`
        load          the level as a number: agents at once, or sessions begun a minute
        node          the machine that sent it, by its name; `process` which of its processes, from 1
        lane          which agent at work, from 1; in an open loop, which arrival
        visit         how many sessions this lane has begun, from 1: run, lane and visit name a copy of a session
        session       the recorded session, by its short id
        agent         who the turn belongs to: `main`, or a subagent's key
        turn          its number within the session
        kind          what kind of request it was, as sessions show it
        warmup        it was sent before the warm-up was over, and counts in no figure
    When (seconds since the run began, the same moment for all processes):
        due           when it should have gone out: the answers before it were there, and the pause was over
        sent          when it went out on an open connection: `t0`
        at            `sent` as seconds since the epoch
        pause         how long the tools or the person took before it
    Times (seconds since t0; `connect` is before it):
        connect, headers, ttft, first_answer, first_tool_call, last_content, total
                      as `traces.model.Timing` has them
        chunks        how many content chunks came
        gap_mean, gap_p50, gap_p99, gap_max
                      the inter-token latency: of gaps between content chunks, which may hold several tokens each
        stamps        when each content chunk arrived, where they are kept
    Tokens:
        input         of the prompt, as the server counts them
        cached        how many of them came from the server's cache, as it says
        predicted     how many of them begin a prompt that the server had already answered in this run: what a cache
                      that forgets nothing would hold
        output        generated ones; `output_estimated` where the server doesn't count them
        decode        tokens per second after the first content chunk; `decode_estimated` where a part is an estimate
        prefill       tokens that no cache served, per second until the first content
    What came of it:
        error         the kind of failure (`traces.model.STATE_OF`); None where the answer is whole
        message       what the server or this program says about it
        status        of HTTP
        stop          why the model stopped, as the server words it
        answer_id     the answer's id, by which the server's own log may be searched
        history       whose answers its history holds: `recorded` or `live`
        correct       whether an agent could go on with it as with the recorded one; None where that can't be said
        wrong         the questions that it failed, separated by spaces
    This client:
        cpu           the share of a core that its process used meanwhile
        late          the longest delay of its event loop meanwhile, in seconds
        doubts        why the figures can't be trusted, separated by `; `
    """

    run: int
    level: str
    load: float
    node: str
    process: int
    lane: int
    visit: int
    session: str
    agent: str
    turn: int
    kind: str
    warmup: bool
    due: float
    sent: float
    at: float
    pause: float = 0.0
    connect: float | None = None
    headers: float | None = None
    ttft: float | None = None
    first_answer: float | None = None
    first_tool_call: float | None = None
    last_content: float | None = None
    total: float | None = None
    chunks: int = 0
    gap_mean: float | None = None
    gap_p50: float | None = None
    gap_p99: float | None = None
    gap_max: float | None = None
    stamps: tuple[float, ...] = ()
    input: int | None = None
    cached: int | None = None
    predicted: int | None = None
    output: int | None = None
    output_estimated: bool = False
    decode: float | None = None
    decode_estimated: bool = False
    prefill: float | None = None
    error: str | None = None
    message: str | None = None
    status: int | None = None
    stop: str | None = None
    answer_id: str | None = None
    history: str = "recorded"
    correct: bool | None = None
    wrong: str = ""
    cpu: float = 0.0
    late: float = 0.0
    doubts: str = ""

    @property
    def ok(self) -> bool:
        """Whether the answer is whole."""
        return self.error is None

    @property
    def lag(self) -> float:
        """How late this client was with the request, in seconds: opening the connection isn't counted."""
        return max(0.0, self.sent - (self.connect or 0.0) - self.due)

    @property
    def ended(self) -> float:
        """When the answer ended, or broke off: seconds since the run began."""
        return self.sent + (self.total or 0.0)

    @property
    def generation(self) -> float | None:
        """Seconds from the first content to the answer's end."""
        return None if self.ttft is None or self.total is None else self.total - self.ttft

    @property
    def next_action(self) -> float | None:
        """Seconds until the agent could act: to the first whole tool call, else to the answer's end."""
        return self.total if self.first_tool_call is None else self.first_tool_call

    @property
    def copy(self) -> tuple[int, int, int]:
        """Which copy of a session it belongs to: no two have the same."""
        return self.run, self.lane, self.visit


DERIVED = ("lag", "ended", "generation", "next_action")
"""Properties that a document of a row holds as well, for who reads it with other tools."""


def to_dict(row: Row) -> dict[str, Any]:
    """Return a row's columns by their names, in the order of its fields, then what is derived from them."""
    return {**asdict(row), **{name: getattr(row, name) for name in DERIVED}}


_FIELDS = frozenset(field.name for field in fields(Row))


def from_dict(given: Mapping[str, Any]) -> Row:
    """Return the row of a document. Columns that this version doesn't know are left out.

    Raises TypeError where a column that every row has is missing.
    """
    known = {name: value for name, value in given.items() if name in _FIELDS}
    return Row(**{**known, "stamps": tuple(known.get("stamps") or ())})
