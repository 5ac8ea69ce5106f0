"""A session of the real Claude Code, played to a real llama.cpp by several agents at once."""

from pathlib import Path

from replay.load import results
from replay.load.results import Saved
from tests.support import answers
from tests.support.answers import text, tool
from tests.support.client import Client
from tests.support.proxy import recording
from tests.support.replayer import Replayer
from tests.support.scripted import serving, stream

BRIEF = ("--allowedTools", "Read", "--tools", "Read", "--system-prompt", "You are a careful agent.")
BOUNDED = ("--think", "none", "--duration", "1h", "--max-tokens", 60)


def test_recorded_turns_are_played_as_a_load(claude: Client, tool_server: str, tmp_path: Path) -> None:
    notes = claude.project / "notes.txt"
    notes.write_text("The word is plum.\n")
    said = iter([[tool("Read", file_path=str(notes))], [text("It is plum.")]])
    with (
        serving(lambda request: stream(answers.events(*next(said, [text("Fine.")])))) as server,
        recording(server.url, tmp_path) as proxy,
    ):
        assert claude.ask(proxy.url, "What is the word?", *BRIEF).result == "It is plum."

    replayer = Replayer(tmp_path)

    def played(*more: object) -> Saved:
        folder = tmp_path / f"load{len(list(tmp_path.glob('load*')))}"
        given = ("load", "latest", "--target", tool_server, "--output", folder, *BOUNDED, *more)
        result = replayer(*given)
        assert result.exit_code == 0, result.output
        [one] = folder.iterdir()
        return results.load(one)

    saved = played("--agents", 2, "--requests", 4)
    assert [(row.error, row.message) for row in saved.rows] == [(None, None)] * 4
    assert sorted((row.lane, row.turn) for row in saved.rows) == [(1, 1), (1, 2), (2, 1), (2, 2)]
    for row in saved.rows:
        assert row.input is not None
        assert row.input > 500
        assert row.ttft is not None
        assert row.total is not None
        assert 0 < row.ttft < row.total
        if row.turn == 2:
            assert row.predicted is not None
            assert row.predicted > 0.8 * row.input  # its own history, and the tools and the system prompt
    assert any(row.cached for row in saved.rows)
    [summary] = saved.summaries()
    assert summary.turns == 4
    assert summary.correct is not None

    assert saved.samples
    assert saved.samples[0].values["running"] == 0  # before the load
    assert saved.samples[-1].values["generated_tokens"] > saved.samples[0].values.get("generated_tokens", 0)

    found = played("--find-knee", "--most-agents", 2, "--requests", 2, "--slo", "ttft=1h")
    assert found.knee is not None
    assert (found.knee.carries, found.knee.breaks, found.knee.ended) == (2, None, "agents")

    live = played("--agents", 1, "--requests", 2, "--answers", "live")
    assert [(row.turn, row.history, row.error) for row in live.rows] == [(1, "recorded", None), (2, "live", None)]
