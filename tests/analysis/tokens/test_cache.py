"""A text is counted once: within a run, and across runs."""

import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.tokens import cache as count_cache
from analysis.tokens.cache import CountCache, default_path
from tests.support.patience import PATIENCE


@dataclass
class Letters:
    """Counts letters, and remembers which texts it was asked for."""

    name: str = "letters"
    estimate: bool = True
    asked: list[str] = field(default_factory=list)

    def count(self, text: str) -> int:
        return self.count_many([text])[0]

    def count_many(self, texts: Sequence[str]) -> list[int]:
        self.asked += texts
        return [len(text) for text in texts]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "counts.sqlite"


def test_a_text_is_counted_once_within_a_run(path: Path) -> None:
    letters = Letters()
    with CountCache(path) as cache:
        by = cache.wrap(letters)
        assert by.count_many(["one", "three", "one"]) == [3, 5, 3]
        assert by.count_many(["three", "seven", ""]) == [5, 5, 0]
        assert cache.wrap(letters).count("one") == 3
    assert letters.asked == ["one", "three", "seven", ""]


def test_a_text_is_counted_once_across_runs(path: Path) -> None:
    with CountCache(path) as cache:
        cache.wrap(Letters()).count_many(["one", "half \ud83d of a pair"])
    later = Letters()
    with CountCache(path) as cache:
        assert cache.wrap(later).count_many(["one", "four", "half \ud83d of a pair"]) == [3, 4, 16]
    assert later.asked == ["four"]


def test_a_wrapped_counter_has_the_same_name_and_estimate(path: Path) -> None:
    by = CountCache(path).wrap(Letters())
    assert (by.name, by.estimate, by.count("abc")) == ("letters", True, 3)


def test_counters_of_different_names_are_kept_apart(path: Path) -> None:
    first, second = Letters("first"), Letters("second")
    with CountCache(path) as cache:
        cache.wrap(first).count("abc")
    with CountCache(path) as cache:
        cache.wrap(second).count("abc")
    assert (first.asked, second.asked) == (["abc"], ["abc"])


def test_the_file_holds_no_text(path: Path) -> None:
    with CountCache(path) as cache:
        cache.wrap(Letters()).count("my secret plan")
    assert b"secret" not in path.read_bytes()


def damaged(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0" + b"nonsense" * 1000)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def another_table(path: Path) -> None:
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE counts (what TEXT)")
    file.close()


def a_folder(path: Path) -> None:
    path.mkdir()


def a_file_for_a_folder(path: Path) -> None:
    path.parent.rmdir()
    path.parent.write_text("in the way")


@pytest.mark.parametrize("spoil", [damaged, empty, another_table, a_folder, a_file_for_a_folder])
def test_counts_are_correct_whatever_is_in_the_files_place(path: Path, spoil: object) -> None:
    path.parent.mkdir()
    assert callable(spoil)
    spoil(path)
    for _ in range(2):
        with CountCache(path) as cache:
            assert cache.wrap(Letters()).count_many(["one", "three"]) == [3, 5]


def test_a_damaged_file_is_replaced(path: Path) -> None:
    path.parent.mkdir()
    damaged(path)
    with CountCache(path) as cache:
        cache.wrap(Letters()).count("one")
    later = Letters()
    with CountCache(path) as cache:
        cache.wrap(later).count("one")
    assert later.asked == []


def test_a_file_that_has_grown_too_large_is_started_anew(path: Path) -> None:
    path.parent.mkdir()
    with path.open("wb") as file:
        file.truncate(count_cache.LARGEST + 1)
    with CountCache(path) as cache:
        cache.wrap(Letters()).count("one")
    assert path.stat().st_size < 100_000


WRITER = """
import sys
from pathlib import Path
from analysis.tokens.cache import CountCache
from tests.analysis.tokens.test_cache import Letters
with CountCache(Path(sys.argv[1])) as cache:
    by = cache.wrap(Letters())
    for number in range(int(sys.argv[2]), int(sys.argv[2]) + 2000):
        assert by.count("x" * number) == number
"""


def test_two_processes_can_use_the_file_at_once(path: Path) -> None:
    run = [sys.executable, "-c", WRITER, str(path)]
    processes = [subprocess.Popen([*run, str(start)]) for start in (0, 1000)]
    assert [process.wait(timeout=PATIENCE) for process in processes] == [0, 0]
    later = Letters()
    with CountCache(path) as cache:
        cache.wrap(later).count_many(["x" * number for number in range(3000)])
    assert later.asked == []


def test_counting_works_without_a_file_that_another_process_has_locked(path: Path) -> None:
    with CountCache(path) as cache:
        cache.wrap(Letters()).count("one")
    holder = sqlite3.connect(path)
    holder.execute("BEGIN EXCLUSIVE")
    with CountCache(path) as cache:
        assert cache.wrap(Letters()).count_many(["one", "three"]) == [3, 5]
    holder.close()


def test_the_file_is_in_the_users_cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_path() == tmp_path / "anyclaude" / "counts.sqlite"


@given(st.lists(st.lists(st.text(max_size=5))))
def test_the_cache_never_changes_a_count(batches: list[list[str]]) -> None:
    by = CountCache(Path("/nonexistent/counts.sqlite")).wrap(Letters())
    for texts in batches:
        assert by.count_many(texts) == [len(text) for text in texts]
