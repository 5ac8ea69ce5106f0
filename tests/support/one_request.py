"""One request to a model through a proxy: what is sent and answered, and the trace that it leaves."""

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import urlsplit

from tests.support import answers
from tests.support.patience import PATIENCE
from tests.support.proxy import Proxy
from traces.model import Trace

BODY = {
    "model": "some-model",
    "max_tokens": 100,
    "stream": True,
    "system": [{"type": "text", "text": "You are terse."}],
    "messages": [{"role": "user", "content": "Read /x"}],
    "metadata": {"user_id": "user_a_account_b_session_0b9e8f3a-5a4c-4e0f-9a51-2f9e5a8d7c10"},
}
SAID = (answers.thinking("Hm, a file."), answers.text("Let me look."), answers.tool("Read", file_path="/x"))
EVENTS = answers.events(*SAID)


@contextmanager
def asking(
    url: str,
    path: str = "/v1/messages?beta=true",
    body: bytes | None = None,
    method: str = "POST",
    **headers: str,
) -> Iterator[http.client.HTTPResponse]:
    """Send a request and yield the response as soon as its headers are there. Hang up at the end."""
    address = urlsplit(url)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = json.dumps(BODY).encode() if body is None else body
    with closing(http.client.HTTPConnection(address.hostname or "", address.port, timeout=PATIENCE)) as connection:
        connection.request(method, path, sent, {"content-type": "application/json", **named})
        with connection.getresponse() as response:
            yield response


def ask(url: str, *args: Any, **named: Any) -> bytes:
    """Return the whole body of the answer."""
    with asking(url, *args, **named) as response:
        return response.read()


def wait_for(started: Proxy, state: str, patience: float = PATIENCE) -> Trace:
    """Return the only trace, once its exchange has ended, in this state."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        found = started.traces() if started.folder.exists() else []
        if found and (found[0].response or found[0].error):
            assert [trace.state for trace in found] == [state]
            return found[0]
        time.sleep(0.01)
    raise AssertionError(f"no trace in {started.folder}; the proxy said: {started.log.read_text()}")


def wait_for_request(started: Proxy, patience: float = PATIENCE) -> Trace:
    """Return the only trace, once its request has been written."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if started.folder.exists() and (found := started.traces()):
            [trace] = found
            return trace
        time.sleep(0.01)
    raise AssertionError(f"no trace in {started.folder}; the proxy said: {started.log.read_text()}")
