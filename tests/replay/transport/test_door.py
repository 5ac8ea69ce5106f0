"""Requests go out one after the other, and none waits long."""

import asyncio

import pytest

from replay.transport import door


def waits(count: int, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return how long each of so many requests, made at once, is told to wait."""
    told: list[float] = []

    async def sleep(seconds: float) -> None:
        told.append(seconds)

    async def all_at_once() -> None:
        loop = asyncio.get_running_loop()
        monkeypatch.setattr(loop, "time", lambda: 100.0)
        for _ in range(count):
            await door.wait()

    with monkeypatch.context() as patch:
        patch.setattr(asyncio, "sleep", sleep)
        asyncio.run(all_at_once())
    return told


def test_requests_made_at_once_go_out_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    assert waits(4, monkeypatch) == pytest.approx([door.SPACING, 2 * door.SPACING, 3 * door.SPACING])


def test_one_alone_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    assert waits(1, monkeypatch) == []


def test_none_waits_long_however_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    assert max(waits(1000, monkeypatch)) == pytest.approx(door.LONGEST_WAIT)
