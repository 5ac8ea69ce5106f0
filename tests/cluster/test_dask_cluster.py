"""Work on a cluster of Dask: processes of this machine, and workers over TCP."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import dask
import pytest

from cluster import Cluster, ClusterError, Lost, connected, post, versions
from tests.support import dask_workers
from tests.support.patience import PATIENCE, eventually

pytestmark = [
    pytest.mark.process,
    pytest.mark.xdist_group("cluster"),
    pytest.mark.filterwarnings("ignore"),  # Dask's own
]


@pytest.fixture(scope="module")
def local() -> Iterator[Cluster]:
    with connected("local:2") as cluster:
        yield cluster


def multiplied(number: int, by: int) -> int:
    return number * by


def failing(number: int) -> None:
    raise OSError(f"number {number}")


def leaving(code: int) -> None:
    os._exit(code)


def posting(count: int) -> int:
    for number in range(count):
        post("letters", b"%d" % number)
    return count


def pid(_: object) -> int:
    return os.getpid()


def test_results_come_in_the_order_of_the_items(local: Cluster) -> None:
    assert list(local.map(multiplied, range(100), 3)) == [3 * number for number in range(100)]
    assert os.getpid() not in set(local.map(pid, range(10)))


def test_only_some_items_are_taken_ahead(local: Cluster) -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(1_000):
            taken.append(number)
            yield number

    results = local.map(multiplied, items(), 1)
    assert next(results) == 0
    assert len(taken) <= 5
    results.close()  # type: ignore[attr-defined]


def test_what_a_function_raises_comes_as_it_is(local: Cluster) -> None:
    with pytest.raises(OSError, match="number 7"):
        list(local.map(failing, [7]))


def test_a_task_runs_on_its_node(local: Cluster) -> None:
    nodes = local.nodes()
    assert [node.name for node in nodes] == ["0", "1"]
    tasks = [local.start(node, pid, 0) for node in (*nodes, *nodes)]
    found = [(task.node, process) for task, process in local.gather(tasks)]
    assert len(found) == 4
    assert len(set(found)) == 2


def test_a_clock_is_compared(local: Cluster) -> None:
    for node in local.nodes():
        offset = local.offset(node, trips=5)
        assert abs(offset.seconds) <= offset.within  # it is the same clock


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("local:0", "local:0: is no cluster. One is named like tcp://scheduler:8786 or local:4."),
        ("scheduler:8786", "scheduler:8786: is no cluster."),
        ("tcp://127.0.0.1:1", "tcp://127.0.0.1:1: no Dask scheduler can be used there: "),
    ],
)
def test_a_cluster_that_is_not_there_is_one_line(address: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cluster.dask_cluster.CONNECT", 1.0)
    with pytest.raises(ClusterError) as caught, connected(address):
        raise AssertionError("unreachable")
    assert str(caught.value).startswith(told)
    assert "\n" not in str(caught.value)


def test_a_node_that_dies_is_named_and_the_other_goes_on() -> None:
    with dask.config.set({"distributed.scheduler.allowed-failures": 0}), connected("local:2") as cluster:
        first, second = cluster.nodes()
        tasks = [cluster.start(first, leaving, 3), cluster.start(second, multiplied, 2, 3)]
        outcomes = {task.node.name: found for task, found in cluster.gather(tasks)}
        assert outcomes == {"0": Lost(first), "1": 6}
        assert list(cluster.lost()) == [first]
        assert list(cluster.map(multiplied, range(5), 1)) == list(range(5))
        with pytest.raises(ClusterError, match="died of the same task"):
            list(cluster.map(leaving, [3]))


@pytest.mark.skipif(dask_workers.ARE_LEFT_OUT, reason=dask_workers.WHY)
def test_workers_over_tcp_one_of_them_killed(tmp_path: Path) -> None:
    with dask_workers.running(tmp_path, ["left", "right"]) as workers, connected(workers.address) as cluster:
        assert eventually(lambda: len(cluster.nodes()) == 2)
        left, right = cluster.nodes()
        assert (left.name, right.name) == ("left", "right")
        assert str(left) == f"left ({left.address})"
        results = cluster.map(multiplied, range(200), 2)
        some = [next(results) for _ in range(20)]
        tasks = [cluster.start(left, time.sleep, 600), cluster.start(right, multiplied, 1, 1)]
        workers.kill("left")
        assert {task.node.name: found for task, found in cluster.gather(tasks)} == {"left": Lost(left), "right": 1}
        assert some + list(results) == [2 * number for number in range(200)]
        assert list(cluster.lost()) == [left]
        assert cluster.tell(left, time.time) is None
        with pytest.raises(ClusterError, match=r"the worker left \(tcp://\S+\) was lost"):
            cluster.offset(left)


def test_what_tasks_post_is_received_in_order(local: Cluster) -> None:
    with local.inbox("letters") as inbox:
        [(_, found)] = local.gather([local.start(local.nodes()[0], posting, 50)])
        assert found == 50
        assert [inbox.get(timeout=PATIENCE) for _ in range(50)] == [b"%d" % number for number in range(50)]


def test_versions_that_differ_are_refused(local: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "build", lambda: "another")
    with pytest.raises(
        ClusterError, match=r"worker tcp://\S+ has anyclaude-toolkit .* Install the same version on both"
    ):
        local.check()  # type: ignore[attr-defined]


def test_a_difference_is_told_in_words() -> None:
    assert versions.difference({"Python": "3.11"}, {"Python": "3.11", "dask": "1"}) is None
    assert versions.difference({"Python": "3.11"}, {"Python": "3.13"}) == "has Python 3.13, this process 3.11"
    assert len(versions.build()) == 12
