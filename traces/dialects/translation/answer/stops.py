"""Why an answer ended, in Anthropic's words."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from traces.model import Json

_REASONS: Mapping[str, str] = {
    "stop": "end_turn",
    "completed": "end_turn",
    "length": "max_tokens",
    "max_tokens": "max_tokens",
    "max_output_tokens": "max_tokens",
    "content_filter": "refusal",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "tool_use": "tool_use",
    "end_turn": "end_turn",
    "eos": "end_turn",
    "eos_token": "end_turn",
    "stop_sequence": "end_turn",
    "model_length": "max_tokens",
    "max_length": "max_tokens",
    "refusal": "refusal",
    "safety": "refusal",
    "sensitive": "refusal",
    "recitation": "refusal",
    "blocklist": "refusal",
    "prohibited_content": "refusal",
}
"""Servers' reasons, in lower case, and what they are in Anthropic's words. Gateways pass on those of other formats."""

_SEQUENCE = ("stop_reason", "matched_stop", "stop_sequence")
"""The fields of a choice in which servers (vLLM, SGLang) say which stop sequence was met."""


class Stop(NamedTuple):
    """Why an answer ended, and the stop sequence that it met."""

    reason: str
    sequence: str | None = None


def read(given: str | None, message: Mapping[str, Any], wanted: Json, has_calls: bool) -> Stop:
    """Return why an answer ended, for which its server has `given` a reason.

    `wanted` are the stop sequences that the client asked for. Where a model called a tool, the client has to act,
    whatever the server says.
    """
    reason = _REASONS.get((given or "").lower(), "end_turn")
    wanted = wanted if isinstance(wanted, list) else []
    for choice in _dicts(message.get("choices")):
        for name in _SEQUENCE:
            if isinstance(met := choice.get(name), str) and met in wanted and reason == "end_turn" and not has_calls:
                return Stop("stop_sequence", met)
    if reason in ("end_turn", "tool_use"):
        return Stop("tool_use" if has_calls else "refusal" if _refused(message) else "end_turn")
    return Stop(reason)


def is_known(given: str | None) -> bool:
    """Return whether it is known what a server means by this reason; what has none says nothing that is unknown."""
    return not given or given.lower() in _REASONS


def _refused(message: Mapping[str, Any]) -> bool:
    """Return whether the model's text is a refusal."""
    holders = [choice.get("message") for choice in _dicts(message.get("choices"))]
    parts = [part for item in _dicts(message.get("output")) for part in _dicts(item.get("content"))]
    return any(isinstance(each, dict) and bool(each.get("refusal")) for each in (*holders, *parts))


def _dicts(value: Json) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
