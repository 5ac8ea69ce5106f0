from dataclasses import replace
from typing import Any

import pytest

from tests.support.factories import READ, SESSION, call, exchange, read, result
from traces.content.parts import parts
from traces.model import Ids, Json, Request, Response, Trace
from traces.sessions.model import Marker
from traces.sessions.reader import TurnReader


def with_body(body: Json, answer: Json = None) -> Trace:
    made = replace(exchange(0, "Hi"), mode="claude")
    return replace(made, request=Request("POST", made.request.url, {}, body), response=Response(200, {}, answer))


def test_a_turn_has_the_parts_of_its_request_in_order() -> None:
    trace = exchange(0, "Hi", [call("Read", path="/x")], [result("plum")])
    assert list(read(trace)[0].parts) == parts(trace.request.body)


def test_a_deferred_tool_is_no_part_until_it_is_loaded() -> None:
    deferred = {"name": "Later", "input_schema": {}, "defer_loading": True}
    marked = {**READ, "cache_control": {"type": "ephemeral"}}
    turn = TurnReader().read(with_body({"tools": [deferred, marked]}))
    assert [part.name for part in turn.parts] == ["Read"]
    assert turn.markers == (Marker(0, 300),)
    loaded = TurnReader().read(with_body({"tools": [{**deferred, "defer_loading": False}, marked]}))
    assert [part.name for part in loaded.parts] == ["Later", "Read"]


def test_a_server_that_knows_no_deferring_is_given_each_tool_at_once() -> None:
    trace = with_body({"tools": [{"name": "Later", "input_schema": {}, "defer_loading": True}]})
    by_header = replace(trace, mode="local", response=Response(200, {"server": "llama.cpp"}, None))
    for one in (replace(trace, mode="llamacpp"), by_header):
        assert [part.name for part in TurnReader().read(one).parts] == ["Later"]


def test_an_answer_that_loads_a_tool_has_the_parts_of_the_next_request() -> None:
    deferred = {"name": "Later", "input_schema": {}, "defer_loading": True}
    search = {
        "type": "tool_search_tool_search_result",
        "tool_references": [{"type": "tool_reference", "tool_name": "Later"}],
    }
    found = {"type": "tool_search_tool_result", "tool_use_id": "s", "content": search}
    asked: dict[str, Any] = {"tools": [READ, deferred], "messages": [{"role": "user", "content": "Hi"}]}
    turn = TurnReader().read(with_body(asked, {"content": [found]}))
    later = {**asked, "messages": [*asked["messages"], {"role": "assistant", "content": [found]}]}
    assert [part.name for part in turn.answer] == ["Later"]
    assert [*turn.parts, *turn.answer] == parts(later)


def test_equal_parts_of_two_turns_are_the_same_object() -> None:
    first, second = read(exchange(0, "Hi", answer="hello"), exchange(10, "Hi", "hello", "And?"))
    assert len(second.parts) == len(first.parts) + 2
    for one, other in zip((*first.parts, *first.answer), second.parts, strict=False):
        assert one is other


ANSWERS: dict[str, tuple[Json, Json, dict[str, Any]]] = {
    "a message": (
        {"content": [{"type": "thinking", "thinking": "Hm.", "signature": "s"}, call("Read", path="/x")]},
        {"messages": [{"role": "user", "content": "Hi"}]},
        {
            "messages": [
                {"role": "assistant", "content": [{"type": "thinking", "thinking": "Hm."}, call("Read", path="/x")]}
            ]
        },
    ),
    "a chat completion": (
        {"choices": [{"message": {"role": "assistant", "reasoning_content": "Hm.", "content": "Plum."}}]},
        {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]},
        {"messages": [{"role": "assistant", "reasoning_content": "Hm.", "content": "Plum."}]},
    ),
    "a response": (
        {"output": [{"type": "function_call", "call_id": "c", "name": "Read", "arguments": "{}"}]},
        {"input": [{"role": "user", "content": "Hi"}]},
        {"input": [{"type": "function_call", "call_id": "c", "name": "Read", "arguments": "{}"}]},
    ),
}


@pytest.mark.parametrize(("answer", "asked", "later"), ANSWERS.values(), ids=ANSWERS.keys())
def test_an_answer_has_the_parts_with_which_a_later_request_carries_it(
    answer: Json, asked: dict[str, Any], later: dict[str, Any]
) -> None:
    [field] = later
    turn = TurnReader().read(with_body(asked, answer))
    both = parts({**asked, field: asked[field] + later[field]})
    assert [*turn.parts, *turn.answer] == both


def test_what_is_no_message_has_no_parts_as_an_answer() -> None:
    bodies: list[Json] = [None, "Bad gateway", {"error": {"message": "x"}}, []]
    for body in bodies:
        assert TurnReader().read(with_body({"messages": []}, body)).answer == ()


SHORT, LONG = {"type": "ephemeral"}, {"type": "ephemeral", "ttl": "1h"}
TEXT, MARKED = {"type": "text", "text": "x"}, {"type": "text", "text": "x", "cache_control": LONG}
USER = {"role": "user", "content": [TEXT]}
MARKERS: dict[str, tuple[Json, tuple[Marker, ...]]] = {
    "none": ({"system": "x", "messages": [USER]}, ()),
    "a tool": ({"tools": [READ, {**READ, "cache_control": SHORT}], "messages": [USER]}, (Marker(1, 300),)),
    "a system block": ({"system": [TEXT, MARKED, TEXT]}, (Marker(1, 3600),)),
    "the last block of a message": (
        {"messages": [USER, {"role": "user", "content": [TEXT, MARKED]}]},
        (Marker(2, 3600),),
    ),
    "a block in the middle": (
        {"messages": [{"role": "user", "content": [TEXT, MARKED, TEXT, TEXT]}]},
        (Marker(1, 3600),),
    ),
    "the whole request": ({"messages": [USER], "cache_control": SHORT}, (Marker(0, 300),)),
    "several": (
        {"system": [MARKED], "messages": [{"role": "user", "content": [MARKED]}]},
        (Marker(0, 3600), Marker(1, 3600)),
    ),
    "a block without parts": ({"system": [{"type": "text", "text": "", "cache_control": SHORT}]}, ()),
    "what marks nothing": ({"system": [{"type": "text", "text": "x", "cache_control": None}]}, ()),
    "no request": ("text", ()),
}


@pytest.mark.parametrize(("body", "markers"), MARKERS.values(), ids=MARKERS.keys())
def test_markers_point_to_the_last_part_before_them(body: Json, markers: tuple[Marker, ...]) -> None:
    assert TurnReader().read(with_body(body)).markers == markers


def test_older_traces_have_their_ids_in_headers_or_body() -> None:
    by_header = exchange(0, "Hi", ids=Ids(), x_claude_code_session_id=SESSION)
    by_body = with_body({"metadata": {"user_id": f"user_1_account__session_{SESSION}"}, "messages": []})
    for trace in (by_header, replace(by_body, ids=Ids())):
        assert TurnReader().read(trace).ids.session == SESSION


def test_a_tool_that_is_called_twice_is_listed_twice() -> None:
    [turn] = read(exchange(0, "Hi", answer=[call("Read", "t1"), call("Bash", "t2"), call("Read", "t3")]))
    assert turn.tools_used == ("Read", "Bash", "Read")


def test_digests_are_equal_where_the_same_was_sent() -> None:
    first, again, other, unknown = read(
        exchange(0, "Hi"), exchange(9, "Hi"), exchange(0, "Hi", tools=()), with_body(None)
    )
    assert first.digest == again.digest
    assert len({first.digest, other.digest, unknown.digest}) == 3
    assert unknown.digest == b""


def test_an_option_alone_makes_another_digest() -> None:
    one, other = (TurnReader().read(with_body({"messages": [USER], "max_tokens": limit})) for limit in (1, 2))
    assert one.digest != other.digest


def test_a_turn_knows_when_it_began_and_ended() -> None:
    [turn] = read(exchange(1.5, "Hi"))
    assert turn.started_at is not None
    assert turn.ended_at == turn.started_at + 2.0
    [unknown] = read(replace(exchange(0, "Hi"), timestamp="yesterday"))
    assert (unknown.started_at, unknown.ended_at) == (None, None)


def test_the_agents_type_comes_from_the_clients_hint() -> None:
    [turn] = read(exchange(0, "Hi", x_claude_code_agent_type="Explore"))
    assert turn.agent_type == "Explore"


def test_more_conversations_than_are_kept_apart_read_the_same() -> None:
    reader = TurnReader()
    traces = [exchange(0, "Hi", f"hello {n}", "And?", ids=Ids(SESSION, f"a{n}")) for n in range(40)] * 2
    for trace in traces:
        assert list(reader.read(trace).parts) == parts(trace.request.body)
