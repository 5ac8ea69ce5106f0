"""A request's tokens, counted with a server's tokenizer, or from its texts."""

from typing import Any

import pytest

from tests.support.bodies import HELLO, IMAGE_IN_CHAT, READ_IN_CHAT, chat, text, user
from traces.dialects.translation.counting import WAYS, Ask, Counting, answer, estimate


def run(counting: Counting, *answers: Any) -> tuple[list[Ask], int | None]:
    """Return what was asked, and the number."""
    asked = [next(counting)]
    for given in answers:
        try:
            asked.append(counting.send(given))
        except StopIteration as end:
            return asked, end.value
    raise AssertionError("it asks for more")


CHAT = chat(HELLO, tools=[READ_IN_CHAT], stream=True, max_tokens=9)


def test_llamacpp_writes_the_prompt_and_cuts_it() -> None:
    asked, tokens = run(WAYS["chat"][0](CHAT), {"prompt": "<s>Hello"}, {"tokens": [1, 2, 3]})
    assert asked == [
        ("/apply-template", {"model": CHAT["model"], "messages": [HELLO], "tools": [READ_IN_CHAT]}),
        ("/tokenize", {"content": "<s>Hello", "add_special": True, "parse_special": True}),
    ]
    assert tokens == 3
    assert answer(3) == {"input_tokens": 3}


def test_vllm_counts_messages() -> None:
    asked, tokens = run(WAYS["chat"][1](CHAT), {"count": 12, "tokens": []})
    sent = {"model": CHAT["model"], "messages": [HELLO], "tools": [READ_IN_CHAT], "add_generation_prompt": True}
    assert (asked, tokens) == ([("/tokenize", sent)], 12)


def test_openai_counts_items() -> None:
    asked, tokens = run(WAYS["responses"][0]({"model": "m", "input": [], "stream": True}), {"input_tokens": 5})
    assert (asked, tokens) == ([("/v1/responses/input_tokens", {"model": "m", "input": []})], 5)


@pytest.mark.parametrize("given", [None, {"error": "no such path"}, [], {"prompt": 3, "count": "x", "tokens": 1}])
def test_an_answer_without_a_count_is_none(given: Any) -> None:
    for way in (*WAYS["chat"], *WAYS["responses"]):
        assert run(way(CHAT), given)[1] is None


def test_texts_are_counted_where_no_server_does() -> None:
    body = chat(user(text("Hello"), IMAGE_IN_CHAT), {"role": "tool", "tool_call_id": "a", "content": "four"})
    assert estimate(body, len) == len("Hello") + len("four")
    assert estimate({**body, "tools": [READ_IN_CHAT]}, len) > 50
