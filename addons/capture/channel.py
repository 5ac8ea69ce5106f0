"""The channel from the proxy to the writer, which is a process of its own, or a thread where there can be none."""

import socket
import sys
from typing import Protocol

from addons.capture.handover import Begun, Body, Ended
from addons.capture.process_channel import ProcessChannel
from addons.capture.thread_channel import ThreadChannel
from addons.capture.writer import Report


class Channel(Protocol):
    """Hands exchanges over to a writer, and reports in the event loop what that does.

    Beside the reports of `writer.Report` there are

    gone         the writer's process ended, and another one goes on with what it left
    failed       no such process can be started: what comes from now on is lost
    unfinished   the proxy needn't wait any longer, the writer goes on: how many traces it has yet to write.
    """

    def begin(self, key: str, begun: Begun, body: Body) -> None:
        """Hand over a request under a key that is used once."""

    def end(self, key: str, ended: Ended, body: Body) -> None:
        """Hand over what came of it."""

    def close(self) -> None:
        """Wait until everything is written, with what is under way as far as it came, and report it."""


def open_channel(report: Report) -> Channel:
    """Return a channel to a new writer. Must be called in the event loop."""
    is_frozen = getattr(sys, "frozen", False)  # mitmproxy's standalone binaries can't start another Python
    can_share = hasattr(socket, "send_fds")  # handles, as a spool needs it: not on Windows
    return ProcessChannel(report) if can_share and not is_frozen else ThreadChannel(report)
