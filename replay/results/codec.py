"""A result as a JSON document, and back.

A result's file is the trace of its exchange (see `traces.storage.codec`), with a line more for what only a replay has:
an object for each type, with the names of its fields. So what reads traces also reads results.

    {"version": 2, "timestamp": …, "mode": …, "state": …, …,
    "schema_version": 2, "tool_version": …, "run": {"trace": {…}, "model": …, "round": …}, "target": {…}, …,
    "metrics": {"timing": {…}, …}, "chunks": [[seconds, kind, content, characters], …], "verdicts": […], "error": null,
    "request": …, "response": …, "events": …}

A run that failed before anything was sent has no exchange, and only that line. Documents of older versions are upgraded
step by step.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from replay.errors import NoResult, ResultError
from replay.result import ReplayResult
from replay.results import legacy
from traces import jsonio, redact
from traces.model import Exchange, Json
from traces.storage import codec, shapes
from traces.storage.codec import failure_of, trace_of

VERSION = 2


def _upgrade_1(document: dict[str, Any], _: Path) -> dict[str, Any]:
    """Return the document as it is: version 2 added the exchange, and new names of errors beside the old ones."""
    return document


UPGRADES: Mapping[int, Callable[[dict[str, Any], Path], dict[str, Any]]] = {0: legacy.upgrade, 1: _upgrade_1}
"""Each upgrades from its version to the next. Documents without a version are anyclaude's own: version 0."""


def encode(result: ReplayResult, tool_version: str) -> bytes:
    """Return the file, without secrets: neither the key itself, nor what looks like one, nor what is in the URL."""
    own = {"schema_version": VERSION, "tool_version": tool_version, **shapes.to_json(result)}
    own["target"]["url"] = redact.url(result.target.url)
    parts: list[dict[str, Any]] = [{name: value for name, value in own.items() if name != "exchange"}]
    if result.exchange is not None:
        first, rest = codec.document(result.exchange)
        del first["error"]  # the result's own says more
        parts = [first, *parts, *({name: value} for name, value in rest.items())]
    key = result.target.key or ""
    clean = redact.cleaner(frozenset([key]) if len(key) >= 8 else frozenset())
    return codec.to_lines([{name: clean.value(value) for name, value in part.items()} for part in parts])


def decode(data: bytes, source: Path) -> ReplayResult:
    """Return the result of a file. Raises ResultError, which names `source` and what is wrong in it.

    Raises NoResult where the file is a trace that isn't a replay's.
    """
    try:
        document = jsonio.loads(data, trusted=True)
    except ValueError as error:
        raise ResultError(f"{source}: Invalid JSON: {error}") from error
    try:
        return _result(document, source)
    except ValueError as error:
        raise ResultError(f"{source}: {error}") from error


def _result(document: Json, source: Path) -> ReplayResult:
    if not isinstance(document, dict) or not ("schema_version" in document or legacy.is_result(document)):
        is_trace = isinstance(document, dict) and "request" in document
        raise (NoResult if is_trace else ResultError)(f"{source}: Not a result of a replay.")
    version = document.get("schema_version", 0)
    while isinstance(version, int) and version in UPGRADES:
        document, version = UPGRADES[version](document, source), version + 1
    if version != VERSION:
        raise ValueError(
            f"Result format {version!r} is unknown here (this version reads up to {VERSION}). Update the toolkit."
        )
    error = failure_of(document.get("error"))
    own = {name: value for name, value in document.items() if name not in ("error", "exchange")}
    result: ReplayResult = replace(shapes.build(ReplayResult, own), error=error)
    if "request" not in document:
        return result
    trace = trace_of(document, source)
    exchange = Exchange(**{name: getattr(trace, name) for name in Exchange.__dataclass_fields__})
    return replace(result, exchange=exchange)
