"""Where the tokens go: loads traces and counts what each part of a request costs.

    import analysis

    frame = analysis.load("~/.anyclaude/traces")     # a pandas DataFrame, one row an exchange
    parts = analysis.parts("~/.anyclaude/traces")    # one row a part of a request

What the columns are, and in which unit, stands in `analysis.frames.columns` and is printed by `trace-analyzer columns`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.frames.frame import load, parts

__all__ = ["load", "parts"]


def __getattr__(name: str) -> Any:
    """pandas takes half a second to import, so that waits until somebody asks for a frame."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from analysis.frames import frame

    return getattr(frame, name)
