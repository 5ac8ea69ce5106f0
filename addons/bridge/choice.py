"""Which API formats a server has, learned by asking it once: an empty request to each path costs no model's time."""

import asyncio
import time
from collections.abc import Mapping, Sequence

from addons.bridge.connections import Connections
from addons.bridge.upstream import NoAnswer, TlsSettings, Upstream
from traces import jsonio
from traces.dialects import DEFAULT, FORMATS, Dialect

TARGETS = ("chat", "responses")
"""The API formats that a client's requests can be translated to."""

MISSING = (404, 405, 501)
"""What a server answers that knows no such path."""

UNKNOWN = (401, 403)
"""What a server answers that looks at the key first."""

MISSING_IN_WORDS = b"Unexpected endpoint"
"""How LM Studio says so, with status 200."""

_ASKED = (DEFAULT, *TARGETS)

PATIENCE = 10.0
"""Seconds for an answer to an empty request. A server that takes longer is likely asking a model: it has the path."""


async def formats_of(base: str, headers: Mapping[str, str], tls: TlsSettings) -> list[Dialect]:
    """Return the API formats that the server below this URL has, the preferred first.

    Raises NoAnswer, also where the server refuses the key, whatever it is asked: that says nothing of what it has.
    """
    found = await asyncio.gather(*(_has(base, name, headers, tls) for name in _ASKED))
    has = [name for name, answer in zip(_ASKED, found, strict=True) if answer]
    if not has and None in found:
        raise NoAnswer("refused", f"{base} wants another key, and can't be asked which API formats it has.")
    return has


def choose(formats: Sequence[Dialect]) -> Dialect | None:
    """Return the format in which the server is to be asked; None where it has none that we know."""
    return next(iter(formats), None)


def explain(base: str, formats: Sequence[Dialect]) -> str:
    """Return a line that says what was found and chosen."""
    chosen = choose(formats)
    if chosen is None:
        return f"{base} has none of {paths()}: nothing is translated."
    if chosen == DEFAULT:
        return f"{base} has {FORMATS[DEFAULT].path}: nothing needs to be translated."
    return f"{base} has no {FORMATS[DEFAULT].path}: translating to {chosen} ({FORMATS[chosen].path})."


def paths() -> str:
    """Return the paths that a server is asked for, in words."""
    return ", ".join(FORMATS[name].path for name in _ASKED)


async def _has(base: str, name: Dialect, headers: Mapping[str, str], tls: TlsSettings) -> bool | None:
    """Return whether the server has this API format; None where it refuses the key."""
    path, question = FORMATS[name].probe
    connections = Connections(time.perf_counter, tls)
    connection = Upstream(time.perf_counter, connections)
    sent = {"content-type": "application/json", "accept-encoding": "identity", **headers}
    try:
        async with asyncio.timeout(PATIENCE):
            await connection.send(base + path, sent, jsonio.dumps(question))
            body = b"".join([data async for _, data in connection.chunks()])
    except TimeoutError:
        return True
    finally:
        connection.close()
        connections.close()
    if connection.status in UNKNOWN:
        return None
    is_page = connection.status < 300 and body.lstrip()[:1] == b"<"  # a web server answers so, whatever it is asked
    return connection.status not in MISSING and MISSING_IN_WORDS not in body and not is_page


__all__ = ["NoAnswer", "choose", "explain", "formats_of"]
