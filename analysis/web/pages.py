"""Chooses the page for a name, that of one trace or that of sessions, and reads its data."""

from typing import Any, NamedTuple

from analysis.exchange import reading
from analysis.web import session_page, trace_page
from traces.sessions import lookup
from traces.storage.resolve import resolve
from ui.page.bundles import Bundle
from ui.terminal import with_progress


class Page(NamedTuple):
    """A page to render: its scripts and its data."""

    bundle: Bundle
    data: dict[str, Any]


def page_of(name: str, exchange: int | None, tokenizer: str, window: int | None, skipped: list[str]) -> Page:
    """Return the page for a name.

    `exchange` and `window` are as in `analyze`; with an exchange, it is the page of a trace. Raises ToolkitError where
    the name means nothing, or can't be read.
    """
    if exchange is not None or is_trace(name):
        report = reading.read_report(reading.file_of(name), exchange, tokenizer, window, skipped)
        return Page(Bundle.TRACE, trace_page.data(report))
    found = lookup.find(name, skipped, lambda files: with_progress(files, "Reading"))
    data = session_page.SessionsPage(tokenizer).data(found)
    return Page(Bundle.SESSION, data)


def is_trace(name: str) -> bool:
    """Return whether a name means the page of one trace, as all names of traces do but `latest`: that is a session."""
    return name != "latest" and resolve(name).kind == "trace"
