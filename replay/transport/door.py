"""Lets the requests of a process out one after the other.

A burst of long requests piles up in the server's sockets, and what the last of them waits for is not the model but the
reading of all others: 64 prompts of 130 KB at once looked 6 ms slower than one alone. People's agents never begin
within the same millisecond. The wait is before `t0`, so that no measured time holds it.
"""

import asyncio
from weakref import WeakKeyDictionary

SPACING = 0.001
"""Seconds between two requests."""

LONGEST_WAIT = 0.1
"""Seconds after which a request goes out however many wait, so that nothing falls far behind its time."""

_free: "WeakKeyDictionary[asyncio.AbstractEventLoop, float]" = WeakKeyDictionary()
"""When the next request may go out, in each event loop."""


async def wait() -> None:
    """Wait until a request may go out."""
    loop = asyncio.get_running_loop()
    now = loop.time()
    mine = min(max(now, _free.get(loop, now)), now + LONGEST_WAIT)
    _free[loop] = mine + SPACING
    if mine > now:
        await asyncio.sleep(mine - now)
