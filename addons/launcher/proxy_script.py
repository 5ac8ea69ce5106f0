"""A second script for the proxy that the launcher starts, beside the recorder: the proxy's link to the launcher.

It reports to the launcher, as one JSON list a line on standard output, where the proxy listens and what is logged, with
its level, which mitmproxy's own log doesn't show. And it ends the proxy when the launcher is gone, in whatever way: the
other end of standard input is the launcher's, and the system closes the pipes of a process that died.

Where the user gave a user name and password for the backend, it sends them in place of what the client sends.
"""

import asyncio
import json
import logging
import os
import threading
from contextlib import suppress
from typing import Any

from mitmproxy import ctx
from mitmproxy.http import HTTPFlow
from mitmproxy.proxy.mode_specs import ReverseMode

AUTHORIZATION = "ANYCLAUDE_PROXY_AUTHORIZATION"
"""As in `addons.launcher.login`, of which this script, which mitmproxy loads by itself, can import nothing."""


def report(kind: str, content: object) -> None:
    """Print a line for the launcher."""
    with suppress(OSError):  # the launcher is gone; what is still to be written must not suffer
        print(json.dumps([kind, content]), flush=True)


class LogLines(logging.Handler):
    """Reports what is logged."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError):
            return  # a connection that began while the proxy ended, of which asyncio says so: nothing was lost
        report(record.levelname, record.getMessage())


class LauncherLink:
    """The addon."""

    def __init__(self) -> None:
        self._authorization = os.environ.pop(AUTHORIZATION, "")  # no process that the proxy starts shall have it

    def requestheaders(self, flow: HTTPFlow) -> None:
        if self._authorization and isinstance(flow.client_conn.proxy_mode, ReverseMode):
            flow.request.headers["authorization"] = self._authorization

    def load(self, _loader: object) -> None:
        logging.getLogger().addHandler(LogLines(logging.INFO))
        # os.read and not sys.stdin: a thread that waits in a buffered reader upsets the interpreter's end.
        threading.Thread(target=self.end_with_the_launcher, args=(ctx.master,), daemon=True).start()

    def running(self) -> None:
        master: Any = ctx.master
        port = master.addons.get("proxyserver").listen_addrs()[0][1]
        web_url = getattr(master, "web_url", "")  # mitmproxy 12: with a token, or nobody gets in
        if not web_url and "web_port" in ctx.options:
            web_url = f"http://{ctx.options.web_host}:{ctx.options.web_port}/"
        report("LISTENING", {"port": port, "web_url": web_url})

    @staticmethod
    def end_with_the_launcher(master: Any) -> None:
        """Wait until the launcher's end of the pipe is closed, then end mitmproxy."""
        while os.read(0, 1024):
            pass
        master.shutdown()


addons = [LauncherLink()]
