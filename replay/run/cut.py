"""Was the prompt cut off before the model read it? Some servers do that in silence, and look fast.

Told from a single run: by what the server counted, by its context, by what the recording's server counted, and by the
length of the request.
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
"""A server that counts less than this share of our estimate hasn't read it all: no text has so many characters a
token."""

OF_RECORDING = 0.55
"""The same of what was counted in the recording: tokenizers differ, but not by that much."""

SHORT = 500
"""Of prompts of fewer tokens nothing is said: there a template's own words weigh too much."""


def doubts(prepared: Prepared, trace: Trace, usage: InputUsage | None, context: int | None) -> tuple[str, ...]:
    """Why it may have been, in words: the surest sign. `context` is what the model was loaded with, where that is
    known."""
    sign = next(_signs(prepared, trace, usage, context), None)
    return () if sign is None else (sign,)


def _signs(prepared: Prepared, trace: Trace, usage: InputUsage | None, context: int | None) -> Iterator[str]:
    count = usage.total if usage else None
    if count and context and count >= context - 1:
        yield f"{_counted(count)}, all that its context of {context:,} holds: {_CUT}"
    elif count in CONTEXTS:
        yield f"{_counted(count)}, which is a context size: {_CUT}"
    body: Json = jsonio.loads(prepared.body)
    estimate = fit.estimate(body)
    if context and estimate > context:
        yield f"the request has about {estimate:,} tokens, and the context holds {context:,}: {_CUT}"
    if not usage or not count:
        return
    unsure = _CUT if usage.cache_read is not None else f"{_CUT}, or counts only what its cache lacked"
    if estimate >= SHORT and count < OF_ESTIMATE * estimate:
        yield f"{_counted(count)}, where the request has about {estimate:,} by its length: {unsure}"
    recorded = _recorded(trace)
    if recorded >= SHORT and count < OF_RECORDING * recorded and not _is_changed(body, trace):
        yield f"{_counted(count)}, where the recording has {recorded:,}: {unsure}"


_CUT = "it may have cut the prompt off"


def _counted(count: int | None) -> str:
    return f"the server counted {count:,} input tokens"


def _recorded(trace: Trace) -> int:
    usage = input_usage(trace.response.body) if trace.response else None
    return usage.total if usage else 0


def _is_changed(body: Json, trace: Trace) -> bool:
    """Whether less text is sent than was recorded, or there are images, of which every model makes another number."""
    sent, recorded = list(parts(body)), list(parts(trace.request.body))
    if any(part.media for part in recorded):
        return True
    return sum(len(part.text) for part in sent) < 0.9 * sum(len(part.text) for part in recorded)
