"""Requests sent over real sockets to a scripted server, and what comes back."""

import asyncio
from collections.abc import Sequence
from typing import Any

from replay.exchange import Sent
from replay.request import Prepared, Target
from replay.transport.send import send
from tests.support import answers
from tests.support.scripted import Answer, Step, serving, stream
from traces.dialects import Dialect

PATHS: dict[Dialect, str] = {"anthropic": "/v1/messages", "chat": "/v1/chat/completions"}
BODY = b'{"model": "m",  "stream": true}'
HELLO = answers.events(answers.text("Hello"))
KEY = "sk-made-up-key-0123456789"


def prepared(url: str, dialect: Dialect = "anthropic", **target: Any) -> Prepared:
    """Return a request to a server at this URL."""
    headers = {"content-type": "application/json"}
    return Prepared(Target(url, url, dialect, **target), PATHS[dialect], headers, BODY, "m", dialect)


def exchange(answer: Answer | Sequence[Step], dialect: Dialect = "anthropic", **options: Any) -> Sent:
    """Send a request to a server that answers so, and return what came."""
    script = answer if isinstance(answer, Answer) else stream(answer)
    with serving([script]) as server:
        return asyncio.run(send(prepared(server.url, dialect), **options))


def seconds(measured: float | None) -> float:
    """Return a time that must have been measured."""
    assert measured is not None
    return measured


def texts(message: Any) -> str:
    """Return the text of an assembled message."""
    return "".join(block["text"] for block in message["content"])
