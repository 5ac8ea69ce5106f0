"""The types that each API format promises for the fields of its stream's events.

An event in which a listed field has another type is odd, and so is one with an object that has none of its listed
fields. Null, a missing field and one that isn't listed are not: servers write all of these. An identifier may be a
number, and a count a float, as some servers have them.
"""

from collections.abc import Mapping
from typing import Any

from traces.dialects.usage import NAMES
from traces.model import Json

Shape = Any
"""A type, a text that must be this one, an object's fields with their shapes, a list of one shape, or alternatives."""

TEXT = str
OBJECT = dict
ANYTHING = object
ID = (str, int)
NUMBER = (int, float)
FLAG = bool

OTHERS = "*"
"""The fields of an object that aren't listed. An object whose shape has it may consist of such fields only."""


def keeps(value: Json, shape: Shape) -> bool:
    """Return whether a value has the promised type, in all that is listed of it."""
    if value is None or shape is None or shape is ANYTHING or type(value) is shape:
        return True
    if isinstance(shape, dict):
        return isinstance(value, dict) and _keeps_fields(value, shape)
    if isinstance(shape, tuple):
        return any(keeps(value, each) for each in shape)
    if isinstance(shape, list):
        return isinstance(value, list) and all(keeps(item, shape[0]) for item in value)
    return isinstance(shape, str) and value == shape


def _keeps_fields(value: dict[str, Any], shape: Mapping[str, Shape]) -> bool:
    if value and OTHERS not in shape and shape.keys().isdisjoint(value):
        return False
    others = shape.get(OTHERS)
    for name, held in value.items():  # noqa: SIM110 - of each event: a generator would take longer than all else here
        if not keeps(held, shape.get(name, others)):
            return False
    return True


def _fields(shape: Shape, *names: str) -> dict[str, Shape]:
    return dict.fromkeys(names, shape)


def _counts(holder: str) -> dict[str, Shape]:
    """Return the fields of `usage.NAMES` that are within this one; of "" those that are within none."""
    split = (name.rpartition(".") for names in NAMES.values() for name in names)
    return {name: NUMBER for held_by, _, name in split if held_by == holder}


_DETAILS = (
    *("prompt_tokens_details", "input_tokens_details"),
    *("completion_tokens_details", "output_tokens_details"),
)

USAGE: Shape = {
    **_counts(""),
    **{holder: {**_counts(holder), OTHERS: ANYTHING} for holder in _DETAILS},
    **_fields({OTHERS: NUMBER}, "cache_creation", "server_tool_use"),
    **_fields(TEXT, "service_tier", "inference_geo"),
}

TIMINGS: Shape = {
    **_counts("timings"),
    **_fields(NUMBER, "prompt_ms", "prompt_per_token_ms", "prompt_per_second"),
    **_fields(NUMBER, "predicted_ms", "predicted_per_token_ms", "predicted_per_second"),
    OTHERS: ANYTHING,
}
"""llama.cpp's, beside every format's answer."""

# Anthropic's messages

_CITATION: Shape = {
    **_fields(TEXT, "type", "cited_text", "title", "document_title", "url", "encrypted_index", "source"),
    **_fields(NUMBER, "document_index", "start_char_index", "end_char_index", "start_page_number", "end_page_number"),
}

_RESULT: Shape = _fields(TEXT, "type", "title", "url", "encrypted_content", "page_age", "text", "error_code")

_BLOCK: Shape = {
    **_fields(TEXT, "type", "text", "thinking", "signature", "data", "id", "name", "tool_use_id"),
    "input": (dict, str),  # some servers begin it as the text that its deltas go on with
    "content": (str, [_RESULT], _RESULT),
    "citations": [_CITATION],
}

_STOP: Shape = {
    **_fields(TEXT, "stop_reason", "stop_sequence"),
    **_fields(OBJECT, "stop_details", "container", "context_management"),
}

ANTHROPIC: Shape = {
    "type": TEXT,
    "index": NUMBER,
    "message": {
        "id": ID,
        **_fields(TEXT, "type", "role", "model"),
        "content": [_BLOCK],
        "usage": USAGE,
        **_STOP,
    },
    "content_block": _BLOCK,
    "delta": {
        **_fields(TEXT, "type", "text", "thinking", "signature", "partial_json"),
        "citation": _CITATION,
        **_STOP,
    },
    OTHERS: ANYTHING,
    "usage": USAGE,
    "context_management": {"applied_edits": [OBJECT]},
    "timings": TIMINGS,
}

# OpenAI's chat completions

_DELTA: Shape = {
    **_fields(TEXT, "role", "content", "refusal", "name"),
    **_fields(TEXT, "reasoning_content", "reasoning", "reasoning_text", "thinking", "thought", "thoughts"),
    "reasoning_details": [OBJECT],
    "function_call": _fields(TEXT, "name", "arguments"),
    "tool_calls": [
        {
            **_fields(TEXT, "id", "type"),
            "index": NUMBER,
            "function": _fields(TEXT, "name", "arguments"),
            "custom": _fields(TEXT, "name", "input"),
        }
    ],
    "audio": {"id": ID, **_fields(TEXT, "transcript", "data")},
    **_fields([OBJECT], "annotations", "images"),
    **_fields(ANYTHING, "thinking_blocks", "provider_specific_fields", "extra_content"),
}

CHAT: Shape = {
    **_fields(ID, "id", "system_fingerprint"),
    **_fields(TEXT, "object", "model", "service_tier"),
    "created": NUMBER,
    "choices": [
        {
            "index": NUMBER,
            "delta": _DELTA,
            "message": _DELTA,
            "finish_reason": TEXT,
            "logprobs": (dict, list),
            "usage": USAGE,
        }
    ],
    "usage": USAGE,
    "timings": TIMINGS,
    "x_groq": {"usage": USAGE, OTHERS: ANYTHING},
    OTHERS: ANYTHING,
}

# Gemini's answers

_PART_OF_CONTENT: Shape = {
    **_fields(TEXT, "text", "thoughtSignature"),
    "thought": FLAG,
    "functionCall": {**_fields(TEXT, "name", "id"), **_fields(ANYTHING, "partialArgs", "willContinue"), "args": OBJECT},
    **_fields(OBJECT, "functionResponse", "inlineData", "fileData", "executableCode", "codeExecutionResult"),
    **_fields(OBJECT, "videoMetadata", "partMetadata", "toolCall", "toolResponse", "mediaResolution"),
}

_GEMINI_COUNTS: Shape = {
    **_fields(NUMBER, "promptTokenCount", "cachedContentTokenCount", "candidatesTokenCount", "thoughtsTokenCount"),
    **_fields(NUMBER, "totalTokenCount", "toolUsePromptTokenCount"),
    **_fields(
        [{"modality": TEXT, "tokenCount": NUMBER}],
        *("promptTokensDetails", "cacheTokensDetails", "candidatesTokensDetails", "toolUsePromptTokensDetails"),
    ),
    **_fields(TEXT, "trafficType", "serviceTier"),
}

GEMINI: Shape = {
    "candidates": [
        {
            "content": {"role": TEXT, "parts": [_PART_OF_CONTENT]},
            **_fields(NUMBER, "index", "tokenCount", "avgLogprobs"),
            **_fields(TEXT, "finishReason", "finishMessage"),
            "safetyRatings": [OBJECT],
            **_fields(OBJECT, "citationMetadata", "groundingMetadata", "urlContextMetadata", "logprobsResult"),
        }
    ],
    "usageMetadata": _GEMINI_COUNTS,
    "promptFeedback": {**_fields(TEXT, "blockReason", "blockReasonMessage"), "safetyRatings": [OBJECT]},
    **_fields(TEXT, "modelVersion", "responseId", "createTime"),
    OTHERS: ANYTHING,
}

# OpenAI's responses

_PART: Shape = {
    **_fields(TEXT, "type", "text", "refusal", "transcript", "data"),
    **_fields([OBJECT], "annotations", "logprobs"),
}

_ITEM: Shape = {
    **_fields(ID, "id", "call_id"),
    **_fields(TEXT, "type", "role", "status", "name", "arguments", "input", "code", "encrypted_content"),
    **_fields([_PART], "content", "summary"),
}

_ITEMS: Shape = (_ITEM, {**_ITEM, "type": "tool_search_call", "arguments": (dict, str)})

RESPONSES: Shape = {
    "type": TEXT,
    "item_id": ID,
    **_fields(NUMBER, "sequence_number", "output_index", "content_index", "summary_index"),
    **_fields(TEXT, "name", "arguments", "code", "refusal", "text", "transcript"),
    "item": _ITEMS,
    "part": _PART,
    "annotation": OBJECT,
    OTHERS: ANYTHING,
    "response": {
        "id": ID,
        **_fields(TEXT, "object", "status", "model", "service_tier", "truncation"),
        **_fields(NUMBER, "created_at", "completed_at", "temperature", "top_p", "max_output_tokens"),
        **_fields(OBJECT, "incomplete_details", "metadata", "reasoning", "text"),
        **_fields(FLAG, "parallel_tool_calls", "store", "background"),
        "instructions": (str, list),
        "tool_choice": (str, dict),
        "tools": [OBJECT],
        "output": [_ITEMS],
        "usage": USAGE,
    },
    "timings": TIMINGS,
}
