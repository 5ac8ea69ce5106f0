"""Servers that don't keep to OpenAI's format, on a bridge without sockets: what a client gets is right.

`test_odd_servers_oracle` lets the `anthropic` package read it.
"""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.addons.bridge.test_translate import BODY, read
from tests.support.bridged import Got, bridged
from tests.support.odd_servers import BROKEN_OFF, CALLS, CHUNKS, REFUSALS, WIRE, Odd
from tests.support.translating import contents_of

KINDS = {"wire": WIRE, "chunks": CHUNKS, "calls": CALLS}
ODD = {f"{kind}: {name}": odd for kind, odds in KINDS.items() for name, odd in odds.items()}
TOOLS = [{"name": name, "input_schema": {"type": "object"}} for name in ("Read", "Glob", "ListFiles")]


def got_of(raw: bytes, streamed: bool, bytewise: bool = False) -> Got:
    pieces = [raw[at : at + 1] for at in range(len(raw))] if bytewise else [raw]
    return bridged(pieces, {**BODY, "tools": TOOLS, "stream": streamed})


def check(odd: Odd, message: Any, notes: tuple[str, ...]) -> None:
    assert contents_of(message) == {"thinking": odd.thinking, "text": odd.text, "calls": list(odd.calls)}
    assert message["stop_reason"] == odd.stop
    assert (message["usage"]["input_tokens"], message["usage"]["output_tokens"]) == odd.tokens
    if odd.noted is not None:
        assert odd.noted in "; ".join(notes) if odd.noted else not notes, notes


@pytest.mark.parametrize("name", [name for name, odd in ODD.items() if odd.text or odd.calls])
def test_a_stream_is_right_whatever_its_server_writes(name: str) -> None:
    got = got_of(ODD[name].raw, streamed=True)
    assert (got.status, got.is_whole) == (200, True)
    check(ODD[name], read(got.body), got.notes)


@pytest.mark.parametrize("name", ODD)
def test_it_is_the_same_without_streaming_and_byte_by_byte(name: str) -> None:
    odd = replace(ODD[name], noted=None)
    for bytewise in (False, True)[: 1 if len(odd.raw) > 3000 else 2]:
        got = got_of(odd.raw, streamed=False, bytewise=bytewise)
        assert (got.status, got.headers["content-type"]) == (200, "application/json")
        check(odd, json.loads(got.body), got.notes)


@pytest.mark.parametrize("name", REFUSALS)
@pytest.mark.parametrize("streamed", [True, False])
def test_what_is_no_answer_is_an_error_with_a_status(name: str, streamed: bool) -> None:
    refused = REFUSALS[name]
    got = got_of(refused.raw, streamed)
    error = json.loads(got.body)["error"]
    assert (got.status, error["type"]) == (refused.status, refused.kind)
    assert refused.words in error["message"]
    for header, value in (refused.headers or {}).items():
        assert got.headers[header] == value


@pytest.mark.parametrize("name", BROKEN_OFF)
def test_an_answer_that_breaks_off_is_never_taken_for_whole(name: str) -> None:
    got = got_of(BROKEN_OFF[name], streamed=True)
    assert '"text":"Hé"'.encode() in got.body
    assert b"message_stop" not in got.body
    assert (b"event: error" in got.body) is got.is_whole
    assert got_of(BROKEN_OFF[name], streamed=False).status >= 400
