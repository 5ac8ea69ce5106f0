"""One finding of `anyclaude doctor`."""

from dataclasses import asdict, dataclass

OK, WARNING, PROBLEM, SKIPPED = "ok", "warning", "problem", "skipped"

_SIGNS = {OK: "✓", WARNING: "!", PROBLEM: "✗", SKIPPED: "–"}


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, how it is, what was found, and the command or the step that mends it."""

    name: str
    state: str
    found: str
    mend: str = ""

    def lines(self) -> str:
        """Return the check as a person reads it."""
        mend = "\n    " + self.mend.replace("\n", "\n    ") if self.mend else ""
        return f"{_SIGNS[self.state]} {self.name:<14} {self.found}{mend}"

    def fields(self) -> dict[str, str]:
        """Return the check as JSON."""
        return asdict(self)
