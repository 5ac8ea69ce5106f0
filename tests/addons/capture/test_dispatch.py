"""Events reach the same addons, in the same order, as without the shorter way to them."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from mitmproxy import exceptions
from mitmproxy.proxy.layers.http._hooks import HttpRequestHook
from mitmproxy.test import taddons, tflow

from addons.capture.dispatch import Dispatch

Calls = list[str]


class Named:
    """An addon without a hook for a request; some have addons of their own."""

    def __init__(self, name: str, calls: Calls, addons: list[Any] | None = None) -> None:
        self.name, self.calls = name, calls
        if addons is not None:
            self.addons = addons


class Asked(Named):
    def request(self, flow: Any) -> None:
        self.calls.append(self.name)


class Waits(Named):
    async def request(self, flow: Any) -> None:
        await asyncio.sleep(0)
        self.calls.append(self.name)


class Updated(Named):
    def update(self, flows: Any) -> None:
        self.calls.append(f"{self.name} sees {len(flows)}")


class Fails(Named):
    def request(self, flow: Any) -> None:
        self.calls.append(self.name)
        raise ValueError(self.name)


class Halts(Named):
    def request(self, flow: Any) -> None:
        self.calls.append(self.name)
        raise exceptions.AddonHalt


def chain(calls: Calls, *last: Callable[[str, Calls], Any]) -> list[Any]:
    inner = Named("inner", calls, [Waits("asked in an inner one", calls), Named("nothing", calls)])
    outer = Named("outer", calls, [Named("empty", calls, []), inner])
    first = [Named("deaf", calls), Asked("first", calls), outer, Fails("fails", calls), Updated("list", calls)]
    return [*first, *(make(f"last {number}", calls) for number, make in enumerate(last))]


def calls_of(dispatch: list[Dispatch], *last: Callable[[str, Calls], Any]) -> Calls:
    async def play() -> Calls:
        calls: Calls = []
        with taddons.context(*chain(calls, *last)) as context:
            for each in dispatch:
                each.running()
            await context.master.addons.handle_lifecycle(HttpRequestHook(tflow.tflow()))
            context.master.addons.add(Asked("added later", calls))
            await context.master.addons.handle_lifecycle(HttpRequestHook(tflow.tflow()))
            await context.master.done()  # its handlers of logs belong to this event loop
        return calls

    return asyncio.run(play())


@pytest.mark.parametrize("last", [[Asked], [Halts, Asked], [Waits, Updated]])
def test_the_same_addons_are_asked_in_the_same_order(last: list[Any], caplog: pytest.LogCaptureFixture) -> None:
    expected = calls_of([], *last)
    errors = [record.getMessage() for record in caplog.records]
    caplog.clear()

    assert "asked in an inner one" in expected
    assert "fails" in expected
    assert calls_of([Dispatch()], *last) == expected
    assert [record.getMessage() for record in caplog.records] == errors == ["Addon error: fails"] * 2


def test_a_script_that_is_loaded_again_leaves_mitmproxys_own_way_as_it_was() -> None:
    async def play() -> None:
        with taddons.context() as context:
            for _ in range(2):
                dispatch = Dispatch()
                dispatch.running()
                assert "trigger_event" in vars(context.master.addons)
                dispatch.done()
                assert "trigger_event" not in vars(context.master.addons)
            dispatch.done()

    asyncio.run(play())
