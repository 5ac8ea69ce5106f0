"""What the real Claude Code makes of faults, directly and through the proxy, and what is left of them in the traces."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.answers import USAGE, events, message, text
from tests.support.client import EACH_DELTA, Client
from tests.support.patience import eventually
from tests.support.proxy import Proxy, recording
from tests.support.scripted import Answer, Cut, ScriptedServer, cut, serving, stream, whole
from traces.model import Trace

HELLO = message(text("Hello to you."))
WHOLE = events(text("Hello to you."))
BEGUN = WHOLE[:4]  # as far as the first half of the text
HALF = {**message(text("Hello ")), "stop_reason": None, "usage": {**USAGE, "output_tokens": 1}}
OVERLOADED = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}


@dataclass(frozen=True)
class Fault:
    """What the server does first, and what the trace of it says. Asked again, the server answers well."""

    first: Answer
    state: str
    kind: str
    status: int | None
    body: Any


FAULTS = {
    "overloaded": Fault(whole(OVERLOADED, 529), "error", "http_error", 529, OVERLOADED),
    "a reset before the answer": Fault(cut(Cut.RESET), "incomplete", "server_disconnected", None, None),
    "a reset in mid-stream": Fault(stream([*BEGUN, 0.2, Cut.RESET]), "incomplete", "server_disconnected", 200, HALF),
    "a hang-up in mid-stream": Fault(
        stream([*BEGUN, 0.2, Cut.HANG_UP]), "incomplete", "server_disconnected", 200, HALF
    ),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_after_a_fault_the_client_asks_again_and_both_exchanges_are_traced(
    fault: Fault, claude: Client, tmp_path: Path
) -> None:
    answers = [fault.first, stream(WHOLE)]
    with serving(answers) as server:
        direct = claude.ask(server.url, "Hello.")
        asked_directly = len(server.posts)
    with serving(answers) as server:
        with recording(server.url, tmp_path) as proxy:
            proxied = claude.ask(proxy.url, "Hello.")
        failed, *between, good = proxy.traces()

    assert proxied.result == direct.result == "Hello to you."
    assert len(server.posts) == asked_directly == 2
    assert not between
    assert [trace.request.body for trace in (failed, good)] == [request.json for request in server.posts]
    assert (failed.state, failed.error and failed.error.kind) == (fault.state, fault.kind)
    assert _answered(failed) == (fault.status, fault.body)
    assert (good.state, good.error, _answered(good)) == ("complete", None, (200, HELLO))


def test_a_client_killed_in_mid_stream_leaves_what_had_arrived(claude: Client, tmp_path: Path) -> None:
    with in_mid_stream(claude, tmp_path) as (client, _, proxy):
        client.kill()
        assert eventually(lambda: any(trace.error for trace in proxy.traces()))
    [trace] = proxy.traces()
    assert (trace.state, trace.error and trace.error.kind) == ("incomplete", "client_disconnected")
    assert _answered(trace) == (200, HALF)


def test_a_proxy_stopped_in_mid_stream_leaves_what_had_arrived(claude: Client, tmp_path: Path) -> None:
    with in_mid_stream(claude, tmp_path) as (_, _, proxy):
        proxy.stop()
    [trace] = proxy.traces()
    assert (trace.state, trace.error and trace.error.kind) == ("incomplete", "proxy_stopped")
    assert _answered(trace) == (200, HALF)


def test_a_proxy_killed_in_mid_stream_leaves_the_request(claude: Client, tmp_path: Path) -> None:
    with in_mid_stream(claude, tmp_path) as (_, server, proxy):
        proxy.kill()
    assert eventually(proxy.traces)  # its writer outlives it
    [trace] = proxy.traces()
    assert (trace.state, trace.error, trace.response) == ("incomplete", None, None)
    assert trace.request.body == server.posts[0].json


@contextmanager
def in_mid_stream(claude: Client, folder: Path) -> Iterator[tuple[subprocess.Popen[str], ScriptedServer, Proxy]]:
    """The client has printed the first half of an answer whose second half doesn't come."""
    silence: Sequence[bytes | float] = [*BEGUN, 60.0]
    with serving([stream(silence)]) as server, recording(server.url, folder) as proxy:
        client = claude.start(proxy.url, "Hello.", *EACH_DELTA)
        try:
            assert client.stdout is not None
            assert any('"Hello "' in line for line in client.stdout)
            yield client, server, proxy
        finally:
            client.kill()
            client.communicate()


def _answered(trace: Trace) -> tuple[int | None, Any]:
    return (trace.response.status, trace.response.body) if trace.response else (None, None)
