"""Signs of a prompt that was cut off, in a single run."""

import json
from dataclasses import replace
from typing import Any

import pytest

from replay.request import Prepared, Target
from replay.run import truncation
from tests.support import answers, synthetic
from traces.metrics import InputUsage
from traces.model import Response, Trace

WORDS = "word " * 4000  # 20,000 characters: about 5,000 tokens


def recorded(count: int | None, content: Any = WORDS) -> Trace:
    """Return a request with the input tokens that the recording's server counted."""
    trace = synthetic.with_body({"model": "m", "messages": [{"role": "user", "content": content}]})
    usage = None if count is None else {"input_tokens": count, "output_tokens": 3}
    return replace(trace, response=Response(200, {}, {**answers.message(answers.text("Hi")), "usage": usage}))


def doubts(
    counted: int | None, recording: int | None = None, context: int | None = None, read: int | None = 0, **more: Any
) -> str:
    trace = recorded(recording, more.get("content", WORDS))
    body = json.dumps(more.get("sent", trace.request.body)).encode()
    prepared = Prepared(Target("http://localhost", "x"), "/v1/messages", {}, body, "m", "anthropic")
    usage = None if counted is None else InputUsage(counted, read, None)
    return " ".join(truncation.doubts(prepared, trace, usage, context))


LARGE = [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}}]
SHORTER = {"messages": [{"role": "user", "content": "word " * 1600}]}


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"counted": 6000, "context": 6000}, "counted 6,000 input tokens, the whole of its context of 6,000"),
        ({"counted": 5999, "context": 6000}, "counted 5,999 input tokens, the whole of its context of 6,000"),
        ({"counted": 4096}, "counted 4,096 input tokens, which is a context size"),
        ({"counted": 4095}, "counted 4,095 input tokens, which is a context size"),
        ({"counted": None, "context": 3000}, "has about 5,000 tokens, and the context only 3,000"),
        ({"counted": 2900, "context": 3000}, "has about 5,000 tokens, and the context only 3,000"),
        ({"counted": 2500}, "counted 2,500 input tokens, where the request has about 5,000 by its length"),
        ({"counted": 4000, "recording": 8000}, "counted 4,000 input tokens, where the recording has 8,000"),
        ({"counted": 12, "read": None}, "or counts only what its cache lacked"),
    ],
)
def test_each_sign_is_reported(given: dict[str, Any], why: str) -> None:
    assert why in doubts(**given)
    assert "it may have cut the prompt off" in doubts(**given)


@pytest.mark.parametrize(
    "given",
    [
        {"counted": None},
        {"counted": 5000, "context": 8192, "recording": 5000},
        {"counted": 3500, "recording": 5500},  # tokenizers differ
        {"counted": 4000, "recording": 8000, "content": [*LARGE, {"type": "text", "text": WORDS}]},
        {"counted": 2000, "recording": 5000, "sent": SHORTER},  # a translation, or --set, left something out
        {"counted": 20, "recording": 100, "content": "word " * 80},
    ],
    ids=["not counted", "all of it", "other tokenizer", "images", "less sent", "short"],
)
def test_without_a_sign_nothing_is_reported(given: dict[str, Any]) -> None:
    assert doubts(**given) == ""


def test_what_the_cache_held_was_read_once() -> None:
    assert doubts(100, read=4900) == ""
