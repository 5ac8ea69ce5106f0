"""A data set: what a write adds, what it replaces, and what stays when it is interrupted."""

import datetime
import json
import os
import threading
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import analysis
from analysis.dataset import count, manifest, places, segments, sources, write
from analysis.dataset.manifest import DatasetError
from tests.support import synthetic
from tests.support.analyzer import Analyzer
from traces.errors import ToolkitError
from traces.model import Trace

TOKENIZER = "o200k_base"


@pytest.fixture(autouse=True)
def own_folders(analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in analyzer.environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(params=["local", "memory"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The path or URL of a data set that isn't there yet."""
    return str(tmp_path / "dataset") if request.param == "local" else f"memory://{uuid.uuid4()}/dataset"


def trace(day: int, second: int = 0) -> Trace:
    return replace(synthetic.text(), timestamp=f"2025-10-{day:02}T10:00:{second:02}.000Z")


def put(root: Path, *found: Trace) -> list[Path]:
    return synthetic.write_all(found, root)


def update(where: str, root: Path, skipped: list[str] | None = None) -> write.Written:
    reasons: list[str] = [] if skipped is None else skipped
    return write.write(places.place(where), sources.sources_of(str(root), reasons), TOKENIZER, reasons)


def by_time(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(["timestamp", "file"], kind="stable", ignore_index=True)


def assert_holds(where: str, root: Path) -> None:
    """Both tables hold exactly what the traces do."""
    pd.testing.assert_frame_equal(analysis.load(where), by_time(analysis.load(root)))
    pd.testing.assert_frame_equal(analysis.parts(where), by_time(analysis.parts(root)))


def tables(where: str) -> set[str]:
    return {name for name in places.place(where).files() if name.endswith(".parquet")}


def test_a_data_set_holds_what_the_traces_do(traced: Analyzer, where: str) -> None:
    put(traced.root, trace(3), trace(4), replace(trace(5), timestamp="no time at all"))
    update(where, traced.root)
    assert_holds(where, traced.root)
    days = {name.split("/")[1] for name in tables(where)}
    assert days == {"day=2025-10-03", "day=2025-10-04", "day=2025-10-26", "day=unknown"}


def test_a_second_write_adds_only_what_is_new(analyzer: Analyzer, where: str) -> None:
    put(analyzer.root, trace(3), trace(4))
    assert update(where, analyzer.root).added == 2
    before = tables(where)
    assert update(where, analyzer.root) == write.Written(0, 0, 0, manifest.newest(places.place(where)))  # type: ignore[arg-type]
    assert tables(where) == before
    put(analyzer.root, trace(4, 1))
    assert update(where, analyzer.root).added == 1
    assert before < tables(where)
    assert_holds(where, analyzer.root)


def test_a_trace_that_changed_replaces_its_rows(analyzer: Analyzer, where: str) -> None:
    files = put(analyzer.root, replace(trace(3), response=None, events=()), trace(3, 1), trace(4))
    update(where, analyzer.root)
    assert list(analysis.load(where)["state"]) == ["incomplete", "complete", "complete"]
    assert put(analyzer.root, trace(3)) == files[:1]
    done = update(where, analyzer.root)
    assert (done.added, done.replaced, done.total.exchanges) == (1, 1, 3)
    assert list(analysis.load(where)["state"]) == ["complete"] * 3
    assert_holds(where, analyzer.root)


def test_a_changed_trace_that_cannot_be_read_keeps_its_rows(analyzer: Analyzer, where: str) -> None:
    [file, _] = put(analyzer.root, trace(3), trace(4))
    update(where, analyzer.root)
    file.write_text("{")
    skipped: list[str] = []
    assert update(where, analyzer.root, skipped).total.exchanges == 2
    assert "Invalid JSON" in skipped[0]
    assert len(analysis.load(where)) == 2


def test_a_deleted_trace_keeps_its_rows(analyzer: Analyzer, where: str) -> None:
    [file, _] = put(analyzer.root, trace(3), trace(4))
    update(where, analyzer.root)
    file.unlink()
    update(where, analyzer.root)
    assert len(analysis.load(where)) == 2


def test_a_write_that_is_interrupted_leaves_the_old_data_set(
    analyzer: Analyzer, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(analyzer.root, trace(3), trace(4))
    update(where, analyzer.root)
    old, frame = tables(where), analysis.load(where)
    put(analyzer.root, trace(5), trace(3, 1))

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(manifest, "commit", stop)
        with pytest.raises(KeyboardInterrupt):
            update(where, analyzer.root)
        assert tables(where) == old
        patched.setattr(segments.Segments, "discard", lambda self: None)  # killed: nobody cleans up
        with pytest.raises(KeyboardInterrupt):
            update(where, analyzer.root)
    assert tables(where) > old
    pd.testing.assert_frame_equal(analysis.load(where), frame)
    update(where, analyzer.root)
    assert len(tables(where)) == 8  # of three days, one of them with two files, in two tables
    assert_holds(where, analyzer.root)


def test_a_first_write_that_was_killed_is_done_again(
    analyzer: Analyzer, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(analyzer.root, trace(3))
    with monkeypatch.context() as patched:
        patched.setattr(segments.Segments, "discard", lambda self: None)
        patched.setattr(manifest, "commit", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            update(where, analyzer.root)
    assert tables(where)
    update(where, analyzer.root)
    assert len(tables(where)) == 2
    assert_holds(where, analyzer.root)


def test_of_two_writes_at_once_one_fails_and_nothing_is_lost(
    analyzer: Analyzer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = str(tmp_path / "dataset")
    put(analyzer.root, trace(3))
    ready, commit = threading.Barrier(2, timeout=100), manifest.commit

    def together(*arguments: Any) -> None:
        ready.wait()
        commit(*arguments)

    monkeypatch.setattr(manifest, "commit", together)
    outcomes: list[object] = []

    def run() -> None:
        try:
            outcomes.append(update(where, analyzer.root).added)
        except DatasetError as error:
            outcomes.append(str(error))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 in outcomes
    assert any("another export wrote there meanwhile" in str(outcome) for outcome in outcomes)
    assert_holds(where, analyzer.root)
    assert len(tables(where)) == 2


def test_cleaning_leaves_the_files_of_a_later_write(analyzer: Analyzer, where: str) -> None:
    put(analyzer.root, trace(3))
    done = update(where, analyzer.root)
    place = places.place(where)
    later = "parts/day=2025-10-03/000002-0123abcd.parquet"
    earlier = "parts/day=2025-10-03/000001-0123abcd.parquet"
    for name in (later, earlier, "parts/notes.txt"):
        with place.writing(name) as file:
            file.write(b"under way")
    manifest.clean(place, done.total)
    assert later in place.files()
    assert "parts/notes.txt" in place.files()
    assert earlier not in place.files()


def test_the_small_files_of_a_day_become_one(analyzer: Analyzer, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "MOST_FILES", 3)
    for second in range(4):
        put(analyzer.root, trace(3, second), trace(4 + second))
        update(where, analyzer.root)
    assert len([name for name in tables(where) if "2025-10-03" in name]) == 4  # the new ones, and the old ones as one
    assert_holds(where, analyzer.root)


def test_days_that_alternate_and_large_days_are_split_without_a_loss(
    analyzer: Analyzer, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "OPEN_DAYS", 1)
    monkeypatch.setattr(segments, "GROUP_ROWS", 2)
    monkeypatch.setattr(segments, "MOST_ROWS", 3)
    monkeypatch.setattr(sources, "AT_ONCE", 2)
    put(analyzer.root, *(trace(3 + second % 2, second) for second in range(9)))
    update(where, analyzer.root)
    assert_holds(where, analyzer.root)


def test_a_flow_file_over_several_days_is_replaced_in_all_of_them(
    analyzer: Analyzer, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(analyzer.root, trace(3))
    update(where, analyzer.root)
    [file] = analyzer.root.rglob("*.json")
    reports = count._reports

    def of_two_days(found: Any, *rest: Any) -> Iterator[Any]:
        for source, one in reports(found, *rest):
            for day in (7, 8):
                yield source, replace(one, trace=replace(one.trace, timestamp=trace(day).timestamp))

    os.utime(file, (1, 1))
    with monkeypatch.context() as patched:
        patched.setattr(count, "_reports", of_two_days)
        assert update(where, analyzer.root).total.exchanges == 2
        assert update(where, analyzer.root).added == 0
    os.utime(file, (2, 2))
    update(where, analyzer.root)
    assert_holds(where, analyzer.root)


def test_a_relative_path_means_the_same_traces(analyzer: Analyzer, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    put(analyzer.root, trace(3))
    update(where, analyzer.root)
    monkeypatch.chdir(analyzer.home)
    assert update(where, Path("traces")).added == 0


def test_a_local_data_set_is_for_its_owner_alone(analyzer: Analyzer, tmp_path: Path) -> None:
    put(analyzer.root, trace(3))
    update(str(tmp_path / "new" / "dataset"), analyzer.root)
    found = list((tmp_path / "new").rglob("*"))
    assert len(found) == 9
    assert all(path.stat().st_mode & 0o077 == 0 for path in found)


def test_what_is_no_data_set_is_left_alone(analyzer: Analyzer, where: str) -> None:
    put(analyzer.root, trace(3))
    with places.place(where).writing("notes.txt") as file:
        file.write(b"mine")
    with pytest.raises(DatasetError, match="isn't empty, and holds no data set"):
        update(where, analyzer.root)
    assert set(places.place(where).files()) == {"notes.txt"}


def test_counts_of_two_tokenizers_are_not_mixed(analyzer: Analyzer, where: str) -> None:
    put(analyzer.root, trace(3))
    update(where, analyzer.root)
    with pytest.raises(DatasetError, match="was counted with the tokenizer o200k_base"):
        write.write(places.place(where), [], "cl100k_base", [])


def test_traces_that_cannot_be_read_make_no_data_set(analyzer: Analyzer, where: str) -> None:
    [file] = put(analyzer.root, trace(3))
    file.write_text("{")
    with pytest.raises(ToolkitError, match=r"None of these files could be read as a trace; the first: .*Invalid JSON"):
        update(where, analyzer.root)
    assert not places.place(where).files()


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ('{"version": 2}', "is of version 2, unknown here. Update the toolkit."),
        ("{", "is no manifest of a data set"),
        ('{"version": 1, "generation": 1, "tokenizer": "x", "segments": [{"day": 3}]}', r"segments\[0\].day: expected"),
    ],
)
def test_a_manifest_that_cannot_be_read_is_named(tmp_path: Path, kept: str, told: str) -> None:
    (tmp_path / "_manifests").mkdir()
    (tmp_path / "_manifests" / "000001.json").write_text(kept)
    with pytest.raises(DatasetError, match=told):
        manifest.newest(places.place(tmp_path))


def test_a_manifest_holds_what_its_documentation_says(analyzer: Analyzer, tmp_path: Path) -> None:
    put(analyzer.root, trace(3))
    update(str(tmp_path / "dataset"), analyzer.root)
    kept = json.loads((tmp_path / "dataset" / "_manifests" / "000001.json").read_text())
    [segment] = kept.pop("segments")
    assert kept == {"version": 1, "generation": 1, "tokenizer": "o200k_base"}
    assert {key: segment[key] for key in ("day", "exchanges", "parts")} == {
        "day": datetime.date(2025, 10, 3).isoformat(),
        "exchanges": 1,
        "parts": 2,
    }
