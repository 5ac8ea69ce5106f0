"""What of an exchange a provider bills: the tokens that the server counted, and its own account of the cost.

Prices change, and a trace doesn't: so this is what is kept in the index, and the cost is worked out when it is shown.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Self
from urllib.parse import urlsplit

from traces import counts
from traces.clients.base import lower
from traces.dialects import asks_for_an_answer, format_of, model_of, usage_of
from traces.model import Exchange, Json, Trace

_UNBILLED = ("context", "translation", "no_model", "refused", "unreachable", "http_error")
"""Kinds of failure at which no model has answered, for which no provider takes money."""

_LITELLM = "x-litellm-response-cost"

_CONTEXTS = ("service_tier", "speed")
"""What an answer says of how it was served, by which some prices differ."""


@dataclass(frozen=True, slots=True)
class Billed:
    """What is billed of one exchange.

    models      the names by which it can be found in a price list: who answered, then who was asked
    url         where, without a query
    is_free     no model was asked for an answer, or none gave one
    uncached    input tokens that were neither read from a cache nor written to one; None where no usage was seen
    read        from the cache; `written` to it for minutes, `written_1h` for an hour
    output      generated tokens, reasoning included; None where the answer broke off before the server counted them
    searches    web searches that the server made
    reported    dollars that the server itself says it takes, as a decimal number
    context     how it was served (service tier, speed), as the server says
    """

    mode: str = ""
    models: tuple[str, ...] = ()
    url: str = ""
    is_free: bool = False
    uncached: int | None = None
    read: int = 0
    written: int = 0
    written_1h: int = 0
    output: int | None = None
    searches: int = 0
    reported: str | None = None
    context: tuple[tuple[str, str], ...] = ()

    @property
    def input(self) -> int:
        """All input tokens."""
        return (self.uncached or 0) + self.read + self.written + self.written_1h

    @property
    def is_whole(self) -> bool:
        """Whether the server counted all that it bills."""
        return self.uncached is not None and self.output is not None

    @property
    def new_tokens(self) -> int:
        """The tokens that Anthropic's own limits count: all but those that were read from a cache."""
        return self.input - self.read + (self.output or 0)

    def to_json(self) -> dict[str, Json]:
        """Return the fields that aren't as they are by default."""
        found = ((name, getattr(self, name), default) for name, default in _DEFAULTS.items())
        return {name: value for name, value, default in found if value != default}

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        """Return what `to_json` gave. Raises TypeError for anything else."""
        known = {name: value for name, value in cls.checked(raw).items() if name in _DEFAULTS}
        models, context = known.pop("models", ()), known.pop("context", ())
        return cls(models=tuple(models), context=tuple((name, value) for name, value in context), **known)

    @staticmethod
    def checked(raw: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what `to_json` gave as it is. Raises TypeError for anything else."""
        for name, value in raw.items():
            if not isinstance(value, _TYPES.get(name, object)):
                raise TypeError(f"summary.billed.{name}: not what is billed: {value!r}")
        if any(not isinstance(pair, list | tuple) or len(pair) != 2 for pair in raw.get("context", ())):
            raise TypeError("summary.billed.context: not pairs")
        return raw


UNSEEN = Billed()
"""Of an exchange of which nothing is known."""

_DEFAULTS = {field.name: field.default for field in fields(Billed)}
_TYPES: Mapping[str, Any] = {
    **dict.fromkeys(("uncached", "output"), int | None),
    **dict.fromkeys(("read", "written", "written_1h", "searches"), int),
    **dict.fromkeys(("models", "context"), list | tuple),
    **dict.fromkeys(("mode", "url"), str),
    "is_free": bool,
    "reported": str | None,
}


def billed(trace: Exchange) -> Billed:
    """Return what is billed of an exchange; of one that the proxy changed on its way, of what the server got and sent.

    Counts that can't be true are taken for none (`traces.counts`).
    """
    upstream = trace.upstream.exchange if isinstance(trace, Trace) and trace.upstream else None
    served = upstream if upstream and upstream.response else trace
    message, headers = served.message, lower(served.response.headers) if served.response else {}
    models = tuple(dict.fromkeys(name for name in (model_of(message), served.model, trace.model) if name))
    place = urlsplit(served.request.url)
    url = f"{place.scheme}://{place.hostname or ''}{place.path}"
    if _is_free(served):
        return Billed(trace.mode, models, url, is_free=True)
    input = counts.credible_input(message, served.request.body)
    usage = usage_of(message)
    written = input.cache_written or 0 if input else 0
    for_an_hour = min(usage.written_1h or 0, written)
    raw = message.get("usage") if isinstance(message, dict) else None
    given = raw if isinstance(raw, dict) else {}
    output = usage.output
    if output is not None and usage.reasoning and usage.reasoning > output:
        output += usage.reasoning  # then it isn't within that count
    return Billed(
        mode=trace.mode,
        models=models,
        url=url,
        uncached=input.uncached if input else None,
        read=(input.cache_read or 0) if input else 0,
        written=written - for_an_hour,
        written_1h=for_an_hour,
        output=output if input else None,
        searches=_searches(given),
        reported=_reported(given, headers),
        context=tuple(_context(message, given)),
    )


def _is_free(trace: Exchange) -> bool:
    if trace.error is not None and trace.error.kind in _UNBILLED:
        return True
    return not asks_for_an_answer(trace.request.url) and format_of(trace.message) is None


def _searches(usage: Mapping[str, Any]) -> int:
    """Return Anthropic's count of web searches, which are billed one by one."""
    tools = usage.get("server_tool_use")
    number = tools.get("web_search_requests") if isinstance(tools, dict) else None
    return number if isinstance(number, int) and 0 < number < 10**6 else 0


def _reported(usage: Mapping[str, Any], headers: Mapping[str, str]) -> str | None:
    """Return the cost as OpenRouter, Perplexity or LiteLLM report it. LiteLLM's 0 may only mean that it knows no price.

    With a provider's key of the user's own, OpenRouter takes a fee, and the provider the cost "upstream".
    """
    cost, details = usage.get("cost"), usage.get("cost_details")
    if isinstance(cost, dict):
        cost = cost.get("total_cost")
    known = _dollars(cost)
    if known is not None:
        upstream = _dollars(details.get("upstream_inference_cost")) if isinstance(details, dict) else None
        return str(known + (upstream or 0 if usage.get("is_byok") is True else 0))
    by_gateway = _dollars(headers.get(_LITELLM))
    return str(by_gateway) if by_gateway else None


def _dollars(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return Decimal(str(value)) if math.isfinite(number) and 0 <= number < 10**9 else None


def _context(message: Json, usage: Mapping[str, Any]) -> list[tuple[str, str]]:
    body = message if isinstance(message, dict) else {}
    found = ((name, usage.get(name) or body.get(name)) for name in _CONTEXTS)
    return [(name, value) for name, value in found if isinstance(value, str) and len(value) < 100]
