"""A load on the nodes of a cluster: the same rows as on one process, and what becomes of it where a node dies."""

import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cluster import Cluster, connected
from replay.load import on_cluster
from replay.load.on_cluster import OnCluster
from replay.load.plan import Agents, LoadPlan, Think
from replay.load.processes import Local
from replay.load.rows import Row
from replay.load.script import Script
from replay.load.worker import Job
from tests.support import answers, dask_workers, scripted, talks
from tests.support.load_scripts import TARGET, turn
from tests.support.patience import eventually

pytestmark = [
    pytest.mark.process,
    pytest.mark.xdist_group("cluster"),
    pytest.mark.filterwarnings("ignore"),  # Dask's own
]

PLAN = LoadPlan(duration=600.0, think=Think(0.0), max_requests=8)
ANSWER = scripted.stream(answers.events(answers.text("Hello")))


@pytest.fixture(scope="module")
def local() -> Iterator[Cluster]:
    with connected("local:2") as cluster:
        yield cluster


def job(url: str, agents: int = 4, run: int = 1) -> Job:
    body = talks.body(talks.user("What?"), max_tokens=9, stream=True)
    turns = [turn(1, body=body), turn(2, 1, body=body), turn(3, 2, body=body)]
    here = tuple(replace(each, prepared=replace(each.prepared, target=replace(TARGET, url=url))) for each in turns)
    scripts = [Script(name, here) for name in ("s", "t", "u")]
    return Job(PLAN, Agents(agents), run, "load", scripts)


def what_was_sent(rows: list[Row]) -> set[tuple[object, ...]]:
    """Return what of each row isn't measured."""
    measured = {"node", "process", "at", "sent", "due", "cpu", "late", "doubts", "decode", "prefill"}
    times = {"connect", "headers", "ttft", "first_answer", "first_tool_call", "last_content", "total"}
    gaps = {"gap_mean", "gap_p50", "gap_p99", "gap_max"}
    names = [name for name in Row.__slots__ if name not in measured | times | gaps]
    return {tuple(getattr(row, name) for name in names) for row in rows}


def test_a_cluster_sends_what_one_process_sends(local: Cluster) -> None:
    apart: list[Row] = []
    alone: list[Row] = []
    placement = OnCluster(local)
    with scripted.serving([ANSWER]) as server:
        placed = placement.play(job(server.url, agents=2), apart.append, lambda elapsed: None)
        Local(2).play(job(server.url, agents=2), alone.append, lambda elapsed: None)  # a share for each agent, too
    assert placed.lost == ()
    assert [ended.rows for ended in placed.ended] == [4, 4]
    assert len(apart) == len(alone) == 8
    assert {(row.lane, row.process) for row in apart} == {(1, 1), (2, 2)}
    assert what_was_sent(apart) == what_was_sent(alone)
    assert all(row.sent >= 0 for row in apart)
    assert [clock.node for clock in placement.clocks] == list(local.nodes())
    assert str(placement.clocks[0]).startswith(f"Clock of {local.nodes()[0]}: ")


def test_one_agent_sends_the_same_row_by_row(local: Cluster) -> None:
    apart: list[Row] = []
    alone: list[Row] = []
    with scripted.serving([ANSWER]) as server:
        OnCluster(local).play(job(server.url, agents=1, run=3), apart.append, lambda elapsed: None)
        Local(1).play(job(server.url, agents=1, run=3), alone.append, lambda elapsed: None)
    assert len(apart) == len(alone) == 8
    assert what_was_sent(apart) == what_was_sent(alone)


def test_clocks_that_differ_are_brought_together(local: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """The nodes' clocks seem an hour ahead: they wait for a moment an hour from now, unless it is taken back."""
    rows: list[Row] = []
    offset = type(local).offset

    def ahead(self: Cluster, node: object, trips: int = 20) -> object:
        found = offset(self, node, 1)  # type: ignore[arg-type]
        return replace(found, seconds=found.seconds - 3600)

    monkeypatch.setattr(type(local), "offset", ahead)
    with scripted.serving([ANSWER]) as server:
        placed = OnCluster(local).play(job(server.url, run=4), rows.append, lambda elapsed: None)
    # In the nodes' own time they were told to begin an hour ago, and began at once.
    assert all(row.at - placed.start_at == pytest.approx(row.sent, abs=1e-3) for row in rows)


def test_what_ends_a_level_early_ends_it_on_all_nodes(local: Cluster) -> None:
    def on_row(row: Row) -> None:
        raise KeyboardInterrupt

    held = scripted.holding(ANSWER, lambda: False, held_from=1)
    with scripted.serving(held) as server:
        with pytest.raises(KeyboardInterrupt):
            OnCluster(local).play(job(server.url, run=5), on_row, lambda elapsed: None)
        assert eventually(lambda: not any(local.tell(node, signals_left) for node in local.nodes()))


def signals_left() -> int:
    return len(on_cluster._SIGNALS)


def test_more_nodes_than_agents_are_left_alone(local: Cluster) -> None:
    rows: list[Row] = []
    with scripted.serving([ANSWER]) as server:
        placed = OnCluster(local).play(job(server.url, agents=1, run=6), rows.append, lambda elapsed: None)
    assert [ended.rows for ended in placed.ended] == [8]


def test_a_node_that_dies_costs_its_lanes_and_they_are_named() -> None:
    rows: list[Row] = []
    killed = threading.Event()  # until then, the server answers two requests only
    held = scripted.holding(ANSWER, killed.is_set, held_from=2)
    with scripted.serving(held) as server, connected("local:2") as cluster:
        left, _ = cluster.nodes()

        def on_tick(elapsed: float) -> None:
            if not killed.is_set():
                cluster.tell(left, die)
                killed.set()

        placement = OnCluster(cluster)
        placed = placement.play(job(server.url), rows.append, on_tick)
    [lost], [ended] = placed.lost, placed.ended
    assert (lost.name, lost.lanes, lost.why) == (f"the node {left}", (1, 3), "lost")
    assert sum(row.process == 2 for row in rows) == ended.rows == 4
    assert placement.clocks[0].after is None


def die() -> None:
    threading.Timer(0.1, os._exit, [1]).start()  # after it has answered


@pytest.mark.skipif(dask_workers.ARE_LEFT_OUT, reason=dask_workers.WHY)
def test_a_worker_over_tcp_that_is_killed_costs_its_lanes(tmp_path: Path) -> None:
    rows: list[Row] = []
    killed = threading.Event()
    held = scripted.holding(ANSWER, killed.is_set, held_from=2)
    with (
        scripted.serving(held) as server,
        dask_workers.running(tmp_path, ["left", "right"]) as workers,
        connected(workers.address) as cluster,
    ):
        assert eventually(lambda: len(cluster.nodes()) == 2)

        def on_tick(elapsed: float) -> None:
            if not killed.is_set():
                workers.kill("left")
                killed.set()

        placed = OnCluster(cluster).play(job(server.url), rows.append, on_tick)
    assert [lost.lanes for lost in placed.lost] == [(1, 3)]
    assert sum(row.process == 2 for row in rows) == placed.ended[0].rows == 4
