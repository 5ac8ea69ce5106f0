"""A request in another API format gives the model the same to read, there and back."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replay.prepare.translate import translate
from tests.support.bodies import (
    FAR_IMAGE,
    FAR_IMAGE_IN_CHAT,
    HELLO,
    IMAGE,
    IMAGE_IN_CHAT,
    READ,
    READ_IN_CHAT,
    READ_SCHEMA,
    anthropic,
    assistant,
    call,
    chat,
    result,
    said,
    text,
    use,
    user,
)
from traces.content.media import Media
from traces.content.parts import parts
from traces.dialects.translation import system_role

BOTH_WAYS = {
    "a text": (anthropic(HELLO), chat(HELLO)),
    "a system prompt": (
        anthropic(HELLO, system=[text("Be brief.")]),
        chat(said("system", "Be brief."), HELLO),
    ),
    "an image among texts": (
        anthropic(user(text("What is"), IMAGE, text("this?"), FAR_IMAGE)),
        chat(user(text("What is"), IMAGE_IN_CHAT, text("this?"), FAR_IMAGE_IN_CHAT)),
    ),
    "parallel calls and their results": (
        anthropic(
            HELLO,
            assistant(text("Let me look."), use("a", path="/x"), use("b", path="/y")),
            user(result("a", "one"), result("b", "two")),
            said("user", "Thanks"),
        ),
        chat(
            HELLO,
            said("assistant", "Let me look.", tool_calls=[call("a", path="/x"), call("b", path="/y")]),
            said("tool", "one", tool_call_id="a"),
            said("tool", "two", tool_call_id="b"),
            said("user", "Thanks"),
        ),
    ),
    "a call without words": (
        anthropic(HELLO, assistant(use("a"))),
        chat(HELLO, said("assistant", None, tool_calls=[call("a")])),
    ),
    "tools": (anthropic(HELLO, tools=[READ]), chat(HELLO, tools=[READ_IN_CHAT])),
    "a free choice": (
        anthropic(HELLO, tools=[READ], tool_choice={"type": "auto"}),
        chat(HELLO, tools=[READ_IN_CHAT], tool_choice="auto"),
    ),
    "any tool": (
        anthropic(HELLO, tools=[READ], tool_choice={"type": "any"}),
        chat(HELLO, tools=[READ_IN_CHAT], tool_choice="required"),
    ),
    "no tool": (
        anthropic(HELLO, tools=[READ], tool_choice={"type": "none"}),
        chat(HELLO, tools=[READ_IN_CHAT], tool_choice="none"),
    ),
    "this tool": (
        anthropic(HELLO, tools=[READ], tool_choice={"type": "tool", "name": "Read"}),
        chat(HELLO, tools=[READ_IN_CHAT], tool_choice={"type": "function", "function": {"name": "Read"}}),
    ),
    "one call at a time": (
        anthropic(HELLO, tools=[READ], tool_choice={"type": "auto", "disable_parallel_tool_use": True}),
        chat(HELLO, tools=[READ_IN_CHAT], tool_choice="auto", parallel_tool_calls=False),
    ),
    "sampling and stop sequences": (
        anthropic(HELLO, temperature=0, top_p=0.9, top_k=40, stream=True, stop_sequences=["END"]),
        chat(HELLO, temperature=0, top_p=0.9, top_k=40, stream=True, stop=["END"]),
    ),
    "a schema for the answer": (
        anthropic(HELLO, output_config={"format": {"type": "json_schema", "schema": READ_SCHEMA}}),
        chat(
            HELLO,
            response_format={
                "type": "json_schema",
                "json_schema": {"name": "answer", "strict": True, "schema": READ_SCHEMA},
            },
        ),
    ),
}


@pytest.mark.parametrize("what", BOTH_WAYS)
def test_what_both_formats_can_express_is_translated_from_anthropics(what: str) -> None:
    theirs, ours = BOTH_WAYS[what]
    body, notes = translate(theirs, "anthropic", "chat")
    assert body == ours
    assert [note for note in notes if "last message" not in note] == []


@pytest.mark.parametrize("what", BOTH_WAYS)
def test_what_both_formats_can_express_is_translated_from_openais(what: str) -> None:
    theirs, ours = BOTH_WAYS[what]
    body, notes = translate(ours, "chat", "anthropic")
    assert body == theirs
    assert [note for note in notes if "mid-conversation" not in note] == []


def test_a_system_message_in_mid_conversation_can_be_kept_and_servers_differ_in_that() -> None:
    theirs = anthropic(HELLO, said("system", [text("It is late.")]))
    ours = chat(HELLO, said("system", "It is late."))
    assert translate(theirs, "anthropic", "chat", "keep") == (ours, ())
    body, notes = translate(ours, "chat", "anthropic", "keep")
    assert (body, notes) == (theirs, ("a system message in mid-conversation: only newer servers take one",))


def test_else_it_is_folded_into_what_the_user_said_and_so_are_those_that_lead() -> None:
    late = "<system-reminder>\nIt is late.\n</system-reminder>"
    theirs = anthropic(said("system", "Two."), HELLO, said("system", [text("It is late.")]), system="One.")
    body, notes = translate(theirs, "anthropic", "chat")
    assert body == chat(said("system", "One.\nTwo."), said("user", f"Hello\n{late}"))
    assert notes == (system_role.FOLDED,)
    ours = chat(said("system", "One."), HELLO, said("developer", "It is late."))
    body, notes = translate(ours, "chat", "anthropic")
    assert (body, notes) == (
        anthropic(said("user", f"Hello\n{late}"), system=[text("One.")]),
        (system_role.FOLDED,),
    )


def test_in_its_own_format_nothing_is_changed() -> None:
    body = anthropic(HELLO, thinking={"type": "adaptive"}, unheard_of=1)
    assert translate(body, "anthropic", "anthropic") == (body, ())


@pytest.mark.parametrize("what", BOTH_WAYS)
def test_what_both_formats_can_express_is_translated_by_way_of_responses(what: str) -> None:
    theirs, ours = BOTH_WAYS[what]
    asked, _ = translate(ours, "chat", "responses")
    back, notes = translate(asked, "responses", "anthropic")
    carried = {name: value for name, value in theirs.items() if name != "stop_sequences"}  # there are none
    assert [part.text for part in parts(back)] == [part.text for part in parts(theirs)]
    assert set(back) == set(carried)
    assert [note for note in notes if "mid-conversation" not in note] == []


WORDS = st.text(min_size=1)
BLOCKS = st.one_of(WORDS.map(text), st.just(IMAGE), st.just(FAR_IMAGE))


def called(first: list[dict[str, Any]], given: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Return an answer that calls a tool once for each pair, and the results of these calls."""
    calls = [use(f"call-{at}", path=path) for at, (path, _) in enumerate(given)]
    return [assistant(*first, *calls), user(*(result(f"call-{at}", words) for at, (_, words) in enumerate(given)))]


TURNS = st.one_of(
    st.builds(said, st.just("user"), WORDS).map(lambda message: [message]),
    st.builds(said, st.just("system"), WORDS).map(lambda message: [message]),
    st.lists(BLOCKS, min_size=1, max_size=3).map(lambda blocks: [user(*blocks)]),
    st.builds(
        called,
        st.lists(WORDS.map(text), max_size=1),
        st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=3),
    ),
)


def read(body: dict[str, Any]) -> list[tuple[str, str, Media | None]]:
    """Return what a model reads. Adjacent pieces of the same kind are joined, however they were divided."""
    pieces: list[tuple[str, str, Media | None]] = []
    for part in parts(body):
        if pieces and part.media is None and pieces[-1][0] == part.kind and pieces[-1][2] is None:
            pieces[-1] = (part.kind, f"{pieces[-1][1]}\n{part.text}", None)
        else:
            pieces.append((part.kind, part.text, part.media))
    return [piece for piece in pieces if piece[0] != "tool"]


@settings(deadline=None)
@given(st.lists(TURNS, min_size=1, max_size=6))
def test_a_model_reads_the_same_words_in_the_same_order_there_and_back(turns: list[list[dict[str, Any]]]) -> None:
    body = anthropic(HELLO, *(message for turn in turns for message in turn), system="Be brief.", tools=[READ])
    there = translate(body, "anthropic", "chat", "keep").body
    assert read(there) == read(body)
    assert read(translate(there, "chat", "anthropic", "keep").body) == read(body)
