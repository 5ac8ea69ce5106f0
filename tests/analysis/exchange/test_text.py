"""The notes beside an exchange's figures: whose instructions, and what the server doesn't report."""

import json
from typing import Any

import click
import pytest

from analysis.exchange.breakdown import CountedExchange, breakdown
from analysis.exchange.on_the_way import sent_parts
from analysis.exchange.report import document, report
from analysis.exchange.text import RENDERERS
from tests.analysis.exchange.test_breakdown import Letters
from tests.support import synthetic
from traces import raw_body, redact
from traces.model import Cost, Json, Odd, Request, Response, Trace
from traces.numbers_only import without_text

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


def test_what_is_odd_about_a_trace_and_what_it_cost_are_shown() -> None:
    body = {"input": "hi"}
    raw = raw_body.describe(b'{"input": "hi"}', body, body, redact.cleaner(frozenset()))
    request = Request("POST", "http://localhost:1234/v1/responses", {}, body, raw)
    marks = ("odd_events", "late_stamps")
    trace = Trace(
        "", "local", request, Response(200, {}, USAGE), marks=marks, odd=Odd(2, '{"x": 1'), cost=Cost(130_000, 0.00712)
    )
    found = report(CountedExchange(trace, Letters(), breakdown(trace, Letters())))

    lines = [" ".join(line.split()) for line in click.unstyle(RENDERERS["table"](found, True)).splitlines()]

    assert "Marks: odd_events, late_stamps" in lines
    assert "Odd Events: 2 ← not as their API format requires; the first begins:" in lines
    assert '{"x": 1' in lines
    assert "Request Body: the bytes that were sent, by their hash" in lines
    assert "Recording Cost: 130,000 bytes ← and 7.1 ms of the writer's processor time" in lines
    assert json.loads(RENDERERS["json"](found, False))["cost"] == {"bytes": 130_000, "seconds": 0.00712}


def shown_of(trace: Trace, form: str = "table") -> list[str]:
    found = report(CountedExchange(trace, Letters(), breakdown(trace, Letters())))
    return [" ".join(line.split()) for line in click.unstyle(RENDERERS[form](found, False)).splitlines()]


def test_what_was_changed_on_the_way_is_a_section_with_the_times_of_both_sides() -> None:
    lines = shown_of(synthetic.translated())
    at = lines.index("ON THE WAY (the server got something else than what the client sent)")
    assert lines[at + 1 : at + 4] == [
        "Sent To: http://localhost:1234/v1/chat/completions",
        "Answered: 200",
        "Change 1: metadata: dropped",
    ]
    ttft = synthetic.tool_call().timing.ttft
    assert f"Time to First Token: 0.400 s ← from the server; {ttft:.3f} s at the client" in lines
    assert not any("ON THE WAY" in line for line in shown_of(synthetic.tool_call()))


def test_a_server_that_gave_no_answer_is_told_on_the_way() -> None:
    lines = shown_of(synthetic.translated(failed=True))
    assert "Server's State: error: localhost:1234: connection refused: nothing listens there" in lines
    assert "Answered: –" in lines


def test_json_holds_what_was_changed_on_the_way() -> None:
    found = report(CountedExchange(synthetic.translated(), Letters(), breakdown(synthetic.translated(), Letters())))
    upstream: Any = document(found)["upstream"]
    assert upstream["changes"][0] == "metadata: dropped"
    assert (upstream["status"], upstream["timing"]["ttft"]) == (200, 0.4)


def test_parts_that_the_server_got_as_they_were_sent_are_the_same_parts() -> None:
    trace = synthetic.translated()
    known = breakdown(trace, Letters()).parts
    sent = sent_parts(trace, known)
    assert [part for part in sent if part.kind == "tool"] == [part for part in known if part.kind == "tool"]
    assert {part.text for part in known if part.kind == "user"} <= {part.text for part in sent}
    assert not any(part.kind == "thinking" for part in sent)


def test_what_was_deleted_from_a_trace_is_called_deleted() -> None:
    shown = "\n".join(shown_of(without_text(synthetic.tool_call())))
    assert shown.count("the texts of this trace were deleted") == 4
    assert "TOOL DEFINITIONS" not in shown
    assert "Server Reported" in shown
    assert "Time to First Token" in shown


def test_parts_that_only_the_server_can_read_are_not_counted() -> None:
    sealed = {"type": "redacted_thinking", "data": "c2VhbGVk"}
    body: dict[str, Json] = {"messages": [{"role": "assistant", "content": [sealed]}]}
    assert "Not Counted" in page({}, body)
