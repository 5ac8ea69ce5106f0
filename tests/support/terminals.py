"""A terminal as a command sees one, of a known width."""

import os
import pty
import subprocess
import termios
from collections.abc import Mapping

from tests.support.patience import PATIENCE


def on_terminal(arguments: list[str], columns: int, environment: Mapping[str, str]) -> str:
    """Return what the command writes to a real terminal of that width."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (50, columns))
    process = subprocess.Popen(arguments, stdout=theirs, stderr=theirs, env={**os.environ, **environment})
    os.close(theirs)
    written = b""
    while block := _read(ours):
        written += block
    os.close(ours)
    assert process.wait(PATIENCE) == 0
    return written.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says so when the other side is closed
        return b""
