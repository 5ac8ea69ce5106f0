"""The server of `trace-analyzer view`, on loopback: pages, their data, and their changes as they happen."""

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
from urllib.parse import parse_qs, quote, unquote

from analysis.tokens.counters import counter
from analysis.web import watch
from analysis.web.watch import SessionFolder
from traces.errors import ToolkitError
from traces.sessions import lookup
from traces.storage import store
from traces.storage.resolve import NoTrace, resolve
from ui.page import page
from ui.page.bundles import Bundle
from ui.terminal import say

POLL_SECONDS = 0.5
"""Seconds between two checks of the folder."""

KEEP_ALIVE_SECONDS = 15.0
"""Seconds without a change after which a comment is sent: writing it shows whether the browser is still there."""

HOST_NAMES = ("127.0.0.1", "localhost")

HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Server(ThreadingHTTPServer):
    """An HTTP server on loopback, at `url`. Raises OSError where the port is taken."""

    daemon_threads = True

    def __init__(self, folder: watch.SessionFolder, port: int = 0, session: str | None = None) -> None:
        self.folder = folder
        self.token = secrets.token_urlsafe(16)
        super().__init__((HOST_NAMES[0], port), Handler)
        self.hosts = {f"{name}:{self.server_port}" for name in HOST_NAMES}
        path = f"session/{quote(session, safe='')}/" if session else ""
        self.url = f"http://{HOST_NAMES[0]}:{self.server_port}/{self.token}/{path}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print nothing: browsers close connections in the middle of an answer."""


@dataclass(frozen=True, slots=True)
class PageSource:
    """A page: its scripts, and the function that reads its data."""

    bundle: Bundle
    data: Callable[[], dict[str, Any]]


class Handler(BaseHTTPRequestHandler):
    """Answers one request of a browser."""

    server: Server
    protocol_version = "HTTP/1.0"  # an answer ends with its connection
    timeout = 30  # seconds in which a connection must ask for something

    def do_GET(self) -> None:
        """Answer a GET, the only method there is."""
        with suppress(ConnectionError):
            self._answer()

    def log_message(self, format: str, *arguments: Any) -> None:
        """Print nothing about requests."""

    def _answer(self) -> None:
        if (words := self._words_to_search()) is not None:
            answer = page.embeddable_json(self.server.folder.search(words))
            self._send(HTTPStatus.OK, "application/json", answer.encode())
            return
        found = self._find_page()
        if found is None:
            self._send(HTTPStatus.NOT_FOUND, "text/plain", b"There is nothing here.\n")
            return
        source, what = found
        try:
            if what == "changes":
                self._send_changes(source)
            elif what == "data":
                self._send(HTTPStatus.OK, "application/json", page.embeddable_json(with_stamp(source.data())).encode())
            else:
                text = page.render(source.bundle, with_stamp(source.data()))
                self._send(HTTPStatus.OK, "text/html; charset=utf-8", text.encode())
        except ToolkitError as error:
            self._send(HTTPStatus.NOT_FOUND, "text/plain; charset=utf-8", f"{error}\n".encode())

    def _is_allowed(self) -> bool:
        """Return whether the request has a valid host and the token."""
        token = self.path.partition("?")[0].split("/")[1:2]
        known = bool(token) and hmac.compare_digest(token[0].encode(), self.server.token.encode())
        return known and self.headers.get("Host") in self.server.hosts

    def _words_to_search(self) -> str | None:
        """Return the words of a search; None for any other request."""
        path, _, query = self.path.partition("?")
        if not self._is_allowed() or path.split("/")[2:] != ["search"]:
            return None
        return parse_qs(query).get("q", [""])[0]

    def _find_page(self) -> tuple[PageSource, str] | None:
        """Return the requested page, and whether its data or changes are meant; None without a valid host and token."""
        folder = self.server.folder
        if not self._is_allowed():
            return None
        match self.path.partition("?")[0].split("/"):
            case ["", _, "" | "data" | "changes" as what]:
                return PageSource(Bundle.LIST, folder.sessions), what
            case ["", _, "session", id, "" | "data" | "changes" as what] if id:
                return PageSource(Bundle.SESSION, lambda: folder.session(unquote(id))), what
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

    def _send_changes(self, source: PageSource) -> None:
        """Send changes until the browser is gone: then writing fails."""
        self._begin(HTTPStatus.OK, "text/event-stream")
        for line in changes(self.server.folder.state, lambda: _stamp(source.data)):
            self.wfile.write(line)
            self.wfile.flush()


def with_stamp(data: dict[str, Any]) -> dict[str, Any]:
    """Return the data with a `stamp`, a digest that differs as soon as the data does."""
    return {**data, "stamp": hashlib.blake2b(page.embeddable_json(data).encode(), digest_size=16).hexdigest()}


def _stamp(data: Callable[[], dict[str, Any]]) -> str | None:
    """Return the data's stamp; None where it can't be read now, since it is being written or is gone."""
    with suppress(ToolkitError, OSError):
        return str(with_stamp(data())["stamp"])
    return None


def changes(
    state: Callable[[], object],
    stamp: Callable[[], str | None],
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[bytes]:
    """Yield server-sent events: a message with each new stamp, and a comment after a long time without one.

    `stamp` is called only when `state` has changed. The first message lets a page check whether its data is current.
    """
    seen, sent, sent_at = None, None, clock()
    while True:
        now = state()
        if now != seen:
            seen, current = now, stamp()
            if current not in (None, sent):
                sent, sent_at = current, clock()
                yield f"data: {current}\n\n".encode()
        if clock() - sent_at > KEEP_ALIVE_SECONDS:
            sent_at = clock()
            yield b": still here\n\n"
        sleep(POLL_SECONDS)


class PortTaken(ToolkitError):
    """Another program listens on the port."""


def serve(name: str | None, port: int, opens: bool, tokenizer: str, turn: int | None = None) -> None:
    """Serve until Ctrl-C. Raises ToolkitError where there is no such session or tokenizer, or the port is taken.

    The address that is printed and opened leads to the `turn`, if one is given.
    """
    counter(tokenizer)  # an unknown name is an error at once, not in the browser
    root, session = folder_and_session(name)
    with _listen(SessionFolder(root, tokenizer), port, session) as server:
        url = server.url + (f"#turn-{turn}" if turn and session else "")
        say(f"Sessions in {root}: {url}")
        say("New turns appear as they happen. Press Ctrl-C to stop.")
        with suppress(KeyboardInterrupt), TemporaryDirectory() as hidden:
            if opens:
                Thread(target=webbrowser.open, args=(_write_redirect(url, Path(hidden)),), daemon=True).start()
            server.serve_forever()


def folder_and_session(name: str | None) -> tuple[Path, str | None]:
    """Return the folder (or the file of another program) that a name means, and the session whose page is opened.

    Raises NoTrace where the name means nothing, or a .flow file, which can't change any more.
    """
    if name is None:
        return store.root(), None
    kind, _, path, _ = resolve(name)
    if kind in ("folder", "foreign"):
        return path, None
    if kind == "flow":
        raise NoTrace(f"{name}: a .flow file is finished. To look at it: trace-analyzer report {name}")
    [found] = lookup.find(name, [])
    return lookup.neighbours(path) if kind == "trace" else path, found.id


def _write_redirect(url: str, folder: Path) -> str:
    """Write a file that redirects to the URL and return its own.

    The browser is started with this one, since other users can see the arguments of processes, and the URL's token.
    """
    file = folder / "view.html"
    file.touch(0o600)
    file.write_text(f'<!doctype html><meta http-equiv="refresh" content="0; url={url}">')
    return file.as_uri()


def _listen(folder: SessionFolder, port: int, session: str | None) -> Server:
    try:
        return Server(folder, port, session)
    except OSError as error:
        raise PortTaken(f"Port {port} can't be used ({error.strerror}): name another one with --port.") from error
