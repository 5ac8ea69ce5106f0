"""The schedule: which runs there are, and in which order."""

import hashlib
import json
import random
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from replay.request import Options, Run, TraceRef, Variant
from traces.dialects import model_of, readable
from traces.model import Trace
from traces.storage import store

NOT_CONTENT = ("model", "stream", "stream_options")
"""Fields of a body that don't make it a different request."""


def _never(run: Run) -> bool:
    return False


def schedule(
    traces: Sequence[TraceRef],
    models: Sequence[str],
    options: Options,
    is_saved: Callable[[Run], bool] = _never,
    controls: Mapping[TraceRef, str] = MappingProxyType({}),
    variants: Mapping[TraceRef, Sequence[Variant]] = MappingProxyType({}),
) -> list[Run]:
    """Return the runs in rounds, each with every model and trace once: a slow minute then affects all models alike.

    Within a round the order is drawn by the seed, so that no model always comes first. Runs that are saved already are
    left out, but not the warm-ups of those that are left. `controls` names a further model for each trace, `variants`
    the changed requests that are sent beside each.
    """
    runs = []
    for number in range(1 - options.warmup, options.runs + 1):
        turns = [
            Run(trace, model, number, options.cache, options.seed, variant=variant)
            for trace in traces
            for model in dict.fromkeys([*models, *([controls[trace]] if trace in controls else [])])
            for variant in (None, *variants.get(trace, ()))
        ]
        if options.runs > 1:
            random.Random(f"{options.seed}/{number}").shuffle(turns)
        runs += turns
    left = {run for run in runs if not run.warmup and not is_saved(run)}
    wanted = {(run.trace, run.model, run.variant) for run in left}
    return [run for run in runs if run in left or (run.warmup and (run.trace, run.model, run.variant) in wanted)]


def ref_of(trace: Trace) -> TraceRef:
    """Return the reference to a trace that a result keeps."""
    body = trace.request.body if isinstance(trace.request.body, dict) else {}
    held = readable(body)
    seen = held if isinstance(held, dict) else {}
    messages, tools = seen.get("messages", seen.get("input")), seen.get("tools")
    return TraceRef(
        name=trace.source.stem if trace.source else store.stem_of(trace.timestamp),
        hash=_hash(body),
        model=trace.model,
        messages=len(messages) if isinstance(messages, list) else 1 if messages else 0,
        tools=len(tools) if isinstance(tools, list) else 0,
        answered=_answered_model(trace),
    )


def _answered_model(trace: Trace) -> str | None:
    return model_of(trace.message)


def _hash(body: dict[str, object]) -> str:
    asked = {name: value for name, value in body.items() if name not in NOT_CONTENT}
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]
