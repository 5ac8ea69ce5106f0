"""Replays from Python."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

import replay
from replay import api
from replay.calibrate import server
from replay.calibrate.server import Plan
from replay.errors import TargetError
from tests.support import answers, scripted, synthetic
from traces.dialects import FORMATS
from traces.model import Request, Trace

QUICK = Plan(delay=30, chunks=5, gap=5).model


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with server.start() as url:
        yield url


def test_a_trace_becomes_a_result(address: str) -> None:
    result = replay.replay(synthetic.tool_call(), target=address, model=QUICK)
    assert result.success
    assert result.metrics.timing.ttft is not None
    assert 0.03 <= result.metrics.timing.ttft <= (result.metrics.timing.total or 0)
    assert result.run.trace.tools == 4


def test_async_code_awaits_it(address: str) -> None:
    async def both() -> list[replay.ReplayResult]:
        again = (replay.replay_async(synthetic.text(), target=address, model=QUICK) for _ in range(2))
        return await asyncio.gather(*again)

    assert [result.success for result in asyncio.run(both())] == [True, True]


def test_in_a_running_loop_the_error_says_what_to_await() -> None:
    async def notebook() -> None:
        replay.replay(synthetic.text())

    with pytest.raises(RuntimeError, match=r"`await replay.replay_async\(…\)` instead"):
        asyncio.run(notebook())


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"cache": "frozen"}, "cache is one of as-is, cold, warm, not 'frozen'"),
        ({"runs": 0}, "runs are at least 1"),
        ({"retries": -1}, "retries at least 0"),
        ({"timeout": float("nan")}, "timeouts more than 0"),
    ],
)
def test_options_make_sense_from_the_beginning(options: Any, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        replay.Options(**options)


def test_the_format_can_be_fixed(address: str) -> None:
    result = replay.replay(synthetic.tool_call(), target=address, model=QUICK, dialect="chat")
    assert (result.success, result.target.dialect) == (True, "chat")


@pytest.mark.parametrize("dialect", FORMATS)
def test_a_recording_of_a_response_goes_out_as_recorded_or_translated(address: str, dialect: str) -> None:
    body = {"model": "x", "input": "Hello", "store": False, "stream": True}
    trace = Trace("2026-01-01T00:00:00.000Z", "local", Request("POST", "http://x.example/v1/responses", {}, body))
    result = replay.replay(trace, target=address, model=QUICK, dialect=None if dialect == "responses" else dialect)
    assert (result.error, result.target.dialect) == (None, dialect)
    assert any("translated" in note for note in result.notes) == (dialect != "responses")


def test_a_server_that_is_not_there_is_an_error() -> None:
    with pytest.raises(TargetError):
        replay.replay(synthetic.text(), target="http://127.0.0.1:9")


def test_a_model_that_is_not_there_to_be_asked_is_a_failed_run() -> None:
    result = replay.replay(synthetic.text(), target="http://127.0.0.1:9", model="m")
    assert result.error is not None
    assert (result.error.kind, result.run.model) == ("refused", "m")


def test_a_server_is_asked_nothing_twice_before_the_first_request() -> None:
    entry = {"id": "m", "owned_by": "llamacpp"}

    def script(request: scripted.Received) -> scripted.Answer:
        if request.method == "GET":
            known = {"/v1/models": {"data": [entry]}, "/props": {"default_generation_settings": {"n_ctx": 999_999}}}
            return scripted.whole(known.get(request.path, {}), 200 if request.path in known else 404)
        return scripted.stream(answers.events(answers.text("Hello")))

    with scripted.serving(script) as server:
        result = replay.replay(synthetic.text(), target=server.url)
        asked = [request.path for request in server.received]

    assert (result.success, result.run.model) == (True, "m")
    assert "/props" in asked
    assert len(asked) == len(set(asked))


def test_what_a_server_is_and_has_can_be_asked(address: str) -> None:
    served = asyncio.run(api.survey(address))
    assert served.server == ""
    assert [(model.name, model.loaded) for model in served.models] == [(Plan().model, True)]


def test_what_is_not_there_is_missed_as_usual() -> None:
    assert not hasattr(replay, "nothing_of_the_sort")
