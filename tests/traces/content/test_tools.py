"""Tools as requests define them, and what a model is given of each."""

import pytest

from traces.content.tools import Definition, definitions
from traces.model import Json

SCHEMA = {"type": "object"}
GRAMMAR = {"type": "grammar", "syntax": "lark", "definition": "start: /a/"}


@pytest.mark.parametrize(
    ("tool", "name", "text"),
    [
        pytest.param(
            {"input_schema": SCHEMA, "name": "Read", "cache_control": {}, "description": "Reads", "strict": True},
            "Read",
            '{"name":"Read","description":"Reads","input_schema":{"type":"object"}}',
            id="Anthropic's",
        ),
        pytest.param(
            {"name": "Q", "input_schema": SCHEMA, "input_examples": [{"a": 1}]},
            "Q",
            '{"name":"Q","input_schema":{"type":"object"},"input_examples":[{"a":1}]}',
            id="examples",
        ),
        pytest.param(
            {"type": "function", "function": {"name": "Read", "parameters": SCHEMA, "strict": True}},
            "Read",
            '{"name":"Read","parameters":{"type":"object"}}',
            id="of a chat completion",
        ),
        pytest.param(
            {"type": "function", "function": {"name": "Q"}, "input_examples": [1]},
            "Q",
            '{"name":"Q","input_examples":[1]}',
            id="what is around it in a chat completion",
        ),
        pytest.param(
            {"type": "custom", "name": "edit", "format": GRAMMAR},
            "edit",
            '{"name":"edit","format":{"type":"grammar","syntax":"lark","definition":"start: /a/"}}',
            id="a grammar",
        ),
        pytest.param(
            {"type": "custom", "custom": {"name": "edit", "format": GRAMMAR}},
            "edit",
            '{"name":"edit","format":{"type":"grammar","syntax":"lark","definition":"start: /a/"}}',
            id="a grammar in a chat completion",
        ),
        pytest.param(
            {"type": "web_search_20250305", "name": "web_search", "max_uses": 5},
            "web_search",
            '{"name":"web_search","type":"web_search_20250305","max_uses":5}',
            id="a server's own",
        ),
        pytest.param({"type": "web_search"}, "web_search", '{"type":"web_search"}', id="without a name"),
        pytest.param("web_search", "web_search", '"web_search"', id="a name alone"),
        pytest.param({"name": 7}, None, '{"name":7}', id="what isn't understood"),
    ],
)
def test_a_tool_is_all_that_a_model_reads_of_it(tool: Json, name: str | None, text: str) -> None:
    assert definitions(tool) == [Definition(name, text, None, False)]


def test_a_group_is_its_own_words_and_each_of_its_tools() -> None:
    tools = [{"type": "function", "name": "a", "parameters": SCHEMA}, {"name": "b", "defer_loading": True}]
    group = {"type": "namespace", "name": "mcp__x", "description": "d", "tools": tools}
    assert definitions(group) == [
        Definition("mcp__x", '{"name":"mcp__x","description":"d"}', "mcp__x", False),
        Definition("a", '{"name":"a","parameters":{"type":"object"}}', "mcp__x", False),
        Definition("b", '{"name":"b"}', "mcp__x", True),
    ]


@pytest.mark.parametrize(
    "server",
    [{"type": "mcp", "server_label": "hub", "headers": {"a": "b"}}, {"type": "mcp_toolset", "mcp_server_name": "hub"}],
)
def test_an_mcp_servers_tools_are_called_by_the_server(server: Json) -> None:
    [one] = definitions(server)
    assert (one.name, one.group) == ("hub", "mcp__hub")
    assert "headers" not in one.text


@pytest.mark.parametrize(
    "tool",
    [
        {"name": "a", "defer_loading": True},
        {"type": "function", "function": {"name": "a"}, "defer_loading": True},
        {"type": "function", "function": {"name": "a", "defer_loading": True}},
        {"type": "mcp", "server_label": "a", "defer_loading": True},
        {"type": "mcp_toolset", "mcp_server_name": "a", "default_config": {"defer_loading": True}},
        {"type": "namespace", "name": "n", "defer_loading": True, "tools": [{"name": "a"}]},
    ],
)
def test_a_tool_that_waits_for_a_search_is_deferred(tool: Json) -> None:
    assert all(one.deferred for one in definitions(tool))


def test_a_group_that_is_nested_too_deeply_is_kept_as_its_json() -> None:
    deep: Json = {"name": "a"}
    for _ in range(3000):
        deep = {"name": "g", "tools": [deep]}
    assert definitions(deep)[0].text
