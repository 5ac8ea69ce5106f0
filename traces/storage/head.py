"""The head of a trace: what its file's first line sums up, enough for a list and for the index.

An index of 100,000 traces reads as many first lines. So what a line holds is checked by the types of its values, all
at once, and becomes a plain tuple, `Values`, in the order of the index's columns; a `Head` is made of what is shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Self, get_args

from traces import counts, jsonio
from traces.clients import client_of
from traces.clients.base import lower
from traces.content import answers
from traces.errors import TraceFormatError
from traces.model import Exchange, Ids, Json, State
from traces.money.billed import UNSEEN, Billed, billed
from traces.storage import times
from traces.storage.shapes import build, check, one_of


class Values(NamedTuple):
    """What a head holds, as plain values. `billed` is what `Billed.from_json` reads."""

    timestamp: str
    mode: str
    state: State
    session: str | None
    agent: str | None
    parent_agent: str | None
    model: str | None
    kind: str
    client: str
    input_tokens: int | None
    output_tokens: int | None
    ttft: float | None
    total: float | None
    marks: Sequence[str]
    tools: Sequence[str]
    billed: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Head:
    """The summary in the first line of a trace file.

    kind               the kind of the exchange, see `traces.content.answers`
    input_tokens       all that the server counted, cached or not; None without a count, or where it can't be true
                       (see `traces.counts`)
    output_tokens      the same for the output
    ttft, total        seconds
    marks              what is missing or odd in the record
    billed             what of it costs money
    client             the name of the program that asked, see `traces.clients`; "" for an unknown one
    tools              the names of the tools that the answer calls, each once
    """

    timestamp: str
    mode: str
    state: State
    ids: Ids
    model: str | None
    kind: str
    input_tokens: int | None
    output_tokens: int | None
    ttft: float | None
    total: float | None
    marks: tuple[str, ...] = ()
    billed: Billed = field(default=UNSEEN, compare=False)
    client: str = ""
    tools: tuple[str, ...] = ()

    @classmethod
    def of(cls, values: Values) -> Self:
        """Return the head with these values."""
        return cls(
            timestamp=values.timestamp,
            mode=values.mode,
            state=values.state,
            ids=Ids(values.session, values.agent, values.parent_agent),
            model=values.model,
            kind=values.kind,
            input_tokens=values.input_tokens,
            output_tokens=values.output_tokens,
            ttft=values.ttft,
            total=values.total,
            marks=tuple(values.marks),
            billed=Billed.from_json(values.billed),
            client=values.client,
            tools=tuple(values.tools),
        )

    @property
    def values(self) -> Values:
        """Its values."""
        return Values(
            timestamp=self.timestamp,
            mode=self.mode,
            state=self.state,
            session=self.ids.session,
            agent=self.ids.agent,
            parent_agent=self.ids.parent_agent,
            model=self.model,
            kind=self.kind,
            client=self.client,
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
            ttft=self.ttft,
            total=self.total,
            marks=self.marks,
            tools=self.tools,
            billed=self.billed.to_json(),
        )


def head_of(trace: Exchange) -> Head:
    """Return the head of an exchange."""
    body = trace.response.body if trace.response else None
    usage = counts.credible_input(body, trace.request.body)
    return Head(
        timestamp=trace.timestamp,
        mode=trace.mode,
        state=trace.state,
        ids=trace.ids,
        model=trace.model,
        kind=answers.kind_of(trace),
        input_tokens=usage.total if usage else None,
        output_tokens=counts.output(body, trace.events).known,
        ttft=trace.timing.ttft,
        total=trace.timing.total,
        marks=trace.marks,
        billed=billed(trace),
        client=client_of(lower(trace.request.headers), trace.request.body).name,
        tools=tuple(answers.tools_used(body)),
    )


def summary_of(head: Head) -> dict[str, Json]:
    """Return what the first line of a file sums up."""
    return {
        "model": head.model,
        "kind": head.kind,
        "input_tokens": head.input_tokens,
        "output_tokens": head.output_tokens,
        "client": head.client,
        "tools": list(head.tools),
        "billed": head.billed.to_json(),
    }


_SUMMED = {"billed", "client", "tools"}
"""Keys without which a summary is one of an older version."""


def decode_head(line: bytes, source: str | Path) -> Head | None:
    """Return the head from a file's first line; None where a file must be read whole, as an older one."""
    values = decode_values(line, source)
    return values and Head.of(values)


def decode_values(line: bytes, source: str | Path) -> Values | None:
    """Return the values of the head in a file's first line; None where a file must be read whole.

    Raises TraceFormatError, naming `source` and what is wrong.
    """
    if not line.startswith(b'{"version":') or not line.endswith(b",\n"):
        return None
    try:
        raw = jsonio.loads(line[:-2] + b"}", trusted=True)
    except ValueError as error:
        raise TraceFormatError(f"{source}: Invalid JSON: {error}") from error
    if isinstance(raw, dict) and not (isinstance(summary := raw.get("summary"), dict) and summary.keys() >= _SUMMED):
        return None
    try:
        return _values(check(dict, raw, "the first line"))
    except (ValueError, TypeError) as error:
        raise TraceFormatError(f"{source}: {error}") from error


def _values(first: Mapping[str, Any]) -> Values:
    summary = check(dict, first.get("summary"), "summary")
    ids = check(dict, first.get("ids") or {}, "ids")
    checked: tuple[Any, ...] = (
        first.get("timestamp"),
        first.get("mode"),
        first.get("state"),
        ids.get("session"),
        ids.get("agent"),
        ids.get("parent_agent"),
        summary.get("model"),
        summary.get("kind"),
        summary.get("client"),
        summary.get("input_tokens"),
        summary.get("output_tokens"),
    )
    if (types := tuple(map(type, checked))) not in _known_types:
        for (name, kind), value in zip(_CHECKED.items(), checked, strict=True):
            build(kind, value, name)
        _known_types.add(types)
    if checked[2] not in _STATES:
        one_of(_STATES, checked[2], "state")
    measured, is_possible = times.timing(first.get("timing"))
    marks, tools = first.get("marks"), summary.get("tools")
    return Values._make(
        (
            *checked,
            measured.ttft,
            measured.total,
            times.marks(marks, is_possible) if marks or not is_possible else (),
            build(tuple[str, ...], tools, "summary.tools") if tools != [] else (),
            Billed.checked(check(dict, summary.get("billed"), "summary.billed")),
        )
    )


_CHECKED: Mapping[str, Any] = {
    "timestamp": str,
    "mode": str,
    "state": str,
    "ids.session": str | None,
    "ids.agent": str | None,
    "ids.parent_agent": str | None,
    "summary.model": str | None,
    "summary.kind": str,
    "summary.client": str,
    "summary.input_tokens": int | None,
    "summary.output_tokens": int | None,
}
"""The values that are checked by their types: where they are, and what they must be."""

_known_types: set[tuple[type, ...]] = set()
"""The types that those values were found to have: a few combinations, as all others raise an error."""

_STATES = get_args(State)
