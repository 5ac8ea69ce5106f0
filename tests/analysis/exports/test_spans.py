"""Sessions as spans: after the conventions for generative AI, in OTLP's JSON."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from analysis.exports import spans
from tests.analysis.exports.conftest import DAY, KEY, USAGE
from tests.support.analyzer import Analyzer

CONVENTIONS = {
    "error.type",
    "gen_ai.agent.id",
    "gen_ai.agent.name",
    "gen_ai.conversation.id",
    "gen_ai.input.messages",
    "gen_ai.operation.name",
    "gen_ai.output.messages",
    "gen_ai.provider.name",
    "gen_ai.request.max_tokens",
    "gen_ai.request.model",
    "gen_ai.request.seed",
    "gen_ai.request.stop_sequences",
    "gen_ai.request.stream",
    "gen_ai.request.temperature",
    "gen_ai.request.top_k",
    "gen_ai.request.top_p",
    "gen_ai.response.finish_reasons",
    "gen_ai.response.id",
    "gen_ai.response.model",
    "gen_ai.response.time_to_first_chunk",
    "gen_ai.system_instructions",
    "gen_ai.tool.call.arguments",
    "gen_ai.tool.call.id",
    "gen_ai.tool.definitions",
    "gen_ai.tool.name",
    "gen_ai.tool.type",
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.reasoning.output_tokens",
    "http.response.status_code",
    "server.address",
    "server.port",
    "service.name",
}
"""Of what 1.41.1 defines (opentelemetry-semantic-conventions 0.63b1), what is used here."""

Span = dict[str, Any]


def value(one: dict[str, Any]) -> Any:
    [(kind, held)] = one.items()
    if kind == "arrayValue":
        return [value(item) for item in held["values"]]
    return int(held) if kind == "intValue" else held


def attributes(span: Span) -> dict[str, Any]:
    return {each["key"]: value(each["value"]) for each in span["attributes"]}


def spans_in(document: dict[str, Any]) -> list[Span]:
    return [span for resource in document["resourceSpans"] for span in resource["scopeSpans"][0]["spans"]]


@pytest.fixture
def document(day: Analyzer, exported: Callable[..., Any]) -> dict[str, Any]:
    return dict(json.loads(exported("day.json", "--format", "otlp")[0].read_text()))


@pytest.fixture
def found(document: dict[str, Any]) -> list[Span]:
    return spans_in(document)


def test_the_version_of_the_conventions_is_named(document: dict[str, Any]) -> None:
    for resource in document["resourceSpans"]:
        assert resource["schemaUrl"] == resource["scopeSpans"][0]["schemaUrl"] == spans.SCHEMA
        assert resource["scopeSpans"][0]["scope"]["name"] == "anyclaude-toolkit"


def test_a_session_is_a_trace_of_agents_requests_and_tools(found: list[Span]) -> None:
    first = [span for span in found if span["traceId"] == found[0]["traceId"]]
    assert [span["name"] for span in first] == [
        *("invoke_agent main", "invoke_agent Explore"),
        *("chat qwen3-coder", "chat qwen3-coder", "execute_tool Agent", "execute_tool Read"),
        *["chat qwen3-coder"] * 5,
    ]
    assert len({span["traceId"] for span in found}) == 3
    main, subagent = first[:2]
    assert "parentSpanId" not in main
    assert subagent["parentSpanId"] == main["spanId"]
    assert [span["parentSpanId"] for span in first[2:8]] == [
        *[main["spanId"]] * 4,
        subagent["spanId"],
        main["spanId"],
    ]
    assert (main["kind"], first[2]["kind"], first[4]["kind"]) == (1, 3, 1)


def test_ids_are_unique_and_stay_when_more_is_exported(
    found: list[Span], analyzer: Analyzer, exported: Callable[..., Any]
) -> None:
    ids = [span["spanId"] for span in found]
    assert len(set(ids)) == len(ids)
    assert all(len(span["traceId"]) == 32 and len(span["spanId"]) == 16 for span in found)
    alone = analyzer.home / "alone.json"
    done = analyzer("export", "2026-11-20T09-00-08-000", "-o", alone, "--format", "otlp")
    assert done.exit_code == 0
    again = spans_in(json.loads(alone.read_text()))
    assert {span["spanId"] for span in again} <= set(ids)


def test_a_subagent_alone_has_no_parent_that_is_missing(day: Analyzer) -> None:
    alone = day.home / "alone.json"
    assert day("export", "2026-11-20T09-00-04-000", "-o", alone, "--format", "otlp").exit_code == 0
    agent, request = spans_in(json.loads(alone.read_text()))
    assert (agent["name"], "parentSpanId" in agent) == ("invoke_agent Explore", False)
    assert request["parentSpanId"] == agent["spanId"]


def test_a_request_has_the_attributes_of_the_conventions(found: list[Span]) -> None:
    span = found[3]
    assert attributes(span) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "llamacpp",
        "gen_ai.request.model": "qwen3-coder",
        "gen_ai.request.stream": False,
        "server.address": "localhost",
        "server.port": 8080,
        "gen_ai.response.finish_reasons": ["end_turn"],
        "gen_ai.usage.input_tokens": sum(USAGE[name] for name in USAGE if "input" in name),
        "gen_ai.usage.cache_read.input_tokens": 200,
        "gen_ai.usage.cache_creation.input_tokens": 12,
        "gen_ai.usage.output_tokens": 30,
        "gen_ai.response.time_to_first_chunk": 0.3,
        "http.response.status_code": 200,
        "anyclaude.time_to_first_token": 0.5,
        "anyclaude.time_to_first_answer": 0.5,
        "gen_ai.conversation.id": DAY[1].ids.session,
        "anyclaude.request.type": "TOOL_CALL",
        "anyclaude.request.why": "retry",
        "anyclaude.turn": 2,
    }


def test_times_are_those_of_the_clock(found: list[Span]) -> None:
    request, tool = found[3], found[4]
    assert int(request["endTimeUnixNano"]) - int(request["startTimeUnixNano"]) == 2_000_000_000
    assert tool["startTimeUnixNano"] == request["endTimeUnixNano"]
    assert int(tool["endTimeUnixNano"]) - int(tool["startTimeUnixNano"]) == 4_500_000_000
    for span in found:
        assert int(span["startTimeUnixNano"]) <= int(span["endTimeUnixNano"])


def test_a_failure_is_a_status_and_an_error_type(found: list[Span]) -> None:
    assert found[2]["status"] == {"code": 2, "message": "http_error: http_error"}
    assert attributes(found[2])["error.type"] == "http_error"
    assert "status" not in found[3]


def test_every_attribute_is_one_of_the_conventions_or_marked_as_ours(
    day: Analyzer, exported: Callable[..., Any]
) -> None:
    document = json.loads(exported("day.json", "--format", "otlp", "--text")[0].read_text())
    names = {name for span in spans_in(document) for name in attributes(span)}
    assert {name for name in names if not name.startswith("anyclaude.")} <= CONVENTIONS


def test_no_text_is_in_a_span_unless_it_is_asked_for(day: Analyzer, exported: Callable[..., Any]) -> None:
    written = exported("day.json", "--format", "otlp")[0].read_text()
    assert not any(word in written for word in ("plum", "Find it", "notes.txt", "careful"))
    path, _ = exported("text.json", "--format", "otlp", "--text")
    with_text = spans_in(json.loads(path.read_text()))
    assert KEY not in path.read_text()
    called, tool = attributes(with_text[3]), attributes(with_text[5])
    assert json.loads(called["gen_ai.system_instructions"]) == [
        {"type": "text", "content": "You are a careful agent. "}
    ]
    assert json.loads(called["gen_ai.input.messages"]) == [
        {"role": "user", "parts": [{"type": "text", "content": "Go"}]}
    ]
    [answer] = json.loads(called["gen_ai.output.messages"])
    assert [part["type"] for part in answer["parts"]] == ["tool_call", "tool_call"]
    assert json.loads(called["gen_ai.tool.definitions"])[0]["name"] == "Read"
    assert tool["gen_ai.tool.call.arguments"] == '{"file_path":"notes.txt"}'
    carried_on = json.loads(attributes(with_text[7])["gen_ai.input.messages"])
    assert carried_on[-1] == {
        "role": "tool",
        "parts": [
            {"type": "tool_call_response", "id": "t1", "response": "plum"},
            {"type": "tool_call_response", "id": "t2", "response": "The word is plum."},
        ],
    }


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("http://[redacted]@localhost:8080/v1/messages", ("localhost", 8080)),
        ("https://api.anthropic.com/v1/messages", ("api.anthropic.com", 443)),
        ("http://[::1]:1234/v1/messages?beta=true", ("::1", 1234)),
        ("http://localhost:port/v1", (None, None)),
        ("", (None, None)),
    ],
)
def test_a_server_is_named_by_host_and_port(url: str, server: tuple[str | None, int | None]) -> None:
    assert spans._server(url) == server
