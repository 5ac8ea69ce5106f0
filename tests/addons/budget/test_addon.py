"""The budget within mitmproxy: what passes, what is refused, and what is said."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from mitmproxy import exceptions, http
from mitmproxy.test import taddons, tflow

from addons.budget import addon
from addons.budget.addon import OPTION, Budgeting
from tests.support import factories
from traces.money import own
from traces.money.bill import Bill
from traces.money.billed import Billed

PATHS = {
    "/v1/messages?beta=true": ("type", "error", "message"),
    "/v1/chat/completions": ("error", "message"),
    "/v1/responses": ("error", "message"),
    "/v1beta/models/m:streamGenerateContent?alt=sse": ("error", "message"),
}
"""The path of each API format -> the names on the way to an error's words."""

Story = Callable[[Budgeting, Any], Awaitable[None]]


@pytest.fixture
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with prices, and a home without."""
    prices = {"prices": {"m": {"input": 1, "output": 0}}}
    (tmp_path / own.NAME).write_text(json.dumps(prices))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path


def play(story: Story, **options: str) -> None:
    async def run() -> None:
        budget = Budgeting()
        with taddons.context(budget) as context:
            context.configure(budget, **options)
            await story(budget, context)

    asyncio.run(run())


def flow(path: str = "/v1/messages", agent: str = "claude-cli/2.1.330", body: bytes = b"{}") -> Any:
    return tflow.tflow(req=http.Request.make("POST", f"http://127.0.0.1:9{path}", body, http.Headers(user_agent=agent)))


def spend(budget: Budgeting, key: str, tokens: int, model: str = "m") -> None:
    budget.handed_over(key)
    budget.reported(key, Bill(Billed("local", (model,), uncached=tokens, output=0), factories.stamp(), 1.0).to_line())


@pytest.mark.parametrize("path", PATHS)
def test_a_request_is_refused_in_the_words_of_its_format_once_nothing_is_left(path: str, in_folder: Path) -> None:
    async def story(budget: Budgeting, _: Any) -> None:
        await budget.request(passing := flow(path))
        assert passing.response is None
        spend(budget, "1", 5_000_000)
        await budget.request(refused := flow(path))
        found = json.loads(refused.response.content)
        assert refused.response.status_code == (400 if path == "/v1/responses" else 402)
        for name in PATHS[path]:
            found = found if name == "type" else found[name] if name in found else found["error"][name]
        assert found == (
            "anyclaude: the budget is used up: $5.00 of $5.00 spent. Nothing is lost: to go on, quit and start again "
            "with a larger one, as: anyclaude --budget 10 --continue"
        )

    play(story, **{OPTION: "5"})


@pytest.mark.parametrize(
    ("agent", "body", "goes_on"),
    [
        ("codex_exec/0.171.0 (Debian 13)", b"{}", " codex resume --last"),
        ("opencode/1.18.33 ai-sdk/provider-utils/4.0", b"{}", " opencode --continue"),
        ("QwenCode/0.24.4 (linux; x64)", b"{}", " qwen --continue"),
        ("GeminiCLI/0.61.0/gemini-2.5-pro (linux; x64)", b"{}", " gemini --resume latest"),
        ("OpenAI/Python 2.9", b"\xff{", ""),
        ("", b'{"system": "x-anthropic-billing-header: cc_version=2.1.330"}', " --continue"),
    ],
)
def test_a_refusal_says_how_its_client_goes_on(agent: str, body: bytes, goes_on: str, in_folder: Path) -> None:
    async def story(budget: Budgeting, _: Any) -> None:
        spend(budget, "1", 5_000_000)
        await budget.request(refused := flow("/v1/chat/completions", agent, body))
        words = json.loads(refused.response.content)["error"]["message"]
        assert words.endswith(f"with a larger one, as: anyclaude --budget 10{goes_on}")

    play(story, **{OPTION: "5"})


def test_what_costs_nothing_passes_all_the_same(in_folder: Path) -> None:
    async def story(budget: Budgeting, _: Any) -> None:
        spend(budget, "1", 9_000_000)
        for path in ("/v1/messages/count_tokens", "/v1/models"):
            await budget.request(passing := flow(path))
            assert passing.response is None

    play(story, **{OPTION: "5"})


def test_without_a_budget_nothing_is_counted_or_refused(in_folder: Path) -> None:
    async def story(budget: Budgeting, _: Any) -> None:
        spend(budget, "1", 10**12)
        await budget.request(passing := flow())
        assert passing.response is None

    play(story)


def test_a_request_waits_for_the_answers_before_it_to_be_counted(in_folder: Path) -> None:
    async def story(budget: Budgeting, _: Any) -> None:
        budget.handed_over("1")
        waiting = asyncio.create_task(budget.request(asked := flow()))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        spend(budget, "1", 6_000_000)
        await waiting
        assert asked.response.status_code == 402

    play(story, **{OPTION: "5"})


def test_it_waits_no_longer_than_it_has_patience(in_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addon, "PATIENCE", 0.01)

    async def story(budget: Budgeting, _: Any) -> None:
        budget.handed_over("1")
        await budget.request(passing := flow())
        assert passing.response is None

    play(story, **{OPTION: "5"})


def test_its_user_is_warned_once_at_four_fifths_and_once_at_the_end(
    in_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(budget: Budgeting, _: Any) -> None:
        for number, tokens in enumerate((3_900_000, 200_000, 100_000, 900_000, 100_000)):
            spend(budget, str(number), tokens)

    with caplog.at_level(logging.INFO):
        play(story, **{OPTION: "5"})
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert (
        warnings
        == [
            "budget: $4.10 of $5.00 spent, 82%",
            "budget: $5.10 of $5.00 spent: further requests are refused",
            "budget: $5.20 of $5.00 spent: further requests are refused",
        ][:2]
    )
    assert "Budget: $5.20 of $5.00 spent" in caplog.text


def test_a_model_without_a_price_is_named(in_folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def story(budget: Budgeting, _: Any) -> None:
        spend(budget, "1", 9, model="unheard-of")
        spend(budget, "2", 9, model="unheard-of")

    play(story, **{OPTION: "5"})
    [warning] = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert "no price is known for unheard-of" in warning
    assert "prices` in .anyclauderc.json" in warning


def test_a_larger_budget_lets_requests_pass_again_and_another_word_is_refused(in_folder: Path) -> None:
    async def story(budget: Budgeting, context: Any) -> None:
        spend(budget, "1", 6_000_000)
        with pytest.raises(exceptions.OptionsError, match="must be dollars"):
            context.configure(budget, **{OPTION: "a lot"})
        context.configure(budget, **{OPTION: "10"})
        await budget.request(passing := flow())
        assert passing.response is None
        spend(budget, "2", 4_000_000)  # what was spent before counts
        await budget.request(refused := flow())
        assert refused.response.status_code == 402

    play(story, **{OPTION: "5"})


@pytest.mark.parametrize(
    ("budget", "price", "words"),
    [
        ("five", "1", "anyclaude_budget: 'five' can't be used: it must be dollars, as 5"),
        ("5", "free", 'prices.m.input: "free" can\'t be used: it must be a number, not below 0'),
    ],
)
def test_what_cant_be_used_ends_the_proxy_with_one_line(
    budget: str, price: str, words: str, in_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(budget: Budgeting, _: Any) -> None:
        pass

    (in_folder / own.NAME).write_text(json.dumps({"prices": {"m": {"input": price, "output": 1}}}))
    play(story, **{OPTION: budget})
    [error] = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert words in error
    assert "\n" not in error
