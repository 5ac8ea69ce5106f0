"""What the user is told of traces that can't be written: once when that begins, and once when it is over."""

GONE = "The process that writes traces ended unexpectedly. Another one goes on with what it left; nothing is lost."
FAILED = "The process that writes traces can't be started. The client goes on without traces; start the proxy again."


class Losses:
    """Says what to warn of, for each report of the writer; see `writer.Report` and `channel.Channel`."""

    def __init__(self) -> None:
        self._lost = 0  # in all
        self._lost_now = 0  # since the disk doesn't take traces
        self._is_failing = False
        self._told: set[str] = set()

    def warning(self, kind: str, text: str) -> str | None:
        """Return what the user must know now; None if nothing."""
        match kind:
            case "saved":
                return self._recovered() if self._is_failing else None
            case "lost" | "delayed":
                return self._refused(text, kind == "lost")
            case "broken":
                self._lost += 1
                return self._once(f"A trace can't be written, the client goes on without. {text}")
            case "gone":
                return GONE
            case "failed":
                return self._once(FAILED)
            case "unfinished":
                return f"{text} traces are still being written, by a process that ends when they are."
        return None

    def summary(self) -> str | None:
        """Return how many traces were lost, if it is more than the one that a warning was about."""
        return f"{self._lost} traces could not be written whole." if self._lost > 1 else None

    def _refused(self, reason: str, is_lost: bool) -> str | None:
        self._lost += is_lost
        self._lost_now += is_lost
        if self._is_failing:
            return None
        self._is_failing = True
        return f"Traces can't be written, the client goes on without. {reason}"

    def _recovered(self) -> str:
        lost, self._lost_now, self._is_failing = self._lost_now, 0, False
        missing = f"{lost} {'trace is' if lost == 1 else 'traces are'} missing" if lost else "nothing is missing"
        return f"Traces are written again, recording goes on; {missing}."

    def _once(self, text: str) -> str | None:
        if text in self._told:
            return None
        self._told.add(text)
        return text
