"""Signs that a server cut the prompt off before the model read it: some do so silently, and look fast.

A single run shows it: by the tokens that the server counted, its context, the count in the recording, and the length of
the request.
"""

from collections.abc import Iterator

from replay.request import Prepared
from replay.run import fit
from traces import jsonio
from traces.content.parts import parts
from traces.metrics import InputUsage, input_usage
from traces.model import Json, Trace

CONTEXTS = frozenset(2**power - less for power in range(11, 18) for less in (0, 1))
"""Prompts are rarely as long as a context size, to the token: 2,048 to 131,072, or one less."""

OF_ESTIMATE = 0.6
"""A server that counts less than this share of our estimate hasn't read everything: no text has that many characters a
token."""

OF_RECORDING = 0.55
"""The same as a share of the count in the recording: tokenizers differ, but not by that much."""

SHORT = 500
"""Prompts of fewer tokens aren't compared: in these, the template's own words count for too much."""


def doubts(prepared: Prepared, trace: Trace, usage: InputUsage | None, context: int | None) -> tuple[str, ...]:
    """Return the surest sign that the prompt was cut off, in words; empty without one.

    `context` is the context that the model was loaded with, where that is known.
    """
    sign = next(_signs(prepared, trace, usage, context), None)
    return () if sign is None else (sign,)


def _signs(prepared: Prepared, trace: Trace, usage: InputUsage | None, context: int | None) -> Iterator[str]:
    count = usage.total if usage else None
    if count and context and count >= context - 1:
        yield f"{_describe_count(count)}, the whole of its context of {context:,}: {_CUT}"
    elif count in CONTEXTS:
        yield f"{_describe_count(count)}, which is a context size: {_CUT}"
    body: Json = jsonio.loads(prepared.body)
    estimate = fit.estimate(body)
    if context and estimate > context:
        yield f"the request has about {estimate:,} tokens, and the context only {context:,}: {_CUT}"
    if not usage or not count:
        return
    possibly = _CUT if usage.cache_read is not None else f"{_CUT}, or counts only what its cache lacked"
    if estimate >= SHORT and count < OF_ESTIMATE * estimate:
        yield f"{_describe_count(count)}, where the request has about {estimate:,} by its length: {possibly}"
    recorded = _recorded_count(trace)
    if recorded >= SHORT and count < OF_RECORDING * recorded and not _is_changed(body, trace):
        yield f"{_describe_count(count)}, where the recording has {recorded:,}: {possibly}"


_CUT = "it may have cut the prompt off"


def _describe_count(count: int | None) -> str:
    return f"the server counted {count:,} input tokens"


def _recorded_count(trace: Trace) -> int:
    usage = input_usage(trace.response.body) if trace.response else None
    return usage.total if usage else 0


def _is_changed(body: Json, trace: Trace) -> bool:
    """Return whether less text is sent than was recorded, or there are images, whose tokens differ between models."""
    sent, recorded = list(parts(body)), list(parts(trace.request.body))
    if any(part.media for part in recorded):
        return True
    return sum(len(part.text) for part in sent) < 0.9 * sum(len(part.text) for part in recorded)
