"""How copies of a session are told apart: a marker in every request, which is another in every copy.

A request is prepared once, with a placeholder; a copy's own marker is then put in its place, which takes no parsing.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from replay.load.plan import Shared
from replay.prepare.marker import add_marker, mark_first_message

PLACEHOLDER = "load-marker-0000000000000000"

PLACES: Mapping[Shared, Callable[[Mapping[str, Any], str], dict[str, Any]]] = {
    "prefix": mark_first_message,
    "nothing": add_marker,
    "all": lambda body, _: dict(body),
}
"""Where the marker goes, by what the copies share. Each raises NoPlace where the request has no place for one."""


def marker_of(load: str, run: int, lane: int, visit: int) -> str:
    """Return the marker of one copy of a session, as long as the placeholder. `load` is new with every load."""
    digest = hashlib.blake2b(f"{load} {run} {lane} {visit}".encode(), digest_size=14)
    return digest.hexdigest()


def put(body: bytes, marker: str) -> bytes:
    """Return the request with a copy's marker."""
    return body.replace(PLACEHOLDER.encode(), marker.encode())
