"""Which file a name means."""

from pathlib import Path

import pytest

from analysis.exchange import reading
from tests.support import synthetic
from tests.support.analyzer import Analyzer
from traces.storage.resolve import NoTrace


@pytest.fixture(autouse=True)
def own_root(traced: Analyzer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANYCLAUDE_TRACE_DIR", str(traced.root))


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("latest", "2025-10-26T14-24-01-007"),
        ("last:1", "2025-10-26T14-24-01-007"),
        ("last:2", "2025-10-26T14-23-50-000"),
        ("2025-10-26T14-23-45-123", "2025-10-26T14-23-45-123"),
    ],
)
def test_the_newest_are_counted_back_from_the_latest(name: str, stem: str) -> None:
    assert reading.file_of(name).stem == stem


@pytest.mark.parametrize("name", ["last:0", "last:-1", "last:", "last:x", "last:4", "[a-z]*", "2025-10-26", ".", "/"])
def test_a_name_of_no_trace_is_an_error(name: str) -> None:
    with pytest.raises(NoTrace):
        reading.file_of(name)


def test_a_file_called_latest_can_be_named_by_its_path(traced: Analyzer) -> None:
    named = synthetic.write(synthetic.text(), traced.home).rename(traced.home / "latest")
    assert reading.file_of(str(named)) == named


def test_the_home_folder_has_its_short_name(traced: Analyzer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(traced.home))
    assert reading.files_of(["~/traces"])[0].parent == traced.root / "lmstudio"


def test_a_folder_means_all_its_traces_in_their_order(traced: Analyzer, tmp_path: Path) -> None:
    files = reading.files_of(["latest", str(traced.root)])
    assert [file.stem[-3:] for file in files] == ["007", "123", "000", "007"]
