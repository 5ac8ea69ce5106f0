"""A real mitmdump that translates, between a plain client and a scripted server with OpenAI's chat completions."""

import json
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from addons.bridge.plan import OPTIONS, Options
from addons.bridge.translate import Translate
from tests.addons.bridge.test_bridge import ask, whole_answer
from tests.support import answers, chat_answers
from tests.support.proxy import recording
from tests.support.scripted import Answer, Cut, Received, serving, stream, whole
from tests.support.translating import contents_of
from traces.dialects import FORMATS
from traces.model import Exchange, Json
from traces.repairs import Outgoing
from traces.stream_reader import StreamReader

CHAT = ("--set", "anyclaude_translate=chat")
AUTO = ("--set", "anyclaude_translate=auto")
READ = {"name": "Read", "description": "Reads a file.", "input_schema": {"type": "object", "properties": {}}}
BODY: dict[str, Any] = {
    "model": "m",
    "max_tokens": 100,
    "stream": True,
    "system": "Be brief.",
    "tools": [READ],
    "messages": [{"role": "user", "content": "Read it."}],
}
SAID = (
    answers.thinking("Hm, a file."),
    answers.text("Let me look."),
    answers.tool("Read", "call_1", file_path="/x"),
    answers.tool("Read", "call_2", file_path="/y"),
)
PLAIN = [{**block, "signature": ""} if block["type"] == "thinking" else dict(block) for block in SAID]


def read(data: bytes) -> Any:
    """Return the message of a stream of Anthropic's."""
    reader = StreamReader(FORMATS["anthropic"].stream())
    reader.begin(200, {"content-type": "text/event-stream"})
    reader.feed(0.0, data)
    reader.close(0.0)
    assert reader.failure() is None
    assert reader.odd is None
    return reader.message


def unsigned(message: Any) -> list[Json]:
    """Return the contents without the signatures of thinking, which are the translation's own."""
    return [{**block, "signature": ""} if block["type"] == "thinking" else block for block in message["content"]]


def test_a_streamed_answer_is_translated_and_both_sides_are_recorded(tmp_path: Path) -> None:
    with serving([stream(chat_answers.chunks(*SAID))]) as server, recording(server.url, tmp_path, *CHAT) as proxy:
        status, answer = ask(proxy.url, {**BODY, "top_k": 5, "mcp_servers": []})
    [trace] = proxy.traces()
    [sent] = server.posts
    assert status == 200
    assert unsigned(read(answer)) == PLAIN
    assert read(answer)["stop_reason"] == "tool_use"
    assert read(answer)["usage"]["cache_read_input_tokens"] == 3
    assert sent.path == "/v1/chat/completions"
    assert sent.header("authorization") == "Bearer sk-made-up-0123456789abcdef"
    assert sent.header("x-api-key") is None
    assert sent.json["messages"][0] == {"role": "system", "content": "Be brief."}
    assert trace.request.url == f"{server.url}/v1/messages?beta=true"
    assert trace.request.body == {**BODY, "top_k": 5, "mcp_servers": []}
    assert trace.response is not None
    assert trace.response.body == read(answer)
    assert trace.upstream is not None
    upstream = trace.upstream.exchange
    assert upstream.request.url == f"{server.url}/v1/chat/completions"
    assert upstream.request.body == sent.json
    assert upstream.request.headers["authorization"] == "[redacted]"
    assert "mcp_servers: dropped" in trace.upstream.changes
    said: Any = upstream.response and upstream.response.body
    assert said["choices"][0]["message"]["content"] == "Let me look."
    assert upstream.state == trace.state == "complete"
    assert upstream.timing.first_tool_call is not None


def test_an_answer_that_is_not_streamed_is_translated(tmp_path: Path) -> None:
    with serving([whole(chat_answers.completion(*SAID))]) as server, recording(server.url, tmp_path, *CHAT) as proxy:
        status, answer = ask(proxy.url, {**BODY, "stream": False})
    message = json.loads(answer)
    assert (status, message["type"], message["stop_reason"]) == (200, "message", "tool_use")
    assert unsigned(message) == PLAIN
    assert "stream_options" not in server.posts[0].json


def test_a_whole_answer_to_a_request_for_a_stream_is_streamed(tmp_path: Path) -> None:
    with serving([whole(chat_answers.completion(*SAID))]) as server, recording(server.url, tmp_path, *CHAT) as proxy:
        _, answer = ask(proxy.url)
    assert unsigned(read(answer)) == PLAIN


@pytest.mark.parametrize("encoding", [None, "gzip"])
def test_a_stream_that_nobody_asked_for_is_answered_whole(tmp_path: Path, encoding: str | None) -> None:
    answer = stream(chat_answers.chunks(*SAID), encoding=encoding)
    with serving([answer]) as server, recording(server.url, tmp_path, *CHAT) as proxy:
        status, data = ask(proxy.url, {**BODY, "stream": False})
        assert unsigned(read(ask(proxy.url)[1])) == PLAIN
    assert (status, json.loads(data)["stop_reason"]) == (200, "tool_use")
    assert unsigned(json.loads(data)) == PLAIN
    assert [trace.upstream and trace.upstream.exchange.state for trace in proxy.traces()] == ["complete"] * 2


NO_ANSWERS = {
    "an empty stream": (stream([]), "the server's answer is empty"),
    "only its end": (stream([b"data: [DONE]\n\n"]), "the server's answer is empty"),
    "a page": (
        Answer((b"<html><title>Sign in</title></html>",), headers={"content-type": "text/html"}),
        "Sign in: <html><title>Sign in</title></html>",
    ),
    "garbage": (stream([b"data: {not json\n\n"]), "{not json"),
    "a very long one": (Answer((b"x" * 1_000_000,)), "x" * 2000),
    "an error within a stream": (
        stream([*chat_answers.chunks(*SAID)[:4], b'data: {"error": {"message": "CUDA error"}}\n\n']),
        "CUDA error",
    ),
}


@pytest.mark.parametrize(("answer", "words"), NO_ANSWERS.values(), ids=NO_ANSWERS.keys())
@pytest.mark.parametrize("streamed", [True, False])
def test_what_is_no_answer_is_an_error_that_says_what_came(
    answer: Answer, words: str, streamed: bool, broken: str
) -> None:
    name = next(name for name, held in NO_ANSWERS.items() if held[0] is answer)
    status, data = ask(broken, {**BODY, "stream": streamed, "model": name})
    if streamed and words == "CUDA error":  # the client has its beginning
        assert (status, data.count(b"event: error")) == (200, 1)
        assert words.encode() in data
    else:
        own = 500 if words == "CUDA error" else 502  # an error of the server's, or none that it knows of
        assert (status, json.loads(data)["type"]) == (own, "error")
        assert json.loads(data)["error"]["message"].removeprefix("data: ") == words


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of a proxy before a server that gives the answer of the model's name."""

    def script(request: Received) -> Answer:
        return NO_ANSWERS[request.json["model"]][0]

    with serving(script) as server, recording(server.url, tmp_path_factory.mktemp("broken"), *CHAT) as proxy:
        yield proxy.url


ERRORS = {
    "a key that is refused": (401, {"error": {"message": "Invalid API key"}}, 401, "authentication_error"),
    "too many requests": (429, {"error": {"message": "Slow down"}}, 429, "rate_limit_error"),
    "a server that fails": (500, {"error": {"message": "CUDA error"}}, 500, "api_error"),
    "too long a prompt": (
        400,
        {"error": {"type": "exceed_context_size_error", "message": "m", "n_prompt_tokens": 9000, "n_ctx": 4096}},
        400,
        "invalid_request_error",
    ),
    "an error with status 200": (200, {"error": {"message": "Out of memory", "code": 503}}, 503, "api_error"),
}


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of a proxy before a server that answers with the status and the body in the model's name."""

    def script(request: Received) -> Answer:
        status, body = json.loads(request.json["model"])
        return whole(body, status, retry_after="7")

    with serving(script) as server, recording(server.url, tmp_path_factory.mktemp("failing"), *CHAT) as proxy:
        yield proxy.url


@pytest.mark.parametrize(("status", "body", "expected", "kind"), ERRORS.values(), ids=ERRORS.keys())
@pytest.mark.parametrize("streamed", [True, False])
def test_an_error_comes_in_anthropics_shape(
    status: int, body: Json, expected: int, kind: str, streamed: bool, failing: str
) -> None:
    told = json.dumps([status, body])
    got, headers, answer = whole_answer(failing, {**BODY, "stream": streamed, "model": told}, "/v1/messages")
    error = json.loads(answer)
    assert (got, error["type"], error["error"]["type"]) == (expected, "error", kind)
    assert headers["retry-after"] == "7"


def test_an_error_that_is_the_whole_stream_comes_with_a_status(tmp_path: Path) -> None:
    events = [b'data: {"error": {"message": "Loading model", "code": 503}}\n\n']
    with serving([stream(events)]) as server, recording(server.url, tmp_path, *CHAT) as proxy:
        status, answer = ask(proxy.url)
    assert (status, json.loads(answer)["error"]["message"]) == (503, "Loading model")


def test_a_server_that_dies_in_mid_stream_breaks_off_at_the_client_too(tmp_path: Path) -> None:
    script = stream([*chat_answers.chunks(*SAID)[:4], 0.2, Cut.RESET])
    with serving([script]) as server, recording(server.url, tmp_path, *CHAT) as proxy:
        status, _ = ask(proxy.url)
    [trace] = proxy.traces()
    assert status == 200
    assert trace.upstream is not None
    assert _failure(trace) == _failure(trace.upstream.exchange) == "server_disconnected"


ASKED = {name: value for name, value in BODY.items() if name not in ("stream", "max_tokens")}
TOKENIZERS: dict[str, tuple[dict[str, Json], int, str]] = {
    "llama.cpp's": ({"/apply-template": {"prompt": "x"}, "/tokenize": {"tokens": [1, 2, 3]}}, 3, "own tokenizer"),
    "vLLM's": ({"/tokenize": {"count": 17, "tokens": []}}, 17, "own tokenizer"),
    "none": ({}, 28, "tokens estimated"),
}


@pytest.mark.parametrize(("has", "tokens", "note"), TOKENIZERS.values(), ids=TOKENIZERS.keys())
def test_tokens_are_counted_by_the_server_where_it_can(
    has: dict[str, Json], tokens: int, note: str, tmp_path: Path
) -> None:
    def script(request: Received) -> Answer:
        return whole(has[request.path]) if request.path in has else whole({"error": {"message": "Not Found"}}, 404)

    with serving(script) as server, recording(server.url, tmp_path, *CHAT) as proxy:
        status, answer = ask(proxy.url, ASKED, "/v1/messages/count_tokens?beta=true")
    [trace] = proxy.traces()
    assert status == 200
    assert json.loads(answer) == {"input_tokens": pytest.approx(tokens, abs=0 if has else 8)}
    assert trace.upstream is not None
    assert note in trace.upstream.changes[-1]


def test_a_field_that_the_server_refuses_in_the_translation_is_left_out(tmp_path: Path) -> None:
    def script(request: Received) -> Answer:
        if "stream_options" in request.json:
            return whole({"error": {"message": "Unknown field: stream_options", "param": "stream_options"}}, 400)
        return stream(chat_answers.chunks(*SAID))

    with serving(script) as server, recording(server.url, tmp_path, *CHAT, "--set", "anyclaude_repair=auto") as proxy:
        status, answer = ask(proxy.url)
    assert status == 200
    assert unsigned(read(answer)) == PLAIN
    assert len(server.posts) == 2


def test_other_formats_are_passed_on_as_they_are(tmp_path: Path) -> None:
    answer = whole(chat_answers.completion(answers.text("Hi")))
    chat = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
    with serving([answer]) as server, recording(server.url, tmp_path, *CHAT) as proxy:
        _, data = ask(proxy.url, chat, "/v1/chat/completions")
    assert json.loads(data)["choices"][0]["message"]["content"] == "Hi"
    assert server.posts[0].json == chat
    assert proxy.traces()[0].upstream is None


def test_a_request_that_is_no_json_is_refused(tmp_path: Path) -> None:
    with serving([]) as server, recording(server.url, tmp_path, *CHAT) as proxy:
        status, answer = ask(proxy.url, b"{", "/v1/messages")
    assert (status, json.loads(answer)["error"]["type"]) == (400, "invalid_request_error")


def without_messages(request: Received) -> Answer:
    """Answer as a server that has no /v1/messages."""
    if request.path.partition("?")[0] == "/v1/chat/completions":
        return (
            stream(chat_answers.chunks(answers.text("Hi")))
            if request.body != b"{}"
            else whole({"error": {"message": "no messages"}}, 400)
        )
    return whole({"error": {"message": "File Not Found", "code": 404}}, 404)


def test_auto_asks_the_server_once_what_it_has(tmp_path: Path) -> None:
    with serving(without_messages) as server, recording(server.url, tmp_path, *AUTO) as proxy:
        answered = [read(ask(proxy.url)[1])["content"][0]["text"] for _ in range(2)]
    assert answered == ["Hi", "Hi"]
    assert [request.path for request in server.posts if request.body != b"{}"] == ["/v1/chat/completions"] * 2
    assert len([request for request in server.posts if request.body == b"{}"]) == 3
    assert "translating to chat (/v1/chat/completions)" in proxy.log.read_text()


def test_auto_learns_nothing_from_a_refused_key(tmp_path: Path) -> None:
    def script(request: Received) -> Answer:
        if request.header("authorization") == "Bearer right":
            return without_messages(request)
        return whole({"error": {"message": "Invalid API key"}}, 401)

    with serving(script) as server, recording(server.url, tmp_path, *AUTO) as proxy:
        status, _ = ask(proxy.url, authorization="Bearer wrong")
        answer = ask(proxy.url, authorization="Bearer right")[1]
    said = proxy.log.read_text()
    assert status == 401
    assert "wants another key" in said
    assert "nothing needs to be translated" not in said
    assert read(answer)["content"][0]["text"] == "Hi"


def test_half_a_character_in_a_request_is_replaced_and_noted(tmp_path: Path) -> None:
    body = {**BODY, "messages": [{"role": "user", "content": "a \ud83d b"}]}
    with (
        serving([stream(chat_answers.chunks(answers.text("Hi")))]) as server,
        recording(server.url, tmp_path, *CHAT) as proxy,
    ):
        ask(proxy.url, body)
    [trace] = proxy.traces()
    assert server.posts[0].json["messages"][-1]["content"] == "a \ufffd b"
    assert trace.upstream is not None
    assert "half of a character: replaced by U+FFFD" in trace.upstream.changes


def test_auto_does_not_take_a_page_for_an_answer(tmp_path: Path) -> None:
    page = Answer((b"<!doctype html><title>Welcome</title>",), headers={"content-type": "text/html"})

    def script(request: Received) -> Answer:
        return page if request.path.startswith("/v1/messages") else without_messages(request)

    with serving(script) as server, recording(server.url, tmp_path, *AUTO) as proxy:
        assert read(ask(proxy.url)[1])["content"][0]["text"] == "Hi"


def test_a_server_with_nothing_that_we_know_is_told_once(tmp_path: Path) -> None:
    with serving([whole({"error": {"message": "Not Found"}}, 404)]) as server:
        with recording(server.url, tmp_path / "auto", *AUTO) as proxy:
            assert ask(proxy.url)[0] == 404
        with recording(server.url, tmp_path / "chat", *CHAT) as chat:
            status, answer = ask(chat.url)
    said = proxy.log.read_text()
    assert "has none of /v1/messages" in said
    assert "translate to what it has" not in said
    assert (status, "has no /v1/chat/completions (404)" in answer.decode()) == (400, True)


def test_auto_translates_nothing_for_a_server_with_anthropics_format(tmp_path: Path) -> None:
    answer = stream(answers.events(answers.text("Hi")))

    def script(request: Received) -> Answer:
        return answer if request.body != b"{}" else whole({}, 400)

    with serving(script) as server, recording(server.url, tmp_path, *AUTO) as proxy:
        ask(proxy.url)
    assert server.posts[-1].path == "/v1/messages?beta=true"
    assert proxy.traces()[0].upstream is None


def test_without_an_option_one_line_says_which_helps(tmp_path: Path) -> None:
    with serving(without_messages) as server, recording(server.url, tmp_path) as proxy:
        for _ in range(2):
            assert ask(proxy.url)[0] == 404
    said = proxy.log.read_text()
    assert said.count("has no /v1/messages (404): translate to what it has") == 1
    assert "anyclaude --translate auto" in said
    assert "--set anyclaude_translate=auto" in said


def test_a_refused_field_is_told_with_the_option_that_helps(tmp_path: Path) -> None:
    refusal = whole({"error": {"message": "context_management: Extra inputs are not permitted"}}, 400)
    with serving([refusal]) as server, recording(server.url, tmp_path) as proxy:
        ask(proxy.url, {**BODY, "context_management": {"edits": []}})
    assert "anyclaude --repair drop:context_management, or mitmdump" in proxy.log.read_text()


def test_a_mode_that_knows_no_other_format_translates_by_itself(tmp_path: Path) -> None:
    with serving(without_messages) as server:
        with recording(server.url, tmp_path, "--set", "anyclaude_mode=mlx") as proxy:
            assert read(ask(proxy.url)[1])["content"][0]["text"] == "Hi"
        with recording(server.url, tmp_path, *("--set", "anyclaude_mode=mlx", "--set", "anyclaude_translate=off")) as p:
            assert ask(p.url)[0] == 404


def _failure(exchange: Exchange) -> str | None:
    return exchange.error.kind if exchange.error else None


@pytest.mark.parametrize("streamed", [True, False])
def test_calls_and_thinking_in_the_text_are_read_where_that_is_asked_for(tmp_path: Path, streamed: bool) -> None:
    text = '<think>\nHm.\n</think>\n\nLook.<tool_call>{"name": "Read", "arguments": {"file_path": "/x"}}</tool_call>'
    said = answers.text(text)
    answer = stream(chat_answers.chunks(said)) if streamed else whole(chat_answers.completion(said))
    options = (*CHAT, "--set", "anyclaude_tool_parser=hermes", "--set", "anyclaude_thinking=tags")
    with serving([answer]) as server, recording(server.url, tmp_path, *options) as proxy:
        status, body = ask(proxy.url, {**BODY, "stream": streamed})
    assert status == 200
    message = read(body) if streamed else json.loads(body)
    assert contents_of(message) == {"thinking": "Hm.", "text": "Look.", "calls": [("Read", {"file_path": "/x"})]}
    assert message["stop_reason"] == "tool_use"


def test_an_unknown_parser_is_named_with_those_that_there_are() -> None:
    values = {**dict.fromkeys(OPTIONS, ""), "anyclaude_tool_parser": "hermse"}
    with pytest.raises(ValueError, match="anyclaude_tool_parser: 'hermse' is none of hermes, qwen-xml, mistral"):
        Options.parse(values)


class Messages(list[Any]):
    """A list that can be asked for whether it is still there."""


def test_nothing_of_a_long_conversation_is_kept_while_its_answer_streams() -> None:
    notes: list[str] = []
    way, messages = Translate("chat", notes.append), Messages(BODY["messages"])
    gone = weakref.ref(messages)
    way.request(Outgoing("/v1/messages", {}, {**BODY, "messages": messages}))
    del messages
    assert gone() is None
