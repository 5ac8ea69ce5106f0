"""How `view` begins and ends: what it shows, the line with its address, the browser, Ctrl-C."""

import webbrowser
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

from analysis.live import Shelf
from analysis.tokens import counter
from analysis.view import Server
from traces.errors import ToolkitError
from traces.sessions import lookup
from traces.storage import store
from ui.terminal import say


class PortTaken(ToolkitError):
    """Somebody else listens there."""


def serve(name: str | None, port: int, opens: bool, tokenizer: str) -> None:
    """Until Ctrl-C. Raises ToolkitError where there is no such session or tokenizer, or the port can't be had."""
    counter(tokenizer)  # an unknown name is told at once, not in the browser
    folder = Path(name).expanduser() if name else store.root()
    session = None
    if name and not folder.is_dir():
        folder, session = store.root(), lookup.of_id(name, store.root(), []).id
    with _listening(Shelf(folder, tokenizer), port, session) as server:
        say(f"Sessions in {folder}: {server.url}")
        say("They appear as they happen. Ctrl-C ends it.")
        with suppress(KeyboardInterrupt), TemporaryDirectory() as hidden:
            if opens:
                Thread(target=webbrowser.open, args=(_way_to(server.url, Path(hidden)),), daemon=True).start()
            server.serve_forever()


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
