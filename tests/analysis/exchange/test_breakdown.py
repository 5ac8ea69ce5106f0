"""Where an exchange's input tokens go."""

import base64
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.exchange.breakdown import MessageRow, SystemRow, ToolRow, breakdown, breakdowns
from tests.support import synthetic
from tests.support.json_values import json_values
from traces.content.parts import Section
from traces.metrics import InputUsage
from traces.model import Json, Request, Response, Trace
from traces.numbers_only import without_text


@dataclass(frozen=True)
class Letters:
    """Counts letters, so that the expected count can be seen in the text."""

    name: str = "letters"
    estimate: bool = False

    def count(self, text: str) -> int:
        return len(text)

    def count_many(self, texts: Sequence[str]) -> list[int]:
        return [len(text) for text in texts]


def exchange(body: Json, answer: Json = None) -> Trace:
    request = Request("POST", "http://localhost:1234/v1/messages", {}, body)
    return Trace("2026-11-22T10:00:00.000Z", "lmstudio", request, Response(200, {}, answer))


def tool(name: str, length: int) -> Json:
    """Return a tool whose compact JSON has this length."""
    empty = f'{{"name":"{name}","description":""}}'
    return {"name": name, "description": "d" * (length - len(empty))}


CALL = {"type": "tool_use", "id": "t", "name": "Read", "input": {}}  # its input is 2 letters
BODY: dict[str, Any] = {
    "model": "claude-opus-4-5",
    "tools": [tool("Read", 100), tool("mcp__github__search", 60)],
    "system": [{"type": "text", "text": "s" * 30}, {"type": "text", "text": "u" * 600}],
    "messages": [
        {"role": "user", "content": "a" * 50},
        {"role": "assistant", "content": [CALL]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "r" * 80}]},
        {"role": "assistant", "content": "i" * 28},
        {"role": "user", "content": "b" * 50},
    ],
}


def test_each_section_is_the_sum_of_its_parts() -> None:
    found = breakdown(exchange(BODY), Letters())
    assert [found.tokens(section) for section in ("system", "tools", "messages")] == [630, 160, 210]
    assert (found.total, found.counter, found.estimate) == (1000, "letters", False)
    assert found.percents == {"system": 63, "tools": 16, "messages": 21}


def test_each_tool_has_its_row_with_its_server() -> None:
    assert breakdown(exchange(BODY), Letters()).tool_rows == [
        ToolRow(1, "Read", None, 100, 10),
        ToolRow(2, "mcp__github__search", "github", 60, 6),
    ]


def test_each_block_of_the_system_prompt_has_its_row_with_its_start() -> None:
    assert breakdown(exchange(BODY), Letters()).system_rows == [
        SystemRow(1, "s" * 30, 30, 3),
        SystemRow(2, "u" * 500, 600, 60),
    ]


def test_the_messages_are_grouped_by_kind_and_tool_largest_first() -> None:
    assert breakdown(exchange(BODY), Letters()).message_rows == [
        MessageRow("user", None, 2, 100, 10),
        MessageRow("tool_result", "Read", 1, 80, 8),
        MessageRow("assistant", None, 1, 28, 3),
        MessageRow("tool_input", "Read", 1, 2, 0),
    ]


@pytest.mark.parametrize(
    ("answer", "reported", "difference"),
    [
        (None, None, None),
        ({"usage": {"input_tokens": 100, "cache_read_input_tokens": 800}}, InputUsage(100, 800, None), 100),
        (
            {"usage": {"input_tokens": 4, "cache_read_input_tokens": 800, "cache_creation_input_tokens": 300}},
            InputUsage(4, 800, 300),
            -104,
        ),
        ({"choices": [], "usage": {"prompt_tokens": 950}}, InputUsage(950, None, None), 50),
    ],
)
def test_the_difference_is_to_the_whole_input_that_the_server_reports(
    answer: Json, reported: InputUsage | None, difference: int | None
) -> None:
    found = breakdown(exchange(BODY, answer), Letters())
    assert (found.reported, found.difference) == (reported, difference)


def image(data: str) -> Json:
    source = {"type": "base64", "media_type": "image/png", "data": data}
    return {
        "model": "claude-opus-4-5",
        "messages": [{"role": "user", "content": [{"type": "image", "source": source}]}],
    }


PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 280, 280)).decode()


def test_an_image_counts_by_its_pixels() -> None:
    found = breakdown(exchange(image(PNG)), Letters())
    assert (found.total, found.estimate) == (100, False)
    assert found.message_rows == [MessageRow("image", None, 1, 100, 100)]


def test_an_image_that_cant_be_read_makes_the_count_an_estimate() -> None:
    assert breakdown(exchange(image("damaged")), Letters()).estimate
    assert breakdown(exchange(BODY), Letters(estimate=True)).estimate


def test_many_exchanges_are_counted_as_each_alone_with_any_counter() -> None:
    counters = [Letters(), Letters(), Letters("others", estimate=True), Letters()]
    bodies: list[Json] = [BODY, image(PNG), None, {**BODY, "messages": [{"role": "user", "content": "a" * 1_500_000}]}]
    given_in = [(exchange(body), counter) for body in bodies for counter in counters]
    found = list(breakdowns(given_in))
    assert [(one.trace, one.counter) for one in found] == given_in
    assert [one.tokens for one in found] == [breakdown(*one) for one in given_in]


LATER = {"name": "Later", "description": "d" * 67, "defer_loading": True}  # 100 letters, as it is given to a model
LOAD = {"role": "user", "content": [{"type": "tool_reference", "tool_name": "Later"}]}


def test_a_deferred_tool_counts_from_where_it_is_loaded() -> None:
    deferred = breakdown(exchange({**BODY, "tools": [*BODY["tools"], LATER]}), Letters())
    assert (deferred.tokens("tools"), deferred.total, deferred.tools_defined) == (160, 1000, 2)
    loaded = breakdown(
        exchange({**BODY, "tools": [*BODY["tools"], LATER], "messages": [*BODY["messages"], LOAD]}), Letters()
    )
    assert (loaded.tokens("tools"), loaded.total, loaded.tools_defined) == (260, 1100, 3)
    assert [row.name for row in loaded.tool_rows] == ["Read", "mcp__github__search", "Later"]


def test_the_tools_of_a_group_have_a_row_each() -> None:
    group = {"type": "namespace", "name": "mcp__hub", "tools": [tool("a", 40), tool("b", 60)]}
    found = breakdown(exchange({"tools": [group]}), Letters())
    assert [(row.name, row.server, row.tokens, row.is_group) for row in found.tool_rows] == [
        ("mcp__hub", "hub", 19, True),
        ("a", "hub", 40, False),
        ("b", "hub", 60, False),
    ]
    assert found.tools_defined == 2


def test_a_video_is_labelled_by_its_media_type() -> None:
    film = {"type": "video_url", "video_url": {"url": "data:video/mp4;base64,AAAA"}}
    [row] = breakdown(exchange({"messages": [{"role": "user", "content": [film]}]}), Letters()).message_rows
    assert (row.kind, row.name) == ("document", "video/mp4")


def test_tokens_of_encrypted_parts_are_unknown_and_not_0() -> None:
    sealed = {"type": "redacted_thinking", "data": "c2ln" * 1000}
    found = breakdown(exchange({"messages": [{"role": "assistant", "content": [sealed]}]}), Letters())
    assert (found.total, found.uncounted, found.estimate) == (0, 1, True)
    assert found.message_rows == [MessageRow("thinking", None, 1, None, None)]


@pytest.mark.parametrize("body", [None, {}, {"model": "m", "messages": []}, {"tools": None, "system": ""}])
def test_a_request_with_nothing_in_it_counts_nothing(body: Json) -> None:
    found = breakdown(exchange(body), Letters())
    assert (found.total, found.percents) == (0, {"system": 0, "tools": 0, "messages": 0})
    assert not found.tool_rows
    assert not found.system_rows
    assert not found.message_rows


FIELDS = "messages system tools role content type text name user assistant tool_use tool_result image source data input"


@given(json_values(keys=st.sampled_from(FIELDS.split())))
def test_the_rows_of_any_body_add_up(body: Json) -> None:
    found = breakdown(exchange(body), Letters())
    rows: dict[Section, Sequence[ToolRow | SystemRow | MessageRow]] = {
        "tools": found.tool_rows,
        "system": found.system_rows,
        "messages": found.message_rows,
    }
    for section in rows:
        assert sum(row.tokens or 0 for row in rows[section]) == found.tokens(section)
        assert sum(row.percent or 0 for row in rows[section]) == found.percents[section]
    assert sum(percent or 0 for percent in found.percents.values()) == (100 if found.total else 0)


def test_of_a_trace_whose_texts_were_deleted_nothing_is_counted() -> None:
    tokens = breakdown(without_text(synthetic.tool_call()), Letters())
    assert (tokens.total, tokens.difference, tokens.tools_defined) == (None, None, None)
    assert [*tokens.tool_rows, *tokens.system_rows, *tokens.message_rows] == []
    assert tokens.reported is not None
