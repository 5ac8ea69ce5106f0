"""A level on real processes: what each plays, and what becomes of it where one of them dies."""

import multiprocessing
import threading
from dataclasses import replace

import pytest

from replay.exchange import ReplayError
from replay.load.arrivals import Share
from replay.load.plan import Agents, LoadPlan, Think
from replay.load.processes import Local, processes_for
from replay.load.rows import Row
from replay.load.script import Script
from replay.load.worker import PATIENCE, Job, Reach, cores
from replay.request import Target
from tests.support import answers, scripted, talks
from tests.support.load_scripts import TARGET, turn

pytestmark = pytest.mark.process

PLAN = LoadPlan(duration=600.0, think=Think(0.0), max_requests=8)
ANSWER = scripted.stream(answers.events(answers.text("Hello")))


def job(url: str, plan: LoadPlan = PLAN, agents: int = 4) -> Job:
    body = talks.body(talks.user("What?"), max_tokens=9, stream=True)
    turns = [turn(1, body=body), turn(2, 1, body=body), turn(3, 2, body=body)]
    target: Target = replace(TARGET, url=url)
    here = tuple(replace(each, prepared=replace(each.prepared, target=target)) for each in turns)
    return Job(plan, Agents(agents), 1, "load", (Script("s", here),))


def test_all_processes_begin_at_one_moment_and_send_what_is_theirs() -> None:
    rows: list[Row] = []
    with scripted.serving([ANSWER]) as server:
        placed = Local(2).play(job(server.url), rows.append, lambda elapsed: None)
    assert placed.lost == ()
    assert [(ended.share, ended.rows, ended.gave_up) for ended in placed.ended] == [
        (Share(0, 2), 4, ""),
        (Share(1, 2), 4, ""),
    ]
    assert {(row.process, row.lane) for row in rows} <= {(1, 1), (2, 2), (1, 3), (2, 4)}
    assert all(row.ok and row.total is not None for row in rows)
    assert all(row.at == pytest.approx(placed.start_at + row.sent) for row in rows)
    assert all(row.lag >= 0 for row in rows)
    assert min(row.at for row in rows) >= placed.start_at


def test_a_process_that_dies_costs_its_lanes_and_they_are_named() -> None:
    rows: list[Row] = []
    killed = threading.Event()  # until then, the server answers one request only
    held = scripted.holding(ANSWER, killed.is_set, held_from=1)

    def on_row(row: Row) -> None:
        rows.append(row)
        if not killed.is_set():
            multiprocessing.active_children()[0].kill()
            killed.set()

    with scripted.serving(held) as server:
        placed = Local(2).play(job(server.url), on_row, lambda elapsed: None)
    [lost], [ended] = placed.lost, placed.ended
    assert lost.why == "killed by signal 9"
    assert (lost.name, lost.lanes) == {0: ("process 2 of 2", (2, 4)), 1: ("process 1 of 2", (1, 3))}[ended.share.index]
    assert sum(row.process == ended.share.index + 1 for row in rows) == 4
    assert multiprocessing.active_children() == []


def test_what_ends_a_level_early_ends_its_processes() -> None:
    def on_row(row: Row) -> None:
        raise KeyboardInterrupt

    held = scripted.holding(ANSWER, lambda: False, held_from=1)
    with scripted.serving(held) as server, pytest.raises(KeyboardInterrupt):
        Local(2).play(job(server.url), on_row, lambda elapsed: None)
    assert multiprocessing.active_children() == []


def test_progress_is_told_while_nothing_comes() -> None:
    ticks: list[float] = []
    go_on = threading.Event()

    def on_tick(elapsed: float) -> None:
        ticks.append(elapsed)
        if len(ticks) == 3:
            go_on.set()

    held = scripted.holding(ANSWER, go_on.is_set, held_from=0)
    with scripted.serving(held) as server:
        Local(1).play(job(server.url), lambda row: None, on_tick)
    assert ticks == sorted(ticks)


def test_few_agents_need_few_processes() -> None:
    assert processes_for(LoadPlan(), Agents(1), 1) == 1
    assert processes_for(LoadPlan(), Agents(16), 1) == 1
    assert processes_for(LoadPlan(), Agents(1000), 1) == cores()


def test_a_server_is_given_up_only_when_nothing_else_came_for_a_while() -> None:
    refused, busy = ReplayError("refused", "nothing listens there"), ReplayError("http_error", "busy", 529)
    reach = Reach()
    for error, at in [(refused, 0.0), (busy, 10.0), (refused, 11.0), (refused, 11.0 + PATIENCE - 0.1)]:
        reach.note(error, at)
    assert reach.gave_up == ""
    reach.note(refused, 11.0 + PATIENCE)
    assert reach.gave_up == "the server was gone for 15 s: nothing listens there"
