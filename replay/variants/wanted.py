"""The changes that a user asks for -> the variants of each trace: edits, and other depths of its history."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from replay.prepare.prepare import recorded_dialect
from replay.request import Target, TraceRef
from replay.run import fit
from replay.run.run import Variants
from replay.run.schedule import ref_of
from replay.targets.probe import Ask, kind_of_target
from replay.transport.send import ask as ask_server
from replay.variants import depth, edit
from replay.variants.depth import Count, Counter
from replay.variants.edit import Edited, EditError
from replay.variants.history import Item
from traces import counts
from traces.content.parts import parts
from traces.dialects import Dialect
from traces.errors import ToolkitError
from traces.model import Json, Trace
from traces.sessions import lookup


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a user wants changed. `depths` are named as they were written, each with its tokens."""

    files: Sequence[Path] = ()
    editor: bool = False
    depths: Sequence[tuple[str, int]] = ()

    def __bool__(self) -> bool:
        return bool(self.files or self.editor or self.depths)


NOTHING = Wanted()


def edits(wanted: Wanted, traces: Sequence[Trace]) -> Variants:
    """Return the edited requests of each trace; the editor is opened for a single one. Raises ToolkitError."""
    if len(traces) > 1 and wanted.editor:
        raise EditError(f"--editor edits one request: name one of these {len(traces)} traces.")
    found: dict[TraceRef, list[Edited]] = {}
    for trace in traces:
        edited = [edit.from_file(trace, file) for file in wanted.files]
        edited += [edit.from_editor(trace)] if wanted.editor else []
        found[ref_of(trace)] = _named_apart(edited)
    return found


def _named_apart(edited: Sequence[Edited]) -> list[Edited]:
    """Return the variants with names that differ: two files may be named alike."""
    names = [variant.name for variant, _ in edited]
    return [
        (replace(variant, name=f"{variant.name} {number}") if names.count(variant.name) > 1 else variant, trace)
        for number, (variant, trace) in enumerate(edited, 1)
    ]


async def at_depths(
    wanted: Wanted, traces: Sequence[Trace], to: Mapping[Dialect, Target], ask: Ask = ask_server
) -> tuple[Variants, list[str]]:
    """Return each trace at the wanted depths, and why some can't be had. Raises EditError where none can."""
    found: dict[TraceRef, list[Edited]] = {}
    lacking: list[str] = []
    for trace in traces if wanted.depths else ():
        dialect = recorded_dialect(trace)
        count = _counter(trace, to[dialect], dialect, ask)
        pool = await asyncio.to_thread(_pool, trace)
        for name, tokens in wanted.depths:
            try:
                found.setdefault(ref_of(trace), []).append(await depth.at_depth(trace, name, tokens, pool, count))
            except EditError as error:
                lacking.append(str(error))
    if lacking and not any(found.values()):
        raise EditError(lacking[0] if len(lacking) == 1 else f"No depth can be had: {' '.join(lacking)}")
    return found, lacking


def _pool(trace: Trace) -> list[list[Item]]:
    """Return the other histories of the trace's session; none where it is alone, or isn't in a file."""
    if trace.source is None:
        return []
    try:
        sessions = lookup.find(str(trace.source), [])
        of = next(one for one in sessions if any(turn.timestamp == trace.timestamp for turn in one.turns))
        return list(depth.pool_of(of, trace))
    except (ToolkitError, StopIteration):
        return []


def _counter(trace: Trace, target: Target, dialect: Dialect, ask: Ask) -> Counter:
    """Return what counts tokens: the server's own tokenizer, else the length of the texts.

    Where the recording holds the tokens of its own request, a length counts as many as it did there.
    """
    usage = counts.credible_input(trace.message, trace.request.body)
    estimated = _length(trace.request.body)
    scale = usage.total / estimated if usage and usage.total and estimated else None
    by = f"{kind_of_target(target).title}'s tokenizer"

    async def count(body: Json) -> Count:
        try:
            counted = await fit.count(target, body, dialect, ask) if isinstance(body, dict) else None
        except ToolkitError:
            counted = None
        if counted:
            return Count(counted, by)
        if scale:
            return Count(round(_length(body) * scale), "the recorded server's count, for this length of text")
        return Count(fit.estimate(body), "our estimate from the length of the texts")

    return count


def _length(body: Json) -> int:
    return sum(len(part.text) for part in parts(body))
