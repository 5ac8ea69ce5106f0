"""An exchange as a client itself wrote it down -> a trace. No proxy saw it: bytes, headers and times are unknown."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from traces import redact
from traces.model import (
    HEADERS_UNKNOWN,
    REQUEST_REBUILT,
    TIMES_UNKNOWN,
    Failure,
    Ids,
    Json,
    Origin,
    Request,
    Response,
    Trace,
)

_CLEAN = redact.cleaner(frozenset())


def trace(
    source: Path,
    origin: Origin,
    timestamp: str,
    path: str,
    body: Json,
    answer: Json,
    *,
    ids: Ids,
    headers: Mapping[str, str] | None = None,
    answer_headers: Mapping[str, str] | None = None,
    mode: str = "local",
    error: Failure | None = None,
    marks: Sequence[str] = (REQUEST_REBUILT,),
) -> Trace:
    """Return the trace of an exchange, without secrets.

    `path` is that of the API format, as the server's address is unknown; `answer` is None where none is recorded;
    `marks` are those of the request.
    """
    failure = error and Failure(error.kind, _CLEAN.text(error.message), error.status, error.retry_after)
    return Trace(
        timestamp=utc(timestamp),
        mode=mode,
        request=Request("POST", path, _CLEAN.headers(headers or {}), _clean(body)),
        response=None if answer is None else Response(200, _CLEAN.headers(answer_headers or {}), _clean(answer)),
        error=failure,
        ids=ids,
        marks=(*marks, HEADERS_UNKNOWN, TIMES_UNKNOWN),
        source=source,
        origin=origin,
    )


def _clean(value: Json) -> Json:
    try:
        return _CLEAN.value(value)
    except RecursionError:
        return None  # nested too deeply to be written again


def utc(moment: object) -> str:
    """Return a time in UTC as traces have it: of an ISO 8601 text, or of seconds since the epoch; "" where unknown."""
    with suppress(ValueError, OverflowError, OSError):
        if isinstance(moment, str) and moment:
            found = datetime.fromisoformat(moment)
            return _written(found if found.tzinfo else found.replace(tzinfo=UTC))
        if isinstance(moment, int | float) and not isinstance(moment, bool):
            return _written(datetime.fromtimestamp(moment, UTC))
    return ""


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def text(record: Mapping[str, Json], name: str) -> str | None:
    """Return a field that is a text; None where it is missing, empty, or anything else."""
    value = record.get(name)
    return value if isinstance(value, str) and value else None
