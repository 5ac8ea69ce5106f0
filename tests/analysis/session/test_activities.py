"""Where the time went, moment by moment: a request's first token comes after 1 s, its end after 2."""

from collections.abc import Mapping, Sequence

import pytest

from analysis.session.activities import seconds_by_activity
from tests.support.factories import SESSION, call, exchange, read, result
from traces.model import Ids, Timing, Trace
from traces.sessions.grouping import sessions

LOOKING = Ids(SESSION, "a1")
READING = [call("Read")]
UNMEASURED = Timing()

CASES: dict[str, tuple[Sequence[Trace], Mapping[str, float]]] = {
    "one turn": ([exchange(0, "Hi", answer="hello")], {"waiting": 1, "writing": 1}),
    "a tool runs": (
        [exchange(0, "Word?", answer=READING), exchange(5, "Word?", READING, [result("plum")], answer="plum")],
        {"waiting": 2, "writing": 2, "tools": 3},
    ),
    "the person thinks": (
        [exchange(0, "Hi", answer="hello"), exchange(62, "Hi", "hello", "And?", answer="no")],
        {"waiting": 2, "writing": 2, "person": 60},
    ),
    "a try fails": (
        [exchange(0, "Hi", failed="http_error", timing=Timing(total=0.5)), exchange(4, "Hi", answer="hello")],
        {"waiting": 1.5, "writing": 1, "retries": 3.5},
    ),
    "an answer without a first token is waiting": (
        [exchange(0, "Hi", failed="stream_cut", timing=Timing(total=7.0))],
        {"waiting": 7},
    ),
    "a subagent works while the main agent's tool runs": (
        [
            exchange(0, "Go", answer=[call("Agent")]),
            exchange(3, "Find it", ids=LOOKING, answer=READING),
            exchange(6, "Find it", READING, [result("plum")], ids=LOOKING, answer="plum"),
            exchange(9, "Go", [call("Agent")], [result("plum")], answer="plum"),
        ],
        {"waiting": 4, "writing": 4, "tools": 3},
    ),
    "two agents at a time: writing counts before waiting": (
        [exchange(0, "Go", answer="so"), exchange(0.5, "Find it", ids=LOOKING, answer="plum")],
        {"waiting": 1, "writing": 1.5},
    ),
    "the client asks on the side while it waits for the person": (
        [
            exchange(0, "Hi", answer="hello"),
            exchange(10, "Hi", "hello", "[SUGGESTION MODE: what comes next?]", answer="And?"),
            exchange(22, "Hi", "hello", "And?", answer="no"),
        ],
        {"waiting": 3, "writing": 3, "person": 18},
    ),
    "a request on the side ends after the next turn began": (
        [
            exchange(0, "Hi", answer="A greeting", prompt="Is this a new conversation topic?", tools=()),
            exchange(1, "Hi", answer="hello"),
        ],
        {"waiting": 1, "writing": 2},
    ),
    "nothing was measured": (
        [exchange(0, "Hi", answer="hello", timing=UNMEASURED), exchange(9, "Hi", "hello", "And?", timing=UNMEASURED)],
        {"unknown": 9},
    ),
}


@pytest.mark.parametrize(("traces", "seconds"), CASES.values(), ids=CASES.keys())
def test_every_moment_counts_once(traces: Sequence[Trace], seconds: Mapping[str, float]) -> None:
    [session] = sessions(read(*traces))
    assert {activity: time for activity, time in seconds_by_activity(session).items() if time} == pytest.approx(seconds)
