"""How sessions and agents are called, so that no two are called the same."""

from dataclasses import replace

import pytest

from tests.support.factories import exchange, read
from traces.sessions.grouping import sessions
from traces.sessions.model import Session, agent_names, short_ids

(SESSION,) = sessions(read(exchange(0, "Hi", answer="hello")))
(MAIN,) = SESSION.agents
FIRST, SECOND = "01a21d9e-3495-7341-9569-59e1f5d741c3", "01a21d9e-34a0-7777-9569-9999aaaabbbb"


def of(id: str, *agents: str) -> Session:
    return replace(SESSION, id=id, agents=(MAIN, *(replace(MAIN, key=key, id=key) for key in agents)))


@pytest.mark.parametrize(
    ("found", "names"),
    [
        ([of("s-1", "a1b2c3d4e5f6")], {"main": "main", "a1b2c3d4e5f6": "a1b2c3d4"}),
        ([of("s-1", FIRST, SECOND)], {"main": "main", FIRST: "f5d741c3", SECOND: "aaaabbbb"}),
        ([of(SECOND, FIRST)], {"main": "main", FIRST: "f5d741c3"}),
        (
            [of("s-1", "subagent-x-the-same", "subagent-y-the-same")],
            {key: key for key in ("main", "subagent-x-the-same", "subagent-y-the-same")},
        ),
        ([], {}),
    ],
)
def test_an_agents_short_name_is_unique(found: list[Session], names: dict[str, str]) -> None:
    assert agent_names(found) == names


def test_sessions_that_begin_alike_are_called_by_all_of_their_ids() -> None:
    assert short_ids([of(FIRST), of(SECOND), of("ses_de273c5b1ffe")]) == {
        FIRST: FIRST,
        SECOND: SECOND,
        "ses_de273c5b1ffe": "ses_de27",
    }
