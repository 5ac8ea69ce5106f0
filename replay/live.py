"""What a person sees while runs go on: a bar over all of them, and how far the current one has come.

Knows nothing of terminals but that a line can be shown.
"""

from collections.abc import Callable

from replay.exchange import Progress
from replay.outcome import Happening

WIDTH = 20
"""Characters of the bar."""


class Live:
    """Shows what happens by `show`, one line at a time."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show
        self._first: Progress | None = None

    def __call__(self, happening: Happening) -> None:
        progress = happening.progress
        if progress is None:
            self._first = None
        elif progress.chunks and self._first is None:
            self._first = progress
        self._show(" ".join([*_bar(happening), happening.run.model, self._state(happening)]))

    def _state(self, happening: Happening) -> str:
        progress = happening.progress
        if happening.loading:
            return "is being loaded"
        if progress is None or not progress.chunks:
            return f"{progress.elapsed if progress else 0:.1f} s, waiting for the first token"
        return f"{progress.elapsed:.1f} s, about {progress.chunks} tokens{self._speed(progress)}"

    def _speed(self, now: Progress) -> str:
        """Most servers send a token in each chunk; what a run measures in the end doesn't rest on that."""
        first = self._first or now
        seconds = now.elapsed - first.elapsed
        return f", {(now.chunks - first.chunks) / seconds:.1f} tokens/s" if seconds > 0 else ""


def _bar(happening: Happening) -> list[str]:
    if happening.of == 1:
        return []
    done = WIDTH * (happening.number - 1) // happening.of
    return [f"{'█' * done}{'░' * (WIDTH - done)}", f"{happening.number}/{happening.of}"]
