"""How much of each prompt a cache that forgets nothing would hold: what begins a prompt answered before it.

Templates differ in whether tools or the system prompt come first: the smaller share of the two counts. A part that
differs counts as new as a whole.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from replay.load.marks import PLACEHOLDER
from replay.load.rows import Row
from replay.load.script import Script
from traces import jsonio
from traces.content.parts import Part, PartsReader

_ORDERS = (("tools", "system", "messages"), ("system", "tools", "messages"))


@dataclass(frozen=True, slots=True)
class _Prompt:
    """A prompt in one order of its sections.

    beginnings   for each part, what names the prompt up to its end
    ends         for each part, the characters up to its end
    own_from     from which part on the prompt is this copy's own; its length where it nowhere is
    """

    beginnings: tuple[int, ...]
    ends: tuple[int, ...]
    own_from: int


_Key = tuple[int, object]


class Predictor:
    """Knows the prompts that a server has answered in this load."""

    def __init__(self, scripts: Sequence[Script]) -> None:
        self._prompts: dict[tuple[str, int], tuple[_Prompt, ...]] = {}
        self._known: tuple[set[_Key], ...] = tuple(set() for _ in _ORDERS)
        for script in scripts:
            reader = PartsReader()
            for turn in script.turns:
                parts = reader.read(jsonio.loads(turn.prepared.body))
                self._prompts[script.session, turn.number] = tuple(_prompt(parts, order) for order in _ORDERS)

    def fill(self, rows: Iterable[Row]) -> list[Row]:
        """Return the rows of the next run in the order they were sent, with their predicted tokens.

        A prompt counts as held as soon as its first token came. None where the server doesn't count its input, and
        where the history was another than recorded.
        """
        sent = sorted(rows, key=lambda row: row.sent)
        answered = sorted((row for row in sent if row.ttft is not None), key=lambda row: row.sent + (row.ttft or 0.0))
        filled, done = [], 0
        for row in sent:
            while done < len(answered) and answered[done].sent + (answered[done].ttft or 0.0) <= row.sent:
                self._add(answered[done])
                done += 1
            share = self._share(row)
            known = row.input is not None and share is not None and row.history == "recorded"
            filled.append(replace(row, predicted=round(share * row.input)) if known else row)  # type: ignore[operator]
        for row in answered[done:]:
            self._add(row)
        return filled

    def _share(self, row: Row) -> float | None:
        prompts = self._prompts.get((row.session, row.turn))
        if prompts is None:
            return None
        shares = []
        for prompt, known in zip(prompts, self._known, strict=True):
            parts = _count_known(prompt, row.copy, known)
            shares.append(prompt.ends[parts - 1] / max(prompt.ends[-1], 1) if parts else 0.0)
        return min(shares)

    def _add(self, row: Row) -> None:
        for prompt, known in zip(self._prompts.get((row.session, row.turn), ()), self._known, strict=False):
            known.update(_key(prompt, part, row.copy) for part in range(len(prompt.ends)))


def _prompt(parts: Sequence[Part], order: Sequence[str]) -> _Prompt:
    texts = [part.text for part in sorted(parts, key=lambda part: order.index(part.section))]
    beginnings, ends = [], []
    before, length = 0, 0
    for text in texts:
        before, length = hash((before, text)), length + len(text)
        beginnings.append(before)
        ends.append(length)
    own_from = next((place for place, text in enumerate(texts) if PLACEHOLDER in text), len(texts))
    return _Prompt(tuple(beginnings), tuple(ends), own_from)


def _key(prompt: _Prompt, part: int, copy: object) -> _Key:
    return prompt.beginnings[part], copy if part >= prompt.own_from else None


def _count_known(prompt: _Prompt, copy: object, known: set[_Key]) -> int:
    """Return how many leading parts are known. Where one is, so are all before it: bisection finds the last."""
    low, high = 0, len(prompt.ends)
    while low < high:
        middle = (low + high + 1) // 2
        if _key(prompt, middle - 1, copy) in known:
            low = middle
        else:
            high = middle - 1
    return low
