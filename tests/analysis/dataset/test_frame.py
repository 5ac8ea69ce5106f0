"""Data frames of data sets and URLs, with filters."""

import datetime
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import fsspec
import pandas as pd
import pytest

import analysis
from analysis.dataset import count, places, sources, write
from analysis.frames import arrow, columns
from tests.support import synthetic
from tests.support.analyzer import Analyzer
from traces.errors import ToolkitError

pyarrow = arrow.pyarrow()
FIELD: Any = pyarrow.dataset.field
DAY = datetime.date(2025, 10, 28)


@pytest.fixture
def root(traced: Analyzer, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Traces of three days."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(traced.home / "cache"))
    for day in (27, 28):
        synthetic.write(replace(synthetic.text(), timestamp=f"2025-10-{day}T00:00:00.000Z"), traced.root)
    return traced.root


@pytest.fixture
def dataset(root: Path) -> str:
    url = f"memory://{uuid.uuid4()}/dataset"
    write.write(places.place(url), sources.sources_of(str(root), []), "o200k_base", [])
    return url


FILTERS = [
    None,
    [("ttft", ">", 0.3)],
    [[("stop_reason", "==", "tool_use")], [("state", "==", "error")]],
    FIELD("ttft").is_null(),
    FIELD("day") >= DAY,
    FIELD("timestamp") < pyarrow.scalar(datetime.datetime(2025, 10, 27, tzinfo=datetime.UTC)),
    [("total_tokens", ">", 1_000_000)],
]


@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_a_filter_means_the_same_for_traces_and_a_data_set(root: Path, dataset: str, filters: Any) -> None:
    whole = analysis.load(root)
    found = analysis.load(dataset, filters=filters)
    pd.testing.assert_frame_equal(found, analysis.load(root, filters=filters))
    kept = whole[whole["timestamp"].isin(found["timestamp"])]
    pd.testing.assert_frame_equal(found, kept.sort_values("timestamp", ignore_index=True))


def test_a_filter_keeps_some_and_leaves_some_out(dataset: str) -> None:
    assert [len(analysis.load(dataset, filters=filters)) for filters in FILTERS] == [5, 1, 2, 1, 1, 3, 0]


def test_only_the_columns_that_are_asked_for_are_read(root: Path, dataset: str) -> None:
    for place in (root, dataset):
        found = analysis.load(place, columns=["ttft", "model"], filters=[("state", "==", "complete")])
        assert (list(found), len(found)) == (["model", "ttft"], 4)


def test_files_of_other_days_are_not_opened(dataset: str) -> None:
    place = places.place(dataset)
    for name in [name for name in place.files("exchanges") if "2025-10-28" not in name]:
        place.delete([name])
    assert len(analysis.load(dataset, filters=FIELD("day") == DAY)) == 1
    midnight = pyarrow.scalar(datetime.datetime(2025, 10, 28, tzinfo=datetime.UTC), pyarrow.timestamp("ms", "UTC"))
    assert len(analysis.load(dataset, filters=FIELD("timestamp") >= midnight)) == 1
    with pytest.raises(ToolkitError, match="memory://"):
        analysis.load(dataset)


@pytest.mark.parametrize("by_part", [False, True])
def test_a_data_set_has_the_documented_types(dataset: str, by_part: bool) -> None:
    frame = analysis.parts(dataset) if by_part else analysis.load(dataset)
    promised = {row["name"]: row["dtype"] for row in columns.descriptions(by_part)}
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == promised


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        ([("nonsense", "==", 1)], r"These filters can't be used: No match for FieldRef.Name\(nonsense\)"),
        ([("ttft", ">", "long")], "These filters can't be used"),
        ("ttft > 3", "'ttft > 3': is no filter"),
        ([("ttft", "~", 3)], "is no filter"),
    ],
)
def test_a_filter_that_cannot_be_used_is_one_line(root: Path, dataset: str, filters: Any, told: str) -> None:
    for place in (root, dataset):
        with pytest.raises(ToolkitError, match=told) as caught:
            analysis.load(place, filters=filters)
        assert "\n" not in str(caught.value)


def test_a_column_that_is_not_there_is_named(dataset: str) -> None:
    with pytest.raises(ToolkitError, match="nonsense: is no column"):
        analysis.load(dataset, columns=["model", "nonsense"])


def test_a_data_set_of_an_older_version_lacks_columns(dataset: str, monkeypatch: pytest.MonkeyPatch) -> None:
    new: Any = columns.Field("new", "count", "", "what a later version counts", lambda report: 1)
    monkeypatch.setitem(count.KEPT, "exchanges", (*count.KEPT["exchanges"], new))
    monkeypatch.setattr(columns, "EXCHANGES", (*columns.EXCHANGES, new))
    assert analysis.load(dataset)["new"].isna().all()


def test_traces_at_a_url_are_read_as_they_are_here(root: Path) -> None:
    url = f"memory://{uuid.uuid4()}"
    store = fsspec.filesystem("memory")
    for file in root.rglob("*.json"):
        store.pipe_file(f"{url}/{file.relative_to(root)}", file.read_bytes())
    store.pipe_file(f"{url}/lmstudio/latest.json", b"{}")
    store.pipe_file(f"{url}/lmstudio/broken.json", b"{")
    with pytest.warns(UserWarning, match=rf"left out: {url}/lmstudio/broken.json: Invalid JSON"):
        found = analysis.load(url)
    assert list(found["file"]) == [f"{url}/{Path(file).relative_to(root)}" for file in analysis.load(root)["file"]]
    pd.testing.assert_frame_equal(found.drop(columns="file"), analysis.load(root).drop(columns="file"))


def test_an_archive_at_a_url_is_told_and_not_passed_over() -> None:
    url = f"memory://{uuid.uuid4()}"
    store = fsspec.filesystem("memory")
    store.pipe_file(f"{url}/archive/2025-10.traces", b"")
    skipped: list[str] = []
    with pytest.raises(ToolkitError, match="No traces found in memory://"):
        sources.sources_of(url, skipped)
    assert skipped == [f"{url}/archive/2025-10.traces: an archive is only read on this machine. Copy the folder here."]


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("nonsense://bucket", "nonsense://bucket: Protocol not known: nonsense."),
        ("memory://nothing-here", "No traces found in memory://nothing-here."),
    ],
)
def test_a_url_that_cannot_be_read_is_one_line(url: str, told: str) -> None:
    with pytest.raises(ToolkitError) as caught:
        analysis.load(url)
    assert str(caught.value) == told
