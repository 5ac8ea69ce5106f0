"""Send a recorded request again, to any model, and measure the answer.

import replay

result = replay.replay("latest", target="lmstudio", model="qwen3-coder-30b")     # a replay.result.ReplayResult
result = await replay.replay_async("latest", target="http://localhost:8080")
result.success, result.metrics.timing.ttft, result.metrics.decode.tokens_per_second
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from replay.api import replay, replay_async, replays
    from replay.request import Options
    from replay.result import ReplayResult

__all__ = ["Options", "ReplayResult", "replay", "replay_async", "replays"]


def __getattr__(name: str) -> Any:
    """Import the public names when they are first used, since they import much."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from replay import api

    return getattr(api, name)
