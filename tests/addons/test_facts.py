"""The comment and the figures of an exchange, as they are read at a glance."""

import pytest

from addons import facts
from tests.support import answers
from traces.model import Event, Failure, Json, Request, Response, Timing, Trace

REQUEST = {
    "model": "m",
    "system": "s" * 52,
    "tools": [{"name": "Read", "description": "d" * 12}],  # 44 bytes as JSON
    "messages": [{"role": "user", "content": "hiya"}],
}
TIMING = Timing(headers=0.012, ttft=2.41, first_answer=2.41, first_tool_call=4.0, last_content=4.41, total=4.5)
EVENTS = (
    Event(2.41, "content_block_start:tool_use", "tool", 4),
    Event(4.41, "content_block_delta:input_json_delta", "tool", 12),
)


def answered(
    body: Json,
    status: int = 200,
    error: Failure | None = None,
    timing: Timing = TIMING,
    events: tuple[Event, ...] = EVENTS,
) -> Trace:
    request = Request("POST", "http://localhost:1234/v1/messages", {}, REQUEST)
    return Trace("", "local", request, Response(status, {}, body), error, timing, events)


def unanswered(kind: str, message: str) -> Trace:
    return Trace(
        "", "local", Request("POST", "http://localhost:1234/v1/messages", {}, REQUEST), None, Failure(kind, message)
    )


CALL = answers.message(answers.tool("Read", file_path="/x"))
TEXT = answers.message(answers.text("Hello"))


@pytest.mark.parametrize(
    ("trace", "comment"),
    [
        (answered(CALL), "TOOL_CALL Read · sys 52% tools 44% msgs 4% · TTFT 2.41s · ~2.6 tok/s"),
        (answered(TEXT, timing=Timing(), events=()), "TEXT_GENERATION · sys 52% tools 44% msgs 4%"),
        (
            answered({"type": "error"}, 529, Failure("http_error", "Overloaded")),
            "http_error 529: Overloaded",
        ),
        (answered(CALL, error=Failure("stream_cut", "The stream ended.")), "stream_cut: The stream ended."),
        (
            answered("<html>", 502, Failure("http_error", "<html>\n\n" + "x" * 300)),
            f"http_error 502: <html> {'x' * 176}…",
        ),
        (unanswered("no_upstream", "Connection refused"), "no_upstream: Connection refused"),
        (answered({}, 400, Failure("http_error", "\x1b[2J\ud800")), "http_error 400: �[2J�"),
        (
            answered(answers.message(answers.tool("\x1b[2J")), timing=Timing(), events=()),
            "TOOL_CALL �[2J · sys 52% tools 44% msgs 4%",
        ),
    ],
)
def test_a_comment_says_what_it_was_where_the_input_went_and_how_fast_it_came(trace: Trace, comment: str) -> None:
    assert facts.comment(trace) == comment


def test_times_are_those_that_were_measured() -> None:
    assert facts.times(answered(CALL)) == {
        "headers": "12ms",
        "TTFT": "2.41s",
        "first answer": "2.41s",
        "first tool call": "4.00s",
        "generation": "2.09s",
        "total": "4.50s",
        "prefill": "5.0 tok/s",
        "decode": "~2.6 tok/s",
    }
    assert facts.times(answered(CALL, timing=Timing(), events=())) == {}


def test_prefill_is_left_out_where_the_server_says_nothing_of_its_cache() -> None:
    silent = {**CALL, "usage": {"input_tokens": 12, "output_tokens": 7}}
    assert "prefill" not in facts.times(answered(silent))


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, ""), (0.0, "0ms"), (0.9994, "999ms"), (0.9996, "1.00s"), (62.5, "62.50s")],
)
def test_seconds_are_told_as_precisely_as_they_matter(value: float | None, words: str) -> None:
    assert facts.seconds(value) == words


@pytest.mark.parametrize(
    ("usage", "rows"),
    [
        (
            {"input_tokens": 12, "cache_read_input_tokens": 3, "cache_creation_input_tokens": 9, "output_tokens": 1},
            {"input": "24 tokens", "from the cache": "3 tokens", "to the cache": "9 tokens", "output": "1 token"},
        ),
        ({"input_tokens": 12}, {"input": "12 tokens"}),
        ({}, {}),
    ],
)
def test_usage_is_what_the_server_reports_and_no_more(usage: dict[str, int], rows: dict[str, str]) -> None:
    assert facts.usage(answered({"usage": usage})) == rows
