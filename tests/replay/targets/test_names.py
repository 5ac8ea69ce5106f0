"""Names that servers report, compared with those they were asked by."""

import pytest

from replay.targets.names import is_same_model


@pytest.mark.parametrize(
    ("asked", "answered", "expected"),
    [
        ("qwen3", "qwen3", True),
        ("Qwen3", "qwen3", True),
        ("qwen3", "qwen3:latest", True),
        ("hub/qwen3", "qwen3", True),
        ("qwen3", "qwen3:2", True),
        ("qwen3", "/models/Qwen3.gguf", True),
        ("qwen3", "C:\\models\\qwen3-00001-of-00002.gguf", True),
        ("known-times/300/10/20", "known-times", True),
        ("claude-sonnet-4-5", "claude-sonnet-4-5-20250929", True),
        ("claude-sonnet-latest", "claude-sonnet-20241022", True),
        ("openai/gpt-4o", "openai/gpt-4o-2024-08-06", True),
        ("gpt-4o", "gpt-4o-mini", False),
        ("qwen3:4b", "qwen3:8b", False),
        ("qwen3-4b", "qwen3-8b", False),
        ("tiny", "tiny-2", False),
        ("nope", "tiny", False),
    ],
)
def test_a_name_may_be_longer_or_shorter(asked: str, answered: str, expected: bool) -> None:
    assert is_same_model(asked, answered) is is_same_model(answered, asked) is expected
