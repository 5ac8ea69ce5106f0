"""The Python API: traces as pandas data frames."""

import subprocess
import sys
from dataclasses import replace

import pandas as pd
import pytest

import analysis
from analysis.frames import columns
from tests.support import synthetic
from tests.support.analyzer import Analyzer
from traces.errors import ToolkitError
from traces.model import Request


@pytest.fixture(autouse=True)
def own_cache(traced: Analyzer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(traced.home / "cache"))


def test_a_folder_loads_as_one_row_an_exchange(traced: Analyzer) -> None:
    frame = analysis.load(traced.root)
    assert list(frame["request_type"]) == ["TOOL_CALL", "TEXT_GENERATION", "UNKNOWN"]
    assert frame.groupby("request_type")["total_tokens"].mean()["TEXT_GENERATION"] == 11
    assert frame["timestamp"].is_monotonic_increasing


def test_every_column_has_the_type_that_is_documented(traced: Analyzer) -> None:
    for frame, by_part in ((analysis.load(traced.root), False), (analysis.parts(str(traced.root)), True)):
        promised = {row["name"]: row["dtype"] for row in columns.descriptions(by_part)}
        assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == promised


def test_unknown_values_are_missing_and_not_zero(traced: Analyzer) -> None:
    failed = analysis.load(traced.root).iloc[2]
    assert all(pd.isna(failed[name]) for name in ("agent", "reported_input", "ttft", "generation_speed"))


def test_parts_add_up_to_their_exchange(traced: Analyzer) -> None:
    whole, parts = analysis.load(traced.root), analysis.parts(traced.root)
    assert list(parts.groupby("timestamp")["tokens"].sum()) == list(whole["total_tokens"])


def test_a_single_file_loads(traced: Analyzer) -> None:
    assert len(analysis.load(synthetic.write(synthetic.text(), traced.root))) == 1


def test_a_file_that_cannot_be_read_is_a_warning_in_a_folder_and_an_error_alone(traced: Analyzer) -> None:
    broken = traced.root / "lmstudio" / "broken.json"
    broken.write_text("{")
    with pytest.warns(UserWarning, match=r"broken\.json: Invalid JSON"):
        assert len(analysis.load(traced.root)) == 3
    with pytest.raises(ToolkitError, match=r"broken\.json: Invalid JSON"):
        analysis.load(broken)


def test_text_with_half_a_surrogate_pair_can_be_loaded(traced: Analyzer) -> None:
    body = {"model": "half \ud800", "messages": [{"role": "user", "content": "\udfff"}]}
    synthetic.write(replace(synthetic.text(), request=Request("POST", "", {}, body)), traced.root)
    assert "half \\ud800" in set(analysis.load(traced.root)["model"])


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'unload'"):
        analysis.unload  # noqa: B018


@pytest.mark.parametrize(
    "start", ["import analysis", "import analysis.cli", "from analysis.exchange import compare, listing, reading, text"]
)
def test_slow_packages_are_imported_only_when_used(start: str) -> None:
    slow = "{'pandas', 'mitmproxy', 'tiktoken', 'tabulate', 'pyarrow'}"
    code = f"{start}; import sys; print({slow} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "set()\n"
