"""What a name on a command line means, over folders of traces as the recorder and older versions wrote them."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from mitmproxy import io
from mitmproxy.http import HTTPFlow
from mitmproxy.test import tflow

from tests.support.factories import SESSION, exchange
from traces.model import Ids, Trace
from traces.sessions.lookup import find, turns
from traces.sessions.model import Session
from traces.storage import codec, store
from traces.storage.resolve import NoTrace

OTHER = "5e55beef-0000-4000-8000-000000000002"
FORK = "f0f0f0f0-0000-4000-8000-000000000003"

TRACES = [
    exchange(0, "Hi", answer="hello"),
    exchange(10, "Hi", "hello", "And?", answer="no"),
    exchange(20, "Ho", ids=Ids(OTHER)),
    exchange(30, "Without an id", answer="so", ids=Ids()),
    exchange(40, "Without an id", "so", "And?", ids=Ids()),
    exchange(50, "Hi", "hello", "Fork?", ids=Ids(FORK)),
]


def write(trace: Trace, root: Path) -> Path:
    return store.create(root / trace.mode, store.stem_of(trace.timestamp), codec.encode(trace))


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sequence[Path]:
    monkeypatch.setenv("ANYCLAUDE_TRACE_DIR", str(tmp_path))
    return [write(trace, tmp_path) for trace in TRACES]


def found(name: object) -> list[Session]:
    skipped: list[str] = []
    sessions = find(str(name), skipped)
    assert skipped == []
    return sessions


NAMED = {
    "an id": (SESSION, SESSION, 2),
    "the beginning of an id": (SESSION[:5], SESSION, 2),
    "another one": (OTHER[:8], OTHER, 1),
    "an id that carries on another session": (FORK, SESSION, 3),
    "the latest": ("latest", SESSION, 3),
    "the one before the latest trace": ("last:2", "2026-11-20T09-00-30-000", 2),
    "a trace by its name in a list": ("2026-11-20T09-00-10-000", SESSION, 2),
    "a trace of a session without an id": ("2026-11-20T09-00-40-000", "2026-11-20T09-00-30-000", 2),
    "one that the client gave no id": ("2026-11-20T09-00-30", "2026-11-20T09-00-30-000", 2),
}


@pytest.mark.parametrize(("name", "id", "count"), NAMED.values(), ids=NAMED.keys())
def test_a_session_is_found_by(files: Sequence[Path], name: str, id: str, count: int) -> None:
    [session] = found(name)
    assert (session.id, len(session.turns)) == (id, count)


@pytest.mark.parametrize(("number", "count"), [(0, 2), (1, 2), (2, 1), (3, 2), (4, 2), (5, 3)])
def test_a_file_means_the_session_that_it_belongs_to(files: Sequence[Path], number: int, count: int) -> None:
    [session] = found(files[number])
    assert files[number] in [turn.file for turn in session.turns]
    assert len(session.turns) == count


def test_the_session_of_a_file_elsewhere_is_read_from_its_folder(tmp_path: Path, files: Sequence[Path]) -> None:
    elsewhere = tmp_path.with_name("elsewhere")
    alone = write(TRACES[0], elsewhere)
    [session] = found(alone)
    assert [turn.file for turn in session.turns] == [alone]


def test_a_folder_means_all_sessions_in_it(tmp_path: Path, files: Sequence[Path]) -> None:
    assert [(session.ids, len(session.turns)) for session in found(tmp_path)] == [
        ((SESSION, FORK), 3),
        ((OTHER,), 1),
        ((), 2),
    ]


def test_a_flow_file_means_the_sessions_in_it(tmp_path: Path) -> None:
    path = tmp_path / "captured.flow"
    with path.open("wb") as file:
        writer = io.FlowWriter(file)
        for at, trace in enumerate(TRACES[:3]):
            writer.add(_flow(trace, at))
    first, second = found(path)
    assert [(turn.file, turn.place) for turn in first.turns] == [(path, 1), (path, 2)]
    assert [(turn.file, turn.place) for turn in second.turns] == [(path, 3)]


def _flow(trace: Trace, at: int) -> HTTPFlow:
    flow = tflow.tflow(resp=True)
    flow.request.method, flow.request.path = "POST", "/v1/messages"
    flow.request.headers["x-claude-code-session-id"] = trace.ids.session or ""
    flow.request.content = json.dumps(trace.request.body).encode()
    flow.request.timestamp_start = 1e9 + at
    return flow


def test_traces_of_older_versions_are_found_by_the_id_in_their_body(tmp_path: Path, files: Sequence[Path]) -> None:
    body = {"metadata": {"user_id": f"user_1_session_{'0' * 8}"}, "messages": [{"role": "user", "content": "Hi"}]}
    older = {"timestamp": TRACES[0].timestamp, "mode": "claude", "request": {"body": body}, "response": None}
    path = tmp_path / "older.json"
    path.write_text(json.dumps(older))
    [session] = found("0000")
    assert [turn.file for turn in session.turns] == [path]
    assert [session.id for session in found(path)] == ["0" * 8]


MISSING = {
    "nothing begins like this": ("abcd", "abcd: no such file, folder, trace or session in "),
    "too short to be an id": (SESSION[:3], "5e5: no such file, folder, trace or session in "),
    "fewer traces": ("last:9", "last:9: there are only 6 traces in "),
    "two begin like this": ("5e55", f"5e55: 2 sessions begin like this: {SESSION}, {OTHER}. Name more of it."),
}


@pytest.mark.parametrize(("name", "complaint"), MISSING.values(), ids=MISSING.keys())
def test_a_name_of_no_session_is_reported(files: Sequence[Path], name: str, complaint: str) -> None:
    with pytest.raises(NoTrace) as reported:
        found(name)
    assert str(reported.value).startswith(complaint)


def test_too_short_an_id_is_reported(files: Sequence[Path]) -> None:
    with pytest.raises(NoTrace, match=r"of a session's id, at least 4 characters are needed"):
        found(SESSION[:3])


@pytest.mark.parametrize("name", ["latest", "abcd", "."])
def test_where_there_are_no_traces_it_says_how_to_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("ANYCLAUDE_TRACE_DIR", str(tmp_path / "none"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NoTrace, match="To make one, run Claude Code through the proxy"):
        found(name)


def test_unreadable_files_are_reported_and_the_rest_is_read(tmp_path: Path, files: Sequence[Path]) -> None:
    (tmp_path / "broken.json").write_text("{")
    for name, reported in ((str(tmp_path), 1), (SESSION, 1)):
        skipped: list[str] = []
        assert find(name, skipped)
        assert len(skipped) == reported
        assert "broken.json: Invalid JSON" in skipped[0]


def test_turns_share_their_parts_across_files(files: Sequence[Path]) -> None:
    first, second, *_ = turns(files, [])
    assert all(one is other for one, other in zip(first.parts, second.parts, strict=False))


def test_a_request_whose_session_began_before_the_recording_is_a_session(tmp_path: Path, files: Sequence[Path]) -> None:
    """It carries a history that no other one begins with."""
    write(replace(exchange(60, "Unseen", "yes", "And?"), ids=Ids("77777777")), tmp_path)
    [session] = found("7777")
    assert [place.why for place in session.places] == ["first"]


def test_a_session_that_continues_a_compaction_is_found_with_it(tmp_path: Path, files: Sequence[Path]) -> None:
    write(exchange(60, "We said: hello.", answer="Yes."), tmp_path)
    write(exchange(70, "We said: hello.", "Yes.", "And?", ids=Ids("77777777")), tmp_path)
    [session] = found("7777")
    assert session.ids == (SESSION, "77777777")
    assert [place.why for place in session.places] == ["first", "continued", "compacted", "continued"]
