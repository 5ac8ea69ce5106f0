"""What a model's name reveals."""

import pytest

from analysis.tokens.models import claude_version, context_window, most_used_model, own_tokenizer


@pytest.mark.parametrize(
    ("model", "version", "window"),
    [
        ("claude-3-5-sonnet-20241022", (3, 5), 200_000),
        ("claude-3-opus-20240229", (3, 0), 200_000),
        ("claude-sonnet-4-20250514", (4, 0), 200_000),
        ("claude-haiku-4-5-20251001", (4, 5), 200_000),
        ("claude-opus-4-6", (4, 6), 200_000),
        ("claude-opus-4-6[1m]", (4, 6), 1_000_000),
        ("claude-opus-4-7", (4, 7), 1_000_000),
        ("claude-fable-5", (5, 0), 1_000_000),
        ("claude-opus-5-5", (5, 5), 1_000_000),
        ("anthropic/claude-sonnet-4.5", (4, 5), 200_000),
        ("us.anthropic.claude-haiku-4-5-20251001-v1:0", (4, 5), 200_000),
        ("gpt-4o-mini", None, 128_000),
        ("openai/gpt-oss-20b", None, 131_072),
        ("my-own-model", None, None),
        ("claude", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_a_name_gives_the_version_of_claude_and_the_context_window(
    model: str | None, version: tuple[int, int] | None, window: int | None
) -> None:
    assert claude_version(model) == version
    assert context_window(model) == window


@pytest.mark.parametrize(
    ("model", "tokenizer"),
    [
        ("claude-opus-5-5", "claude"),
        ("us.anthropic.claude-haiku-4-5-20251001-v1:0", "claude"),
        ("gpt-4o", "o200k_base"),
        ("gpt-4", "cl100k_base"),
        ("gpt-oss:20b", "o200k_harmony"),
        ("o3-mini", "o200k_base"),
        ("olmo-2", None),
        ("smollm2-135m", None),
        (None, None),
    ],
)
def test_a_name_gives_the_models_own_tokenizer(model: str | None, tokenizer: str | None) -> None:
    assert own_tokenizer(model) == tokenizer


def test_the_model_of_most_requests_is_chosen() -> None:
    assert most_used_model(["haiku", None, "qwen3.5-9b", None, "qwen3.5-9b"]) == "qwen3.5-9b"
    assert most_used_model([None]) is None
