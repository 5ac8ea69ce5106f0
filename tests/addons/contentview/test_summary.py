"""The comment, the usage and the times of an exchange, in words."""

from dataclasses import replace

import pytest

from addons.contentview import summary
from tests.support import answers
from traces.model import Event, Failure, Json, Odd, Request, Response, Timing, Trace

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
        (
            replace(answered(CALL), marks=("odd_events", "response_body_undecodable"), odd=Odd(2, "{")),
            "TOOL_CALL Read · sys 52% tools 44% msgs 4% · TTFT 2.41s · ~2.6 tok/s · 2 odd events · "
            "response body undecodable",
        ),
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
        (unanswered("refused", "Connection refused"), "refused: Connection refused"),
        (answered({}, 400, Failure("http_error", "\x1b[2J\ud800")), "http_error 400: �[2J�"),
        (
            answered(answers.message(answers.tool("\x1b[2J")), timing=Timing(), events=()),
            "TOOL_CALL �[2J · sys 52% tools 44% msgs 4%",
        ),
    ],
)
def test_a_comment_says_what_it_was_where_the_input_went_and_how_fast_it_came(trace: Trace, comment: str) -> None:
    assert summary.comment(trace) == comment


def test_times_are_those_that_were_measured() -> None:
    assert summary.times(answered(CALL)) == {
        "Headers": "12ms",
        "Time to First Token": "2.41s",
        "Time to First Answer": "2.41s",
        "First Tool Call": "4.00s",
        "Generation Time": "2.09s",
        "Total Time": "4.50s",
        "Prefill Speed": "5.0 tok/s",
        "Decode Speed": "~2.6 tok/s",
    }
    assert summary.times(answered(CALL, timing=Timing(), events=())) == {}


def test_prefill_is_left_out_where_the_server_says_nothing_of_its_cache() -> None:
    silent = {**CALL, "usage": {"input_tokens": 12, "output_tokens": 7}}
    assert "Prefill Speed" not in summary.times(answered(silent))


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, ""), (0.0, "0ms"), (0.9994, "999ms"), (0.9996, "1.00s"), (62.5, "62.50s")],
)
def test_seconds_are_shown_as_precisely_as_they_matter(value: float | None, words: str) -> None:
    assert summary.seconds(value) == words


@pytest.mark.parametrize(
    ("usage", "rows"),
    [
        (
            {"input_tokens": 12, "cache_read_input_tokens": 3, "cache_creation_input_tokens": 9, "output_tokens": 1},
            {"Input": "24 tokens", "From the Cache": "3 tokens", "To the Cache": "9 tokens", "Output": "1 token"},
        ),
        ({"input_tokens": 12}, {"Input": "12 tokens"}),
        ({}, {}),
    ],
)
def test_usage_is_what_the_server_reports_and_no_more(usage: dict[str, int], rows: dict[str, str]) -> None:
    assert summary.usage(answered({"usage": usage})) == rows


def test_a_count_that_cannot_be_true_is_an_estimate_with_the_servers_beside_it() -> None:
    false = {"content": [{"type": "text", "text": "word " * 80}], "usage": {"input_tokens": 9, "output_tokens": 1}}
    assert summary.usage(answered(false)) == {
        "Input": "9 tokens",
        "Output": "~100 tokens",
        "Server's Count": "1 token",
    }
