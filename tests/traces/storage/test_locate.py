"""Which file a name stands for, and what is said where there is none."""

from pathlib import Path

import pytest

from tests.support import synthetic
from traces.storage import locate


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ANYCLAUDE_TRACE_DIR", str(tmp_path))
    synthetic.write_all(synthetic.all_kinds(), tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "number"),
    [("latest", 1), ("last:1", 1), ("last:20", 20)]
    + [(name, None) for name in ("last:0", "last:-1", "last:", "last:x", "last:1 ", "latest.json", "2025-10-26")],
)
def test_the_newest_are_counted_back_from_the_latest(name: str, number: int | None) -> None:
    assert locate.place_from_end(name) == number


def test_the_traces_of_a_folder_are_in_the_order_of_time_whatever_their_mode(root: Path) -> None:
    (root / "ollama").mkdir()
    (root / "lmstudio" / "2025-10-26T14-23-50-000.json").rename(root / "ollama" / "2025-10-26T14-23-50-000.json")
    assert [file.stem[-6:] for file in locate.held(root)] == ["45-123", "50-000", "01-007"]


def test_where_no_trace_is_it_says_how_to_make_one(root: Path) -> None:
    with pytest.raises(locate.NoTrace, match=r"No traces found in .*nowhere\. To make one, run Claude Code"):
        locate.held(root / "nowhere")


def test_a_name_is_that_of_a_file_a_folder_or_a_trace(root: Path) -> None:
    file = root / "lmstudio" / "2025-10-26T14-23-45-123.json"
    assert [locate.named(str(name)) for name in (file, root, file.stem)] == [file, root, file]


@pytest.mark.parametrize("name", ["[a-z]*", "2025-10-26", "nowhere.json"])
def test_a_name_of_nothing_is_said_to_be_one(root: Path, name: str) -> None:
    with pytest.raises(locate.NoTrace, match="no such file, and no such trace"):
        locate.named(name)
