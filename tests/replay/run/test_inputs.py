"""Which traces a name means."""

from dataclasses import replace
from pathlib import Path

import pytest

from replay.run import inputs
from tests.support import synthetic
from traces.errors import TraceFormatError
from traces.model import Trace
from traces.storage.resolve import NoTrace


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ANYCLAUDE_TRACE_DIR", str(tmp_path))
    synthetic.write_all([synthetic.tool_call(), synthetic.text()], tmp_path)
    return tmp_path


def named(name: object) -> list[str]:
    return [trace.timestamp for trace in inputs.traces(str(name), [])]


TOOL, TEXT = synthetic.tool_call().timestamp, synthetic.text().timestamp


def counting() -> Trace:
    """Return a request to count tokens, newer than all others."""
    asked = replace(synthetic.text().request, url="http://localhost:1234/v1/messages/count_tokens?beta=true")
    return replace(synthetic.text(), request=asked, timestamp="2025-10-27T00:00:00.000Z")


def test_the_latest_is_the_newest_that_asked_for_an_answer(root: Path) -> None:
    synthetic.write(counting(), root)
    assert named("latest") == [TEXT]


def test_the_newest_are_counted_back_over_those_that_asked_for_an_answer(root: Path) -> None:
    synthetic.write(counting(), root)
    assert [named("last:1"), named("last:2")] == [[TEXT], [TOOL]]
    with pytest.raises(NoTrace, match="fewer than 3 requests"):
        named("last:3")


def test_a_folder_is_all_in_it_that_asked_for_an_answer(root: Path) -> None:
    synthetic.write(counting(), root)
    assert named(root) == [TOOL, TEXT]


def test_a_file_and_a_name_mean_one_trace(root: Path) -> None:
    assert named("2025-10-26T14-23-45-123") == [TOOL]
    assert named(root / "lmstudio" / "2025-10-26T14-23-45-123.json") == [TOOL]


def test_in_a_folder_what_cannot_be_read_is_reported(root: Path) -> None:
    (root / "broken.json").write_text("{")
    skipped: list[str] = []
    assert len(inputs.traces(str(root), skipped)) == 2
    assert len(skipped) == 1
    with pytest.raises(TraceFormatError, match="Invalid JSON"):
        inputs.traces(str(root / "broken.json"), [])


def test_a_file_that_asked_for_no_answer_cannot_be_replayed(root: Path) -> None:
    with pytest.raises(NoTrace, match="holds no request that a model could answer"):
        named(synthetic.write(counting(), root))


def test_a_request_that_is_not_recorded_whole_is_not_sent_again(root: Path) -> None:
    partial = replace(synthetic.text(), marks=("tools_unknown",), timestamp="2025-10-27T00:00:00.000Z")
    written = synthetic.write(partial, root)
    skipped: list[str] = []
    assert [trace.timestamp for trace in inputs.traces(str(root), skipped)] == [TOOL, TEXT]
    assert skipped == [f"{written}, {partial.timestamp}: not a whole request."]
    with pytest.raises(NoTrace, match="no whole request \\(tools missing\\)"):
        inputs.traces(str(written), [])
