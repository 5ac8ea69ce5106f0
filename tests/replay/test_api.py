"""Replays from Python."""

import asyncio
from collections.abc import Iterator

import pytest

import replay
from replay import server
from replay.errors import TargetError
from replay.server import Plan
from tests.support import synthetic

QUICK = Plan(delay=30, chunks=5, gap=5).model


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with server.running() as url:
        yield url


def test_a_trace_becomes_a_result(address: str) -> None:
    result = replay.replay(synthetic.tool_call(), target=address, model=QUICK)
    assert result.success
    assert result.metrics.timing.ttft is not None
    assert 0.03 <= result.metrics.timing.ttft < 0.5
    assert result.run.trace.tools == 4


def test_async_code_awaits_it(address: str) -> None:
    async def both() -> list[replay.ReplayResult]:
        again = (replay.replay_async(synthetic.text(), target=address, model=QUICK) for _ in range(2))
        return await asyncio.gather(*again)

    assert [result.success for result in asyncio.run(both())] == [True, True]


def test_the_dialect_can_be_fixed(address: str) -> None:
    result = replay.replay(synthetic.tool_call(), target=address, model=QUICK, dialect="chat")
    assert (result.success, result.target.dialect) == (True, "chat")


def test_a_server_that_is_not_there_is_an_error() -> None:
    with pytest.raises(TargetError):
        replay.replay(synthetic.text(), target="http://127.0.0.1:9")


def test_what_is_not_there_is_missed_as_usual() -> None:
    assert not hasattr(replay, "nothing_of_the_sort")
