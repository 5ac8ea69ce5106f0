"""Where the tokens of requests go: traces as data frames, with the tokens of each part of a request.

    import analysis

    frame = analysis.load("~/.anyclaude/traces")     # a pandas DataFrame, one row an exchange
    parts = analysis.parts("~/.anyclaude/traces")    # one row a part of a request
    some = analysis.load("s3://bucket/dataset", filters=[("model", "==", "qwen3"), ("ttft", ">", 5)])

The columns and their units are defined in `analysis.frames.columns`; `trace-analyzer columns` prints them.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.dataset.frame import load, parts

__all__ = ["load", "parts"]


def __getattr__(name: str) -> Any:
    """Import a function when it is first used: pandas takes half a second to import."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from analysis.dataset import frame

    return getattr(frame, name)
