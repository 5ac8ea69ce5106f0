"""Whether a model did better or worse than in an earlier exam, turn by turn: a drift, or chance."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from replay.exam import sittings
from replay.exam.asking import Answer, graded_again
from replay.exam.report import Sheet, paired, share
from replay.result import ReplayResult
from replay.targets.names import is_same_model


def drift(found: Sequence[Sheet], before: Iterable[Path]) -> list[dict[str, Any]]:
    """Return a row for each model and each earlier exam in which it was asked some of the same questions."""
    rows: list[dict[str, Any]] = []
    for sitting in before:
        earlier = [result for result in sittings.results(sitting) if result.success]
        for sheet in found:
            row = _row(sheet, sitting, earlier)
            if row:
                rows.append(row)
    return rows


def _row(sheet: Sheet, sitting: Path, earlier: Sequence[ReplayResult]) -> dict[str, Any] | None:
    then = Sheet(sheet.label, [again for answer in _first_of_each(sheet) for again in _again(answer, earlier)])
    now_right, then_right = sheet.right(), then.right()
    both = [number for number in now_right if number in then_right]
    if not then.answers:
        return None
    row: dict[str, Any] = {
        "label": sheet.label,
        "began": min(answer.result.started for answer in then.answers),
        "sitting": sitting.name,
        "share_then": share([then_right[number] for number in both]),
        "share_now": share([now_right[number] for number in both]),
        **paired(now_right, then_right),
    }
    return {**row, "note": _sentence(row)}


def _first_of_each(sheet: Sheet) -> list[Answer]:
    return list({answer.question.number: answer for answer in reversed(sheet.answers)}.values())


def _again(answer: Answer, earlier: Sequence[ReplayResult]) -> Iterable[Answer]:
    """Yield the earlier answers of the same model to the same question."""
    ref, settings = answer.question.ref, dict(answer.result.settings)
    for result in earlier:
        is_same = (result.run.trace.name, result.run.trace.hash) == (ref.name, ref.hash)
        if is_same and dict(result.settings) == settings and is_same_model(result.run.model, answer.candidate.model):
            again = graded_again(answer.question, answer.candidate, result)
            if again:
                yield again


def _sentence(row: Mapping[str, Any]) -> str:
    """Return the row as a sentence."""
    day, n = str(row["began"])[:10], row["n"]
    if not n:
        return f"{row['label']}: no turn could be judged both now and on {day}."
    now, then = row["share_now"], row["share_then"]
    changed = f"better in {row['better']}, worse in {row['worse']}"
    if row["shown"]:
        word = "better" if row["better"] > row["worse"] else "worse"
        verdict = f"{word} than then (p = {row['p']:.3g})"
    else:
        verdict = "no drift shown" if row["better"] or row["worse"] else "nothing changed"
    return (
        f"{row['label']}: right in {now['passed']:g} of {n} turns now, in {then['passed']:g} on {day}; "
        f"{changed}: {verdict}."
    )
