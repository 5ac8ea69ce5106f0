"""How turns become sessions: the shapes in which Claude Code 2.1.330 and older or other clients send them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.support.factories import MAIN, SESSION, call, exchange, read, result, trace
from traces.model import Ids, Timing, Trace
from traces.sessions.grouping import Session, sessions

OTHER = Ids("07e4011c-0000-4000-8000-000000000002")
NOBODY = Ids()
LOOKING, DEEPER = Ids(SESSION, "a1"), Ids(SESSION, "a2", "a1")

AGENT_PROMPT = "You are somebody's agent. "
READING = [call("Read", path="/x")]
FOUND = [result("plum")]
SUMMARY = "This session is being continued from a previous conversation. The word is plum."
COMPACT = "Your task is to create a detailed summary of the conversation so far."
TITLES = "Is this a new conversation topic? Name it."
QUESTIONS = "You answer small questions."

FIRST = ("main", None, "first")

Standing = tuple[str, int | None, str]

CASES: dict[str, tuple[Sequence[Trace], Sequence[Standing]]] = {
    "a tool is called": (
        [exchange(0, "Word?", answer=READING), exchange(3, "Word?", READING, FOUND, answer="plum")],
        [FIRST, ("main", 1, "continued")],
    ),
    "--continue, with the same id": (
        [exchange(0, "Hi", answer="hello"), exchange(900, "Hi", "hello", "And?", answer="no")],
        [FIRST, ("main", 1, "continued")],
    ),
    "--fork-session, or --continue of older clients: a new id": (
        [
            exchange(0, "Hi", answer="hello"),
            exchange(9, "Hi", "hello", "And?", ids=OTHER, answer="no"),
            exchange(20, "Hi", "hello", "And?", "no", "Why?", ids=OTHER),
        ],
        [FIRST, ("main", 1, "continued"), ("main", 2, "continued")],
    ),
    "subagents": (
        [
            exchange(0, "Go", answer=[call("Agent")]),
            exchange(3, "Find it", ids=LOOKING, prompt=AGENT_PROMPT, answer=READING),
            exchange(3, "Find it", ids=DEEPER, prompt=AGENT_PROMPT, answer="plum"),
            exchange(6, "Find it", READING, FOUND, ids=LOOKING, prompt=AGENT_PROMPT, answer="plum"),
            exchange(9, "Go", [call("Agent")], [result("plum")], answer="They say plum."),
        ],
        [FIRST, ("a1", None, "first"), ("a2", None, "first"), ("a1", 2, "continued"), ("main", 1, "continued")],
    ),
    "an agent that names the agent that started it as its session": (
        [
            exchange(0, "Go", answer=[call("Agent")]),
            exchange(3, "Find it", ids=LOOKING, prompt=AGENT_PROMPT, answer=READING),
            exchange(4, "Find more", ids=Ids("a1", "a2"), prompt=AGENT_PROMPT, answer="plum"),
        ],
        [FIRST, ("a1", None, "first"), ("a2", None, "first")],
    ),
    "subagents without ids of their own": (
        [
            exchange(0, "Go", answer=[call("Task")]),
            exchange(3, "Find it", prompt=AGENT_PROMPT, answer=READING),
            exchange(6, "Find it", READING, FOUND, prompt=AGENT_PROMPT, answer="plum"),
            exchange(9, "Go", [call("Task")], [result("plum")], answer="They say plum."),
        ],
        [FIRST, ("agent-1", None, "first"), ("agent-1", 2, "continued"), ("main", 1, "continued")],
    ),
    "a retry after an error": (
        [
            exchange(0, "Hi", failed="http_error"),
            exchange(2.5, "Hi", answer="hello"),
            exchange(9, "Hi", "hello", "And?"),
        ],
        [FIRST, ("main", 1, "retry"), ("main", 2, "continued")],
    ),
    "the same again, minutes later": (
        [exchange(0, "Hi", answer="hello"), exchange(600, "Hi", answer="hello")],
        [FIRST, ("main", 1, "continued")],
    ),
    "two subagents that are asked the same are no retries": (
        [
            exchange(0, "Find it", ids=LOOKING, answer="plum"),
            exchange(1, "Find it", ids=DEEPER, answer="plum"),
        ],
        [("a1", None, "first"), ("a2", None, "first")],
    ),
    "a compaction": (
        [
            exchange(0, "Hi", answer="hello"),
            exchange(5, "Hi", "hello", COMPACT, answer=SUMMARY),
            exchange(9, [{"type": "text", "text": SUMMARY}, {"type": "text", "text": "Now?"}], answer="Yes."),
            exchange(20, [{"type": "text", "text": SUMMARY}, {"type": "text", "text": "Now?"}], "Yes.", "And now?"),
        ],
        [FIRST, ("main", 1, "side"), ("main", 1, "compacted"), ("main", 3, "continued")],
    ),
    "a compaction that keeps the user's own words": (
        [
            exchange(0, "Hi", answer=READING),
            exchange(2, "Hi", READING, FOUND, answer="hello"),
            exchange(5, "Hi", READING, FOUND, "hello", COMPACT, answer=SUMMARY),
            exchange(9, [{"type": "text", "text": "Hi"}, {"type": "text", "text": SUMMARY}], answer="Yes."),
        ],
        [FIRST, ("main", 1, "continued"), ("main", 2, "side"), ("main", 2, "compacted")],
    ),
    "a compaction after which all goes on as before": (
        [
            exchange(0, "Hi", answer="hello"),
            exchange(5, "Hi", "hello", COMPACT, failed="http_error"),
            exchange(9, "Hi", "hello", "And?", answer="no"),
            exchange(15, "Hi", "hello", "And?", "no", COMPACT, answer=SUMMARY),
            exchange(20, "Hi", "hello", "And?", "no", "Why?"),
        ],
        [FIRST, ("main", 1, "side"), ("main", 1, "continued"), ("main", 3, "side"), ("main", 3, "continued")],
    ),
    "after a compaction that failed, the user goes back": (
        [
            exchange(0, "Hi", answer="hello"),
            exchange(3, "Hi", "hello", "And?", answer="no"),
            exchange(5, "Hi", "hello", "And?", "no", COMPACT, failed="http_error"),
            exchange(9, "Hi", "hello", "Why?", answer="so"),
        ],
        [FIRST, ("main", 1, "continued"), ("main", 2, "side"), ("main", 1, "continued")],
    ),
    "a subagent's compaction": (
        [exchange(0, "Find it", ids=LOOKING, answer="plum"), exchange(9, SUMMARY, ids=LOOKING)],
        [("a1", None, "first"), ("a1", 1, "compacted")],
    ),
    "requests on the side": (
        [
            exchange(0, "Hi", answer="A greeting", prompt=TITLES, tools=()),
            exchange(1, "Hi", url="http://localhost:8080/v1/messages/count_tokens"),
            exchange(2, "Hi", answer="hello"),
            exchange(9, "Hi", "hello", "[SUGGESTION MODE: what comes next?]", answer="And?"),
            exchange(20, "Hi", "hello", "And?"),
        ],
        [
            ("main", None, "side"),
            ("main", None, "side"),
            FIRST,
            ("main", 3, "side"),
            ("main", 3, "continued"),
        ],
    ),
    "a small question of an unknown kind": (
        [
            exchange(0, "Hi", answer="hello"),
            exchange(1, "A topic?", prompt=QUESTIONS, tools=()),
            exchange(9, "Hi", "hello", "And?"),
        ],
        [FIRST, ("main", None, "side"), ("main", 1, "continued")],
    ),
    "an old tool result is cleared": (
        [
            exchange(0, "Word?", answer=READING),
            exchange(3, "Word?", READING, FOUND, answer="plum"),
            exchange(9, "Word?", READING, FOUND, "plum", "Sure?", answer="Yes."),
            exchange(20, "Word?", READING, [result("[cleared]")], "plum", "Sure?", "Yes.", "Really?"),
        ],
        [FIRST, ("main", 1, "continued"), ("main", 2, "continued"), ("main", 3, "edited")],
    ),
    "the user goes back and asks something else": (
        [
            exchange(0, "Hi", answer="hello"),
            exchange(9, "Hi", "hello", "And?", answer="no"),
            exchange(20, "Hi", "hello", "Why?", answer="so"),
        ],
        [FIRST, ("main", 1, "continued"), ("main", 1, "continued")],
    ),
    "the answer was cut off, and the client has more or less of it": (
        [exchange(0, "Hi", answer="hel", failed="stream_cut"), exchange(9, "Hi", "hello", "And?")],
        [FIRST, ("main", 1, "continued")],
    ),
    "white space at the ends": (
        [exchange(0, "Hi", answer="\nhello\n"), exchange(9, "Hi", "hello", "And?")],
        [FIRST, ("main", 1, "continued")],
    ),
    "no ids at all": (
        [
            exchange(0, "Hi", answer="hello", ids=NOBODY),
            exchange(9, "Hi", "hello", "And?", answer="no", ids=NOBODY),
            exchange(20, "Hi", "hello", "And?", "no", "Why?", ids=NOBODY, prompt="Another day. "),
        ],
        [FIRST, ("main", 1, "continued"), ("main", 2, "continued")],
    ),
    "no ids, and a compaction": (
        [
            exchange(0, "Hi", answer="hello", ids=NOBODY),
            exchange(5, "Hi", "hello", COMPACT, answer=SUMMARY, ids=NOBODY),
        ],
        [FIRST, ("main", 1, "side")],
    ),
    "no ids, a retry": (
        [exchange(0, "Hi", failed="refused", ids=NOBODY), exchange(1, "Hi", answer="hello", ids=NOBODY)],
        [FIRST, ("main", 1, "retry")],
    ),
    "no ids, nobody answered": (
        [exchange(0, "Hi", failed="refused", ids=NOBODY), exchange(90, "Hi", ids=NOBODY, tools=())],
        [FIRST, ("main", 1, "continued")],
    ),
}  # fmt: skip


def places(session: Session) -> list[Standing]:
    assert [place.number for place in session.places] == list(range(1, len(session.turns) + 1))
    return [(place.agent, place.follows, place.why) for place in session.places]


@pytest.mark.parametrize(("traces", "expected"), CASES.values(), ids=CASES.keys())
def test_a_turn_is_placed_where_it_belongs(traces: Sequence[Trace], expected: Sequence[Standing]) -> None:
    [session] = sessions(read(*traces))
    assert places(session) == list(expected)


@pytest.mark.parametrize(("traces", "expected"), CASES.values(), ids=CASES.keys())
def test_the_order_of_the_files_does_not_matter(traces: Sequence[Trace], expected: Sequence[Standing]) -> None:
    if len({trace.timestamp for trace in traces}) == len(traces):
        [session] = sessions(read(*reversed(traces)))
        assert places(session) == list(expected)


def test_agents_are_below_those_that_started_them() -> None:
    [session] = sessions(read(*CASES["subagents"][0]))
    found = [(agent.key, agent.parent, agent.depth, agent.turns) for agent in session.agents]
    assert found == [("main", None, 0, (1, 5)), ("a1", "main", 1, (2, 4)), ("a2", "a1", 2, (3,))]


@pytest.mark.parametrize("parent", ["a1", "a2", "nobody"])
def test_an_agent_whose_parent_cannot_be_is_the_main_ones(parent: str) -> None:
    turns = read(
        exchange(0, "Find it", ids=Ids(SESSION, "a1", "a2")), exchange(1, "It", ids=Ids(SESSION, "a2", parent))
    )
    [session] = sessions(turns)
    assert sorted(agent.key for agent in session.agents) == ["a1", "a2", "main"]
    assert {agent.parent for agent in session.agents if agent.depth == 1} == {"main"}


def test_sessions_without_anything_in_common_are_apart() -> None:
    found = sessions(read(exchange(5, "Hi", ids=OTHER), exchange(0, "Hi"), exchange(9, "Ho", ids=NOBODY)))
    assert [session.id for session in found] == [SESSION, OTHER.session, "2026-11-20T09-00-09-000"]
    assert [session.has_client_id for session in found] == [True, True, False]


def test_the_same_question_answered_twice_begins_two_sessions_where_there_are_no_ids() -> None:
    once, again = exchange(0, "Hi", answer="hello", ids=NOBODY), exchange(600, "Hi", answer="hello", ids=NOBODY)
    further = exchange(700, "Hi", "hello", "And?", ids=NOBODY)
    first, second = sessions(read(once, again, further))
    assert places(first) == [FIRST]
    assert places(second) == [FIRST, ("main", 1, "continued")]


def without_ids(*traces: Trace) -> list[Session]:
    """Return the sessions of these traces without their ids."""
    return sessions(read(*(replace(trace, ids=NOBODY) for trace in traces)))


SUMMED_UP = (
    exchange(0, "Word?", answer="plum"),
    exchange(9, "Word?", "plum", COMPACT, answer="<analysis>Short.</analysis><summary>\nThe word is plum.</summary>"),
    exchange(20, SUMMARY, answer="So it is."),
    exchange(30, SUMMARY, "So it is.", "And?", answer="no"),
)
TITLE = exchange(599.9, "Ho", prompt=TITLES, tools=(), answer="A title", timing=Timing(total=0.5))


def test_without_ids_a_history_that_was_summed_up_goes_on_in_its_session() -> None:
    [session] = without_ids(*SUMMED_UP)
    assert places(session) == [FIRST, ("main", 1, "side"), ("main", 1, "compacted"), ("main", 3, "continued")]


def test_a_summary_that_nobody_was_given_begins_no_session_of_its_own() -> None:
    assert [len(session.turns) for session in without_ids(*SUMMED_UP[:2], exchange(20, "Something else?"))] == [2, 1]


def test_without_ids_a_request_on_the_side_belongs_to_the_nearest_conversation() -> None:
    first, then = exchange(0, "Hi", answer="hello"), exchange(600, "Ho", answer="ho")
    assert [[turn.kind for turn in one.turns] for one in without_ids(first, TITLE, then)] == [
        ["TEXT_GENERATION"],
        ["TITLE", "TEXT_GENERATION"],
    ]
    behind = replace(first, timestamp="2026-11-20T09:09:55.000Z")
    assert [len(one.turns) for one in without_ids(behind, TITLE, exchange(700, "Ho", answer="ho"))] == [2, 1]


WORKER = "You are a general-purpose subagent working for a parent agent."
CALLS = [call("agent", "t1", prompt="Find it.", kind="a"), call("agent", "t2", prompt="Find it.", kind="b")]
CALLED = (
    exchange(0, "Where?", answer=CALLS),
    exchange(5, "Find it.", prompt=WORKER, answer=[call("agent", "t3", prompt="Look here.")]),
    exchange(6, [{"type": "text", "text": "Find it. "}], prompt=WORKER, answer="Nowhere."),
    exchange(7, "Look here.", prompt=WORKER, answer="Here."),
    exchange(8, "Find it.", [call("agent", "t3", prompt="Look here.")], [result("Here.", "t3")], prompt=WORKER),
    exchange(9, "Where?", CALLS, [result("Here.", "t1"), result("Nowhere.", "t2")], answer="Here."),
)


def test_without_ids_a_subagent_belongs_to_the_session_in_which_it_was_called_for() -> None:
    [session] = without_ids(*CALLED)
    assert places(session) == [
        FIRST,
        ("agent-1", None, "first"),
        ("agent-2", None, "first"),
        ("agent-3", None, "first"),
        ("agent-1", 2, "continued"),
        ("main", 1, "continued"),
    ]
    found = [(agent.key, agent.parent, agent.depth) for agent in session.agents]
    assert found == [("main", None, 0), ("agent-1", "main", 1), ("agent-3", "agent-1", 2), ("agent-2", "main", 1)]


def test_without_ids_a_subagent_that_nobody_called_for_is_a_session_of_its_own() -> None:
    assert [len(one.turns) for one in without_ids(CALLED[0], exchange(5, "Find that.", prompt=WORKER))] == [1, 1]
    elsewhere = replace(CALLED[2], mode="lmstudio")
    assert [len(one.turns) for one in without_ids(CALLED[0], elsewhere)] == [1, 1]
    assert [len(one.turns) for one in without_ids(CALLED[0], exchange(5, "Find it.", answer="So."))] == [1, 1]


def test_far_from_every_conversation_and_on_another_server_it_is_a_session_of_its_own() -> None:
    first, then = exchange(0, "Hi", answer="hello"), exchange(900, "Ho", answer="ho")
    assert [len(one.turns) for one in without_ids(first, TITLE, then)] == [1, 1, 1]
    assert [one.turns[0].kind for one in without_ids(first, TITLE, then)] == [
        "TEXT_GENERATION",
        "TITLE",
        "TEXT_GENERATION",
    ]
    elsewhere = replace(exchange(600, "Ho", answer="ho"), mode="lmstudio")
    assert [len(one.turns) for one in without_ids(TITLE, elsewhere)] == [1, 1]


def test_sessions_of_one_millisecond_have_ids_of_their_own() -> None:
    found = sessions(read(exchange(0, "Hi", ids=NOBODY), exchange(0, "Ho", ids=NOBODY)))
    assert [session.id for session in found] == ["2026-11-20T09-00-00-000", "2026-11-20T09-00-00-000-2"]


def test_a_session_that_goes_on_under_another_id_knows_both() -> None:
    [session] = sessions(read(*CASES["--fork-session, or --continue of older clients: a new id"][0]))
    assert (session.id, session.ids) == (SESSION, (SESSION, OTHER.session))


def test_turns_without_a_time_keep_their_order() -> None:
    traces = [exchange(0, "Hi", answer="hello"), exchange(9, "Hi", "hello", "And?")]
    [session] = sessions(read(*(replace(trace, timestamp="") for trace in traces)))
    assert places(session) == [FIRST, ("main", 1, "continued")]


@pytest.mark.parametrize(
    ("written", "repeated", "is_one"),
    [
        ('{\n\n "path": "/a b"}', '{"path":"/a b"}', True),
        ('{"path": "\\u00e9"}', '{"path":"é"}', True),
        ('{"path": "/a b"}', '{"path":"/ab"}', False),
        (' {"path": "/a', '{"path": "/a ', True),  # broken off
        ("[" * 100_000, "[" * 100_000, True),
    ],
)
def test_a_call_whose_arguments_the_client_wrote_anew_is_the_same_call(
    written: str, repeated: str, is_one: bool
) -> None:
    def called(arguments: str) -> dict[str, Any]:
        function = {"name": "read", "arguments": arguments}
        return {"role": "assistant", "tool_calls": [{"id": "c1", "type": "function", "function": function}]}

    question = {"role": "user", "content": "Word?"}
    found = {"role": "tool", "tool_call_id": "c1", "content": "plum"}
    answer = {"object": "chat.completion", "choices": [{"index": 0, "message": called(written)}]}
    url = "http://localhost:1234/v1/chat/completions"
    first = trace({"messages": [question]}, answer, at=0, url=url, ids=NOBODY)
    second = trace({"messages": [question, called(repeated), found]}, answer, at=3, url=url, ids=NOBODY)
    assert len(sessions(read(first, second))) == (1 if is_one else 2)


def test_no_turns_are_no_sessions() -> None:
    assert sessions([]) == []


def test_requests_whose_bodies_are_not_recorded_are_no_retries_of_one_another() -> None:
    empty = replace(exchange(0, "Hi", ids=MAIN).request, body=None)
    traces = [replace(exchange(at, "Hi"), request=empty) for at in (0, 1)]
    [session] = sessions(read(*traces))
    assert "retry" not in [place.why for place in session.places]
