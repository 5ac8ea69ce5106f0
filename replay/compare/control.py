"""How often the model that was recorded agrees with its own recording: the noise of "differs from the recording".

A model asked twice may well take another way. Only one that differs from the recording more often than the recorded
model itself does can be said to differ.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import sqrt

from replay.compare.compare import Comparison, Contender
from replay.targets.names import is_same_model
from traces.model import Json

COMPARING = ("calls_a_tool", "same_tool")
"""The questions that hold an answer against the recording."""

_Z = 1.959964
"""Of a 95% interval."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """In how many runs a model agreed with the recording, of those of which it can be said. `low` and `high` are the
    95% interval of that share."""

    model: str
    agreed: int
    compared: int

    @property
    def low(self) -> float:
        return max(self._middle - self._reach, 0.0)

    @property
    def high(self) -> float:
        return min(self._middle + self._reach, 1.0)

    @property
    def _middle(self) -> float:
        """Wilson's interval, which holds for few runs, too."""
        n = self.compared
        return (self.agreed / n + _Z**2 / (2 * n)) / (1 + _Z**2 / n)

    @property
    def _reach(self) -> float:
        n, share = self.compared, self.agreed / self.compared
        return _Z * sqrt(share * (1 - share) / n + _Z**2 / (4 * n * n)) / (1 + _Z**2 / n)


@dataclass(frozen=True, slots=True)
class Control:
    """The recorded model's agreement with itself, and that of each other model."""

    own: Agreement
    others: Sequence[Agreement]

    def differs(self, other: Agreement) -> bool:
        """Whether the other one differs from the recording more often than noise explains."""
        return other.high < self.own.low


def control(comparison: Comparison) -> Control | None:
    """None where the recorded model wasn't asked again, or where it has no answer to be held against."""
    own = next((found for one in comparison.contenders if is_control(one) and (found := agreement(one))), None)
    if own is None:
        return None
    others = [agreement(one) for one in comparison.contenders if not is_control(one)]
    return Control(own, [other for other in others if other])


def is_control(contender: Contender) -> bool:
    """Whether the recorded model was asked, or answered: a server with one model answers with it to any name. Where
    another name answered for it, a caution says so; some servers call a model otherwise than they list it."""
    trace = contender.runs[0].run.trace
    recorded = trace.answered or trace.model
    names = [contender.model, *(run.other_model for run in contender.good if run.other_model)]
    return recorded is not None and any(is_same_model(name, recorded) for name in names)


def agreement(contender: Contender) -> Agreement | None:
    runs = [{each.name: each.passed for each in run.verdicts} for run in contender.good]
    compared = [found for found in runs if any(found.get(name) is not None for name in COMPARING)]
    agreed = sum(all(found.get(name) is not False for name in COMPARING) for found in compared)
    return Agreement(contender.label, agreed, len(compared)) if compared else None


def document(comparison: Comparison) -> Json:
    found = control(comparison)
    if found is None:
        return None
    return {**_plain(found.own), "others": [{**_plain(one), "differs": found.differs(one)} for one in found.others]}


def _plain(one: Agreement) -> Mapping[str, Json]:
    return {**asdict(one), "low": round(one.low, 3), "high": round(one.high, 3)}


def lines(comparison: Comparison) -> list[str]:
    """The same in words."""
    found = control(comparison)
    if found is None:
        return []
    told = f"{found.own.model}, which was recorded, agrees with its own recording {_share(found.own)}"
    return [told, *(f"{one.model}: {_share(one)}, {_standing(found, one)}" for one in found.others)]


def _share(one: Agreement) -> str:
    return f"in {one.agreed} of {one.compared} [{one.low:.0%}, {one.high:.0%}]"


def _standing(found: Control, one: Agreement) -> str:
    return "differs from it more often" if found.differs(one) else "no difference shown"
