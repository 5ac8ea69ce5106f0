"""What the launcher adds inside the proxy that it starts: a second script for mitmproxy, beside the recorder.

It tells the launcher, one JSON list a line on standard output, where the proxy listens and what is logged, with its
level, which mitmproxy's own log doesn't show. And it ends the proxy when the launcher is gone, in whatever way that
went: the other end of standard input is the launcher's, and a pipe is closed for whoever dies.
It knows nothing of what is recorded.
"""

import json
import logging
import os
import threading
from contextlib import suppress
from typing import Any

from mitmproxy import ctx


def tell(kind: str, news: object) -> None:
    with suppress(OSError):  # the launcher is gone; what is still to be written must not suffer
        print(json.dumps([kind, news]), flush=True)


class LogLines(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        tell(record.levelname, record.getMessage())


class Launched:
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
        tell("LISTENING", {"port": port, "web_url": web_url})

    @staticmethod
    def end_with_the_launcher(master: Any) -> None:
        while os.read(0, 1024):
            pass
        master.shutdown()


addons = [Launched()]
