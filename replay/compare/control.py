"""The control: how often the recorded model agrees with its own recording.

A model that is asked twice may well answer otherwise. Only one that differs from the recording more often than the
recorded model itself does can be said to differ.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from replay.compare.compare import Comparison, Contender
from replay.compare.stats import wilson
from replay.targets.names import is_same_model
from traces.model import Json

COMPARING = ("calls_a_tool", "same_tool")
"""The questions that compare an answer with the recording."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """In how many runs a model agreed with the recording, of those that can be compared with it.

    `low` and `high` are the 95% interval of that share (Wilson's, which also holds for few runs).
    """

    model: str
    agreed: int
    compared: int

    @property
    def low(self) -> float:
        return wilson(self.agreed, self.compared)[0]

    @property
    def high(self) -> float:
        return wilson(self.agreed, self.compared)[1]


@dataclass(frozen=True, slots=True)
class Control:
    """The agreement of the recorded model, and that of each other model."""

    own: Agreement
    others: Sequence[Agreement]

    def differs(self, other: Agreement) -> bool:
        """Return whether the other model differs from the recording more often than the recorded one itself."""
        return other.high < self.own.low


def control(comparison: Comparison) -> Control | None:
    """Return the control; None where the recorded model wasn't asked again, or the recording has no answer."""
    own = next((found for one in comparison.contenders if is_control(one) and (found := agreement(one))), None)
    if own is None:
        return None
    others = [agreement(one) for one in comparison.contenders if not is_control(one)]
    return Control(own, [other for other in others if other])


def is_control(contender: Contender) -> bool:
    """Return whether the recorded model was asked, or answered: a server with one model answers to any name.

    Where the answer names another model, a warning says so: some servers name a model otherwise than they list it.
    """
    trace = contender.runs[0].run.trace
    recorded = trace.answered or trace.model
    names = [contender.model, *(run.other_model for run in contender.good if run.other_model)]
    return recorded is not None and any(is_same_model(name, recorded) for name in names)


def agreement(contender: Contender) -> Agreement | None:
    """Return how often a contender agreed; None where none of its runs can be compared with the recording."""
    runs = [{each.name: each.passed for each in run.verdicts} for run in contender.good]
    compared = [found for found in runs if any(found.get(name) is not None for name in COMPARING)]
    agreed = sum(all(found.get(name) is not False for name in COMPARING) for found in compared)
    return Agreement(contender.label, agreed, len(compared)) if compared else None


def document(comparison: Comparison) -> Json:
    """Return the control as JSON."""
    found = control(comparison)
    if found is None:
        return None
    return {**_plain(found.own), "others": [{**_plain(one), "differs": found.differs(one)} for one in found.others]}


def _plain(one: Agreement) -> Mapping[str, Json]:
    return {**asdict(one), "low": round(one.low, 3), "high": round(one.high, 3)}


def lines(comparison: Comparison) -> list[str]:
    """Return the control in words."""
    found = control(comparison)
    if found is None:
        return []
    own = f"{found.own.model}, which was recorded, agrees with its own recording {_share(found.own)}"
    return [own, *(f"{one.model}: {_share(one)}, {_conclusion(found, one)}" for one in found.others)]


def _share(one: Agreement) -> str:
    return f"in {one.agreed} of {one.compared} [{one.low:.0%}, {one.high:.0%}]"


def _conclusion(found: Control, one: Agreement) -> str:
    return "differs from it more often" if found.differs(one) else "no difference shown"
