import pytest

from analysis.prefix_cache.templates import DEFAULT, ORDERS, arrange, template_of
from traces.content.parts import Kind, Part

PARTS = (
    Part("tools", "tool", "T", "Bash"),
    Part("system", "system", "S"),
    Part("messages", "user", "u1", index=0),
    Part("messages", "assistant", "a1", index=1),
    Part("messages", "reminder", "r", index=2),
    Part("messages", "user", "u2", index=2),
    Part("messages", "assistant", "a2", index=3),
)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("anthropic", "T S u1 a1 r u2 a2"),
        ("qwen3.5", "T S u1 a1 r u2 a2"),
        ("chatml", "S T u1 a1 r u2 a2"),
        ("llama3", "S T u1 a1 r u2 a2"),
        ("mistral", "S u1 a1 T r u2 a2"),
    ],
)
def test_a_template_writes_the_parts_in_its_order(template: str, expected: str) -> None:
    assert " ".join(part.text for part in arrange(PARTS, ORDERS[template])) == expected


def test_no_template_loses_a_part() -> None:
    for order in ORDERS.values():
        assert sorted(arrange(PARTS, order)) == sorted(PARTS)
        assert list(arrange((), order)) == []
        assert sorted(arrange(PARTS[:2], order)) == sorted(PARTS[:2])


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("anthropic", "u1 t1 a1 u2 t2 a2"),
        ("qwen", "u1 a1 u2 t2 a2"),
        ("chatml", "u1 a1 u2 a2"),
        ("llama3", "u1 a1 u2 a2"),
    ],
)
def test_a_template_leaves_out_the_thinking_that_its_model_is_not_given_again(template: str, expected: str) -> None:
    kinds: dict[str, Kind] = {"u": "user", "t": "thinking", "a": "assistant"}
    said = (("u1", 0), ("t1", 1), ("a1", 1), ("u2", 2), ("t2", 3), ("a2", 3))
    parts = [Part("messages", kinds[text[0]], text, index=index) for text, index in said]
    assert " ".join(part.text for part in arrange(parts, ORDERS[template])) == expected


@pytest.mark.parametrize(
    ("mode", "model", "template"),
    [
        ("claude", "claude-opus-4-8", "anthropic"),
        ("llamacpp", "claude-opus-4-8", DEFAULT),  # a local server answers to any name
        ("lmstudio", "qwen/qwen3-coder-30b", "qwen"),
        ("lmstudio", "qwen3.5-9b", "qwen3.5"),
        ("ollama", "gpt-oss:20b", "gpt-oss"),
        ("vllm", "mistralai/Devstral-Small-2507", "mistral"),
        ("vllm", "meta-llama/Llama-3.3-70B-Instruct", "llama3"),
        ("local", None, DEFAULT),
        ("openrouter", "z-ai/glm-4.6", "glm"),
    ],
)
def test_the_template_follows_from_the_server_and_the_model(mode: str, model: str | None, template: str) -> None:
    assert template_of(mode, [None, model]) == template
    assert template in ORDERS
