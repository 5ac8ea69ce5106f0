"""A server that reuses nothing, distinguished from one that has lost a prompt."""

from dataclasses import replace

import pytest

from analysis.prefix_cache.no_reuse import turns_without_reuse
from analysis.prefix_cache.report import Row
from tests.support.factories import exchange, read
from traces.metrics import InputUsage

(TURN,) = read(exchange(0, "Hi", answer="hello"))


def row(number: int, reused: int, cached: int | None, agent: str = "main", session: str = "s") -> Row:
    turn = replace(TURN, timestamp=f"2026-11-22T10:00:{number:02}.000Z")
    usage = InputUsage(uncached=4000 - (cached or 0), cache_read=cached, cache_written=None)
    return Row(session, number, agent, turn, 4000, reused, 4000 - reused, 0, (), usage)


FIRST = row(1, 0, 0)


@pytest.mark.parametrize(
    ("rows", "turns"),
    [
        pytest.param([FIRST, row(2, 3900, 0), row(3, 3900, 0)], 2, id="nothing, ever"),
        pytest.param([FIRST, row(2, 3900, 0), row(3, 3900, 20)], 2, id="a few words that all prompts begin with"),
        pytest.param([row(3, 3900, 0), row(2, 3900, 0), FIRST], 2, id="in any order"),
        pytest.param([FIRST, row(2, 3900, 0), row(3, 3900, 3800)], 0, id="it does, once"),
        pytest.param([FIRST, row(2, 3900, 0)], 0, id="one turn is too few"),
        pytest.param([FIRST, row(2, 100, 0), row(3, 100, 0)], 0, id="too little to reuse"),
        pytest.param([FIRST, row(2, 3900, None), row(3, 3900, None)], 0, id="the server doesn't say"),
        pytest.param(
            [FIRST, row(2, 3900, 0, "a1"), row(3, 3900, 0), row(4, 3900, 0, "a1")], 0, id="other prompts came between"
        ),
        pytest.param(
            [FIRST, row(2, 3900, 0, session="t"), row(3, 3900, 0), row(4, 3900, 0, session="t")],
            0,
            id="other sessions came between",
        ),
        pytest.param([], 0, id="no turns"),
    ],
)
def test_a_server_reuses_nothing_where_no_turn_that_only_carried_on_did(rows: list[Row], turns: int) -> None:
    assert turns_without_reuse(rows) == turns
