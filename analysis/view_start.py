"""How `view` begins and ends: what it shows, the line with its address, the browser, Ctrl-C."""

import webbrowser
from contextlib import suppress
from pathlib import Path

from analysis.live import Shelf
from analysis.tokens import counter
from analysis.view import Server
from display.terminal import say
from traces import find_sessions, store
from traces.errors import ToolkitError


class PortTaken(ToolkitError):
    """Somebody else listens there."""


def serve(name: str | None, port: int, opens: bool, tokenizer: str) -> None:
    """Until Ctrl-C. Raises ToolkitError where there is no such session or tokenizer, or the port can't be had."""
    counter(tokenizer)  # an unknown name is told at once, not in the browser
    folder = Path(name).expanduser() if name else store.root()
    session = None
    if name and not folder.is_dir():
        folder, session = store.root(), find_sessions.of_id(name, store.root(), []).id
    with _listening(Shelf(folder, tokenizer), port, session) as server:
        say(f"Sessions in {folder}: {server.url}")
        say("They appear as they happen. Ctrl-C ends it.")
        if opens:
            webbrowser.open(server.url)
        with suppress(KeyboardInterrupt):
            server.serve_forever()


def _listening(shelf: Shelf, port: int, session: str | None) -> Server:
    try:
        return Server(shelf, port, session)
    except OSError as error:
        raise PortTaken(f"Port {port} can't be used ({error.strerror}): name another one with --port.") from error
