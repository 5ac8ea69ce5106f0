"""What is derived from a part's fields."""

import pytest

from traces.content.part import Part, mcp_server


@pytest.mark.parametrize(
    ("tool", "server"),
    [
        ("mcp__github__search_code", "github"),
        ("mcp__my_server__do__it", "my_server"),
        ("Read", None),
        ("mcp__github", None),
        ("mcp____x", None),
        ("other__github__x", None),
    ],
)
def test_an_mcp_tools_name_holds_its_server(tool: str, server: str | None) -> None:
    assert mcp_server(tool) == server


@pytest.mark.parametrize(
    ("name", "group", "server"),
    [
        ("mcp__github__search", None, "github"),
        ("search", "mcp__github", "github"),
        ("search", "mcp__github__", "github"),
        ("mcp__github", "mcp__github", "github"),
        ("open", "browser", None),
        ("Read", None, None),
    ],
)
def test_a_tool_of_a_group_belongs_to_the_groups_server(name: str, group: str | None, server: str | None) -> None:
    assert Part("tools", "tool", "{}", name, group=group).server == server


def test_a_tool_counts_among_the_tools_wherever_it_is() -> None:
    assert Part("messages", "tool", "{}", "Read").counts_as == "tools"
    assert Part("tools", "other", "{}").counts_as == "tools"
    assert Part("messages", "user", "Hi").counts_as == "messages"


def test_the_words_of_a_group_are_no_tool_of_it() -> None:
    assert Part("tools", "tool", "{}", "mcp__x", group="mcp__x").is_group
    assert not Part("tools", "tool", "{}", "a", group="mcp__x").is_group
    assert not Part("tools", "tool", "{}", "a").is_group
