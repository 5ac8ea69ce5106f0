"""What the traces of one run say about a client: a row of the table."""

from collections.abc import Sequence
from dataclasses import dataclass

from traces.clients import client_of, side_request
from traces.clients.base import lower
from traces.content import answers
from traces.model import Trace
from traces.sessions.grouping import TurnReader, sessions
from traces.storage.flowfile import CHANGED


@dataclass(frozen=True, slots=True)
class Findings:
    """What was seen of a client.

    recorded   exchanges that ended, a model's answer or a refusal
    known      it was known as the client that it is, in each
    session    all are of one session
    called     a tool call came, and a later request followed it
    whole      every one of them is complete, and nothing in its record is odd; a repair on the way isn't
    wrong      what went wrong, the first of it; "" where nothing did
    """

    recorded: int = 0
    known: bool = False
    session: bool = False
    called: bool = False
    whole: bool = False
    wrong: str = ""

    @property
    def is_well(self) -> bool:
        return self.known and self.session and self.called and self.whole


def judge(traces: Sequence[Trace], client: str) -> Findings:
    """Return what the traces of one run of a client say. Those cut off by the end of the run don't count."""
    ended = [trace for trace in traces if trace.state != "incomplete"]
    if not ended:
        return Findings(wrong="nothing was recorded")
    reader = TurnReader()
    turns = [trace for trace in ended if side_request(trace) is None]
    calls = [number for number, trace in enumerate(turns, 1) if answers.kind_of(trace) == "TOOL_CALL"]
    failed = next((trace.error.message for trace in ended if trace.error), "")
    marks = next((mark for trace in ended for mark in trace.marks if mark != CHANGED), "")
    return Findings(
        recorded=len(ended),
        known={client_of(lower(one.request.headers), one.request.body).name for one in ended} == {client},
        session=len(sessions(map(reader.read, ended))) == 1,
        called=bool(calls) and calls[0] < len(turns),
        whole=not failed and not marks,
        wrong=failed or marks,
    )
