"""Errors of other servers in Anthropic's shape, with a status and words on which Claude Code acts."""

import json
import re
from typing import Any

import pytest

from traces.dialects.translation.answer import translate_error

LLAMACPP = "request (4390 tokens) exceeds the available context size (4096 tokens), try increasing it"
VLLM = (
    "This model's maximum context length is 32768 tokens. However, you requested {} tokens ({} in the messages, {} in "
    "the completion). Please reduce the length of the messages or completion."
)

TOO_LONG: dict[str, tuple[Any, str]] = {
    "llama.cpp, in fields": (
        {"error": {"code": 400, "message": "too much", "type": "exceed_context_size_error", "n_prompt_tokens": 1407}},
        "prompt is too long: too much",
    ),
    "llama.cpp, with its counts": (
        {"error": {"message": "x", "type": "exceed_context_size_error", "n_prompt_tokens": 1407, "n_ctx": 256}},
        "prompt is too long: 1407 tokens > 256 maximum",
    ),
    "llama.cpp, in words": ({"error": {"message": LLAMACPP}}, "prompt is too long: 4390 tokens > 4096 maximum"),
    "llama.cpp, without counts": (
        {"error": {"code": 500, "message": "Context size has been exceeded.", "type": "server_error"}},
        "prompt is too long: Context size has been exceeded.",
    ),
    "vLLM, the prompt": (
        {"object": "error", "message": VLLM.format(122946, 112946, 10000), "code": 400},
        "prompt is too long: 112946 tokens > 32768 maximum",
    ),
    "vLLM, prompt and answer": (
        {"error": {"message": VLLM.format(40000, 8000, 32000), "code": 400}},
        "input length and `max_tokens` exceed context limit: 8000 + 32000 > 32768, decrease input length or "
        "`max_tokens` and try again",
    ),
    "vLLM, the answer's limit": (
        {
            "error": {
                "message": "'max_tokens' or 'max_completion_tokens' is too large: 32000. This model's maximum context "
                "length is 32768 tokens and your request has 5000 input tokens (32000 > 32768 - 5000)."
            }
        },
        "input length and `max_tokens` exceed context limit: 5000 + 32000 > 32768, decrease input length or "
        "`max_tokens` and try again",
    ),
    "LM Studio": (
        {
            "error": "Trying to keep the first 15857 tokens when context the overflows. However, the model is loaded "
            "with context length of only 4096 tokens, which is not enough."
        },
        "prompt is too long: 15857 tokens > 4096 maximum",
    ),
    "OpenAI": (
        {
            "error": {
                "code": "context_length_exceeded",
                "message": "This model's maximum context length is 128000 tokens. However, your messages resulted in "
                "130000 tokens.",
            }
        },
        "prompt is too long: 130000 tokens > 128000 maximum",
    ),
    "SGLang": (
        {"message": "The input (5000 tokens) is longer than the model's context length (4096 tokens)."},
        "prompt is too long: 5000 tokens > 4096 maximum",
    ),
    "TGI": (
        {
            "error": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 4000 `inputs` "
            "tokens and 500 `max_new_tokens`"
        },
        "input length and `max_tokens` exceed context limit: 4000 + 500 > 4096, decrease input length or `max_tokens` "
        "and try again",
    ),
}


@pytest.mark.parametrize("status", [400, 413, 500])
@pytest.mark.parametrize("name", TOO_LONG)
def test_a_request_that_does_not_fit_makes_the_client_shorten_it(name: str, status: int) -> None:
    body, words = TOO_LONG[name]
    new, _, data = translate_error(status, {}, json.dumps(body).encode())
    assert (new, json.loads(data)) == (
        400,
        {"type": "error", "error": {"type": "invalid_request_error", "message": words}},
    )


@pytest.mark.parametrize("status", [400, 500])
def test_the_client_reads_both_counts(status: int) -> None:
    """These are the patterns of Claude Code 2.1.330."""
    data = translate_error(status, {}, json.dumps({"error": {"message": LLAMACPP}}).encode())[2].decode()
    found = re.search(r"prompt is too long[^0-9]*(\d+)\s*tokens?\s*>\s*(\d+)", data, re.I)
    assert found is not None
    assert found.groups() == ("4390", "4096")


OTHERS: dict[str, tuple[int, bytes, int, str, str]] = {
    "a wrong key": (401, b'{"error":{"message":"Invalid key"}}', 401, "authentication_error", "Invalid key"),
    "no such model": (404, b'{"error":"model \'x\' not found"}', 404, "not_found_error", "model 'x' not found"),
    "too many requests": (429, b'{"detail":"Slow down"}', 429, "rate_limit_error", "Slow down"),
    "a model that is being loaded": (
        503,
        b'{"error":{"message":"Loading model","type":"unavailable_error","code":503}}',
        503,
        "api_error",
        "Loading model",
    ),
    "an overloaded service": (529, b'{"error":{"message":"Overloaded"}}', 529, "overloaded_error", "Overloaded"),
    "a field that it doesn't know": (422, b'{"detail":[{"msg":"Extra"}]}', 400, "invalid_request_error", "Extra"),
    "where it stands": (
        422,
        b'{"detail":[{"type":"missing","loc":["body","tools",0,"function"],"msg":"Field required"}]}',
        400,
        "invalid_request_error",
        "body.tools.0.function: Field required",
    ),
    "Google's": (400, b'[{"error":{"code":400,"message":"Bad key"}}]', 400, "invalid_request_error", "Bad key"),
    "a whole request": (400, b"x" * 100_000, 400, "invalid_request_error", "x" * 4000 + "\N{HORIZONTAL ELLIPSIS}"),
    "a page for people": (
        502,
        b"<html><head><title>502 Bad Gateway</title></head></html>",
        502,
        "api_error",
        "502 Bad Gateway: <html><head><title>502 Bad Gateway</title></head></html>",
    ),
    "an error with a status of success": (
        200,
        b'{"error":{"message":"No.","code":401}}',
        401,
        "authentication_error",
        "No.",
    ),
    "one that says nothing": (500, b"", 500, "api_error", "the server answered 500"),
    "bytes that are no text": (400, b"\xff\xfe", 400, "invalid_request_error", "\ufffd\ufffd"),
    "a redirection": (302, b"", 502, "api_error", "the server answered 302"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_an_error_keeps_its_meaning(name: str) -> None:
    status, body, new, kind, words = OTHERS[name]
    headers = {"Retry-After": "7", "Content-Length": "3", "Content-Encoding": "gzip"}
    sent, kept, data = translate_error(status, headers, body)
    assert (sent, kept) == (new, {"content-type": "application/json", "retry-after": "7"})
    assert json.loads(data) == {"type": "error", "error": {"type": kind, "message": words}}


def test_no_model_loaded_says_what_to_do() -> None:
    body = b'{"error":{"message":"No models loaded. Please load a model.","code":"model_not_found"}}'
    status, _, data = translate_error(404, {}, body, how_to_load="Load one: lms load MODEL")
    assert status == 400  # of a 404, Claude Code says only that the model may not exist
    assert json.loads(data)["error"]["message"] == "No models loaded. Please load a model. Load one: lms load MODEL"
