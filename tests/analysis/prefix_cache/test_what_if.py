import pytest

from analysis.prefix_cache.what_if import leave_out
from tests.support.talks import Talk, body, called, result, said, tool, user
from traces.errors import ToolkitError
from traces.sessions.grouping import Session

TOOLS = [tool(name) for name in ("Bash", "mcp__github__search", "mcp__github__comment", "mcp__jira__search")]


def sessions() -> list[Session]:
    return (
        Talk()
        .ask(body(user("Go."), tools=TOOLS), called("Bash", "t1", command="ls"))
        .ask(body(user("Go on."), tools=TOOLS), said("Done."))
        .sessions
    )


@pytest.mark.parametrize(
    ("name", "gone", "calls"),
    [
        ("Bash", {"Bash"}, 1),
        ("mcp:github", {"mcp__github__search", "mcp__github__comment"}, 0),
        ("mcp__jira__search", {"mcp__jira__search"}, 0),
        ("system:2", {"system 2"}, 0),
    ],
)
def test_what_is_named_is_left_out_of_every_request(name: str, gone: set[str], calls: int) -> None:
    before = sessions()
    left = leave_out(before, [name])
    assert left.calls == calls
    for old, new in zip(before[0].turns, left.sessions[0].turns, strict=True):
        missing = set(old.parts) - set(new.parts)
        assert {part.name or f"system {part.index + 1}" for part in missing} == gone


def test_several_can_be_left_out() -> None:
    left = leave_out(sessions(), ["Bash", "mcp:github", "system:1"])
    assert [part.name for part in left.sessions[0].turns[0].parts if part.section == "tools"] == ["mcp__jira__search"]


@pytest.mark.parametrize("name", ["Nothing", "mcp:nobody", "system:9", "system:x", "mcp:"])
def test_a_name_that_no_request_has_is_an_error_that_lists_the_names(name: str) -> None:
    with pytest.raises(ToolkitError, match=r"no request has that. There are: Bash, .*mcp:github, mcp:jira, system:1"):
        leave_out(sessions(), [name])


LATER = {**tool("ask"), "defer_loading": True}
GROUP = {"type": "namespace", "name": "mcp__hub", "tools": [tool("ask"), tool("tell")]}


def test_a_tool_that_a_search_loaded_is_left_out_where_it_was_loaded() -> None:
    loaded = result("t", [{"type": "tool_reference", "tool_name": "ask"}])
    talk = Talk().ask(body(user("Go."), loaded, tools=[LATER]), called("ask", "t1"))
    left = leave_out(talk.sessions, ["ask"])
    assert left.calls == 1
    assert [part.kind for part in left.sessions[0].turns[0].parts if part.section == "messages"] == ["user"]


@pytest.mark.parametrize("name", ["mcp:hub", "mcp__hub"])
def test_a_group_is_left_out_with_its_tools(name: str) -> None:
    talk = Talk().ask(body(user("Go."), tools=[GROUP, tool("Bash")]), called("tell", "t1"))
    left = leave_out(talk.sessions, [name])
    assert left.calls == 1
    assert [part.name for part in left.sessions[0].turns[0].parts if part.section == "tools"] == ["Bash"]
