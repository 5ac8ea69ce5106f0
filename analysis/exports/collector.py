"""Sends spans to a collector of OpenTelemetry, by HTTP, as OTLP's JSON."""

import base64
import gzip
import http.client
import os
from collections.abc import Iterator, Mapping
from time import sleep
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from analysis.frames.export import ExportError
from traces import jsonio, redact

TRACES = "/v1/traces"

MOST_SPANS = 500
"""In one request: collectors refuse bodies of more than some megabytes."""

HEADERS = "OTEL_EXPORTER_OTLP_HEADERS"
"""The variable of the environment with which OpenTelemetry's own exporters are given a key: `name=value,name=value`."""

TIMEOUT = 30.0
_TRIES = 3
_TRY_AGAIN = (429, 502, 503, 504)
"""The statuses after which OTLP lets a client send the same again."""


def send(url: str, documents: Iterator[Mapping[str, Any]], pause: float = 1.0) -> int:
    """Send the spans; return how many the collector rejected. Raises ExportError where it doesn't take them.

    `url` is the collector's base, or the whole path; a user and password in it are sent, and so are the headers in
    OTEL_EXPORTER_OTLP_HEADERS.
    """
    address = urlsplit(url if "://" in url else f"http://{url}")
    shown = redact.url(url)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise ExportError(f"{shown}: is no URL of a collector. One looks like this: http://localhost:4318")
    rejected = 0
    for document in documents:
        for batch in _batches(document):
            rejected += _send(address, shown, gzip.compress(jsonio.dumps(batch)), pause)
    return rejected


def _batches(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    [resource] = document["resourceSpans"]
    [scope] = resource["scopeSpans"]
    for start in range(0, len(scope["spans"]), MOST_SPANS):
        some = {**scope, "spans": scope["spans"][start : start + MOST_SPANS]}
        yield {"resourceSpans": [{**resource, "scopeSpans": [some]}]}


def _send(address: SplitResult, shown: str, body: bytes, pause: float) -> int:
    """Send one request, again where the collector is busy; return how many spans it rejected."""
    for number in range(1, _TRIES + 1):
        status, answer = _post(address, shown, body)
        if status not in _TRY_AGAIN or number == _TRIES:
            break
        sleep(pause * 2 ** (number - 1))
    if status != http.client.OK:
        words = redact.cleaner(frozenset()).text(" ".join(answer.decode("utf-8", "replace").split()))[:200]
        raise ExportError(f"{shown}: the collector answered {status}{': ' + words if words else ''}.")
    return _rejected(answer)


def _post(address: SplitResult, shown: str, body: bytes) -> tuple[int, bytes]:
    path = address.path if address.path.rstrip("/").endswith(TRACES) else address.path.rstrip("/") + TRACES
    target = f"{path}?{address.query}" if address.query else path
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    try:
        connection = kind(address.hostname or "", address.port, timeout=TIMEOUT)
        try:
            connection.request("POST", target, body, _headers(address))
            response = connection.getresponse()
            return response.status, response.read(2**20)
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise ExportError(
            f"{shown}: no collector of OpenTelemetry takes spans there: {reason}. Start one, or write a file with -o."
        ) from error


def _headers(address: SplitResult) -> dict[str, str]:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip", "Accept": "application/json"}
    if address.username:
        user = f"{unquote(address.username)}:{unquote(address.password or '')}"
        headers["Authorization"] = f"Basic {base64.b64encode(user.encode()).decode()}"
    for pair in os.environ.get(HEADERS, "").split(","):
        name, equals, value = pair.partition("=")
        if equals:
            headers[name.strip()] = unquote(value.strip())
    return headers


def _rejected(answer: bytes) -> int:
    """Return the rejected spans in a collector's answer, which is empty where there are none."""
    try:
        read = jsonio.loads(answer)
        return int(read["partialSuccess"]["rejectedSpans"])  # type: ignore[index]
    except (ValueError, KeyError, TypeError):
        return 0
