"""The writer of traces: it converts an exchange, redacts it and writes it; first the request, then the whole.

What can't be written costs one warning, never an exchange.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mitmproxy.connection import Client, Server
from mitmproxy.flow import Error
from mitmproxy.http import HTTPFlow, Request, Response

from addons.contentview.summary import comment
from traces.model import Trace
from traces.redact import Cleaner
from traces.storage import codec, flowfile, store, upstream
from traces.storage.flowfile import ProxyRecord

Report = Callable[[str, str, str], None]
"""Is called with what happened, the key of the exchange, and a text: see `TraceWriter`."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of an exchange after its request. Plain values: they may be sent to another process.

    response    the state of mitmproxy's Response, its body included
    opened      when the connection to the server was open, TCP and TLS, in seconds since the epoch
    upstream    what the bridge changed on the way, as `traces.storage.upstream` keeps it
    """

    response: Any
    error: str | None
    record: ProxyRecord
    opened: tuple[float | None, float | None]
    upstream: Any = None


@dataclass(slots=True)
class _Begun:
    flow: HTTPFlow
    clean: Cleaner
    trace: Trace
    folder: Path
    path: Path | None = None  # None while it isn't on disk


class TraceWriter:
    """Writes a trace twice: when its request has arrived, and when the exchange has ended.

    It reports of each exchange `begun` (its request is on disk, or can't be), then `saved`, with the path and the
    comment in a line each, or `lost`; and once for all exchanges, `warning`.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._begun: dict[str, _Begun] = {}
        self._warned = False
        self._lost = 0

    def begin(self, key: str, request: Any, root: str, mode: str) -> None:
        """Write the request to `root`; `request` is the state of mitmproxy's Request, its body included."""
        try:
            flow = HTTPFlow(_NOBODY, Server(address=None))
            flow.request = Request.from_state(request)
            clean = flowfile.cleaner_for(flow)
            trace = flowfile.start_trace(flow, mode, clean)
            begun = self._begun[key] = _Begun(flow, clean, trace, Path(root) / trace.mode)
            begun.path = _create(begun.folder, trace)
        except Exception as error:  # tried again when the exchange has ended: the disk may have room by then
            self._warn(error)
        self._report("begun", key, "")

    def end(self, key: str, ended: Ended) -> None:
        """Write the whole exchange in place of its request."""
        try:
            begun = self._begun.pop(key)
            flow = begun.flow
            flow.response = Response.from_state(ended.response) if ended.response else None
            flow.error = Error(ended.error) if ended.error else None
            ended.record.store_in(flow)
            upstream.set_state(flow, ended.upstream)
            flow.server_conn.timestamp_tcp_setup, flow.server_conn.timestamp_tls_setup = ended.opened
            trace = flowfile.complete_trace(begun.trace, flow, begun.clean)
            if begun.path:
                store.replace(begun.path, codec.encode(trace))
            path = begun.path or _create(begun.folder, trace)
            self._report("saved", key, f"{path}\n{comment(trace)}")
        except Exception as error:  # whatever it is, the exchanges behind it are written
            self._lost += 1
            self._warn(error)
            self._report("lost", key, "")

    def close(self) -> None:
        """Report how many traces were lost, if it was more than the one that the warning was about."""
        if self._lost > 1:
            self._report("warning", "", f"{self._lost} traces could not be written whole.")

    def _warn(self, error: Exception) -> None:
        """Report a warning, once and not for each exchange."""
        if self._warned:
            return
        self._warned = True
        reason = f"An error in the toolkit, please report it: {error!r}"
        if isinstance(error, OSError):
            reason = f"{error.filename or 'A file'}: {error.strerror}"
        self._report("warning", "", f"Traces can't be written, the client goes on without. {reason}")


_NOBODY = Client(peername=("", 0), sockname=("", 0))


def _create(folder: Path, trace: Trace) -> Path:
    path = store.create(folder, store.stem_of(trace.timestamp), codec.encode(trace))
    store.point_latest(path)
    return path
