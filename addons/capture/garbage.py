"""Keeps Python's garbage collector from looking through all that mitmproxy has loaded, while streams pass."""

import gc


class Frozen:
    """An addon that takes what is there at the start out of every later collection.

    A full collection took 50 to 65 ms, in which no stream went on; on a busy machine several times as long. Without
    what was loaded at the start it takes 5 to 10 ms.
    """

    def running(self) -> None:
        gc.collect()
        gc.freeze()
