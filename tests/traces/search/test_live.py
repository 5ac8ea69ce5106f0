"""What is recorded is in the index at once; what can't be is left to the next command."""

import warnings
from pathlib import Path

import pytest

from tests.support.factories import SESSION, exchange
from traces.model import Trace
from traces.search import live
from traces.search.history import search
from traces.search.question import Question
from traces.storage import catalog, codec, store
from traces.storage.index import database


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ANYCLAUDE_TRACE_DIR", str(tmp_path))
    return tmp_path


def record(trace: Trace, root: Path) -> Path:
    path = store.create(root / trace.mode, store.stem_of(trace.timestamp), codec.encode(trace))
    live.add(root, path, trace)
    return path


def test_what_was_recorded_is_not_read_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record(exchange(0, "An aardvark", answer="so"), root)
    path = record(exchange(10, "An aardvark", "so", "A zebra?"), root)
    for reads in ("peek", "load"):
        monkeypatch.setattr(store, reads, lambda *_: pytest.fail("read again"))
    assert catalog.ask(root, [], lambda known: [file for file, _ in known.heads(SESSION)])[1] == path
    assert [(hit.turn, hit.role) for hit in search(Question("zebra"), -1, [])] == [(2, "user")]
    assert [hit.turn for hit in search(Question("aardvark"), -1, [])] == [1]


def test_an_exchange_that_is_recorded_twice_counts_once(root: Path) -> None:
    """First its request is written, then the whole."""
    path = record(exchange(0, "An aardvark"), root)
    whole = exchange(0, "An aardvark", answer="A zebra")
    store.replace(path, codec.encode(whole))
    live.add(root, path, whole)
    assert [(hit.turn, hit.role) for hit in search(Question("zebra"), -1, [])] == [(1, "assistant")]
    assert [(hit.turn, hit.role) for hit in search(Question("aardvark"), -1, [])] == [(1, "user")]


def test_an_index_that_cannot_be_used_is_no_matter(root: Path) -> None:
    record(exchange(0, "An aardvark"), root)
    database.path_of(root).write_bytes(b"This is no database. " * 500)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        record(exchange(10, "A zebra"), root)
    assert len(search(Question("zebra"), -1, [])) == 1
