"""A refusal, in a server's own words, leads to the repair with which the request passes."""

import json
from typing import Any

import pytest

from tests.support.bodies import HELLO, IMAGE, READ, anthropic, assistant, result, said, text, use, user
from tests.traces.repairs.test_repairs import SIGNED, UNSIGNED
from traces.repairs import Learned, Outgoing, repair
from traces.repairs.learn import learn

LATE = said("system", [text("It is late.")])
SEARCH = {"type": "web_search_20250305", "name": "web_search"}
MARKED = {**text("Hello"), "cache_control": {"type": "ephemeral"}}

BODY = anthropic(
    user(MARKED),
    LATE,
    assistant(SIGNED, {**use("a"), "caller": {"type": "direct"}}),
    user(result("a", [IMAGE])),
    system=[text("Be brief."), {**text("Be kind."), "cache_control": {"type": "ephemeral"}}],
    tools=[READ, {**READ, "strict": True, "input_examples": []}, {**READ, "defer_loading": True}, SEARCH],
    metadata={"user_id": "u"},
    thinking={"type": "adaptive", "display": "omitted"},
    context_management={"edits": [{"type": "clear_thinking_20251015"}]},
    output_config={"effort": "medium"},
    temperature=1,
    stream=True,
)
UNSIGNED_BODY = anthropic(HELLO, assistant(UNSIGNED, text("Hi")), HELLO)


def error(message: str, **more: Any) -> dict[str, Any]:
    return {"type": "error", "error": {"type": "invalid_request_error", "message": message, **more}}


Case = tuple[Any, tuple[str, ...]]

SYSTEM: dict[str, Any] = {
    "FastAPI": {
        "detail": [
            {
                "type": "literal_error",
                "loc": ["body", "messages", 1, "role"],
                "msg": "Input should be 'user' or 'assistant'",
                "input": "system",
                "ctx": {"expected": "'user' or 'assistant'"},
            }
        ]
    },
    "vLLM, which prints its validator's errors": error(
        "1 validation error:\n  {'type': 'literal_error', 'loc': ('body', 'messages', 1, 'role'), 'msg': "
        "\"Input should be 'user' or 'assistant'\", 'input': 'system', 'ctx': {'expected': \"'user' or 'assistant'\"}}"
        '\n\n  File "/opt/vllm/entrypoints/anthropic/api_router.py", line 42, in create_messages\n    POST /v1/messages'
    ),
    "pydantic's text": "1 validation error for AnthropicMessagesRequest\nmessages.1.role\n  Input should be 'user' or "
    "'assistant' [type=literal_error, input_value='system', input_type=str]\n"
    "    For further information visit https://errors.pydantic.dev/2.11/v/literal_error",
    "LM Studio": error("messages.1.role: Invalid discriminator value. Expected 'user' | 'assistant'"),
    "zod's list": {"error": json.dumps([{"code": "invalid_union", "path": ["messages", 1, "role"], "message": "No."}])},
    "serde": "Failed to deserialize the JSON body into the target type: messages[1].role: unknown variant `system`, "
    "expected `user` or `assistant` at line 1 column 53172",
    "Go": error("messages[1].role must be either 'user' or 'assistant', but got 'system'"),
    "OpenAI": {"error": {"message": "Invalid value: 'system'.", "param": "messages[1].role", "code": "invalid_value"}},
    "Anthropic, on a place": error("messages.1: role 'system' must precede an 'assistant' message or end the array"),
    "Anthropic, on a role": error(
        'messages: Unexpected role "system". The Messages API accepts a top-level `system` '
        'parameter, not "system" as an input message role.'
    ),
    "a Qwen template in llama.cpp": {
        "error": {
            "code": 400,
            "message": "Unable to generate parser for this template. Automatic parser generation failed: \n-------\n"
            "While executing CallExpression at line 85, column 32 in source:\n...first %}\n        {{- raise_exception("
            "'System message must be at the beginning.') }}\n...\nError: Jinja Exception: System message must be at "
            "the beginning.",
            "type": "invalid_request_error",
        }
    },
    "Ollama": error("unknown variant 'system', expected 'user' or 'assistant'"),
    "words alone": {"detail": "System messages are not allowed"},
    "MiniMax": error("invalid params, chat content has invalid message role: system (2013)"),
    "a gateway": error(
        "litellm.BadRequestError: AnthropicException - "
        + json.dumps(error("messages.1.role: Input should be 'user' or 'assistant'"))
        + ". Received Model Group=qwen\nAvailable Model Group Fallbacks=None"
    ),
    "a list without a name": {"errors": [{"loc": ["body", "messages", 1, "role"], "msg": "Input should be 'user'"}]},
}

CASES: dict[str, Case] = {
    **{f"a system message: {who}": (what, ("system-role",)) for who, what in SYSTEM.items()},
    "a field: Anthropic": (
        error("context_management: Extra inputs are not permitted"),
        ("drop:context_management",),
    ),
    "a field: in a gateway's text": (
        error(
            "litellm.BadRequestError: BedrockException - "
            + json.dumps({"message": "context_management: Extra inputs are not permitted"})
            + "No fallback model group found for original model_group=sonnet. Fallbacks=[{'a': ['b']}]"
        ),
        ("drop:context_management",),
    ),
    "a field: LiteLLM": (
        error(
            "litellm.UnsupportedParamsError: openai does not support parameters: ['context_management'], for model=m. "
            "To drop these, set `litellm.drop_params=True`"
        ),
        ("drop:context_management",),
    ),
    "a field: Bedrock": (
        error("#: extraneous key [context_management] is not permitted"),
        ("drop:context_management",),
    ),
    "a field: Go": ('json: unknown field "output_config"', ("drop:output_config",)),
    "a field: serde, which lists those that are allowed": (
        "unknown field `output_config`, expected one of `model`, `messages`, `temperature`, `metadata`",
        ("drop:output_config",),
    ),
    "a field: OpenAI": (
        {"error": {"message": "Unrecognized request argument supplied: output_config", "param": None}},
        ("drop:output_config",),
    ),
    "a field: zod": (
        error(json.dumps([{"code": "unrecognized_keys", "keys": ["output_config", "thinking"], "path": []}])),
        ("drop:output_config", "drop:thinking"),
    ),
    "several fields: FastAPI": (
        {
            "detail": [
                {"type": "extra_forbidden", "loc": ["body", name], "msg": "Extra inputs are not permitted", "input": {}}
                for name in ("context_management", "output_config")
            ]
        },
        ("drop:context_management", "drop:output_config"),
    ),
    "several fields: pydantic's text": (
        "2 validation errors for Request\ncontext_management\n  Extra inputs are not permitted [type=extra_forbidden, "
        "input_value={'edits': []}, input_type=dict]\noutput_config\n  Extra inputs are not permitted",
        ("drop:context_management",),
    ),
    "a field within a field": (
        error("output_config.effort: This model does not support the effort parameter."),
        ("drop:output_config.effort",),
    ),
    "a field of a tool, with the tool's type in the path": (
        error("tools.1.custom.input_examples: Extra inputs are not permitted"),
        ("drop:tools.input_examples",),
    ),
    "a field of a tool: OpenAI": (
        {"error": {"message": "Unknown parameter: 'tools[1].strict'.", "param": "tools[1].strict"}},
        ("drop:tools.strict",),
    ),
    "a field that is found by its name alone": (
        error("tool definitions: extraneous key [input_examples] is not permitted"),
        ("drop:tools.input_examples",),
    ),
    "a marker, which is in several places": (
        error("extraneous key [cache_control] is not permitted"),
        ("drop:messages.content.cache_control", "drop:system.cache_control"),
    ),
    "a field of a call": (
        error("messages.2.content.1.tool_use.caller: Extra inputs are not permitted"),
        ("drop:messages.content.caller",),
    ),
    "deferred tools, which must not all be loaded": (
        error("tools.2.custom.defer_loading: Extra inputs are not permitted"),
        ("betas",),
    ),
    "a server's own tool": (
        {"detail": [{"type": "missing", "loc": ["body", "tools", 3, "input_schema"], "msg": "Field required"}]},
        ("drop:tools:web_search_20250305",),
    ),
    "a server's own tool, by its type": (
        error("tools.3: Input tag 'web_search_20250305' found using 'type' does not match any of the expected tags"),
        ("drop:tools:web_search_20250305",),
    ),
    "adaptive thinking: FastAPI": (
        {"detail": [{"loc": ["body", "thinking", "type"], "msg": "Input should be 'enabled' or 'disabled'"}]},
        ("drop:thinking",),
    ),
    "adaptive thinking: a union's member": (
        {"detail": [{"loc": ["body", "thinking", "ThinkingEnabled", "budget_tokens"], "msg": "Field required"}]},
        ("drop:thinking",),
    ),
    "adaptive thinking: in words": (
        error("adaptive thinking is not supported on this model"),
        ("drop:thinking",),
    ),
    "adaptive thinking: in words that name the field": (
        error("Only 'enabled' and 'disabled' are supported for thinking; 'adaptive' is not supported."),
        ("drop:thinking",),
    ),
    "adaptive thinking: Anthropic, which names what to use instead": (
        error('"thinking.type.adaptive" is not supported. Use "thinking.type.enabled" and "output_config.effort".'),
        ("drop:thinking",),
    ),
    "effort, by the name that a gateway gives it": (
        error("litellm.UnsupportedParamsError: m doesn't support `reasoning.effort`"),
        ("drop:output_config.effort", "drop:thinking"),
    ),
    "a signature": (
        error("messages.2.content.0: Invalid `signature` in `thinking` block"),
        ("all-thinking",),
    ),
    "a thinking block: a strict union": (
        {
            "detail": [
                {"loc": ["body", "messages", 2, "content", "str"], "msg": "Input should be a valid string"},
                {"loc": ["body", "messages", 2, "content", "list[union[Text,Use]]", 0, "Text", "type"], "msg": "No"},
                {"loc": ["body", "messages", 2, "content", "list[union[Text,Use]]", 0, "Text", "text"], "msg": "No"},
                {"loc": ["body", "messages", 2, "content", "list[union[Text,Use]]", 0, "Use", "id"], "msg": "No"},
            ]
        },
        ("all-thinking",),
    ),
    "an image in a result": (
        error("messages.3.content.0.tool_result.content.0.type: Input should be 'text'"),
        ("images",),
    ),
    "an image: its source": (
        error("messages.3.content.0.tool_result.content.0.image.source.base64.media_type: Input should be 'image/gif'"),
        ("images",),
    ),
    "an image: llama.cpp": (
        {"error": {"code": 500, "message": "image input is not supported - hint: if this is unexpected, you may need "
                   "to provide the mmproj"}},
        ("images",),
    ),
    "an image: Ollama": (error("this model is missing data required for image input"), ("images",)),
    "the beta header": (
        error("Unexpected value(s) `context-1m-2025-08-07` for the `anthropic-beta` header."),
        ("drop:anthropic-beta",),
    ),
}  # fmt: skip

NOTHING: dict[str, Any] = {
    "a prompt that is too long": error("prompt is too long: 213462 tokens > 200000 maximum"),
    "a prompt that is too long: llama.cpp": {
        "error": {
            "code": 400,
            "message": "request (4178 tokens) exceeds the available context size (4096 tokens), try increasing it",
            "type": "exceed_context_size_error",
            "n_prompt_tokens": 4178,
            "n_ctx": 4096,
        }
    },
    "a limit that is too high": error(
        "max_tokens: 128000 > 64000, which is the maximum allowed number of output tokens for m"
    ),
    "a limit: vLLM": error("'max_tokens' or 'max_completion_tokens' is too large: 128000. This model's maximum context "
    "length is 32768 tokens and your request has 12000 input tokens (128000 > 32768 - 12000). (parameter=max_tokens)"),
    "a model that isn't there": error("model: `thinker` not found, try pulling it first"),
    "a missing field": {"detail": [{"type": "missing", "loc": ["body", "max_tokens"], "msg": "Field required"}]},
    "what makes the request": {"detail": [{"loc": ["body", "messages"], "msg": "List should have fewer items"}]},
    "the tools' support": {"error": {"message": "tools param requires --jinja flag", "type": "invalid_request_error"}},
    "a tool's name": error("tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'"),
    "a call without a result": error(
        "messages.2: `tool_use` ids were found without `tool_result` blocks immediately after: a."
    ),
    "money": error("Your credit balance is too low to access the Anthropic API."),
    "nothing": "",
    "no text": "\ud800",
}  # fmt: skip


def request(body: dict[str, Any]) -> Outgoing:
    return Outgoing("/v1/messages?beta=true", {"anthropic-beta": "context-1m-2025-08-07"}, body)


def answer(refusal: Any) -> bytes:
    if isinstance(refusal, str):
        return refusal.encode(errors="surrogatepass")
    return json.dumps(refusal).encode()


LIMITS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "vLLM": (
        error("'max_tokens' or 'max_completion_tokens' is too large: 128000. This model's maximum context length is "
        "32768 tokens and your request has 12000 input tokens (128000 > 32768 - 12000). (parameter=max_tokens)"),
        ("max-tokens:8192",),
    ),
    "an older vLLM, with a long prompt": (
        error("This model's maximum context length is 32768 tokens. However, you requested 159000 tokens (31000 in the "
        "messages, 128000 in the completion). Please reduce the length of the messages or completion."),
        ("max-tokens:1768",),
    ),
    "SGLang": (
        error("Requested token count exceeds the model's maximum context length of 32768 tokens. You requested a total "
        "of 140000 tokens: 12000 tokens from the input messages and 128000 tokens for the completion."),
        ("max-tokens:8192",),
    ),
    "TGI": (
        error("`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 1000 `inputs` tokens and 128000 "
        "`max_new_tokens`"),
        ("max-tokens:1024",),
    ),
    "Anthropic": (
        error("max_tokens: 128000 > 64000, which is the maximum allowed number of output tokens for m"),
        ("max-tokens:64000",),
    ),
    "OpenAI": (
        error("max_tokens is too large: 128000. This model supports at most 16384 completion tokens, whereas you "
        "provided 128000."),
        ("max-tokens:16384",),
    ),
    "DeepSeek": (
        error("Invalid max_tokens value, the valid range of max_tokens is [1, 8192]"), ("max-tokens:8192",)
    ),
    "Groq": (
        error("`max_tokens` must be less than or equal to `32768`, the maximum value for `max_tokens` is less than the "
        "`context_window` for this model"),
        ("max-tokens:32768",),
    ),
    "no room at all": (
        error("This model's maximum context length is 32768 tokens. However, you requested 160700 tokens (32700 in the "
        "messages, 128000 in the completion)."),
        (),
    ),
    "too long a prompt": (error("prompt is too long: 213462 tokens > 200000 maximum"), ()),
}  # fmt: skip


@pytest.mark.parametrize("what", LIMITS)
def test_an_answer_for_which_there_is_no_room_may_be_shorter(what: str) -> None:
    refusal, names = LIMITS[what]
    sent = request(anthropic(HELLO) | {"max_tokens": 128000, "thinking": {"type": "enabled", "budget_tokens": 100000}})
    assert learn(400, answer(refusal), sent) == names
    repaired, notes = repair(sent, names)
    if names:
        most = int(names[0].partition(":")[2])
        assert (repaired.body["max_tokens"], len(notes)) == (most, 2 if most <= 100000 else 1)
        assert repaired.body["thinking"]["budget_tokens"] < most
        assert learn(400, answer(refusal), repaired, names) == (), "it isn't asked for again"


def test_the_smallest_limit_is_kept() -> None:
    learned = Learned(("auto", "max-tokens:8192", "betas"))
    learned.add(["max-tokens:1000"])
    assert learned.names == ("betas", "max-tokens:1000")


LOOSE = {"type": "function_call_output", "id": "x", "name": "goal", "namespace": "agent", "output": "Be kind."}
ITEMS = {"model": "m", "input": [{"role": "user", "content": "Hi"}, LOOSE]}

ITEMS_REFUSED: dict[str, Any] = {
    "llama.cpp": {
        "error": {"code": 400, "message": "Cannot determine type of 'item'", "type": "invalid_request_error"}
    },
    "llama.cpp, on thinking": {"error": {"code": 400, "message": "item['content'] is not an array"}},
    "FastAPI": {"detail": [{"loc": ["body", "input", "list[union[Message,Call]]", 1, "Call", "call_id"], "msg": "No"}]},
    "OpenAI": {"error": {"message": "Missing required parameter.", "param": "input[1].call_id"}},
}


@pytest.mark.parametrize("what", ITEMS_REFUSED)
def test_an_item_that_a_server_does_not_know_is_put_into_one_that_it_does(what: str) -> None:
    sent = Outgoing("/v1/responses", {}, ITEMS)
    assert learn(400, answer(ITEMS_REFUSED[what]), sent) == ("items",)
    assert learn(400, answer(ITEMS_REFUSED[what]), repair(sent, ["items"])[0]) == ()


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize("what", CASES)
def test_a_refusal_leads_to_the_repair(what: str, status: int) -> None:
    refusal, names = CASES[what]
    sent = request(BODY)
    assert learn(status, answer(refusal), sent) == names
    repaired, notes = repair(sent, names)
    assert repaired != sent
    assert notes


@pytest.mark.parametrize("status", [400, 422, 500])
@pytest.mark.parametrize("what", NOTHING)
def test_what_no_repair_helps_leads_to_none(what: str, status: int) -> None:
    assert learn(status, answer(NOTHING[what]), request(BODY)) == ()


@pytest.mark.parametrize("status", [200, 401, 403, 404, 429, 503, 529])
def test_other_failures_say_nothing_about_the_request(status: int) -> None:
    assert learn(status, answer(SYSTEM["FastAPI"]), request(BODY)) == ()


def test_an_error_of_the_server_counts_by_its_words_alone() -> None:
    assert learn(500, answer(error("system message must be at the beginning")), request(BODY)) == ("system-role",)
    assert learn(500, answer(error("context_management: oops")), request(BODY)) == ()


def test_the_billing_header_is_reserved_on_some_servers() -> None:
    refusal = error("x-anthropic-billing-header is a reserved keyword and may not be used in the system prompt.")
    assert learn(400, answer(refusal), request(BODY)) == ("billing",)


def test_unsigned_thinking_goes_first_and_all_of_it_only_if_that_was_not_enough() -> None:
    refusal = answer(error("messages.1.content.0.thinking.signature: Field required"))
    sent = request(UNSIGNED_BODY)
    assert learn(400, refusal, sent) == ("thinking",)
    assert learn(400, refusal, sent, ["thinking"]) == ("all-thinking",)
    assert learn(400, refusal, sent, ["thinking", "all-thinking"]) == ()


def test_a_repair_that_did_not_help_is_not_tried_twice() -> None:
    refusal = answer(error("context_management: Extra inputs are not permitted"))
    assert learn(400, refusal, request(BODY), ["drop:context_management"]) == ()


def test_a_refusal_that_quotes_the_whole_request_is_read_for_what_it_says() -> None:
    detail = [{"type": "extra_forbidden", "loc": ["body", "output_config"], "msg": "Extra", "input": BODY}]
    assert learn(422, answer({"detail": detail}), request(BODY)) == ("drop:output_config",)
    shown = error(f"1 validation error:\n  {{'loc': ('body', 'output_config'), 'msg': 'Extra', 'input': {BODY}}}")
    assert learn(400, answer(shown), request(BODY)) == ("drop:output_config",)
