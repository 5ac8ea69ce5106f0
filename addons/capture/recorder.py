"""The addon that records: it stamps and keeps what passes through mitmproxy, then hands it to the writer.

The event loop only stamps and collects; it changes nothing that the client or the server sees.
"""

import asyncio
import logging
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Protocol
from weakref import WeakValueDictionary

from mitmproxy import ctx, exceptions
from mitmproxy.addonmanager import Loader
from mitmproxy.hooks import UpdateHook
from mitmproxy.http import HTTPFlow
from mitmproxy.proxy import server
from mitmproxy.proxy.server_hooks import ServerConnectionHookData
from mitmproxy.tls import TlsData

from addons.capture.channel import Channel, open_channel
from addons.capture.handover import Begun, Ended, to_hand_over
from addons.capture.losses import Losses
from addons.capture.masking import Masking
from addons.capture.writer import Report
from traces.dialects.ending import Ending
from traces.storage import flowfile, writing
from traces.storage.flowfile import ProxyRecord
from traces.stream_reader import LARGEST_BODY

log = logging.getLogger(__name__)

Clock = Callable[[], float]
"""Seconds, on a clock that never steps."""

SILENCE = 2 * 60 * 60
"""Seconds without a byte after which mitmproxy may close a connection. Its own 600 are less than the prefill of a long
prompt on a small machine."""

TICK = 0.25
"""Seconds between two checks of how late the event loop is, while exchanges are open."""

LATE = 0.25
LATE_SHARE = 0.05
"""How late the event loop may be without a mark: seconds, or this share of the exchange, whichever is more."""

MODE_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")


OPTIONS = {
    "anyclaude_dir": "Folder for traces (default: $ANYCLAUDE_TRACE_DIR, else ~/.anyclaude/traces).",
    "anyclaude_mode": "What traces call the model server, and their folder (default: by the server's address).",
}


@dataclass(slots=True)
class Exchange:
    """One exchange that is under way: what has arrived of its response, and when, on the proxy's monotonic clock.

    `key` names it for the writer; a flow's own id may come again.
    """

    key: str
    flow: HTTPFlow
    clock: Clock
    sent: float
    headers: float | None = None
    chunks: list[tuple[float, int]] = field(default_factory=list)
    kept: list[bytes] = field(default_factory=list)
    room: int = LARGEST_BODY
    ending: Ending = field(default_factory=Ending)  # of what has no room
    late: float = 0.0  # seconds, the most that the event loop was late meanwhile

    def pass_on(self, chunk: bytes) -> bytes:
        """Stamp a chunk and pass it on as it is. mitmproxy calls this for each; an empty one ends the stream."""
        if self.room >= 0:
            piece = chunk[: self.room]
            self.chunks.append((self.clock(), len(piece)))
            self.kept.append(piece)
            self.room -= len(chunk)
            if self.room < 0:
                self.ending.add(chunk[len(piece) :])
        else:
            self.ending.add(chunk)
        return chunk

    def record(self, failure: str | None) -> ProxyRecord:
        """Return the times so far, in seconds since the request went out."""
        return ProxyRecord(
            headers=None if self.headers is None else self.headers - self.sent,
            total=(total := self.clock() - self.sent),
            chunks=[(at - self.sent, size) for at, size in self.chunks if size],
            marks=[
                *flowfile.marks_of(self.flow),
                *(["response_body_too_large"] if self.room < 0 else []),
                *(["late_stamps"] if self.late > max(LATE, LATE_SHARE * total) else []),
            ],
            ending=self.ending.values() if self.room < 0 else None,
            failure=failure,
        )


@dataclass(frozen=True, slots=True)
class Hosts:
    """The servers whose traffic mitmproxy's `allow_hosts` and `ignore_hosts` let it look into.

    mitmproxy itself follows them only where a connection begins: what a forward proxy is asked over plain HTTP passes.
    """

    allowed: Sequence[str] = ()
    ignored: Sequence[str] = ()

    @classmethod
    def of(cls, options: Any) -> "Hosts":
        """Return them as the options say. Reading options takes long: not for each exchange."""
        return cls(getattr(options, "allow_hosts", ()), getattr(options, "ignore_hosts", ()))

    def allow(self, flow: HTTPFlow) -> bool:
        """Return whether what goes to this flow's server may be recorded."""
        patterns = self.allowed or self.ignored
        address = f"{flow.request.host}:{flow.request.port}" if patterns else ""
        return any(re.search(each, address, re.IGNORECASE) for each in patterns) == bool(self.allowed)


class Bookkeeper(Protocol):
    """Is told what is billed of each exchange."""

    def handed_over(self, key: str) -> None:
        """Take note that the writer is about to read an answer."""

    def reported(self, key: str, bill: str) -> None:
        """Take what is billed of it, as `traces.money.bill` writes it; "" where the writer couldn't read it."""


class Recorder:
    """The addon; its methods are mitmproxy's hooks."""

    def __init__(
        self,
        open_channel: Callable[[Report], Channel] = open_channel,
        clock: Clock = time.perf_counter,
        began: Callable[[HTTPFlow], float | None] = lambda _: None,
        settle: Callable[[HTTPFlow], None] = lambda _: None,
        bookkeeper: Bookkeeper | None = None,
    ) -> None:
        """Return the addon.

        `began` returns when another addon began to ask the server in mitmproxy's place, on `clock`; None where none
        does. `settle` is called with each flow that ends, before it is recorded.
        """
        self._open_channel = open_channel
        self._clock = clock
        self._began = began
        self._settle = settle
        self._bookkeeper = bookkeeper
        self._open: dict[str, Exchange] = {}
        self._ended: WeakValueDictionary[str, HTTPFlow] = WeakValueDictionary()  # a list holds them, or nobody does
        self._channel: Channel | None = None
        self._keys = map(str, count())
        self._losses = Losses()
        self._masking = Masking()
        self._folder, self._mode, self._hosts = "", "", Hosts()
        self._opened: dict[str, float] = {}  # when each connection to a server was open, on the proxy's clock
        self._tick: asyncio.TimerHandle | None = None
        self._streams_what_is_too_large = False

    def load(self, loader: Loader) -> None:
        for name, text in OPTIONS.items():
            loader.add_option(name, str, "", text)

    def configure(self, updated: set[str]) -> None:
        if updated & OPTIONS.keys() and (problem := _option_problem()):
            if self._channel:
                raise exceptions.OptionsError(problem)  # mitmproxy takes the change back
            log.error(problem)  # at its start it would print a traceback; this ends it with one line
        self._folder, self._mode, self._hosts = str(_root()), ctx.options.anyclaude_mode, Hosts.of(ctx.options)
        self._masking.configure()

    def running(self) -> None:
        if not ctx.options.has_changed("connection_strategy"):
            # mitmproxy's `eager` hangs up on a client when no server answers, before it has read any request: neither
            # the client nor a trace could then say what happened.
            ctx.options.update(connection_strategy="lazy")
        if "tcp_timeout" not in ctx.options:  # mitmproxy 11
            server.TCP_TIMEOUT = max(server.TCP_TIMEOUT, SILENCE)
        elif not ctx.options.has_changed("tcp_timeout"):
            ctx.options.update(tcp_timeout=SILENCE)
        if "stream_large_bodies" in ctx.options and not ctx.options.has_changed("stream_large_bodies"):
            # What is too large to be recorded needn't be held either: mitmproxy passes it on as it comes.
            ctx.options.update(stream_large_bodies=f"{LARGEST_BODY}b")
            self._streams_what_is_too_large = True
        self._channel = self._open_channel(self._on_report)
        self._masking.begin()

    def request(self, flow: HTTPFlow) -> None:
        self._masking.note(flow)
        if flow.id not in self._open and not (flow.request.stream and flow.response):
            self._begin(flow)

    def _begin(self, flow: HTTPFlow) -> None:
        if self._channel and flowfile.is_recorded(flow) and self._hosts.allow(flow):
            if flow.request.stream and self._streams_what_is_too_large:
                flowfile.mark_too_large(flow)
            # The request is handed over before the server has it: whatever happens to this process then, it is written.
            key = next(self._keys)
            begun = Begun.of(flow, self._folder, self._mode)
            self._channel.begin(key, begun, to_hand_over(flow.request.raw_content))
            self._open[flow.id] = Exchange(key, flow, self._clock, self._clock())
            if self._tick is None:
                self._check_lateness()

    def server_connected(self, data: ServerConnectionHookData) -> None:
        self._opened[data.server.id] = self._clock()

    def tls_established_server(self, data: TlsData) -> None:
        self._opened[data.conn.id] = self._clock()

    def server_disconnected(self, data: ServerConnectionHookData) -> None:
        self._opened.pop(data.server.id, None)

    def responseheaders(self, flow: HTTPFlow) -> None:
        if flow.request.stream and flow.id not in self._open:
            self._begin(flow)  # the server answers before the client has sent it all
        exchange = self._open.get(flow.id)
        if exchange is None or flow.response is None:
            return
        exchange.headers = self._clock()
        began = self._began(flow)
        exchange.sent = max(exchange.sent, self._opened.get(flow.server_conn.id, 0.0)) if began is None else began
        flow.response.stream = exchange.pass_on

    def response(self, flow: HTTPFlow) -> None:
        if flow.websocket is None:  # else its headers still say what is secret in the messages to come
            self._end(flow)

    def error(self, flow: HTTPFlow) -> None:
        self._end(flow)

    def websocket_end(self, flow: HTTPFlow) -> None:
        self._masking.ended(flow, is_passed_on=True)

    def done(self) -> None:
        for exchange in list(self._open.values()):
            self._end(exchange.flow, failure="proxy_stopped")
        if self._tick:
            self._tick.cancel()
        if self._channel:
            self._channel.close()
            self._channel = None
            if not ctx.master.should_exit.is_set():  # else mitmproxy still writes what is open, after this
                self._masking.end()
        if warning := self._losses.summary():
            log.warning(warning)

    def _check_lateness(self, due: float | None = None) -> None:
        """Note how late the event loop is: what arrived meanwhile has late stamps."""
        late = 0.0 if due is None else self._clock() - due
        for exchange in self._open.values():
            exchange.late = max(exchange.late, late)
        self._tick = None
        if self._open:
            self._tick = asyncio.get_running_loop().call_later(TICK, self._check_lateness, self._clock() + TICK)

    def _end(self, flow: HTTPFlow, failure: str | None = None) -> None:
        exchange = self._open.pop(flow.id, None)
        if self._channel is None:
            return
        if exchange is None:
            self._masking.ended(flow, is_passed_on=False)
            return
        record = exchange.record(failure)
        record.store_in(flow)
        self._settle(flow)
        if flow.response and flow.response.raw_content is None and exchange.headers is not None:
            flow.response.data.content = b"".join(exchange.kept)  # mitmproxy keeps no streamed body for mitmweb and -w
        self._ended[exchange.key] = flow
        if self._bookkeeper:
            self._bookkeeper.handed_over(exchange.key)
        body = flow.response.raw_content if flow.response else None
        self._channel.end(exchange.key, Ended.of(flow, record), to_hand_over(body))
        if failure is None or ctx.master.should_exit.is_set():  # else the script is loaded again, and the flow goes on
            self._masking.ended(flow, is_passed_on=exchange.headers is not None)

    def _on_report(self, kind: str, key: str, text: str) -> None:
        """Log what the writer reports, and show the comment."""
        flow = self._ended.pop(key, None)
        if self._bookkeeper and kind in ("lost", "broken"):
            self._bookkeeper.reported(key, "")
        if kind == "saved":
            path, bill, comment = text.split("\n", 2)
            if self._bookkeeper:
                self._bookkeeper.reported(key, bill)
            log.info(f"Trace saved: {path}  {comment}")
            if flow:
                _comment(flow, comment)
        if warning := self._losses.warning(kind, text):
            log.warning(warning)


def _option_problem() -> str | None:
    """Return what is wrong with the options; None where nothing is."""
    mode = ctx.options.anyclaude_mode
    if mode and not MODE_NAME.fullmatch(mode):
        return f"anyclaude_mode: {mode!r} can't name a folder: use lower-case letters, digits, dots and dashes."
    if _root().exists() and not _root().is_dir():
        return f"anyclaude_dir: {_root()} is a file, not a folder."
    return None


def _root() -> Path:
    chosen = ctx.options.anyclaude_dir
    return Path(chosen).expanduser() if chosen else writing.root()


def _comment(flow: HTTPFlow, text: str) -> None:
    flow.comment = text
    if ctx.master.addons.get("view") is not None:  # mitmweb or the console, in whose list the flow is already
        ctx.master.addons.trigger(UpdateHook([flow]))
