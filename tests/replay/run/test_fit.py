"""Whether a request fits the context, with each kind of server."""

import asyncio
import json
from typing import Any

import pytest

from replay.exchange import ReplayError, Reply
from replay.request import Prepared, Target
from replay.run import fit
from tests.support.asking import Answering
from traces.dialects import Dialect
from traces.model import Json

WORDS = "word " * 4000  # 20,000 characters: about 5,000 tokens


def request(server: str = "llamacpp", dialect: Dialect = "anthropic", model: str = "m", **body: Any) -> Prepared:
    filled = {"model": model, "messages": [{"role": "user", "content": WORDS}], "max_tokens": 100, "stream": True}
    return Prepared(
        target=Target("http://box:7", "box", dialect, server=server),
        path="/v1/messages",
        headers={},
        body=json.dumps({**filled, **body}).encode(),
        model=model,
        dialect=dialect,
    )


def llamacpp(context: int, **counted: int) -> dict[str, Json]:
    entry = {"id": "m", "owned_by": "llamacpp", "meta": {"n_ctx_train": 131072}}
    table: dict[str, Json] = {
        "/v1/models": {"data": [entry]},
        "/props": {"default_generation_settings": {"n_ctx": context}},
    }
    return table | ({"/v1/messages/count_tokens": counted} if counted else {})


def vllm(context: int) -> dict[str, Json]:
    return {"/v1/models": {"data": [{"id": "m", "owned_by": "vllm", "max_model_len": context}]}}


def problem(table: dict[str, Json], prepared: Prepared) -> tuple[ReplayError | None, Answering]:
    ask = Answering(table)
    return asyncio.run(fit.problem(prepared, ask)), ask


def test_a_request_too_long_says_by_how_much_and_what_to_do() -> None:
    error, _ = problem(llamacpp(4096, input_tokens=5021), request())
    assert error == ReplayError(
        "context",
        "The request has 5,021 tokens: 925 more than the 4,096 that m is loaded with, at most 131,072. "
        "Give it more (llama-server … -c 5120), or send it all the same with --force.",
    )


def test_the_server_counts_with_its_own_tokenizer_what_the_model_reads() -> None:
    _, ask = problem(llamacpp(4096, input_tokens=5021), request(system="Be brief.", temperature=0))
    [(path, body)] = ask.posts
    assert path == "/v1/messages/count_tokens"
    assert isinstance(body, dict)
    assert list(body) == ["model", "system", "messages"]


def test_a_chat_is_counted_in_the_format_that_has_a_count() -> None:
    system = {"role": "system", "content": "Be brief."}
    error, ask = problem(llamacpp(10, input_tokens=11), request(dialect="chat", messages=[system]))
    assert ask.posts[0][1] == {"model": "m", "system": [{"type": "text", "text": "Be brief."}], "messages": []}
    assert error is not None
    assert "11 tokens: 1 more than the 10" in error.message


@pytest.mark.parametrize("context", [5021, 8192])
def test_a_request_that_fits_has_no_problem(context: int) -> None:
    assert problem(llamacpp(context, input_tokens=5021), request())[0] is None


def test_what_has_fewer_bytes_than_the_context_has_tokens_is_not_even_counted() -> None:
    error, ask = problem(llamacpp(131072, input_tokens=999_999), request())
    assert (error, ask.posts) == (None, [])


def test_where_the_server_does_not_count_the_length_is_estimated_and_called_so() -> None:
    error, _ = problem(llamacpp(4096), request())
    assert error is not None
    assert error.message.startswith("The request has about 5,000 tokens: 904 more than the 4,096")


def test_a_server_that_reserves_the_whole_answer_counts_it_too() -> None:
    error, _ = problem(vllm(6000), request("vllm", max_tokens=2000))
    assert error is not None
    assert "about 5,000 tokens and asks for 2,000 more (--set max_tokens=… asks for less): 1,000 more" in error.message
    assert problem(vllm(8000), request("vllm", max_tokens=2000))[0] is None


def test_a_server_with_one_model_answers_with_it_whatever_it_is_called() -> None:
    assert problem(llamacpp(4096, input_tokens=5021), request(model="claude-x"))[0] is not None


@pytest.mark.parametrize(
    "table",
    [
        {},
        {"/v1/models": {"data": [{"id": "m"}]}},
        {"/v1/models": {"data": [{"id": "a", "context_length": 9}, {"id": "b", "context_length": 9}]}},
        {"/v1/models": Reply(error=ReplayError("refused", "Connection refused"))},
    ],
)
def test_with_an_unknown_context_the_request_is_sent_and_the_server_decides(table: dict[str, Json]) -> None:
    assert problem(table, request())[0] is None
