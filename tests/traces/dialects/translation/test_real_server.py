"""A real llama.cpp answers in chat completions and responses, translated, what it answers in Anthropic's own format."""

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from tests.support.bodies import assistant, text, user
from tests.support.streams import parse
from tests.support.translating import contents_of
from traces.dialects import FORMATS, Dialect
from traces.dialects.translation.answer import AnswerTranslator, assemble, translate_answer, translate_error
from traces.dialects.translation.counting import WAYS
from traces.dialects.translation.request import translate_request

READ = {
    "name": "Read",
    "description": "Reads a file.",
    "input_schema": {"type": "object", "properties": {"file_path": {"type": "string"}}, "required": ["file_path"]},
}
TOOLS: Any = {"tools": [READ]}
CALLED = {"type": "tool_use", "id": "a", "name": "Read", "input": {"file_path": "/etc/motd"}}
GIVEN = {"type": "tool_result", "tool_use_id": "a", "content": "Welcome."}

REQUESTS: dict[str, dict[str, Any]] = {
    "a question": {"messages": [user(text("What is the capital of France?"))], "system": "You answer briefly."},
    "several turns, cut off": {
        "messages": [user(text("Say one.")), assistant(text("One.")), user(text("Say two."), text("Now."))],
        "max_tokens": 2,
    },
    "a tool and its result": {"messages": [user(text("Read it.")), assistant(CALLED), user(GIVEN)], **TOOLS},
}


def request(name: str, **more: Any) -> dict[str, Any]:
    return {"model": "m", "max_tokens": 12, "temperature": 0, **REQUESTS[name], **more}


def post(url: str, body: Any) -> bytes:
    asked = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(asked, timeout=120) as answer:
        content: bytes = answer.read()
    return content


def own(server: str, body: dict[str, Any]) -> Any:
    """Return the server's own answer in Anthropic's format. It is asked twice: the first time fills its cache."""
    post(f"{server}/v1/messages", body)
    stream = FORMATS["anthropic"].stream()
    for event in parse([post(f"{server}/v1/messages", {**body, "stream": True})]):
        stream.feed(event, None)
    return stream.message()


def translated(server: str, body: dict[str, Any], to: Dialect) -> Any:
    sent = translate_request({**body, "stream": True}, to=to)
    translator = AnswerTranslator(to, body, sent.names, ident="1")
    events = [each for event in parse([post(server + sent.path, sent.body)]) for each in translator.feed(event)]
    return assemble([*events, *translator.end()])


def unstreamed(server: str, body: dict[str, Any], to: Dialect) -> Any:
    sent = translate_request(body, to=to)
    answer, _ = translate_answer(json.loads(post(server + sent.path, sent.body)), to, body, sent.names, ident="1")
    return answer


def said(answer: Any) -> Any:
    usage = {name: count for name, count in answer["usage"].items() if "creation" not in name}
    return contents_of(answer), answer["stop_reason"], usage, answer["role"]


@pytest.mark.parametrize("name", REQUESTS)
def test_text_is_what_the_server_says_itself(name: str, smollm2_server: str) -> None:
    body = request(name)
    expected = said(own(smollm2_server, body))
    assert said(translated(smollm2_server, body, "chat")) == expected
    assert said(translated(smollm2_server, body, "responses")) == expected


def test_a_tool_call_is_what_the_server_says_itself(tool_server: str) -> None:
    body = request("a question", max_tokens=200, **TOOLS)
    expected = said(own(tool_server, body))
    assert expected[0]["calls"]
    for to in ("chat", "responses"):
        assert said(translated(tool_server, body, to)) == expected
        assert said(unstreamed(tool_server, body, to)) == expected


def test_the_servers_own_tokenizer_counts_what_it_reports(smollm2_server: str) -> None:
    body = request("a tool and its result")
    counting = WAYS["chat"][0](translate_request(body, to="chat").body)
    first = next(counting)
    second = counting.send(json.loads(post(smollm2_server + first.path, first.body)))
    with pytest.raises(StopIteration) as end:
        counting.send(json.loads(post(smollm2_server + second.path, second.body)))
    usage = own(smollm2_server, body)["usage"]
    assert end.value.value == usage["input_tokens"] + usage["cache_read_input_tokens"]


def test_too_long_a_prompt_is_what_the_client_shortens(smollm2_server: str) -> None:
    body = request("a question", messages=[user(text("word " * 40_000))])
    sent = translate_request(body, to="chat")
    with pytest.raises(urllib.error.HTTPError) as refused:
        post(smollm2_server + sent.path, sent.body)
    status, _, data = translate_error(refused.value.code, dict(refused.value.headers), refused.value.read())
    words = json.loads(data)["error"]["message"]
    assert status == 400
    assert words.startswith("prompt is too long: ")
    assert words.endswith(" maximum")
