"""How long a test waits for what must come."""

import time
from collections.abc import Callable

PATIENCE = 400
"""Seconds. Only a fault takes them: a busy machine is ten times slower than an idle one, and more."""


def eventually(holds: Callable[[], object]) -> bool:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.05)
    return False
