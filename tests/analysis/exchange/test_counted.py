"""Comparing by what the index knows: the same figures, to the last digit, without reading a file again."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analysis.exchange import reading, workers
from analysis.exchange.workers import key_of, rows
from tests.support import synthetic
from tests.support.factories import exchange, trace
from traces.model import TEXT_REMOVED, Trace
from traces.storage import catalog, codec, store
from traces.storage.index import database

TRACES: tuple[Trace, ...] = (
    *(replace(one, timestamp=f"2025-10-26T14:23:45.{number:03}Z") for number, one in enumerate(synthetic.all_kinds())),
    replace(exchange(0, "Hi", answer="hello"), marks=("system_unknown",)),
    replace(exchange(10, "Hi", answer="hello"), marks=(TEXT_REMOVED,)),
    trace({"model": "claude-opus-4-8", "messages": [{"role": "user", "content": "Ünïcode \U0001f600"}]}, at=20),
    trace({"model": "gpt-5", "messages": []}, at=30),
)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "traces"
    monkeypatch.setenv("ANYCLAUDE_TRACE_DIR", str(root))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for one in TRACES:
        write(root, one)
    return root


def write(root: Path, one: Trace) -> Path:
    return store.create(root / one.mode, store.stem_of(one.timestamp), codec.encode(one))


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were read whole, to be counted."""
    seen: list[Path] = []
    real = reading.read_exchanges

    def noted(files: Any, *more: Any, **options: Any) -> Any:
        def each() -> Iterator[Path]:
            for file in files:
                seen.append(file)
                yield file

        return real(each(), *more, **options)

    monkeypatch.setattr(reading, "read_exchanges", noted)
    return seen


def compared(root: Path, tokenizer: str = "o200k_base", skipped: list[str] | None = None) -> str:
    reasons: list[str] = [] if skipped is None else skipped
    return json.dumps(list(rows(store.files(root), tokenizer, reasons)))


@pytest.mark.parametrize("few", [0, 200], ids=["many", "few"])
def test_the_index_gives_the_same_figures_as_the_files(
    root: Path, read: list[Path], few: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(catalog, "FEW", few)
    first = compared(root)
    assert read == store.files(root)
    read.clear()
    assert compared(root) == first
    assert read == []

    copies = root.rename(tmp_path / "elsewhere")  # where nothing is indexed
    assert compared(copies).replace(str(copies), str(root)) == first
    assert read == store.files(copies)


def test_only_what_is_new_or_has_changed_is_read(root: Path, read: list[Path]) -> None:
    before = json.loads(compared(root))
    read.clear()
    files = store.files(root)
    store.replace(files[2], codec.encode(trace({"model": "gpt-5", "messages": [{"role": "user", "content": "Other"}]})))
    new = write(root, exchange(1000, "A new one", answer="hello"))
    after = json.loads(compared(root))
    assert read == [files[2], new]
    assert [row["file"] for row in after] == list(map(str, store.files(root)))
    assert [one == other for one, other in zip(before, after, strict=False)].count(False) == 1


def test_another_tokenizer_and_other_code_find_figures_of_their_own(
    root: Path, read: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    by_default = compared(root)
    others = compared(root, "cl100k_base")
    assert others != by_default
    read.clear()
    assert (compared(root), compared(root, "cl100k_base"), read) == (by_default, others, [])
    assert key_of("auto", "gpt-5") == key_of("o200k_base", None) != key_of("auto", "gpt-4")
    monkeypatch.setattr(workers, "_code", lambda: b"changed")
    assert compared(root) == by_default
    assert read == store.files(root)


def test_a_file_that_cannot_be_read_is_named_each_time(root: Path) -> None:
    files = store.files(root)
    files[1].write_text("no trace")
    for _ in range(2):
        skipped: list[str] = []
        found = json.loads(compared(root, skipped=skipped))
        assert [row["file"] for row in found] == [str(file) for file in files if file != files[1]]
        assert len(skipped) == 1
        assert skipped[0].startswith(f"{files[1]}: Invalid JSON")


def test_what_is_deleted_leaves_no_counts_behind(root: Path) -> None:
    compared(root)
    for file in store.files(root)[1:]:
        file.unlink()
    compared(root)
    catalog.ask(root, [], lambda known: known.sessions())
    with closing(sqlite3.connect(database.path_of(root))) as index:
        assert index.execute("SELECT COUNT(*) FROM sections").fetchone() == (1,)
