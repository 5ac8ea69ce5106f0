"""What the proxy changed on its way to the server: kept as a second flow beside the client's, and read like it.

It is in `flow.metadata`, so that a .flow file keeps it, too.
"""

from collections.abc import Sequence
from typing import Any

from mitmproxy.http import HTTPFlow

_METADATA = "anyclaude_upstream"


def store_in(flow: HTTPFlow, upstream: HTTPFlow, changes: Sequence[str]) -> None:
    """Keep what went on at the server's side in the client's flow."""
    state: Any = upstream.get_state()
    flow.metadata[_METADATA] = {"flow": state, "changes": list(changes)}


def state_in(flow: HTTPFlow) -> Any:
    """Return what `store_in` left, as plain values; None where the client's flow is all there is."""
    return flow.metadata.get(_METADATA)


def set_state(flow: HTTPFlow, state: Any) -> None:
    """Keep what `state_in` returned in another flow."""
    if state is not None:
        flow.metadata[_METADATA] = state


def flow_in(flow: HTTPFlow) -> tuple[HTTPFlow, tuple[str, ...]] | None:
    """Return the flow of the server's side, and what was changed; None where the client's flow is all there is."""
    kept = state_in(flow)
    if not isinstance(kept, dict):
        return None
    upstream = HTTPFlow.from_state(kept["flow"])
    assert isinstance(upstream, HTTPFlow)
    return upstream, tuple(kept["changes"])
