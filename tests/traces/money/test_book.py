"""What known usage costs, to the cent, by published prices: written by the user, and as genai-prices has them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support import factories
from traces.errors import ToolkitError
from traces.model import Failure, Json, Trace, Upstream
from traces.money import own, published
from traces.money.billed import Billed, billed
from traces.money.book import FREE, REPORTED, PriceBook, total

SONNET = {"input": 3, "output": 15, "cacheRead": 0.3, "cacheWrite": 3.75, "cacheWrite1h": 6}
SONNET_ABOVE = {"200000": {"input": 6, "output": 22.5, "cacheRead": 0.6, "cacheWrite": 7.5, "cacheWrite1h": 12}}
PUBLISHED = {
    "claude-sonnet-4-5*": {**SONNET, "above": SONNET_ABOVE},
    "claude-opus-4-5*": {"input": 5, "output": 25, "cacheRead": 0.5, "cacheWrite": 6.25, "cacheWrite1h": 10},
    "gpt-5": {"input": 1.25, "output": 10, "cacheRead": 0.125},
    "gemini-2.5-pro": {
        "input": 1.25,
        "output": 10,
        "cacheRead": 0.125,
        "above": {"200000": {"input": 2.5, "output": 15, "cacheRead": 0.25}},
    },
}
"""Dollars for a million tokens, as the providers publish them."""

MESSAGES, CHAT, RESPONSES = "/v1/messages", "/v1/chat/completions", "/v1/responses"
GEMINI = "/v1beta/models/gemini-2.5-pro:streamGenerateContent"
SONNET_NAME = "claude-sonnet-4-5-20250929"


@dataclass(frozen=True)
class Case:
    mode: str
    model: str
    path: str
    answer: Mapping[str, Any]
    dollars: str
    more: Mapping[str, Any] = field(default_factory=dict)

    def trace(self) -> Trace:
        body = {"model": self.model, "messages": [{"role": "user", "content": "Hi"}]}
        url = f"https://example.org{self.path}"
        return factories.trace(body, {**self.answer, **self.more}, mode=self.mode, url=url)


def anthropic(dollars: str, model: str = SONNET_NAME, **usage: Any) -> Case:
    return Case("claude", model, MESSAGES, {"content": [], "stop_reason": "end_turn", "usage": usage}, dollars)


def chat(dollars: str, **usage: Json) -> Case:
    return Case("openai", "gpt-5", CHAT, {"choices": [], "usage": usage}, dollars)


CASES = {
    # 1,000 x 3 + 2,000 x 15 = 33,000 millionths
    "input and output": anthropic("0.033", input_tokens=1000, output_tokens=2000),
    # 100 x 3 + 50,000 x 0.3 + 4,000 x 3.75 + 500 x 15 = 300 + 15,000 + 15,000 + 7,500
    "a cache that is read and written": anthropic(
        "0.0378",
        input_tokens=100,
        cache_read_input_tokens=50_000,
        cache_creation_input_tokens=4_000,
        output_tokens=500,
    ),
    # 10 x 3 + 1,000 x 3.75 + 9,000 x 6 + 100 x 15 = 30 + 3,750 + 54,000 + 1,500
    "both lifetimes": anthropic(
        "0.05928",
        input_tokens=10,
        cache_creation_input_tokens=10_000,
        cache_creation={"ephemeral_5m_input_tokens": 1_000, "ephemeral_1h_input_tokens": 9_000},
        output_tokens=100,
    ),
    # 200,000 in all is not above it: 200,000 x 0.3 + 1,000 x 15
    "exactly 200k": anthropic("0.075", input_tokens=0, cache_read_input_tokens=200_000, output_tokens=1_000),
    # one token more: all of them cost more, also what was read, and the output
    "above 200k, by what was read": anthropic(
        "0.142506", input_tokens=1, cache_read_input_tokens=200_000, output_tokens=1_000
    ),
    "Opus": anthropic("0.0375", model="claude-opus-4-5-20251101", input_tokens=2_500, output_tokens=1_000),
    # cached within the prompt: 2,000 x 1.25 + 8,000 x 0.125 + 400 x 10; reasoning within the completion
    "OpenAI's cached input and reasoning": chat(
        "0.0075",
        prompt_tokens=10_000,
        completion_tokens=400,
        total_tokens=10_400,
        prompt_tokens_details={"cached_tokens": 8_000},
        completion_tokens_details={"reasoning_tokens": 300},
    ),
    "OpenAI's responses": Case(
        "openai",
        "gpt-5",
        RESPONSES,
        {
            "output": [],
            "usage": {
                "input_tokens": 10_000,
                "input_tokens_details": {"cached_tokens": 8_000},
                "output_tokens": 400,
                "output_tokens_details": {"reasoning_tokens": 300},
            },
        },
        "0.0075",
    ),
    # thoughts beside the answer: 1,000 x 1.25 + 1,000 x 0.125 + (100 + 900) x 10
    "Gemini's thoughts": Case(
        "gemini",
        "gemini-2.5-pro",
        GEMINI,
        {
            "candidates": [],
            "usageMetadata": {
                "promptTokenCount": 2_000,
                "cachedContentTokenCount": 1_000,
                "candidatesTokenCount": 100,
                "thoughtsTokenCount": 900,
                "totalTokenCount": 3_000,
            },
        },
        "0.011375",
    ),
    # 250,000 x 2.5 + 100 x 15
    "Gemini above 200k": Case(
        "gemini",
        "gemini-2.5-pro",
        GEMINI,
        {"candidates": [], "usageMetadata": {"promptTokenCount": 250_000, "candidatesTokenCount": 100}},
        "0.6265",
    ),
}


def book_of(prices: Json) -> PriceBook:
    return PriceBook(list(own.prices(Path("rc"), prices)))


@pytest.mark.parametrize("name", CASES)
def test_known_usage_costs_what_the_users_own_prices_say(name: str) -> None:
    case = CASES[name]
    charge = book_of(PUBLISHED).charge(billed(case.trace()), factories.stamp())
    assert charge.dollars == Decimal(case.dollars)
    assert charge.is_whole
    assert charge.source.startswith("rc: prices.")


@pytest.mark.parametrize("name", CASES)
def test_known_usage_costs_what_is_published(name: str) -> None:
    pytest.importorskip("genai_prices", reason="genai-prices clashes with mitmproxy 11, on Python 3.11")
    case = CASES[name]
    charge = PriceBook(published_prices=published.published()).charge(billed(case.trace()), factories.stamp())
    assert charge.dollars == Decimal(case.dollars)
    assert charge.source.startswith("genai-prices 0.")


def test_a_web_search_is_billed_beside_the_tokens() -> None:
    pytest.importorskip("genai_prices")
    usage: dict[str, Any] = {"input_tokens": 1000, "output_tokens": 2000, "server_tool_use": {"web_search_requests": 2}}
    charge = PriceBook(published_prices=published.published()).charge(
        billed(anthropic("", **usage).trace()), factories.stamp()
    )
    assert charge.dollars == Decimal("0.053")  # 10 dollars for 1,000 searches


def test_what_runs_on_the_users_own_hardware_has_no_published_price() -> None:
    pytest.importorskip("genai_prices")
    known = Billed(models=("gpt-5",), url="http://localhost/v1/messages", uncached=9, output=1)
    book = PriceBook(published_prices=published.published())
    for mode in ("llamacpp", "ollama", "lmstudio", "vllm", "local", "made-up"):
        charge = book.charge(Billed(mode, known.models, known.url, uncached=9, output=1), factories.stamp())
        assert (charge.dollars, charge.problem) == (None, "price")


def test_an_unknown_server_is_known_by_its_address() -> None:
    pytest.importorskip("genai_prices")
    url = "https://api.deepseek.com/v1/chat/completions"
    charge = PriceBook(published_prices=published.published()).charge(
        Billed("local", ("deepseek-chat",), url, uncached=1_000_000, output=0), factories.stamp()
    )
    assert charge.dollars


REPORTS: dict[str, tuple[Json, Mapping[str, str], str | None]] = {
    "OpenRouter's": ({"cost": 0.0123, "cost_details": {"upstream_inference_cost": 5}}, {}, "0.0123"),
    "with a key of the user's own": (
        {"cost": 0.001, "is_byok": True, "cost_details": {"upstream_inference_cost": 0.02}},
        {},
        "0.021",
    ),
    "Perplexity's": ({"cost": {"input_tokens_cost": 0.1, "total_cost": 0.4}}, {}, "0.4"),
    "LiteLLM's": ({}, {"X-LiteLLM-Response-Cost": "0.00025"}, "0.00025"),
    "LiteLLM's for what it knows no price of": ({}, {"x-litellm-response-cost": "0.0"}, None),
    "nonsense": ({"cost": "free!"}, {"x-litellm-response-cost": "nan"}, None),
    "less than nothing": ({"cost": -1}, {}, None),
    "true": ({"cost": True}, {}, None),
}


@pytest.mark.parametrize("name", REPORTS)
def test_the_servers_own_account_goes_before_any_price(name: str) -> None:
    usage, headers, dollars = REPORTS[name]
    assert isinstance(usage, dict)
    answer = {"choices": [], "usage": {"prompt_tokens": 100, "completion_tokens": 5, **usage}}
    trace = factories.trace(
        {"model": "gpt-5"}, answer, mode="openrouter", url=f"http://h{CHAT}", answer_headers=headers
    )
    charge = book_of(PUBLISHED).charge(billed(trace), factories.stamp())
    assert charge.dollars == Decimal(dollars or "0.000175")
    assert (charge.source == REPORTED) == (dollars is not None)


def test_of_a_translated_exchange_the_servers_own_side_is_billed() -> None:
    sent = factories.trace(
        {"model": "gpt-5"}, {"choices": [], "usage": {"prompt_tokens": 9, "cost": 0.5}}, url=f"http://h{CHAT}"
    )
    got = factories.trace({"model": "claude-x"}, factories.message("Hi", {"input_tokens": 1, "output_tokens": 1}))
    found = billed(replace(got, upstream=Upstream(sent)))
    assert (found.reported, found.models, found.uncached) == ("0.5", ("gpt-5", "claude-x"), 9)


def test_an_answer_that_broke_off_cost_at_least_its_input() -> None:
    answer: Json = {"content": [], "stop_reason": None, "usage": {"input_tokens": 1000, "output_tokens": 1}}
    trace = factories.trace({"model": SONNET_NAME}, answer, mode="claude", failure=Failure("stream_cut", "gone"))
    charge = book_of(PUBLISHED).charge(billed(trace), factories.stamp())
    assert (charge.dollars, charge.problem) == (Decimal("0.003"), "part")


def test_without_usage_a_cost_is_unknown_and_never_0() -> None:
    trace = factories.trace({"model": SONNET_NAME}, {"content": [], "stop_reason": "end_turn"}, mode="claude")
    charge = book_of(PUBLISHED).charge(billed(trace), factories.stamp())
    assert (charge.dollars, charge.problem) == (None, "usage")


@pytest.mark.parametrize("kind", ["refused", "http_error", "unreachable"])
def test_a_request_that_no_model_answered_costs_nothing(kind: str) -> None:
    trace = factories.trace({"model": SONNET_NAME}, {}, mode="claude", failure=Failure(kind, "no"), status=429)
    charge = PriceBook().charge(billed(trace), factories.stamp())
    assert (charge.dollars, charge.source) == (Decimal(0), FREE)


def test_counting_tokens_costs_nothing_and_a_compaction_does() -> None:
    counting = factories.trace({}, {"input_tokens": 9}, url="http://h/v1/messages/count_tokens")
    compaction = factories.trace({}, {"output": [], "usage": {"input_tokens": 9}}, url="http://h/v1/responses/compact")
    assert billed(counting).is_free
    assert not billed(compaction).is_free


def test_a_sum_over_known_and_unknown_is_a_lower_bound() -> None:
    book = book_of(PUBLISHED)
    known = book.charge(Billed("openai", ("gpt-5",), uncached=1_000_000, output=0), factories.stamp())
    unknown = book.charge(Billed("openai", ("gpt-9",), uncached=1_000_000, output=0), factories.stamp())
    assert total([known, unknown]) == (1.25, 1)
    assert total([unknown]) == (None, 1)
    assert total([]) == (0.0, 0)


def test_an_hour_of_a_busy_server_has_a_price() -> None:
    book = book_of({"vllm/*": {"perHour": 3.6}, "*": {"watts": 500, "perKwh": 0.36}})
    rented = book.charge(Billed("vllm", ("qwen3",)), factories.stamp(), 100.0)
    powered = book.charge(Billed("llamacpp", ("qwen3",)), factories.stamp(), 100.0)
    assert rented.dollars == Decimal("0.1")  # whether or not it counts tokens
    assert powered.dollars == Decimal("0.005")
    assert book.charge(Billed("vllm", ("qwen3",)), factories.stamp()).problem == "time"


def test_what_is_billed_survives_the_index() -> None:
    for case in CASES.values():
        found = billed(case.trace())
        assert Billed.from_json(json.loads(json.dumps(found.to_json()))) == found


WRONG = {
    "no object": ([1], "rc: prices: must be an object, {…}, not [1]"),
    "a price that is no object": ({"m": 3}, "rc: prices.m: must be an object, {…}, not 3"),
    "an unknown key": ({"m": {"inpt": 3}}, "rc: prices.m: unknown key 'inpt': allowed are input, output, cacheRead, "),
    "nothing": ({"m": {}}, "rc: prices.m: must have input and output, or perHour, or watts and perKwh"),
    "input alone": ({"m": {"input": 3}}, "rc: prices.m: output is missing: dollars for a million tokens"),
    "text": (
        {"m": {"input": "3", "output": 1}},
        'rc: prices.m.input: "3" can\'t be used: it must be a number, not bel',
    ),
    "less than 0": ({"m": {"perHour": -1}}, "rc: prices.m.perHour: -1 can't be used: it must be a number, not below 0"),
    "not a number": ({"m": {"perHour": float("nan")}}, "rc: prices.m.perHour: NaN can't be used"),
    "watts alone": ({"m": {"watts": 300}}, "rc: prices.m: watts and perKwh (dollars) belong together"),
    "an odd size": (
        {"m": {"input": 1, "output": 1, "above": {"200k": {}}}},
        "rc: prices.m.above: '200k' can't be used",
    ),
    "an hour in a size": (
        {"m": {"input": 1, "output": 1, "above": {"2": {"perHour": 1}}}},
        "rc: prices.m.above.2: unknown key 'perHour'",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_price_that_cant_be_used_is_named_with_its_place(name: str) -> None:
    raw, words = WRONG[name]
    with pytest.raises(ToolkitError) as error:
        list(own.prices(Path("rc"), raw))
    assert str(error.value).startswith(words)
    assert "\n" not in str(error.value)


def test_the_nearest_files_prices_come_first_and_comments_are_left_out(tmp_path: Path) -> None:
    near, home = tmp_path / "project", tmp_path / "home"
    for folder, price in ((near, 1), (home, 2)):
        folder.mkdir()
        document = {"prices": {"// note": "mine", "m*": {"input": price, "output": price}}}
        (folder / own.NAME).write_text(json.dumps(document))
    found = own.read_all(near, home)
    assert [price.pattern for price in found] == ["m*", "m*"]
    charge = PriceBook(found).charge(Billed("local", ("m1",), uncached=1_000_000, output=0), factories.stamp())
    assert charge.dollars == 1
    assert len(own.read_all(home, home)) == 1


PATTERNS = {
    ("claude-x", "claude-x"): True,
    ("claude*", "claude-x"): True,
    ("claude*", "gpt-5"): False,  # though the mode is claude
    ("claude/*", "gpt-5"): True,
    ("*", "gpt-5"): True,
    ("open/*", "open/model"): True,  # a model with a slash in its name
    ("gpt[5]", "gpt5"): False,  # only * stands for something else
    ("gpt.5", "gpt-5"): False,
}


@pytest.mark.parametrize(("pattern", "model"), PATTERNS)
def test_a_pattern_is_a_model_or_a_mode_and_a_model(pattern: str, model: str) -> None:
    charge = book_of({pattern: {"input": 1, "output": 1}}).charge(
        Billed("claude", (model,), uncached=1, output=0), factories.stamp()
    )
    assert (charge.dollars is not None) == PATTERNS[pattern, model]
