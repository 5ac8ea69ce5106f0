"""Spans on their way to a collector: what is sent, again where it is busy, and one clear line where it fails."""

import base64
import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from analysis.exports import collector
from analysis.frames.export import ExportError
from tests.support.analyzer import Analyzer
from tests.support.scripted import Answer, serving, whole

TAKEN: Any = whole({})


def document(spans: int) -> dict[str, Any]:
    held = [{"name": f"span {number}"} for number in range(spans)]
    scope = {"scope": {"name": "test"}, "spans": held}
    return {"resourceSpans": [{"resource": {"attributes": []}, "scopeSpans": [scope]}]}


def sent(request: Any) -> Any:
    return json.loads(gzip.decompress(request.body))


def test_the_command_sends_what_it_would_write(day: Analyzer, exported: Callable[..., Any]) -> None:
    with serving([TAKEN]) as server:
        done = day("export", day.root, "--otlp", server.url)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == f"15 spans sent to {server.url}\n"
    assert {request.path for request in server.posts} == {"/v1/traces"}
    assert {request.header("content-type") for request in server.posts} == {"application/json"}
    resources = [resource for request in server.posts for resource in sent(request)["resourceSpans"]]
    written, _ = exported("day.json", "--format", "otlp")
    assert {"resourceSpans": resources} == json.loads(written.read_text())


def test_it_sends_and_writes_at_once(day: Analyzer) -> None:
    with serving([TAKEN]) as server:
        done = day("export", day.root, "--otlp", server.url, "-o", day.home / "day.json")
    assert [line.partition(" spans")[0] for line in done.stdout.splitlines()] == ["15", "15"]
    assert (day.home / "day.json").exists()


@pytest.mark.parametrize("path", ["/v1/traces", "/v1/traces/", "", "/", "/api/public/otel"])
def test_the_path_of_traces_is_added_where_it_is_missing(path: str) -> None:
    with serving([TAKEN]) as server:
        collector.send(f"{server.url}{path}?team=a", iter([document(1)]))
    expected = path if path.startswith("/v1") else f"{path.rstrip('/')}/v1/traces"
    assert [request.path for request in server.posts] == [f"{expected}?team=a"]


def test_many_spans_go_in_several_requests() -> None:
    with serving([TAKEN]) as server:
        collector.send(server.url, iter([document(collector.MOST_SPANS + 1)]))
    assert [len(sent(each)["resourceSpans"][0]["scopeSpans"][0]["spans"]) for each in server.posts] == [500, 1]


def test_a_busy_collector_is_asked_again() -> None:
    with serving([whole({}, 503), whole({}, 429), TAKEN]) as server:
        assert collector.send(server.url, iter([document(1)]), pause=0) == 0
    assert len(server.posts) == 3


def test_what_a_collector_rejects_is_told(day: Analyzer) -> None:
    with serving([whole({"partialSuccess": {"rejectedSpans": "2", "errorMessage": "too old"}}), TAKEN]) as server:
        done = day("export", day.root, "--otlp", server.url)
    assert done.stdout == f"15 spans sent to {server.url}; it rejected 2 of them\n"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (whole({}, 503), "the collector answered 503"),
        (whole({"message": "no such project"}, 401), 'the collector answered 401: {"message": "no such project"}.'),
        (Answer((b"<html>\n  Not here</html>",), 404), "the collector answered 404: <html> Not here</html>."),
    ],
)
def test_a_collector_that_refuses_is_one_line(answer: Answer, words: str) -> None:
    with serving([answer]) as server, pytest.raises(ExportError) as raised:
        collector.send(server.url, iter([document(1)]), pause=0)
    assert words in str(raised.value)


@pytest.mark.parametrize("url", ["ftp://localhost", "http://", "not a url"])
def test_what_is_no_url_says_what_one_looks_like(url: str) -> None:
    with pytest.raises(ExportError, match=r"http://localhost:4318|no collector"):
        collector.send(url, iter([document(1)]))


def test_where_nothing_listens_the_line_says_so_without_the_password(day: Analyzer) -> None:
    with serving([TAKEN]) as server:
        gone = server.url
    done = day("export", day.root, "--otlp", gone.replace("://", "://me:geheim123@"))
    assert done.exit_code == 1
    assert "no collector of OpenTelemetry takes spans there" in done.stderr
    assert "geheim" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_keys_are_sent_as_opentelemetrys_own_exporters_send_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(collector.HEADERS, "x-team=plum%20pear, api-key=k")
    with serving([TAKEN]) as server:
        collector.send(server.url.replace("://", "://me:p%40ss@"), iter([document(1)]))
    [request] = server.posts
    assert (request.header("x-team"), request.header("api-key")) == ("plum pear", "k")
    assert request.header("authorization") == f"Basic {base64.b64encode(b'me:p@ss').decode()}"
