"""What the proxy changed on its way to the server: kept as a second flow beside the client's, and read like it.

It is in `flow.metadata`, so that a .flow file keeps it, too.
"""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from mitmproxy.http import HTTPFlow

_METADATA = "anyclaude_upstream"


def store_in(flow: HTTPFlow, upstream: Mapping[str, Any], changes: Sequence[str]) -> None:
    """Keep what went on at the server's side, the state of a flow, in the client's flow."""
    flow.metadata[_METADATA] = {"flow": dict(upstream), "changes": list(changes)}


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
    upstream = HTTPFlow.from_state(copy.deepcopy(kept["flow"]))  # which mitmproxy takes apart
    assert isinstance(upstream, HTTPFlow)
    return upstream, tuple(kept["changes"])
