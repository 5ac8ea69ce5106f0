"""The built-in server reports its own times truly."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from replay.calibrate import server
from replay.calibrate.calibrate import request
from replay.calibrate.server import Plan, Truth, truth_in
from replay.request import Prepared, Target
from replay.transport.send import ask, send
from traces.content.answers import answer_id
from traces.dialects import FORMATS, Dialect
from traces.model import Json

pytestmark = pytest.mark.io


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with server.start() as address:
        yield address


def text_of(message: Json, dialect: Dialect) -> str:
    match message:
        case {"content": [{"text": str(text)}]} | {"choices": [{"message": {"content": str(text)}}]}:
            return text
        case {"candidates": [{"content": {"parts": [{"text": str(text)}]}}]}:
            return text
        case {"output": [{"content": [{"text": str(text)}]}]}:
            return text
    raise AssertionError(message)


@pytest.mark.parametrize("dialect", FORMATS)
def test_the_models_name_sets_the_times_of_the_answer(address: str, dialect: Dialect) -> None:
    plan = Plan(delay=100, chunks=5, gap=30)
    body = b'{"model": "%b"}' % plan.model.encode()
    prepared = Prepared(
        Target(address, "x", dialect), FORMATS[dialect].address(plan.model, ""), {}, body, plan.model, dialect
    )
    exchange = asyncio.run(send(prepared))

    truth = truth_in(text_of(exchange.message, dialect))
    assert exchange.error is None
    assert len(truth.sent) == 5
    assert truth.sent[0] >= 0.099
    assert truth.sent[-1] >= 0.099 + 4 * 0.030
    assert exchange.total is not None
    assert exchange.total > truth.sent[-1]


def test_chunks_without_a_gap_come_at_once(address: str) -> None:
    exchange = asyncio.run(send(request(address, Plan(0, 30, 0))))

    assert len(truth_in(text_of(exchange.message, "anthropic")).sent) == 30


def test_it_lists_the_model_it_has(address: str) -> None:
    reply = asyncio.run(ask(Target(address, "x"), "GET", "/v1/models"))

    assert reply.body == {
        "object": "list",
        "data": [{"id": "known-times/300/10/20", "object": "model", "owned_by": "replay"}],
    }
    with server.start("known-times/1/2/3") as another:
        reply = asyncio.run(ask(Target(another, "x"), "GET", "/v1/models"))
    assert reply.body == {
        "object": "list",
        "data": [{"id": "known-times/1/2/3", "object": "model", "owned_by": "replay"}],
    }


def test_an_unknown_model_is_an_error_at_once(address: str) -> None:
    reply = asyncio.run(ask(Target(address, "x"), "POST", "/v1/messages", {}))

    assert reply.status == 400
    assert reply.body == {"error": {"message": "no such model; there is known-times/300/10/20, in any numbers"}}


def test_the_true_times_are_read_from_the_text() -> None:
    assert truth_in("1000000000 1300000000 1350000000 ") == Truth((0.3, 0.35))
    assert Truth((0.25, 0.5, 1.0)).gaps == (0.25, 0.5)


def test_it_tells_the_times_of_each_answer_by_its_number() -> None:
    with server.start() as address:
        exchange = asyncio.run(send(request(address, plan := Plan(20, 5, 10))))
        told: Any = asyncio.run(ask(Target(address, "x"), "GET", server.LOG)).body
    [answered] = [server.Answered(**fields) for fields in told["answers"]]
    assert told["cpu"] > 0
    truth = truth_in(text_of(exchange.message, "anthropic"))
    assert answer_id(exchange.message) == f"msg_{answered.number}" == "msg_1"
    assert answered.size >= len(exchange.prepared.body)
    assert answered.due - answered.received == plan.delay * 1_000_000
    seconds = [(moment - answered.received) / 1e9 for moment in (answered.first, answered.last)]
    assert seconds == [truth.sent[0], truth.sent[-1]]
