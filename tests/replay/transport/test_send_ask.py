"""Short questions over a real socket."""

import asyncio
import socket

import pytest

from replay.exchange import Reply
from replay.request import Target
from replay.transport.send import ask
from tests.support.scripted import FOREVER, Answer, Cut, serving, whole


def asked(answer: Answer, timeout: float = 5.0) -> Reply:
    with serving(lambda request: answer) as server:
        return asyncio.run(ask(Target(server.url, "x"), "GET", "/v1/models", timeout=timeout))


def test_an_answer_is_json() -> None:
    reply = asked(whole({"data": []}))

    assert (reply.status, reply.body, reply.error) == (200, {"data": []}, None)


def test_an_error_of_the_server_has_a_status_and_is_no_error_of_ours() -> None:
    reply = asked(Answer((b"not found",), 404))

    assert (reply.status, reply.body, reply.error) == (404, None, None)


def test_a_question_with_a_body_is_a_json_document() -> None:
    with serving([whole({})]) as server:
        asyncio.run(ask(Target(server.url, "x", key="sk-made-up"), "POST", "/load", {"model": "m"}))

    [request] = server.posts
    assert (request.json, request.header("content-type")) == ({"model": "m"}, "application/json")
    assert request.header("authorization") == "Bearer sk-made-up"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer((FOREVER,)), "timeout"),
        (Answer((b"{", Cut.HANG_UP)), "server_disconnected"),
        (Answer((Cut.RESET,)), "server_disconnected"),
    ],
)
def test_an_error_is_in_the_reply(answer: Answer, kind: str) -> None:
    reply = asked(answer, timeout=0.3)

    assert reply.error is not None
    assert (reply.status, reply.error.kind) == (None, kind)


def test_a_refused_connection_is_reported() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    reply = asyncio.run(ask(Target(f"http://127.0.0.1:{port}", "x"), "GET", "/"))

    assert reply.error is not None
    assert reply.error.kind == "refused"
