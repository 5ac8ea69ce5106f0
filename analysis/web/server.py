"""The server of `view`, on loopback: pages, their data, and news as it happens."""

import hashlib
import hmac
import secrets
import time
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any
from urllib.parse import quote, unquote

from analysis.tokens.counters import counter
from analysis.web import watch
from analysis.web.watch import Shelf
from traces.errors import ToolkitError
from traces.sessions import lookup
from traces.storage import store
from traces.storage.resolve import NoTrace, resolve
from ui.page import page
from ui.page.bundles import Bundle
from ui.terminal import say

EVERY = 0.5
"""Seconds between two looks at the folder."""

STILL_HERE = 15.0
"""Seconds of silence after which a browser is told that nothing happened: one that is gone is noticed then."""

NAMES = ("127.0.0.1", "localhost")

HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Server(ThreadingHTTPServer):
    """Listens on loopback; `url` is where. Raises OSError where the port is taken."""

    daemon_threads = True

    def __init__(self, shelf: watch.Shelf, port: int = 0, session: str | None = None) -> None:
        self.shelf = shelf
        self.token = secrets.token_urlsafe(16)
        super().__init__((NAMES[0], port), Handler)
        self.hosts = {f"{name}:{self.server_port}" for name in NAMES}
        path = f"session/{quote(session, safe='')}/" if session else ""
        self.url = f"http://{NAMES[0]}:{self.server_port}/{self.token}/{path}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that goes away in mid-answer is nobody's error."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One page: what draws it, and what it shows."""

    bundle: Bundle
    data: Callable[[], dict[str, Any]]


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Server
    protocol_version = "HTTP/1.0"  # an answer ends with its connection
    timeout = 30  # seconds in which a connection must ask for something

    def do_GET(self) -> None:
        with suppress(ConnectionError):
            self._answer()

    def log_message(self, format: str, *arguments: Any) -> None:
        """Requests of a browser are no news."""

    def _answer(self) -> None:
        found = self._found()
        if found is None:
            self._send(HTTPStatus.NOT_FOUND, "text/plain", b"There is nothing here.\n")
            return
        shown, what = found
        try:
            if what == "changes":
                self._tell_changes(shown)
            elif what == "data":
                self._send(HTTPStatus.OK, "application/json", page.embeddable_json(stamped(shown.data())).encode())
            else:
                drawn = page.render(shown.bundle, stamped(shown.data()))
                self._send(HTTPStatus.OK, "text/html; charset=utf-8", drawn.encode())
        except ToolkitError as error:
            self._send(HTTPStatus.NOT_FOUND, "text/plain; charset=utf-8", f"{error}\n".encode())

    def _found(self) -> tuple[Shown, str] | None:
        """The page that was asked for, and whether its data or its changes are; None for whoever isn't let in."""
        shelf = self.server.shelf
        if self.headers.get("Host") not in self.server.hosts:
            return None
        match self.path.partition("?")[0].split("/"):
            case ["", token, *_] if not hmac.compare_digest(token.encode(), self.server.token.encode()):
                return None
            case ["", _, "" | "data" | "changes" as what]:
                return Shown(Bundle.LIST, shelf.sessions), what
            case ["", _, "session", id, "" | "data" | "changes" as what] if id:
                return Shown(Bundle.SESSION, lambda: shelf.session(unquote(id))), what
        return None

    def _send(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self._begin(status, kind)
        self.wfile.write(body)

    def _begin(self, status: HTTPStatus, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.end_headers()

    def _tell_changes(self, shown: Shown) -> None:
        """Until the browser is gone: writing to it fails then."""
        self._begin(HTTPStatus.OK, "text/event-stream")
        for line in changes(self.server.shelf.state, lambda: _stamp(shown.data)):
            self.wfile.write(line)
            self.wfile.flush()


def stamped(data: dict[str, Any]) -> dict[str, Any]:
    """With a `stamp` of what is in it: another one stands for other data."""
    return {**data, "stamp": hashlib.blake2b(page.embeddable_json(data).encode(), digest_size=16).hexdigest()}


def _stamp(data: Callable[[], dict[str, Any]]) -> str | None:
    """None where it can't be read now: it will be soon, or is gone."""
    with suppress(ToolkitError, OSError):
        return str(stamped(data())["stamp"])
    return None


def changes(
    state: Callable[[], object],
    stamp: Callable[[], str | None],
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[bytes]:
    """Server-sent events: a message with each new stamp, which is asked for when `state` is another one; and a comment
    where it is long silent. The first message tells whether the page is still right."""
    seen, told, spoken = None, None, clock()
    while True:
        now = state()
        if now != seen:
            seen, made = now, stamp()
            if made not in (None, told):
                told, spoken = made, clock()
                yield f"data: {made}\n\n".encode()
        if clock() - spoken > STILL_HERE:
            spoken = clock()
            yield b": still here\n\n"
        sleep(EVERY)


class PortTaken(ToolkitError):
    """Somebody else listens there."""


def serve(name: str | None, port: int, opens: bool, tokenizer: str) -> None:
    """Until Ctrl-C. Raises ToolkitError where there is no such session or tokenizer, or the port can't be had."""
    counter(tokenizer)  # an unknown name is told at once, not in the browser
    folder, session = looked_at(name)
    with _listening(Shelf(folder, tokenizer), port, session) as server:
        say(f"Sessions in {folder}: {server.url}")
        say("They appear as they happen. Ctrl-C ends it.")
        with suppress(KeyboardInterrupt), TemporaryDirectory() as hidden:
            if opens:
                Thread(target=webbrowser.open, args=(_way_to(server.url, Path(hidden)),), daemon=True).start()
            server.serve_forever()


def looked_at(name: str | None) -> tuple[Path, str | None]:
    """Return the folder that is looked at, and the session in it whose page is opened. Raises NoTrace."""
    if name is None:
        return store.root(), None
    kind, _, path, _ = resolve(name)
    if kind == "folder":
        return path, None
    if kind == "flow":
        raise NoTrace(f"{name}: a .flow file is finished. To look at it: trace-analyzer report {name}")
    [found] = lookup.find(name, [])
    return lookup.neighbours(path) if kind == "trace" else path, found.id


def _way_to(url: str, folder: Path) -> str:
    """The address of a file that leads there: whoever lists this machine's processes sees how a browser was called."""
    file = folder / "view.html"
    file.touch(0o600)
    file.write_text(f'<!doctype html><meta http-equiv="refresh" content="0; url={url}">')
    return file.as_uri()


def _listening(shelf: Shelf, port: int, session: str | None) -> Server:
    try:
        return Server(shelf, port, session)
    except OSError as error:
        raise PortTaken(f"Port {port} can't be used ({error.strerror}): name another one with --port.") from error
