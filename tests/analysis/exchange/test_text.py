"""The notes beside an exchange's figures: whose instructions, and what the server doesn't report."""

import click
import pytest

from analysis.exchange.breakdown import CountedExchange, breakdown
from analysis.exchange.report import report
from analysis.exchange.text import RENDERERS
from tests.analysis.exchange.test_breakdown import Letters
from traces import raw_body, redact
from traces.model import Json, Odd, Request, Response, Trace

USAGE = {"usage": {"input_tokens": 100, "output_tokens": 5}}


def page(headers: dict[str, str], body: dict[str, Json], mode: str = "lmstudio") -> str:
    request = Request("POST", "http://localhost:1234/v1/responses", headers, {"input": "hi", **body})
    trace = Trace("2026-11-22T10:00:00.000Z", mode, request, Response(200, {}, USAGE))
    counter = Letters()
    return click.unstyle(RENDERERS["table"](report(CountedExchange(trace, counter, breakdown(trace, counter))), False))


@pytest.mark.parametrize(
    ("headers", "whose"),
    [
        ({"user-agent": "claude-cli/2.1.330"}, "← Claude Code's instructions"),
        ({"originator": "codex_exec"}, "← Codex's instructions"),
        ({"user-agent": "opencode/1.18.33"}, "← opencode's instructions"),
        ({"user-agent": "OpenAI/Python 2.8.0"}, "← the client's instructions"),
    ],
)
def test_instructions_are_those_of_the_client_that_sent_them(headers: dict[str, str], whose: str) -> None:
    shown = page(headers, {})
    assert whose in shown
    assert ("Claude Code" in shown) == ("Claude Code" in whose)


@pytest.mark.parametrize(
    ("body", "note"),
    [
        ({}, "-98.0%"),
        ({"previous_response_id": "resp_1"}, "-98.0%; the server keeps the history"),
        ({"conversation": {"id": "conv_1"}}, "-98.0%; the server keeps the history"),
        ({"previous_response_id": None}, "-98.0%"),
    ],
)
def test_a_history_that_the_server_keeps_explains_what_it_counts_more(body: dict[str, Json], note: str) -> None:
    (line,) = [line for line in page({}, body).splitlines() if line.startswith("Difference")]
    assert line.endswith(f"counted minus reported: {note}")


@pytest.mark.parametrize(("mode", "who"), [("ollama", "Ollama"), ("lmstudio", "the server")])
def test_a_kind_of_server_that_never_reports_its_cache_is_named(mode: str, who: str) -> None:
    assert f"← {who} doesn't report cached tokens" in page({}, {}, mode)


def test_odd_events_are_shown_with_a_sample_and_the_body_as_sent_or_not() -> None:
    body = {"input": "hi"}
    raw = raw_body.describe(b'{"input": "hi"}', body, body, redact.cleaner(frozenset()))
    request = Request("POST", "http://localhost:1234/v1/responses", {}, body, raw)
    marks = ("odd_events", "late_stamps")
    trace = Trace("", "local", request, Response(200, {}, USAGE), marks=marks, odd=Odd(2, '{"x": 1'))
    found = report(CountedExchange(trace, Letters(), breakdown(trace, Letters())))

    lines = [" ".join(line.split()) for line in click.unstyle(RENDERERS["table"](found, True)).splitlines()]

    assert "Marks: odd_events, late_stamps" in lines
    assert "Odd Events: 2 ← not as their API format requires; the first begins:" in lines
    assert '{"x": 1' in lines
    assert "Request Body: the bytes that were sent, by their hash" in lines
