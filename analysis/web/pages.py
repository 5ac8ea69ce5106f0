"""Which page a name asks for: that of one trace, or that of sessions. Reads what is on it; draws nothing."""

from typing import Any, NamedTuple

from analysis.exchange import reading
from analysis.web import session_page, trace_page
from traces.sessions import lookup
from traces.storage.resolve import resolve
from ui.page.bundles import Bundle
from ui.terminal import with_progress


class Chosen(NamedTuple):
    """What `ui.page.page.page` takes."""

    bundle: Bundle
    data: dict[str, Any]


def chosen(name: str, exchange: int | None, tokenizer: str, window: int | None, skipped: list[str]) -> Chosen:
    """`exchange` and `window` are those of `analyze`; naming an exchange asks for a trace. Raises ToolkitError."""
    if exchange is not None or is_trace(name):
        report = reading.read_report(reading.file_of(name), exchange, tokenizer, window)
        return Chosen(Bundle.TRACE, trace_page.data(report))
    found = lookup.find(name, skipped, lambda files: with_progress(files, "Reading"))
    data = session_page.SessionsPage(tokenizer).data(found)
    return Chosen(Bundle.SESSION, data)


def is_trace(name: str) -> bool:
    """Return whether a name asks for the page of one trace: any name of one does but `latest`, its session's."""
    return name != "latest" and resolve(name).kind == "trace"
