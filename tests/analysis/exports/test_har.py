"""Exchanges as a HAR file: as its schema demands, with our times, and readable by others."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft6Validator
from mitmproxy.io import FlowReader
from referencing import Registry
from referencing.jsonschema import DRAFT6

from tests.analysis.exports.conftest import DAY, KEY
from tests.support.analyzer import Analyzer
from traces.storage import store

SCHEMA = Path(__file__).parents[2] / "data" / "analysis" / "har-schema"
"""HAR 1.2 as JSON Schema: har-schema 2.0.0, of ISC licence."""


def problems(har: Mapping[str, Any]) -> list[str]:
    parts = {path.name: json.loads(path.read_text()) for path in SCHEMA.glob("*.json")}
    resources = ((f"{name}#", DRAFT6.create_resource(part)) for name, part in parts.items())
    registry: Any = Registry().with_resources(
        [*resources, *((name, DRAFT6.create_resource(part)) for name, part in parts.items())]
    )
    found = Draft6Validator(parts["har.json"], registry=registry).iter_errors(har)
    return [f"{error.json_path}: {error.message}" for error in found]


@pytest.fixture
def har(day: Analyzer, exported: Callable[..., Any]) -> dict[str, Any]:
    return dict(json.loads(exported("day.har")[0].read_text()))


def test_a_file_keeps_to_the_schema_of_har_1_2(har: dict[str, Any]) -> None:
    assert problems(har) == []
    broken = json.loads(json.dumps(har))
    del broken["log"]["entries"][0]["timings"]["wait"]
    assert problems(broken)  # so the schema is really applied


def test_each_exchange_is_an_entry_of_its_sessions_page(har: dict[str, Any]) -> None:
    log = har["log"]
    assert len(log["entries"]) == len(DAY)
    assert {entry["pageref"] for entry in log["entries"]} == {page["id"] for page in log["pages"]}
    assert [page["title"] for page in log["pages"]] == ["Session 5e551011", "Session c4a70000", "Session 2e590000"]


def test_the_phases_are_our_times_in_milliseconds(har: dict[str, Any]) -> None:
    entry = har["log"]["entries"][1]
    assert entry["timings"] == {
        **{"blocked": -1, "dns": -1, "connect": -1, "ssl": -1},
        **{"send": 0, "wait": 250.0, "receive": 1750.0},
    }
    assert (entry["time"], entry["startedDateTime"]) == (2000.0, "2026-11-20T09:00:01.500Z")


def test_unmeasured_times_are_said_to_be_so(har: dict[str, Any]) -> None:
    entry = har["log"]["entries"][-1]
    assert (entry["time"], entry["comment"]) == (0, "Its times weren't measured.")


def test_bodies_are_texts_and_a_stream_is_its_message(har: dict[str, Any]) -> None:
    request, response = (har["log"]["entries"][1][name] for name in ("request", "response"))
    assert json.loads(request["postData"]["text"]) == DAY[1].request.body
    assert request["queryString"] == [{"name": "beta", "value": "true"}]
    assert json.loads(response["content"]["text"]) == DAY[1].message
    assert response["content"]["mimeType"] == "application/json"
    assert "assembled from a stream of 3 events" in response["content"]["comment"]
    assert len(response["content"]["text"].encode()) == response["content"]["size"]


def test_what_har_lacks_is_in_a_field_of_our_own(har: dict[str, Any]) -> None:
    kept = har["log"]["entries"][1]["_anyclaude"]
    assert (kept["ids"]["session"], kept["timing"]["ttft"]) == (DAY[1].ids.session, 0.5)
    assert [event[0] for event in kept["events"]] == [0.3, 0.5, 2.0]
    assert har["log"]["entries"][0]["response"]["_error"] == "http_error: http_error"


def test_secrets_are_in_no_header_url_or_body(analyzer: Analyzer, exported: Callable[..., Any]) -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": f"My key is {KEY}."}]}
    document = {
        "timestamp": "2026-11-20T09:00:00.000Z",
        "mode": "local",
        "request": {
            "method": "POST",
            "url": f"http://me:{KEY}@localhost/v1/messages?api_key={KEY}",
            "headers": {"x-api-key": KEY, "x-more": KEY, "cookie": f"session={KEY}"},
            "body": body,
        },
        "response": {"statusCode": 401, "headers": {}, "body": {"error": {"message": f"bad key {KEY}"}}},
    }
    (analyzer.root / "local").mkdir(parents=True)
    (analyzer.root / "local" / "2026-11-20T09-00-00-000.json").write_text(json.dumps(document))
    path, _ = exported("secret.har")
    assert KEY not in path.read_text()
    assert path.read_text().count("[redacted]") >= 5
    assert path.stat().st_mode & 0o777 == 0o600
    assert problems(json.loads(path.read_text())) == []


def test_mitmproxy_opens_it(day: Analyzer, exported: Callable[..., Any]) -> None:
    with exported("day.har")[0].open("rb") as file:
        flows: list[Any] = list(FlowReader(file).stream())
    assert [flow.request.pretty_url for flow in flows] == [one.request.url for one in DAY]
    assert json.loads(flows[1].request.content) == DAY[1].request.body
    assert json.loads(flows[1].response.content) == DAY[1].message


def test_what_is_imported_again_has_equal_figures(day: Analyzer, exported: Callable[..., Any]) -> None:
    path, _ = exported("day.har")
    assert day("import", "--into", day.home / "again", path).exit_code == 0
    before, after = (list(map(store.load, store.files(root))) for root in (day.root, day.home / "again"))
    assert len(after) == len(DAY)
    for one, other in zip(before, after, strict=True):
        assert other.request.body == one.request.body
        assert json.dumps(other.message) == json.dumps(one.message).replace(KEY, "[redacted]")
        for name in ("timestamp", "mode", "timing", "events", "ids", "marks", "odd", "state", "model"):
            assert getattr(other, name) == getattr(one, name), (one.timestamp, name)
    shown = [day("compare", root, "--format", "csv").stdout for root in (day.root, day.home / "again")]
    columns = [[row.split(",")[2:] for row in table.splitlines()] for table in shown]
    assert columns[0] == columns[1]
