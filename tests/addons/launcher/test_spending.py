"""What a run may spend, and where what it spends is shown."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from addons.launcher import spending
from addons.launcher.settings import Settings
from traces import running
from traces.errors import ToolkitError
from traces.money import own, published

LOCAL = Settings("llamacpp", "http://localhost:8080", status=True)


@pytest.fixture(autouse=True)
def _no_prices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(published, "published", lambda: None)


def test_a_status_without_a_budget_counts_dollars_where_a_price_is_known_else_tokens(tmp_path: Path) -> None:
    assert spending.decide(LOCAL).budget == "unlimited-tokens"
    assert spending.decide(replace(LOCAL, status=False)).budget == ""
    assert spending.decide(replace(LOCAL, mode="openrouter")).budget == "unlimited"
    assert spending.decide(replace(LOCAL, budget="200k-tokens")).budget == "200k-tokens"
    (tmp_path / own.NAME).write_text(json.dumps({"prices": {"llamacpp/*": {"perHour": 1}}}))
    assert spending.decide(LOCAL).budget == "unlimited"


def test_a_budget_in_dollars_needs_a_price() -> None:
    with pytest.raises(ToolkitError, match="--budget 5: no price is known of what"):
        spending.decide(replace(LOCAL, budget="5"))


def test_the_status_line_prints_the_words(tmp_path: Path) -> None:
    place = spending.place(replace(LOCAL, trace_dir=str(tmp_path / "my traces")))
    line = spending.status_line(place)["command"]
    assert subprocess.run(str(line), shell=True, capture_output=True, text=True).stdout == ""
    running.write(place, running.Spent("$4.12 of $5.00 spent", 82))
    assert subprocess.run(str(line), shell=True, capture_output=True, text=True).stdout == "$4.12 of $5.00 spent\n"
    assert running.read_all(tmp_path / "my traces") == [running.Spent("$4.12 of $5.00 spent", 82)]
