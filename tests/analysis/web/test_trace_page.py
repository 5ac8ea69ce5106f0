"""The data of the page of one exchange."""

import json
from typing import Any

import pytest

from analysis.exchange.breakdown import breakdowns
from analysis.exchange.reading import read_report
from analysis.exchange.report import report
from analysis.tokens.counters import counter
from analysis.web import trace_page
from tests.support import pages as shown_pages
from tests.support import synthetic
from tests.support.analyzer import Analyzer
from traces.model import Trace


def data(trace: Trace) -> dict[str, Any]:
    [counted] = breakdowns([(trace, counter("o200k_base"))])
    return trace_page.data(report(counted))


def shown(page: dict[str, Any], place: int) -> list[tuple[str, str | None]]:
    found = shown_pages.parts(page, place)
    return [(part["kind"], None if part["text"] is None else page["texts"][part["text"]]) for part in found]


def test_its_report_is_the_json_of_analyze(traced: Analyzer) -> None:
    [name] = [file for file in traced.root.rglob("*45-123.json") if file.name != "latest.json"]
    page = trace_page.data(read_report(name, None, "o200k_base", None))

    printed = json.loads(traced("analyze", name, "--format", "json").stdout)
    assert page["exchanges"][0]["report"] == printed


def test_the_parts_of_the_request_come_with_their_tokens() -> None:
    page = data(synthetic.tool_call())
    [exchange] = page["exchanges"]

    kinds = [kind for kind, _ in shown(page, exchange["parts"])]
    assert kinds[:4] == ["tool"] * 4
    assert "claude_md" in kinds
    assert sum(part["tokens"] for part in page["parts"] if part["tokens"]) == exchange["report"]["tokens"]["total"]
    assert {part["server"] for part in page["parts"]} == {None, "github"}


def test_the_answer_is_parts_of_the_same_kind() -> None:
    page = data(synthetic.tool_call())

    assert shown(page, page["exchanges"][0]["answer"]) == [
        ("thinking", "The other file, then."),
        ("tool_input", '{"file_path":"/etc/hosts"}'),
    ]


def test_arrivals_are_the_chunks_that_brought_content() -> None:
    assert data(synthetic.text())["exchanges"][0]["arrivals"] == [[0.25, "text", 6], [0.75, "text", 6]]


@pytest.mark.parametrize("body", [None, "no JSON", {}, {"messages": "?"}, {"messages": [{"content": [{"type": 7}]}]}])
def test_any_request_has_a_page(body: Any) -> None:
    page = data(synthetic.with_body(body))

    json.dumps(page)
    assert page["title"].endswith("TEXT_GENERATION, 2025-10-26T14:23:50.000Z")


def test_an_exchange_without_an_answer_has_a_page() -> None:
    trace = synthetic.failed()

    exchange = data(trace)["exchanges"][0]
    assert exchange["report"]["error"]["message"] == "529: Overloaded"
    assert shown(data(trace), exchange["answer"]) == exchange["arrivals"] == []


def test_an_image_is_described_in_words() -> None:
    source = {"type": "base64", "media_type": "image/png", "data": "A" * 4000}
    page = data(synthetic.with_body({"messages": [{"role": "user", "content": [{"type": "image", "source": source}]}]}))

    assert [part["media"] for part in page["parts"]][:1] == ["image/png, 3,000 bytes"]


def test_the_command_writes_a_page_and_says_where(traced: Analyzer) -> None:
    file = traced.home / "trace.html"

    result = traced("report", "last:1", "-o", file)

    assert (result.exit_code, result.stdout) == (0, f"{file} is written. Open it in a browser.\n")
    assert file.read_text().startswith("<!doctype html>")


def test_the_command_never_overwrites_a_file_that_is_no_page(traced: Analyzer) -> None:
    trace = next(traced.root.rglob("2025*.json"))
    before = trace.read_bytes()

    result = traced("report", "latest", "-o", trace)

    assert result.exit_code == 2
    assert "name it .html" in result.stderr
    assert trace.read_bytes() == before
