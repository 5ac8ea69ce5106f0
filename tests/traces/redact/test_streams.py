import json
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import answers, keys
from traces.redact import REDACTED, Cleaner, streams

CLEAN = Cleaner({"my-own-local-key"})
KEY = "sk-ant-api03-AbCdEf0123456789AbCdEf0123456789-_x"

Write = Callable[[str], dict[str, object]]


def _anthropic(text: str) -> dict[str, object]:
    return {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}


def _input(text: str) -> dict[str, object]:
    return {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": text}}


def _chat(text: str) -> dict[str, object]:
    return {"id": "chatcmpl-1", "choices": [{"index": 0, "delta": {"content": text}}]}


def _call(text: str) -> dict[str, object]:
    call = {"index": 0, "function": {"arguments": text}}
    return {"id": "chatcmpl-1", "choices": [{"index": 0, "delta": {"tool_calls": [call]}}]}


def _responses(text: str) -> dict[str, object]:
    return {
        "type": "response.output_text.delta",
        "item_id": "msg_1",
        "output_index": 0,
        "content_index": 0,
        "delta": text,
    }


def _arguments(text: str) -> dict[str, object]:
    return {"type": "response.function_call_arguments.delta", "item_id": "fc_1", "output_index": 1, "delta": text}


TEXTS = {"text", "partial_json", "content", "arguments", "delta"}
FORMATS: list[Write] = [_anthropic, _input, _chat, _call, _responses, _arguments]


def stream(write: Write, text: str, cuts: list[int]) -> tuple[bytes, list[str]]:
    """Return a stream that brings the text in pieces, and the pieces."""
    at = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    pieces = [text[start:end] for start, end in pairwise(at)]
    return b"".join(f"event: x\ndata: {json.dumps(write(piece))}\n\n".encode() for piece in pieces), pieces


def said(data: bytes) -> str:
    """Return the text that a stream brings."""

    def texts(value: object) -> str:
        if isinstance(value, dict):
            return "".join(
                item
                if name in ("text", "partial_json", "content", "arguments", "delta") and isinstance(item, str)
                else texts(item)
                for name, item in value.items()
            )
        return "".join(map(texts, value)) if isinstance(value, list) else ""

    return "".join(texts(json.loads(line[5:])) for line in data.decode().splitlines() if line.startswith("data:"))


@pytest.mark.parametrize("write", FORMATS)
@settings(max_examples=60)
@given(cuts=st.lists(st.integers(0, 200), max_size=12), secret=st.sampled_from([KEY, "my-own-local-key"]))
def test_a_secret_vanishes_wherever_a_stream_cuts_it(write: Write, cuts: list[int], secret: str) -> None:
    data, _ = stream(write, f"You said {secret} and more.", cuts)

    masked = streams.apply(data, streams.edits(data, CLEAN))

    assert said(masked) == f"You said {REDACTED} and more."
    assert not keys.pieces_left(secret, masked.decode())
    assert masked.count(b"\n\n") == data.count(b"\n\n")


@pytest.mark.parametrize("write", [_input, _call, _arguments])
@given(cuts=st.lists(st.integers(0, 200), max_size=12))
def test_a_tools_password_vanishes_wherever_a_stream_cuts_it(write: Write, cuts: list[int]) -> None:
    data, _ = stream(write, '{"user": "me", "password": "correct horse"}', cuts)

    masked = streams.apply(data, streams.edits(data, CLEAN))

    assert said(masked) == f'{{"user": "me", "password": "{REDACTED}"}}'


def test_a_stream_without_secrets_has_nothing_to_change() -> None:
    events = b"".join(
        answers.events(answers.thinking("Hm."), answers.text("Hello"), answers.tool("Read", file_path="/x"))
    )

    assert streams.edits(b": a comment\n\n" + events + b"data: [DONE]\n\n", CLEAN) == []


def test_lines_that_are_no_events_are_masked_as_texts() -> None:
    data = f": {KEY}\n\ndata: {KEY}\n\ndata: {{cut {KEY}".encode()

    assert (
        streams.apply(data, streams.edits(data, CLEAN)) == b": [redacted]\n\ndata: [redacted]\n\ndata: {cut [redacted]"
    )
