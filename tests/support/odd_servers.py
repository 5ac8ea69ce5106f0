# ruff: noqa: E501 - a case a line
"""Answers of servers that don't keep to OpenAI's formats, each as bytes on the wire, and what a client must get of it.

The kinds come from reports on vLLM, SGLang, LM Studio, Ollama, MLX, TGI, Mistral, Azure, OpenRouter, Groq, Cerebras,
DeepSeek, LiteLLM and others.
"""

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Fields = dict[str, Any]
Chunk = Any

ARGUMENTS = '{"file_path":"/x"}'
OTHERS = '{"file_path":"/y"}'
COUNTS = {"prompt_tokens": 15, "completion_tokens": 7, "total_tokens": 22}
READ_X, READ_Y = ("Read", {"file_path": "/x"}), ("Read", {"file_path": "/y"})


@dataclass(frozen=True)
class Odd:
    """An answer and what is right of it.

    raw       all bytes of the answer, its head first
    noted     a part of a note in the trace; "" where nothing is to be noted, None where it doesn't matter
    """

    raw: bytes
    text: str = ""
    thinking: str = ""
    calls: tuple[tuple[str, Any], ...] = ()
    stop: str = "end_turn"
    tokens: tuple[int, int] = (15, 7)
    noted: str | None = None


@dataclass(frozen=True)
class Refused:
    """An answer that is none, and the error that is right of it, where the client has got nothing yet."""

    raw: bytes
    status: int
    kind: str
    words: str
    headers: Mapping[str, str] | None = None


def http(
    body: bytes, status: int = 200, kind: str = "text/event-stream", framing: str = "chunked", **more: str
) -> bytes:
    """Return an answer; `framing` is how its end is told: chunked, length, close, or cut, which is none."""
    lines = [
        f"HTTP/1.1 {status} Odd",
        f"content-type: {kind}",
        *(f"{k.replace('_', '-')}: {v}" for k, v in more.items()),
    ]
    lines += {"length": [f"content-length: {len(body)}"], "close": ["connection: close"]}.get(
        framing, ["transfer-encoding: chunked"]
    )
    if framing in ("chunked", "cut"):
        body = (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + (b"0\r\n\r\n" if framing == "chunked" else b"")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def events(*chunks: Chunk, end: str = "\n\n", lead: str = "data: ", done: bool = True) -> bytes:
    texts = [chunk if isinstance(chunk, str) else json.dumps(chunk) for chunk in chunks]
    return "".join(f"{lead}{text}{end}" for text in (*texts, *(["[DONE]"] if done else []))).encode()


def chunk(delta: Any = None, finish: Any = None, **fields: Any) -> Fields:
    choice = {"index": 0, "delta": {} if delta is None else delta, "finish_reason": finish}
    return {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice], **fields}


def call(index: Any = 0, ident: Any = None, name: Any = None, arguments: Any = None) -> Fields:
    function = {k: v for k, v in (("name", name), ("arguments", arguments)) if v is not None}
    named = {k: v for k, v in (("index", index), ("id", ident)) if v is not None}
    return chunk({"tool_calls": [{**named, "type": "function", "function": function}]})


ROLE = chunk({"role": "assistant", "content": ""})
STOP, CALLED = chunk({}, "stop"), chunk({}, "tool_calls")
USAGE = {"id": "c1", "object": "chat.completion.chunk", "choices": [], "usage": COUNTS}
TEXT = (ROLE, chunk({"content": "Hé"}), chunk({"content": "llo"}))
TOLD = (*TEXT, STOP, USAGE)


def text(*chunks: Chunk, end: tuple[Chunk, ...] = (STOP, USAGE), **right: Any) -> Odd:
    return Odd(http(events(ROLE, *chunks, *end)), **right)


def calls(*chunks: Chunk, end: tuple[Chunk, ...] = (CALLED, USAGE), made: Any = (READ_X,), **right: Any) -> Odd:
    return Odd(http(events(ROLE, *chunks, *end)), calls=made, **{"stop": "tool_use", **right})


def whole(message: Any, finish: Any = "stop", **fields: Any) -> bytes:
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return http(
        json.dumps({"id": "c1", "choices": [choice], "usage": COUNTS, **fields}).encode(), kind="application/json"
    )


def hello(raw: bytes, **right: Any) -> Odd:
    return Odd(raw, text="Héllo", **right)


def said(raw: Any, status: int = 200, kind: str = "application/json", **more: str) -> bytes:
    body = raw if isinstance(raw, bytes) else json.dumps(raw).encode()
    return http(body, status, kind, "length", **more)


FIRST, LAST = ARGUMENTS[:9], ARGUMENTS[9:]
FIRST_Y, LAST_Y = OTHERS[:9], OTHERS[9:]
SPREAD = "".join(f"data: {line}\n" for line in json.dumps(TOLD[1], indent=1).split("\n")) + "\n"
AS_OBJECT = {"index": 0, "id": "a", "type": "function", "function": {"name": "Read", "arguments": {"file_path": "/x"}}}
BOTH = [
    {"id": i, "type": "function", "function": {"name": "Read", "arguments": a}}
    for i, a in zip("ab", (ARGUMENTS, OTHERS), strict=True)
]

WIRE: dict[str, Odd] = {
    "CRLF": hello(http(events(*TOLD, end="\r\n\r\n")), noted=""),
    "CR": hello(http(events(*TOLD, end="\r\r")), noted=""),
    "no space behind data:": hello(http(events(*TOLD, lead="data:")), noted=""),
    "comments": hello(http(b": OPENROUTER PROCESSING\n\n" + events(*TOLD, lead=": keep-alive\n\nid: 7\ndata: ")), noted=""),
    "data in several lines": hello(http(events(ROLE, done=False) + SPREAD.encode() + events(*TOLD[2:])), noted=""),
    "no blank lines": hello(http(events(*TOLD, end="\n")), noted="aren't as their format"),
    "a line of JSON each": hello(http(events(*TOLD, lead="", end="\n", done=False), kind="application/x-ndjson")),
    "a list of chunks": hello(http(json.dumps(list(TOLD)).encode(), kind="application/json")),
    "a byte order mark": hello(http(b"\xef\xbb\xbf" + events(*TOLD)), noted=""),
    "another content type": hello(http(events(*TOLD), kind="application/octet-stream"), noted=""),
    "compressed unasked": hello(http(gzip.compress(events(*TOLD)), content_encoding="gzip"), noted=""),
    "an unknown encoding": hello(http(events(*TOLD), content_encoding="aws-chunked"), noted=""),
    "HTTP/1.0": hello(http(events(*TOLD), framing="close").replace(b"HTTP/1.1", b"HTTP/1.0"), noted=""),
    "100 first": hello(b"HTTP/1.1 100 Continue\r\n\r\n" + http(events(*TOLD)), noted=""),
    "no [DONE]": hello(http(events(*TOLD, done=False)), noted=""),
    "no [DONE], no usage": hello(http(events(*TEXT, STOP, done=False)), tokens=(0, 0), noted="reports no usage"),
    "no finish": hello(http(events(*TEXT, USAGE)), noted="aren't as their format"),
    "no finish, no [DONE]": hello(http(events(*TEXT, USAGE, done=False)), noted="doesn't say that its answer has ended"),
    "surrogates": text(chunk({"content": "a\ud83d"}), chunk({"content": "\ude00b\udc00\x00"}), text="a😀b\ufffd\x00"),
    "bytes that are no UTF-8": Odd(http(events(*TOLD).replace(b"llo", b"l\xfflo")), text="Hél\ufffdlo"),
    "a raw control character": Odd(http(events(*TOLD).replace(b"llo", b"l\tl\x00o")), text="Hél\tl\x00o"),
    "a broken event": text(chunk({"content": "a"}), "{broken", chunk({"content": "b"}), text="ab", noted="{broken"),
    "events that say nothing": text("", "null", "{}", "[]", {"type": "ping"}, chunk({"content": "a"}), text="a"),
    "a giant chunk": text(chunk({"content": "x" * 70_000}), text="x" * 70_000, noted=""),
    "no content": text(noted=""),
    "a whole answer": Odd(whole({"content": "Hi", "reasoning": "Hm."}), text="Hi", thinking="Hm."),
    "a whole answer without its finish": Odd(whole({"content": "Hi"}, None), text="Hi"),
    "a whole answer in a list": Odd(said([json.loads(whole({"content": "Hi"}).split(b"\r\n")[-4])]), text="Hi"),
    "a whole answer with one id twice": Odd(whole({"tool_calls": [{**each, "id": "a"} for each in BOTH]}), calls=(READ_X, READ_Y), stop="tool_use"),
    "a text completion": text({"choices": [{"index": 0, "text": "Yes."}]}, text="Yes."),
}  # fmt: skip

CHUNKS: dict[str, Odd] = {
    "choices: null": text(chunk({"content": "a"}), end=(STOP, {**USAGE, "choices": None}), text="a", noted=""),
    "usage without choices": text(chunk({"content": "a"}), end=(STOP, {"usage": COUNTS}), text="a", noted=""),
    "usage before the finish": text(chunk({"content": "a"}), end=(USAGE, STOP), text="a", noted=""),
    "usage in every chunk, growing": text(*({**chunk({"content": c}), "usage": {**COUNTS, "completion_tokens": n}} for n, c in enumerate("ab", 1)), end=({**STOP, "usage": COUNTS},), text="ab", noted=""),
    "usage of zeros in every chunk": text({**chunk({"content": "a"}), "usage": dict.fromkeys(COUNTS, 0)}, end=({**STOP, "usage": dict.fromkeys(COUNTS, 0)}, USAGE), text="a", noted=""),
    "usage: null in every chunk": text({**chunk({"content": "a"}), "usage": None}, end=({**STOP, "usage": None}, USAGE), text="a", noted=""),
    "usage as texts": text(chunk({"content": "a"}), end=(STOP, {"choices": [], "usage": {"prompt_tokens": "15", "completion_tokens": "7"}}), text="a"),
    "Azure's filter results": text({"id": "", "object": "", "model": "", "choices": [], "prompt_filter_results": [{}]}, chunk({"content": "a"}), {"choices": [{"index": 0, "finish_reason": None, "content_filter_offsets": {}}]}, text="a"),
    "delta: null": text({"choices": [{"index": 0, "delta": None}]}, chunk({"content": "a"}), text="a"),
    "two finishes": text(chunk({"content": "a"}), STOP, text="a", noted=""),
    "content as parts": text(chunk({"content": [{"type": "text", "text": "a"}]}), text="a"),
    "content as an object": text(chunk({"content": {"type": "text", "text": "a"}}), text="a"),
    "Mistral's thinking": text(chunk({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}]}), chunk({"content": "a"}), thinking="Hm.", text="a"),
    **{field: text(chunk({field: "Hm"}), chunk({field: "."}), chunk({"content": "a"}), thinking="Hm.", text="a", noted="") for field in ("reasoning_content", "reasoning", "thinking")},
    "reasoning_details": text(chunk({"reasoning_details": [{"type": "reasoning.text", "text": "Hm."}]}), chunk({"content": "a"}), thinking="Hm.", text="a", noted=""),
    "reasoning said twice": text(chunk({"reasoning": "Hm.", "reasoning_details": [{"type": "reasoning.text", "text": "Hm."}]}), chunk({"content": "a"}), thinking="Hm.", text="a", noted=""),
    "thinking_blocks": text(chunk({"thinking_blocks": [{"type": "thinking", "thinking": "Hm.", "signature": "x"}]}), chunk({"content": "a"}), thinking="Hm.", text="a", noted=""),
    "reasoning and content at once": text(chunk({"content": "a", "reasoning_content": "Hm."}), thinking="Hm.", text="a", noted=""),
    "thinking behind text": text(chunk({"content": "a"}), chunk({"reasoning": "Hm."}), chunk({"content": "b"}), thinking="Hm.", text="ab", noted=""),
    "a refusal": text(chunk({"refusal": "No."}), text="No.", stop="refusal", noted=""),
    **{f"finish {finish}": text(chunk({"content": "a"}), end=(chunk({}, finish), USAGE), text="a", stop=stop) for finish, stop in (("length", "max_tokens"), ("MAX_TOKENS", "max_tokens"), ("model_length", "max_tokens"), ("content_filter", "refusal"), ("SAFETY", "refusal"), ("tool_calls", "end_turn"), ("function_call", "end_turn"), ("", "end_turn"))},
    "a finish of its own": text(chunk({"content": "a"}), end=(chunk({}, "whim"), USAGE), text="a", noted="whim"),
    "a finish as an object": text(chunk({"content": "a"}), end=(chunk({}, {"type": "length"}), USAGE), text="a", stop="max_tokens"),
    "a finish within the delta": text(chunk({"content": "a"}), end=(chunk({"finish_reason": "length"}), USAGE), text="a", stop="max_tokens"),
}  # fmt: skip

CALLS: dict[str, Odd] = {
    "in pieces": calls(call(0, "a", "Read", ""), call(0, None, None, FIRST), call(0, None, None, LAST), noted=""),
    "id in every part": calls(call(0, "a", "Read", FIRST), call(0, "a", None, LAST), noted=""),
    "id and name in every part": calls(call(0, "a", "Read", FIRST), call(0, "a", "Read", LAST), noted=""),
    "another id in every part": calls(call(0, "a1", "Read", ""), call(0, "a2", "Read", FIRST), call(0, "a3", "Read", LAST)),
    "empty id and name later": calls(call(0, "a", "Read", ""), call(0, "", "", ARGUMENTS), noted=""),
    "no id": calls(call(0, None, "Read", FIRST), call(0, None, None, LAST), call(1, None, "Read", OTHERS), made=(READ_X, READ_Y), noted="aren't"),
    "no index": calls(call(None, "a", "Read", FIRST), call(None, None, None, LAST), call(None, "b", "Read", OTHERS), made=(READ_X, READ_Y)),
    "no index, all at once": calls(chunk({"tool_calls": BOTH}), made=(READ_X, READ_Y)),
    "no index, no id": calls(chunk({"tool_calls": [{"function": each["function"]} for each in BOTH]}), made=(READ_X, READ_Y)),
    "index always 0": calls(call(0, "a", "Read", FIRST), call(0, None, None, LAST), call(0, "b", "Read", ""), call(0, None, None, OTHERS), made=(READ_X, READ_Y)),
    "index always 0, no ids": calls(call(0, None, "Read", ARGUMENTS), call(0, None, "Read", OTHERS), made=(READ_X, READ_Y)),
    "one id for all": calls(call(0, "call_0", "Read", ARGUMENTS), call(1, "call_0", "Read", OTHERS), made=(READ_X, READ_Y)),
    "the name as id, index always 0": calls(call(0, "Read", "Read", ARGUMENTS), call(0, "Read", "Read", OTHERS), made=(READ_X, READ_Y)),
    "in turns": calls(call(0, "a", "Read", FIRST), call(1, "b", "Read", FIRST_Y), call(0, None, None, LAST), call(1, None, None, LAST_Y), made=(READ_X, READ_Y), noted=""),
    "arguments as an object": calls(chunk({"tool_calls": [AS_OBJECT]}), noted="aren't as their format"),
    "no arguments": calls(call(0, "a", "Read"), made=(("Read", {}),), noted=""),
    "empty arguments": calls(call(0, "a", "Read", ""), made=(("Read", {}),), noted=""),
    "arguments as JSON within JSON": calls(call(0, "a", "Read", json.dumps(ARGUMENTS)), noted="within a text"),
    "arguments as JSON in JSON in JSON": calls(call(0, "a", "Read", json.dumps(json.dumps(ARGUMENTS))), noted="within a text"),
    "{} before the arguments": calls(call(0, "a", "Read", "{}"), call(0, "a", "Read", FIRST), call(0, "a", "Read", LAST)),
    "each part repeats the last": calls(*(call(0, "a", "Read", ARGUMENTS[:at]) for at in (3, 9, 18)), noted="aren't"),
    "all arguments again at the end": calls(call(0, "a", "Read", FIRST), call(0, None, None, LAST), call(0, "a", "Read", ARGUMENTS)),
    "Python's quotes": calls(call(0, "a", "Read", "{'file_path': '/x'}"), noted="rewritten"),
    "a comma too many": calls(call(0, "a", "Read", '{"file_path":"/x",}'), noted="rewritten"),
    "parameters for arguments": calls(chunk({"tool_calls": [{"index": 0, "id": "a", "function": {"name": "Read", "parameters": {"file_path": "/x"}}}]})),
    "name beside the id": calls(chunk({"tool_calls": [{"index": 0, "id": "a", "name": "Read", "arguments": ARGUMENTS}]})),
    "a name in parts": calls(call(0, "a", "Re", ""), call(0, None, "ad", ARGUMENTS), noted=""),
    "a growing name": calls(call(0, "a", "Re", ""), call(0, "a", "Read", ""), call(0, "a", "Read", ARGUMENTS)),
    "a name behind the arguments": calls(call(0, "a", None, FIRST), call(0, None, "Read", LAST)),
    "a name with its group": calls(call(0, "a", "functions.Read", ARGUMENTS), noted="functions.Read"),
    "a name in other capitals": calls(call(0, "a", "read", ARGUMENTS), noted="passed on as Read"),
    "a name with what is a template's": calls(call(0, "a", "Read<|channel|>json", ARGUMENTS), noted="passed on as Read"),
    "finish stop": calls(call(0, "a", "Read", ARGUMENTS), end=(STOP, USAGE), noted=""),
    "no finish, no [DONE]": Odd(http(events(ROLE, call(0, "a", "Read", ARGUMENTS), done=False)), calls=(READ_X,), stop="tool_use", tokens=(0, 0), noted="doesn't say that its answer has ended"),
    "arguments behind the finish": calls(call(0, "a", "Read", ""), end=(CALLED, call(0, None, None, ARGUMENTS), USAGE)),
    "the deprecated function_call": calls(chunk({"function_call": {"name": "Read", "arguments": FIRST}}), chunk({"function_call": {"arguments": LAST}}), end=(chunk({}, "function_call"), USAGE)),
    "text behind a call": calls(call(0, "a", "Read", ARGUMENTS), chunk({"content": "Done."}), text="Done.", noted=""),
    "the whole message at the end": calls(chunk({"content": "Hi"}), end=({"choices": [{"index": 0, "message": {"content": "Hi", "tool_calls": BOTH[:1]}, "finish_reason": "tool_calls"}]}, USAGE), text="Hi"),
}  # fmt: skip

RATE, DATE = {"error": {"message": "slow"}}, "Wed, 21 Oct 2026 07:28:00 GMT"
REFUSALS: dict[str, Refused] = {
    "an empty answer": Refused(http(b""), 502, "api_error", "empty"),
    "only [DONE]": Refused(http(events()), 502, "api_error", "empty"),
    "no choices": Refused(said({"choices": []}), 502, "api_error", '"choices": []'),
    "a page": Refused(said(b"<html><title>Sign in</title>", kind="text/html"), 502, "api_error", "Sign in"),
    "an early close": Refused(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", 502, "api_error", "closed the connection"),
    "broken gzip": Refused(said(b"\x1f\x8bgarbage", content_encoding="gzip"), 502, "api_error", "can't be decoded"),
    "status 200 and an error": Refused(said({"error": {"message": "boom", "code": 503}}), 503, "api_error", "boom"),
    "status 200 and a text": Refused(said({"error": "boom"}), 500, "api_error", "boom"),
    "status 200 and LM Studio's words": Refused(said({"error": "Unexpected endpoint or method. (POST /v1/chat/completions)"}), 400, "invalid_request_error", "has no /v1/chat/completions"),
    "FastAPI's detail in a stream": Refused(http(events({"detail": "boom"})), 500, "api_error", "boom"),
    "an error event of plain text": Refused(http(b"event: error\ndata: boom\n\n"), 500, "api_error", "boom"),
    "an error by its code": Refused(http(events({"error": {"message": "slow", "code": "rate_limit_exceeded"}})), 429, "rate_limit_error", "slow"),
    "an error by its code as text": Refused(http(events(ROLE, {"error": {"message": "slow", "code": "429"}})), 429, "rate_limit_error", "slow"),
    "an error by its type": Refused(http(events({"error": {"message": "busy", "type": "overloaded_error"}})), 529, "overloaded_error", "busy"),
    "FastAPI's list": Refused(said({"detail": [{"loc": ["body", "messages"], "msg": "Field required"}]}, 422), 400, "invalid_request_error", "body.messages: Field required"),
    "an error as an event": Refused(http(b'data: {"error": {"message": "boom"}}\n\n', 400), 400, "invalid_request_error", "boom"),
    "a gateway's": Refused(said({"error": {"message": "Provider returned error", "metadata": {"raw": '{"error": {"message": "bad schema"}}'}}}, 400), 400, "invalid_request_error", "Provider returned error: bad schema"),
    "a redirection": Refused(b"HTTP/1.1 307 X\r\nlocation: https://other/v1\r\ncontent-length: 0\r\n\r\n", 400, "invalid_request_error", "https://other/v1"),
    "429 until a date": Refused(said(RATE, 429, retry_after=DATE, date="Wed, 21 Oct 2026 07:27:30 GMT"), 429, "rate_limit_error", "slow", {"retry-after": "30"}),
    "429 until a date that is over": Refused(said(RATE, 429, retry_after="Wed, 21 Oct 2015 07:28:00 GMT"), 429, "rate_limit_error", "slow", {"retry-after": "0"}),
    "429 with a fraction": Refused(said(RATE, 429, retry_after="7.3"), 429, "rate_limit_error", "slow", {"retry-after": "8"}),
    "503 while loading": Refused(said({"error": {"message": "Loading model", "code": 503}}, 503), 503, "api_error", "Loading model"),
    "529": Refused(said({"error": {"message": "busy"}}, 529), 529, "overloaded_error", "busy"),
    "502 of a proxy": Refused(said(b"<html><title>502 Bad Gateway</title>", 502, "text/html"), 502, "api_error", "502 Bad Gateway"),
    "401 without words": Refused(said(b"", 401), 401, "authentication_error", "the server answered 401"),
    "vLLM's words for too long a prompt": Refused(said({"error": {"message": "This model's maximum context length is 32768 tokens. However, your prompt contains at least 32769 input tokens, which exceeds this limit even without any output tokens. Please reduce the length of the input prompt. (parameter=input_tokens, value=32769)", "type": "BadRequestError", "code": 400}}, 400), 400, "invalid_request_error", "prompt is too long: 32769 tokens > 32768 maximum"),
    "an unknown model": Refused(said({"object": "error", "message": "The model `x` does not exist.", "code": 404}, 404), 404, "not_found_error", "does not exist"),
}  # fmt: skip

BROKEN_OFF: dict[str, bytes] = {
    "an error": http(events(*TEXT, {"error": {"message": "boom", "code": 429}}, done=False)),
    "OpenRouter's error": http(events(*TEXT, {**chunk({"content": ""}, "error"), "error": {"message": "boom"}})),
    "a finish that says so": http(events(*TEXT, chunk({}, "insufficient_system_resource"))),
    "plain text": http(events(*TEXT, done=False) + b"boom"),
    "JSON without data:": http(events(*TEXT, done=False) + b'{"error": {"message": "boom"}}\n\n'),
    "no end": http(events(*TEXT, done=False)),
    "no end of the connection either": http(events(*TEXT, done=False), framing="cut"),
}
"""Answers that end in an error once the client has their beginning."""
