"""The counts of an answer, under the names and in the places that servers use."""

from typing import Any

import pytest

from traces.dialects import usage_of
from traces.dialects.usage import Usage, count, update
from traces.model import Json


def chat(usage: Json = None, **fields: Any) -> dict[str, Any]:
    return {"choices": [], **({"usage": usage} if usage is not None else {}), **fields}


def in_choice(usage: Json) -> dict[str, Any]:
    return {"choices": [{"index": 0, "usage": usage}]}


OPENAI = {"prompt_tokens": 100, "completion_tokens": 5}
KNOWN = Usage(20, 80, None, 5)

PLACES: dict[str, tuple[dict[str, Any], Usage]] = {
    "OpenAI's details": (chat({**OPENAI, "prompt_tokens_details": {"cached_tokens": 80}}), KNOWN),
    "DeepSeek's": (chat({**OPENAI, "prompt_cache_hit_tokens": 80, "prompt_cache_miss_tokens": 20}), KNOWN),
    "Moonshot's, in a choice": (in_choice({**OPENAI, "cached_tokens": 80}), KNOWN),
    "LiteLLM's": (
        chat({**OPENAI, "cache_read_input_tokens": 80, "cache_creation_input_tokens": 0}),
        Usage(20, 80, 0, 5),
    ),
    "in a message": ({"choices": [{"index": 0, "message": {"usage": {**OPENAI, "cached_tokens": 80}}}]}, KNOWN),
    "Groq's": (chat(x_groq={"id": "r", "usage": {**OPENAI, "cached_tokens": 80}}), KNOWN),
    "empty details": (chat({**OPENAI, "prompt_tokens_details": {}, "cached_tokens": 80}), KNOWN),
    "floats": (chat({"prompt_tokens": 100.0, "completion_tokens": 5.0, "cached_tokens": 80.0}), KNOWN),
    "texts": (chat({"prompt_tokens": "100", "completion_tokens": "5", "cached_tokens": "80"}), KNOWN),
    "zeros under another name": (chat({**OPENAI, "input_tokens": 0, "output_tokens": 0, "cached_tokens": 80}), KNOWN),
    "cached at the top": (chat(OPENAI, cached_tokens=80), KNOWN),
    "llama.cpp's timings": (chat(timings={"prompt_n": 20, "cache_n": 80, "predicted_n": 5}), KNOWN),
    "responses": (
        {
            "output": [],
            "usage": {"input_tokens": 100, "output_tokens": 5, "input_tokens_details": {"cached_tokens": 80}},
        },
        KNOWN,
    ),
    "Anthropic's": (
        {"content": [], "usage": {"input_tokens": 20, "cache_read_input_tokens": 80, "output_tokens": 5}},
        KNOWN,
    ),
    "OpenAI's names in an Anthropic message": ({"content": [], "usage": {**OPENAI, "cached_tokens": 80}}, KNOWN),
    "a split of what was written": (
        {"content": [], "usage": {"input_tokens": 9, "cache_creation": {"a": 300, "b": 200}, "output_tokens": 1}},
        Usage(9, None, 500, 1),
    ),
    "reasoning": (
        chat({**OPENAI, "completion_tokens_details": {"reasoning_tokens": 3}, "total_tokens": 105}),
        Usage(100, None, None, 5, 3, 105),
    ),
    "reasoning beside the output": (
        chat({**OPENAI, "completion_tokens_details": {"reasoning_tokens": 30}, "total_tokens": 135}),
        Usage(100, None, None, 35, 30, 135),
    ),
    "thinking": (
        {"content": [], "usage": {"input_tokens": 9, "output_tokens": 5, "thinking_tokens": 2}},
        Usage(9, None, None, 5, 2),
    ),
    "nothing": (chat(), Usage()),
    "more cached than there is": (chat({"prompt_tokens": 20, "completion_tokens": 5, "cached_tokens": 80}), KNOWN),
}


@pytest.mark.parametrize("name", PLACES)
def test_counts_are_found_under_any_name(name: str) -> None:
    message, usage = PLACES[name]
    assert usage_of(message) == usage


def test_an_anthropic_message_without_its_stop_has_no_output_yet() -> None:
    assert usage_of({"content": [], "stop_reason": None, "usage": {"output_tokens": 1}}).output is None


@pytest.mark.parametrize(
    "value", [None, True, -1, 1.5, "nine", "-1", [], {}, "9" * 40, 10**18, float("nan"), float("inf")]
)
def test_what_is_no_count_is_none(value: Json) -> None:
    assert count(value) is None


def test_a_later_report_adds_and_its_zeros_and_nulls_wipe_nothing() -> None:
    known = {"input": 5, "details": {"cached": 3}, "cost": 0}
    assert update(known, {"input": 0, "details": {"cached": None, "new": 0}, "output": 7}) == {
        "input": 5,
        "details": {"cached": 3, "new": 0},
        "cost": 0,
        "output": 7,
    }
    assert update(known, None) == known
    assert update(known, {"input": 6})["input"] == 6  # type: ignore[index]


@pytest.mark.parametrize("odd", [True, -1, "many", [], {}, [5], 0])
def test_what_is_no_count_wipes_none(odd: Json) -> None:
    known: Json = {"input": 5, "details": {"cached": 3}}
    assert update(known, {"input": odd, "details": odd}) == known
    assert update(known, odd) == known
