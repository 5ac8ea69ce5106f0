"""What the same requests would have cost with other models, by the rules of their caches."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from analysis.cli import main
from analysis.money.elsewhere import ANY, PROVIDERS, Provider, provider_of, splits
from tests.support import factories
from traces.model import Trace
from traces.money import own
from traces.storage import codec, store

WORDS = "word " * 4000
"""About 4,000 tokens."""


def talk(gap: float = 10.0, mark: bool = False, mode: str = "llamacpp") -> list[Trace]:
    """Return two turns, the second of which repeats the first; the server counts 4,000 and 8,000 tokens."""
    found = []
    for number, said in enumerate(((WORDS,), (WORDS, "Hello", WORDS))):
        contents: list[Any] = [[{"type": "text", "text": text}] for text in said]
        if mark:
            contents[-1][-1] = {**contents[-1][-1], "cache_control": {"type": "ephemeral"}}
        messages = [{"role": ("user", "assistant")[at % 2], "content": content} for at, content in enumerate(contents)]
        usage = {"input_tokens": 4000 * (number + 1), "cache_read_input_tokens": 0, "output_tokens": 100}
        answer = factories.message("Hello", usage)
        body = {"model": "qwen3-coder", "messages": messages}
        found.append(factories.trace(body, answer, at=number * gap, mode=mode))
    return found


def counts(parts: Any) -> list[int]:
    return [len(part.text.split()) for part in parts]


def reads(model: str, *traces: Trace) -> list[int]:
    return [read for read, _, _ in splits(factories.read(*traces), provider_of(model), counts)]


def test_a_name_says_who_serves_the_model() -> None:
    claude, openai, earlier, gemini = PROVIDERS
    known: dict[str, Provider] = {"claude-opus-4-5": claude, "gpt-5": openai, "o3": openai}
    known |= {"gemini-2.5-pro": earlier, "gemini-2.0-flash": earlier, "gemini-3.6-flash": gemini, "gemini-20": gemini}
    assert {model: provider_of(model) for model in known} == known
    assert provider_of("qwen3-coder") is ANY
    assert provider_of("anthropic/claude-sonnet-4.5").mode == "openrouter"
    assert provider_of("anthropic/claude-sonnet-4.5").marked


def test_openais_cache_reads_the_longest_prefix_in_steps_for_some_minutes() -> None:
    first, second = reads("gpt-5", *talk())
    assert first == 0
    assert 3800 < second <= 4000
    assert second % 128 == 0
    assert reads("gpt-5", *talk(gap=3600)) == [0, 0]


def test_geminis_cache_keeps_no_shorter_prefix_than_google_says() -> None:
    assert reads("gemini-2.5-pro", *talk())[1] > 3800
    assert reads("gemini-3.1-pro-preview", *talk()) == [0, 0]


def test_anthropics_cache_keeps_what_is_marked_and_nothing_else() -> None:
    claude = provider_of("claude-sonnet-4-5")
    (read, written, _), (again, more, _) = splits(factories.read(*talk(mark=True)), claude, counts)
    assert (read, written) == (0, 4000)
    assert 3900 < again < 4100
    assert again + more == pytest.approx(8000, abs=2)
    assert list(splits(factories.read(*talk()), claude, counts)) == [(0, 0, 0), (0, 0, 0)]


def test_what_anthropics_own_cache_reported_stays() -> None:
    [turn] = factories.read(talk(mode="claude")[0])
    assert list(splits([turn], provider_of("claude-opus-4-5"), counts)) == [(0, 0, 0)]


def test_the_command_shows_each_model_beside_what_was_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANYCLAUDE_TRACE_DIR", str(tmp_path / "traces"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for trace in talk():
        store.create(tmp_path / "traces" / trace.mode, store.stem_of(trace.timestamp), codec.encode(trace))
    prices = {"gpt-5": {"input": 1000, "output": 0, "cacheRead": 0}, "mine": {"input": 1000, "output": 1000}}
    (tmp_path / own.NAME).write_text(json.dumps({"prices": prices}))
    ran = CliRunner().invoke(main, ["cost", "--as", "gpt-5, mine,unheard-of", "--format", "json"])
    assert ran.exit_code == 0, ran.output
    found = json.loads(ran.stdout)
    recorded, openai, mine, unknown = found["rows"]
    assert [row["model"] for row in found["rows"]] == ["as recorded", "gpt-5", "mine", "unheard-of"]
    assert (recorded["input_tokens"], recorded["cost"], recorded["cost_unknown"]) == (12_000, None, 2)
    assert openai["cost"] == pytest.approx(12 - openai["cached_tokens"] / 1000)
    assert openai["cached_tokens"] > 3800
    assert mine["cost"] == pytest.approx(12.2)
    assert (unknown["cost"], unknown["cost_unknown"]) == (None, 2)
    assert any("another model's tokenizer counts otherwise" in note for note in found["notes"])
    assert any(note.startswith("gpt-5: ") and "assumed: for 5 minutes" in note for note in found["notes"])
    ran = CliRunner().invoke(main, ["cost", "--as", "gpt-5,mine", "--by", "model", "--format", "json"])
    grouped = json.loads(ran.stdout)
    assert [(row["group"], row["model"], row["cost"]) for row in grouped["rows"]] == [
        ("qwen3-coder", row["model"], row["cost"]) for row in (recorded, openai, mine)
    ]
    for by in ("day", "session", "agent", "project"):
        shown = CliRunner().invoke(main, ["cost", "--as", "mine", "--by", by, "--format", "json"])
        assert [row["cost"] for row in json.loads(shown.stdout)["rows"]] == [None, mine["cost"]], by
    for style in ("table", "csv", "markdown"):
        assert "Recorded model" in CliRunner().invoke(main, ["cost", "--as", "gpt-5", "--by", "model"]).output
        assert "gpt-5" in CliRunner().invoke(main, ["cost", "--as", "gpt-5", "--format", style]).output
