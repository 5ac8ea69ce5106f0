"""The events that a client of Anthropic's gets for what a server sends, case by case."""

import json
from typing import Any

import pytest

from tests.support.bodies import HELLO
from tests.support.translating import REQUEST, Sent, contents_of
from traces.dialects.sse import ServerEvent
from traces.dialects.translation.answer import AnswerTranslator, assemble, encode, translate_answer
from traces.dialects.translation.request import translate_request

LONG = "mcp__" + "server" * 12 + "__search.all"


def chunk(delta: Any = None, finish: Any = None, **more: Any) -> str:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    return json.dumps({"id": "c", "model": "qwen", "choices": choices, **more})


def part(index: int, arguments: str, name: str | None = None, ident: str | None = None) -> str:
    named = {"id": ident, "type": "function"} if ident else {}
    function = {"name": name, "arguments": arguments} if name else {"arguments": arguments}
    return chunk({"tool_calls": [{"index": index, **named, "function": function}]})


def run(
    *data: str, request: Any = REQUEST, failure: str | None = None, **options: Any
) -> tuple[Sent, AnswerTranslator]:
    translator = AnswerTranslator("chat", request, ident="1", **options)
    sent = [each for text in data for each in translator.feed(ServerEvent(None, text))]
    return [*sent, *translator.end(failure)], translator


def message(*data: str, **options: Any) -> Any:
    sent, _ = run(*data, **options)
    return assemble(sent)


END = (chunk({}, "stop"), "[DONE]")
TOOL_END = (chunk({}, "tool_calls"), "[DONE]")


def test_each_piece_is_sent_as_it_comes() -> None:
    translator = AnswerTranslator("chat", REQUEST, ident="1")
    assert translator.feed(ServerEvent(None, chunk({"role": "assistant"}))) == []  # an error could still have a status
    begun, second = (translator.feed(ServerEvent(None, chunk({"content": text}))) for text in ("On", "ce"))
    (name, _), *first = begun
    assert name == "message_start"
    assert [data for _, data in first] == [
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "On"}},
    ]
    assert [data["delta"]["text"] for _, data in second] == ["ce"]
    [(name, start), *_] = translator.feed(ServerEvent(None, part(0, '{"pa', "Read", "call_1")))
    assert (name, start["index"]) == ("content_block_stop", 0)
    [(_, delta)] = translator.feed(ServerEvent(None, part(0, 'th":')))
    assert delta["delta"] == {"type": "input_json_delta", "partial_json": 'th":'}


def test_a_message_begins_with_what_is_known() -> None:
    [(name, start), *_] = AnswerTranslator("chat", REQUEST, ident="abc").feed(
        ServerEvent(None, chunk({"content": "a"}))
    )
    assert (name, start["message"]) == (
        "message_start",
        {
            "id": "msg_abc",
            "type": "message",
            "role": "assistant",
            "model": "qwen",
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {"input_tokens": 0, "output_tokens": 0},
        },
    )


def test_a_ping_may_come_first_and_names_the_model_that_was_asked_for() -> None:
    translator = AnswerTranslator("chat", REQUEST, ident="1")
    assert [name for name, _ in translator.ping()] == ["message_start", "ping"]
    assert translator.ping() == [("ping", {"type": "ping"})]
    assert [name for name, _ in translator.feed(ServerEvent(None, chunk({"content": "a"})))] == [
        "content_block_start",
        "content_block_delta",
    ]


def test_parts_of_parallel_calls_in_turn_become_blocks_one_after_another() -> None:
    sent, _ = run(
        part(0, "", "Read", "a"),
        part(1, "", "Glob", "b"),
        part(0, '{"path":'),
        part(1, '{"x":'),
        part(0, '"p"}'),
        part(1, "1}"),
        *TOOL_END,
    )
    indices = [data["index"] for name, data in sent if name.startswith("content_block")]
    assert indices == sorted(indices)
    answer: Any = assemble(sent)
    assert contents_of(answer)["calls"] == [("Read", {"path": "p"}), ("Glob", {"x": 1})]
    assert answer["stop_reason"] == "tool_use"


def test_a_call_is_sent_on_while_the_next_one_is_written() -> None:
    translator = AnswerTranslator("chat", REQUEST, ident="1")
    translator.feed(ServerEvent(None, part(0, '{"path":"p"}', "Read", "a")))
    names = [name for name, _ in translator.feed(ServerEvent(None, part(1, '{"p', "Glob", "b")))]
    assert names == ["content_block_stop", "content_block_start", "content_block_delta"]


def test_text_behind_a_call_is_a_block_of_its_own() -> None:
    answer = message(part(0, "{}", "Read", "a"), chunk({"content": "So."}), *TOOL_END)
    assert [block["type"] for block in answer["content"]] == ["tool_use", "text"]


ARGUMENTS: dict[str, tuple[list[str], Any, tuple[str, ...]]] = {
    "none": ([""], {}, ()),
    "null": (["null"], {}, ()),
    "an object": (['{"a": [1.5e3, true, {"b": "\\u00e9\\n"}]}'], {"a": [1500.0, True, {"b": "é\n"}]}, ()),
    "a number that is cut": (['{"a": 1', "2", "}"], {"a": 12}, ()),
    "an escape that is cut": (['{"a": "\\u00', "e9\\", 'n"}'], {"a": "é\n"}, ()),
    "a pair of surrogates that is cut": (['{"a": "\\ud83d', '\\ude00"}'], {"a": "😀"}, ()),
    "half a pair": (['{"a": "\\ud83d!"}'], {"a": "\ufffd!"}, ("escaped",)),
    "a line break within a text": (['{"a": "b\nc"}'], {"a": "b\nc"}, ("escaped",)),
    "a backslash that escapes nothing": (['{"a": "\\d+"}'], {"a": "\\d+"}, ("escaped",)),
    "JSON within a text": (['"{\\"a\\": 1}"'], {"a": 1}, ("within a text",)),
    "JSON within a text within a text": ([json.dumps(json.dumps('{"a": 1}'))], {"a": 1}, ("within a text",)),
    "JSON between fences": (['```json\n{"a": 1}\n```'], {"a": 1}, ("within a text",)),
    "an object in a list": (['[{"a": 1}]'], {"a": 1}, ("within a text or a list",)),
    "a list": (["[1]"], {"input": [1]}, ("no object",)),
    "a comma too many": (['{"a": [1, 2,\n ],', "}"], {"a": [1, 2]}, ("rewritten",)),
    "Python's quotes": (
        ["{'a': 'it\\'s \"so\"', 'b': [True, None]}"],
        {"a": 'it\'s "so"', "b": [True, None]},
        ("rewr",),
    ),
    "an empty object first": (["{}", '{"a": 1}'], {"a": 1}, ()),
    "an empty object only": (["{ }"], {}, ()),
    "an empty object, and something behind": (["{}", " ok"], {}, ("dropped",)),
    "no JSON": (["ls -l"], {"input": "ls -l"}, ("no object",)),
    "something behind": (['{"a": 1} {"b": 2}'], {"a": 1}, ("dropped",)),
    "white space around": ([" ", '{"a": 1}', " \n"], {"a": 1}, ()),
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_arguments_are_json_for_the_client(name: str) -> None:
    pieces, given, words = ARGUMENTS[name]
    for cut in (pieces, list("".join(pieces))):
        sent, translator = run(part(0, "", "Read", "a"), *(part(0, piece) for piece in cut), *TOOL_END)
        text = "".join(data["delta"]["partial_json"] for name, data in sent if name == "content_block_delta")
        assert json.loads(text or "{}") == given
        assert all(any(word in note for note in translator.notes) for word in words)


@pytest.mark.parametrize(
    "broken", ['{"a": tru', "{", '{"a": 1,', "{a: 1}", '{"a" 1}', '{"a": 01}', '{"a": [1}', '{"a": NaN}']
)
def test_arguments_that_break_off_are_a_beginning_of_json(broken: str) -> None:
    sent, translator = run(part(0, broken, "Read", "a"), *TOOL_END)
    text = "".join(data["delta"]["partial_json"] for name, data in sent if name == "content_block_delta")
    assert broken.startswith(text)
    assert any("no JSON" in note for note in translator.notes)


def test_arguments_nested_too_deeply_for_a_client_end_there() -> None:
    sent, _ = run(part(0, '{"a":' + "[" * 300 + "]" * 300 + "}", "Read", "a"), *TOOL_END)
    text = "".join(data["delta"]["partial_json"] for name, data in sent if name == "content_block_delta")
    assert text == '{"a":' + "[" * 127


def test_a_character_in_two_pieces_is_put_together() -> None:
    answer = message(
        '{"choices":[{"index":0,"delta":{"content":"a\\ud83d"}}]}', chunk({"content": "\ude00b\ud83d"}), *END
    )
    assert answer["content"] == [{"type": "text", "text": "a😀b\ufffd"}]


STOPS: dict[str, tuple[Any, dict[str, Any], tuple[str, str | None]]] = {
    "the end": ("stop", {}, ("end_turn", None)),
    "the limit": ("length", {}, ("max_tokens", None)),
    "a filter": ("content_filter", {}, ("refusal", None)),
    "calls that never came": ("tool_calls", {}, ("end_turn", None)),
    "a reason of its own": ("eos", {}, ("end_turn", None)),
    "vLLM's stop sequence": ("stop", {"stop_reason": "###"}, ("stop_sequence", "###")),
    "SGLang's": ("stop", {"matched_stop": "###"}, ("stop_sequence", "###")),
    "a stop that the client didn't ask for": ("stop", {"stop_reason": "<|im_end|>"}, ("end_turn", None)),
    "a token's number": ("stop", {"stop_reason": 151645}, ("end_turn", None)),
}


@pytest.mark.parametrize("name", STOPS)
def test_an_answer_says_why_it_ended(name: str) -> None:
    finish, beside, (reason, sequence) = STOPS[name]
    end = json.dumps({"choices": [{"index": 0, "delta": {}, "finish_reason": finish, **beside}]})
    answer = message(chunk({"content": "a"}), end, "[DONE]", request={**REQUEST, "stop_sequences": ["###"]})
    assert (answer["stop_reason"], answer["stop_sequence"]) == (reason, sequence)


def test_a_call_asks_the_client_to_act_whatever_the_server_says() -> None:
    assert message(part(0, "{}", "Read", "a"), *END)["stop_reason"] == "tool_use"
    assert message(part(0, "{", "Read", "a"), chunk({}, "length"), "[DONE]")["stop_reason"] == "max_tokens"


def test_a_response_as_long_as_its_limit_was_cut_off_whatever_the_server_says() -> None:
    """llama.cpp calls every response complete."""
    whole = {
        "object": "response",
        "status": "completed",
        "output": [],
        "usage": {"input_tokens": 9, "output_tokens": 99},
    }
    answer: Any
    answer, notes = translate_answer(whole, "responses", REQUEST)
    assert answer["stop_reason"] == "max_tokens"
    assert "an answer as long as its limit" in notes[0]
    answer, _ = translate_answer(whole, "responses", {**REQUEST, "max_tokens": 100})
    assert answer["stop_reason"] == "end_turn"


def test_a_refusal_is_said_and_named() -> None:
    answer = message(chunk({"refusal": "I won't."}), *END)
    assert (contents_of(answer)["text"], answer["stop_reason"]) == ("I won't.", "refusal")


USAGES: dict[str, tuple[dict[str, Any], dict[str, int]]] = {
    "OpenAI's, of which some is cached": (
        {"prompt_tokens": 100, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 60}},
        {"input_tokens": 40, "cache_read_input_tokens": 60, "output_tokens": 7},
    ),
    "what was written to the cache": (
        {
            "prompt_tokens": 100,
            "completion_tokens": 7,
            "prompt_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 30},
        },
        {
            "input_tokens": 10,
            "cache_read_input_tokens": 60,
            "cache_creation_input_tokens": 30,
            "output_tokens": 7,
        },
    ),
    "without a cache": ({"prompt_tokens": 9, "completion_tokens": 2}, {"input_tokens": 9, "output_tokens": 2}),
}


@pytest.mark.parametrize("name", USAGES)
def test_usage_tells_new_tokens_from_cached_ones(name: str) -> None:
    given, counts = USAGES[name]
    later = (chunk({"content": "a"}), chunk({}, "stop"), chunk(None, usage=given))
    sent, translator = run(*later, "[DONE]")
    assert sent[-2][1]["usage"] == counts
    assert translator.notes == ()
    with_finish = json.dumps({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": given})
    assert run(chunk({"content": "a"}), with_finish)[0][-2][1]["usage"] == counts


def test_no_usage_is_noted() -> None:
    sent, translator = run(chunk({"content": "a"}), *END)
    assert sent[-2][1]["usage"] == {"output_tokens": 0}
    assert translator.notes == ("the server reports no usage: the client is told that there were 0 tokens",)


def test_the_answer_ends_with_the_stream_where_no_word_ends_it() -> None:
    sent, _ = run(chunk({"content": "a"}), chunk({}, "stop"))
    assert [name for name, _ in sent][-2:] == ["message_delta", "message_stop"]


FAILURES: dict[str, tuple[tuple[str, ...], str | None, str, str]] = {
    "a cut": ((chunk({"content": "a"}),), None, "api_error", "the server's stream ended before its answer did"),
    "a lost connection": ((chunk({"content": "a"}),), "reset", "api_error", "reset"),
    "an error in the stream": ((chunk({"content": "a"}), '{"error": {"message": "No."}}'), None, "api_error", "No."),
    "too long a prompt": (
        ('{"error": {"message": "request (9 tokens) exceeds the available context size (8 tokens)"}}',),
        None,
        "invalid_request_error",
        "prompt is too long: 9 tokens > 8 maximum",
    ),
    "nothing at all": ((), None, "api_error", "the server's answer is empty"),
    "only its end": (("[DONE]",), None, "api_error", "the server's answer is empty"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_within_the_stream_is_an_error_event(name: str) -> None:
    data, failure, kind, words = FAILURES[name]
    sent, _ = run(*data, failure=failure)
    assert sent[-1] == ("error", {"type": "error", "error": {"type": kind, "message": words}})
    assert "message_stop" not in dict(sent)


def test_names_that_a_server_refuses_go_there_and_back() -> None:
    tools = [{"name": name, "input_schema": {"type": "object"}} for name in (LONG, "a.b", "a_b")]
    used = {"type": "tool_use", "id": "x", "name": "a.b", "input": {}}
    body = {
        **REQUEST,
        "tools": tools,
        "tool_choice": {"type": "tool", "name": LONG},
        "messages": [
            HELLO,
            {"role": "assistant", "content": [used]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "x", "content": "1"}]},
        ],
    }
    translated = translate_request(body, to="chat")
    sent = [tool["function"]["name"] for tool in translated.body["tools"]]
    assert all(len(name) <= 64 and name.replace("_", "").isalnum() for name in sent)
    assert len(set(sent)) == 3
    assert sent[2] == "a_b"
    assert translated.body["tool_choice"]["function"]["name"] == sent[0]
    assert translated.body["messages"][1]["tool_calls"][0]["function"]["name"] == sent[1]
    assert translated.names == translate_request(body, to="chat").names
    assert any(LONG in note for note in translated.notes)
    for server, client in zip(sent, (LONG, "a.b", "a_b"), strict=True):
        answer = message(part(0, "{}", server, "y"), *TOOL_END, request=body, names=translated.names)
        assert answer["content"][0]["name"] == client


def test_a_name_that_is_another_ones_beginning_waits_until_it_is_whole() -> None:
    request = {**REQUEST, "tools": [{"name": "Task"}, {"name": "TaskOutput"}]}
    answer = message(part(0, "", "Task", "a"), part(0, "", "Output"), part(0, "{}"), *TOOL_END, request=request)
    assert answer["content"][0]["name"] == "TaskOutput"


def test_an_id_is_the_servers_unless_it_has_none_or_used_it_before() -> None:
    used = {"role": "assistant", "content": [{"type": "tool_use", "id": "call_0", "name": "Read", "input": {}}]}
    answer = message(
        part(0, "{}", "Read", "call_0"),
        part(1, "{}", "Read", "functions.Read:1"),
        part(2, "{}", "Read"),
        *TOOL_END,
        request={**REQUEST, "messages": [used]},
    )
    ids = [block["id"] for block in answer["content"]]
    assert (ids[1], len(set(ids))) == ("functions.Read:1", 3)
    assert "call_0" not in ids


def test_thinking_comes_back_to_the_server_in_its_own_field() -> None:
    for field in ("reasoning_content", "reasoning"):
        answer = message(chunk({field: "Hm."}), part(0, "{}", "Read", "a"), *TOOL_END)
        assert answer["content"][0]["thinking"] == "Hm."
        body = {**REQUEST, "messages": [HELLO, {"role": "assistant", "content": answer["content"]}]}
        translated = translate_request(body, to="chat")
        assert translated.body["messages"][1][field] == "Hm."
        assert "thinking of an earlier answer: dropped" in translate_request(body, to="responses").notes


def test_thinking_within_the_text_comes_back_within_it() -> None:
    answer = message(
        chunk({"content": "<think>\nHm.\n</thi"}), chunk({"content": "nk>\n\nYes."}), *END, thinking="tags"
    )
    assert contents_of(answer) == {"thinking": "Hm.", "text": "Yes.", "calls": []}
    body = {**REQUEST, "messages": [{"role": "assistant", "content": answer["content"]}]}
    assert translate_request(body, to="chat").body["messages"][0]["content"] == "<think>\nHm.\n</think>\n\nYes."


def test_calls_within_the_text_are_calls() -> None:
    text = 'Well.<tool_call>{"name": "Read", "arguments": {"path": "a"}}</tool_call>'
    answer = message(*(chunk({"content": char}) for char in text), *END, tool_parser="hermes")
    assert contents_of(answer) == {"thinking": "", "text": "Well.", "calls": [("Read", {"path": "a"})]}
    assert answer["stop_reason"] == "tool_use"
    no_tools = message(chunk({"content": text}), *END, tool_parser="hermes", request={**REQUEST, "tools": []})
    assert contents_of(no_tools)["text"] == text


def test_thinking_and_calls_within_one_text() -> None:
    text = "<think>I read.</think><tool_call><function=Read><parameter=path>a</parameter></function></tool_call>"
    answer = message(chunk({"content": text}), *END, thinking="tags", tool_parser="qwen-xml")
    assert contents_of(answer) == {"thinking": "I read.", "text": "", "calls": [("Read", {"path": "a"})]}


def test_a_whole_answer_is_translated_like_its_stream() -> None:
    whole = {
        "id": "c",
        "model": "qwen",
        "choices": [
            {
                "index": 0,
                "finish_reason": "tool_calls",
                "message": {
                    "role": "assistant",
                    "content": "I look.",
                    "reasoning_content": "Hm.",
                    "tool_calls": [
                        {"id": "a", "type": "function", "function": {"name": "Read", "arguments": '{"path":"p"}'}}
                    ],
                },
            }
        ],
        "usage": {"prompt_tokens": 9, "completion_tokens": 2},
    }
    answer: Any
    answer, _ = translate_answer(whole, "chat", REQUEST, ident="1")
    assert contents_of(answer) == {"thinking": "Hm.", "text": "I look.", "calls": [("Read", {"path": "p"})]}
    assert (answer["stop_reason"], answer["usage"]) == ("tool_use", {"input_tokens": 9, "output_tokens": 2})
    assert answer["id"] == "msg_1"


def test_a_whole_response_is_translated_too() -> None:
    whole = {
        "object": "response",
        "model": "gpt",
        "status": "incomplete",
        "incomplete_details": {"reason": "max_output_tokens"},
        "output": [
            {"type": "reasoning", "id": "r", "summary": [{"type": "summary_text", "text": "Hm."}]},
            {"type": "message", "id": "m", "content": [{"type": "output_text", "text": "I look."}]},
            {"type": "function_call", "id": "f", "call_id": "a", "name": "Read", "arguments": '{"path":"p"}'},
        ],
        "usage": {"input_tokens": 9, "input_tokens_details": {"cached_tokens": 4}, "output_tokens": 2},
    }
    answer: Any
    answer, _ = translate_answer(whole, "responses", REQUEST, ident="1")
    assert contents_of(answer) == {"thinking": "Hm.", "text": "I look.", "calls": [("Read", {"path": "p"})]}
    assert answer["stop_reason"] == "max_tokens"
    assert answer["usage"] == {"input_tokens": 5, "cache_read_input_tokens": 4, "output_tokens": 2}


@pytest.mark.parametrize("body", [None, [], "x", {"error": "No."}, {"choices": 3}, {"choices": []}])
def test_no_answer_in_a_body_is_an_error(body: Any) -> None:
    answer: Any
    answer, _ = translate_answer(body, "chat", REQUEST)
    assert answer["type"] == "error"


def test_events_are_written_as_a_client_reads_them() -> None:
    assert encode([("ping", {"type": "ping"})]) == b'event: ping\ndata: {"type":"ping"}\n\n'
