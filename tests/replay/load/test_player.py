"""A search for the knee, as a user sees it: the levels are made up, the rest is real."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from replay.load import player, results
from replay.load.knee import Goal
from replay.load.objectives import parse
from replay.load.plan import Agents, LoadPlan
from replay.load.processes import Placed
from replay.load.rows import Row
from replay.load.worker import Job
from tests.support import load_rows, scripted, synthetic, talks
from tests.support.replayer import Replayer

pytestmark = pytest.mark.io

METRICS = b"# TYPE llamacpp:requests_deferred gauge\nllamacpp:requests_deferred 2\n"


@dataclass
class Box:
    """Answers up to 5 agents within 5 s, and no more: so its levels say."""

    played: list[tuple[int, int | None]] = field(default_factory=list)

    def play(self, job: Job, on_row: Callable[[Row], None], on_tick: Callable[[float], None]) -> Placed:
        assert isinstance(job.level, Agents)
        agents, most = job.level.count, job.plan.max_requests
        self.played.append((agents, most))
        turns = min(100, most or 100)
        for row in load_rows.level(agents, turns=turns, ttft=lambda turn: 1.0 if agents <= 5 else 9.0, run=job.run):
            on_row(replace(row, level=job.level.name))
        on_tick(60.0)
        return Placed(load_rows.BEGIN, ())


def answer(request: scripted.Received) -> scripted.Answer:
    if request.path == "/metrics":
        return scripted.Answer((METRICS,))
    return scripted.whole({"data": [{"id": "m"}]})


@pytest.fixture
def replayer(tmp_path: Path) -> Replayer:
    found = Replayer(tmp_path)
    talk = talks.Talk()
    talk.ask(talks.body(talks.user("What is it?")), talks.said("It is 1."))
    synthetic.write_all(talk.traces, found.traces)
    return found


def searched(replayer: Replayer, monkeypatch: pytest.MonkeyPatch, goal: Goal) -> tuple[int, Box, results.Saved]:
    monkeypatch.setenv("ANYCLAUDE_TRACE_DIR", str(replayer.traces))
    plan, box = LoadPlan((Agents(1),), objectives=parse("ttft=5s"), knee=goal), Box()
    with scripted.serving(answer) as server:
        asked = player.Asked(("latest",), server.url, "m", None, replayer.results, "table", plan, placement=box)
        code = player.play(asked, player.sessions_of(["latest"], []))
    [folder] = replayer.results.iterdir()
    return code, box, results.load(folder)


def test_what_was_found_is_said_in_sentences_and_kept(
    replayer: Replayer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, box, saved = searched(replayer, monkeypatch, Goal())
    assert code == 0
    assert [agents for agents, _ in box.played] == [1, 2, 4, 8, 6, 5]
    said = capsys.readouterr().out
    assert "This server carries 5 agents: 100% [96, 100] of 100 turns; 6 agents: 0% [0, 4] of 100 turns." in said
    assert (
        "What gave way first: the wait for the first token (the first token came after 9.00 s instead of 1.00" in said
    )
    assert saved.knee is not None
    assert (saved.knee.carries, saved.knee.breaks, saved.knee.ended) == (5, 6, "found")
    assert [summary.level for summary in saved.summaries()] == [
        *("1 agent", "2 agents", "4 agents", "5 agents", "6 agents", "8 agents"),
    ]
    assert {sample.values["waiting"] for sample in saved.samples} == {2.0}


def test_no_more_requests_are_sent_than_the_budget_allows(
    replayer: Replayer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _, box, saved = searched(replayer, monkeypatch, Goal(most_requests=250))
    assert box.played == [(1, 250), (2, 150), (4, 50)]
    assert len(saved.rows) == 250
    assert "The search ended with --budget-requests" in capsys.readouterr().out
