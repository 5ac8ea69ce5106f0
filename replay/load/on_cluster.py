"""The lanes of a load placed on the nodes of a cluster: a share for each node, and all begin at one moment.

Clocks of machines differ. How far each node's is ahead of this process's is measured before and after, by the shortest
of some round trips: the moment to begin is given to each in its own time, and the rows' times are brought back to ours.
A node that is lost costs its lanes, and they are named. What it had sent until then is kept.
"""

import pickle
import platform
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue

from cluster import Cluster, ClusterError, Node, Offset, Task, post
from cluster import Lost as LostNode
from replay.load.arrivals import Share, starts
from replay.load.processes import TICK, Lost, Placed
from replay.load.rows import Row
from replay.load.worker import Ended, Job, OnRow, run_share

HEAD_START = 0.5
"""Seconds from the moment when all nodes are ready to that at which they begin; `A_NODE` more for each of them."""

A_NODE = 0.02

FLUSH = 0.25
"""Seconds for which a node gathers rows before it sends them."""

UNTIL_BEGIN = 600.0
"""Seconds for which a node waits to be told to begin: who gave it the share may have died."""

LAST_ROWS = 30.0
"""Seconds for which rows are waited for that a node has sent before it ended."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A node's clock beside this process's, before a run and after it; None where it was lost meanwhile."""

    node: Node
    before: Offset
    after: Offset | None

    def __str__(self) -> str:
        after = f", {_milliseconds(self.after)} after it" if self.after else ""
        return f"Clock of {self.node}: {_milliseconds(self.before)} before the run{after}."


@dataclass(frozen=True, slots=True)
class OnCluster:
    """Plays a level on the nodes of a cluster: a `replay.load.processes.Placement`.

    clocks   of each run's nodes, as they were measured
    """

    cluster: Cluster
    clocks: list[Clock] = field(default_factory=list)

    def play(self, job: Job, on_row: OnRow, on_tick: Callable[[float], None]) -> Placed:
        """Play a level to its end: see `Placement`. Raises ClusterError where the cluster itself is lost."""
        lanes = sum(1 for _ in starts(job.plan, job.level, job.run))
        nodes = self.cluster.nodes()[: max(1, lanes)]
        before = {node: self.cluster.offset(node) for node in nodes}
        topic = f"load-{job.load}-{job.run}"
        with self.cluster.inbox(topic) as inbox:
            run = _Run(self.cluster, topic, job, before, inbox, on_row)
            try:
                placed = run.play(on_tick)
            finally:
                run.stop()
        self.clocks.extend(Clock(node, before[node], self._offset_after(node)) for node in nodes)
        return placed

    def _offset_after(self, node: Node) -> Offset | None:
        try:
            return self.cluster.offset(node)
        except ClusterError:
            return None  # it was lost, which must not cost what was measured


class _Run:
    """One run of a level on some nodes."""

    def __init__(
        self,
        cluster: Cluster,
        topic: str,
        job: Job,
        offsets: dict[Node, Offset],
        inbox: "SimpleQueue[bytes]",
        on_row: OnRow,
    ) -> None:
        self._cluster = cluster
        self._topic = topic
        self._job = job
        self._offsets = offsets
        self._inbox = inbox
        self._on_row = on_row
        self._shares = {node: Share(index, len(offsets)) for index, node in enumerate(offsets)}
        self._nodes = {share.index: node for node, share in self._shares.items()}
        self._received = dict.fromkeys(self._nodes, 0)
        self._ready: set[int] = set()
        self._ended: list[Ended] = []
        self._lost: list[Lost] = []
        self._open: list[Task] = []

    def play(self, on_tick: Callable[[float], None]) -> Placed:
        given = pickle.dumps(self._job)
        for node, share in self._shares.items():
            self._open.append(self._cluster.start(node, play_share, self._topic, given, share))
        start_at: float | None = None
        while self._open:
            self._take(self._cluster.poll(self._open, TICK))
            self._receive()
            if start_at is not None:
                on_tick(max(0.0, time.time() - start_at))
            elif all(self._shares[task.node].index in self._ready for task in self._open):
                start_at = self._begin()
        self._receive_last()
        return Placed(start_at or time.time(), tuple(self._ended), tuple(self._lost))

    def stop(self) -> None:
        """End what is still under way."""
        for task in self._open:
            with suppress(Exception):  # the cluster may be what failed
                self._cluster.tell(task.node, stop, self._topic)

    def _begin(self) -> float:
        nodes = [task.node for task in self._open]
        start_at = time.time() + HEAD_START + A_NODE * len(nodes)
        for node in nodes:
            self._cluster.tell(node, begin, self._topic, start_at + self._offsets[node].seconds)
        return start_at

    def _take(self, outcomes: Sequence[tuple[Task, object]]) -> None:
        for task, outcome in outcomes:
            self._open.remove(task)
            if isinstance(outcome, Ended):
                self._ended.append(outcome)
            elif isinstance(outcome, LostNode):
                job, share = self._job, self._shares[task.node]
                lanes = tuple(one.lane for one in starts(job.plan, job.level, job.run) if share.holds(one.lane))
                self._lost.append(Lost(f"the node {task.node}", lanes, "lost"))

    def _receive(self, timeout: float = 0.0) -> None:
        """Take what nodes have sent: that they are ready, or rows."""
        for message in _drained(self._inbox, timeout):
            index, rows = pickle.loads(message)  # noqa: S301 - from our own nodes, which could run anything here
            if rows is None:
                self._ready.add(index)
                continue
            ahead = self._offsets[self._nodes[index]].seconds
            for row in rows:
                self._received[index] += 1
                self._on_row(replace(row, at=row.at - ahead))

    def _receive_last(self) -> None:
        """Wait for the rows of nodes that have ended: their last ones may still be on the way."""
        until = time.monotonic() + LAST_ROWS
        while any(self._received[one.share.index] < one.rows for one in self._ended) and time.monotonic() < until:
            self._receive(TICK)


@dataclass(slots=True)
class _Signals:
    """What a node is told of its share: the moment to begin, in its own time, and that it is over."""

    told: threading.Event = field(default_factory=threading.Event)
    start_at: float = 0.0
    is_over: bool = False


_SIGNALS: dict[str, _Signals] = {}
"""On a node: the signals of each topic that it has a share of."""


def play_share(topic: str, job: bytes, share: Share) -> Ended:
    """Play a share on this node, once it is told to begin."""
    signals = _SIGNALS.setdefault(topic, _Signals())
    try:
        given: Job = pickle.loads(job)  # noqa: S301 - from who could have run anything here
        post(topic, pickle.dumps((share.index, None)))
        if not signals.told.wait(UNTIL_BEGIN) or signals.is_over:
            return Ended(share, 0, "the node was never told to begin")
        outbox = _Outbox(topic, share.index)
        try:
            return run_share(given, share, signals.start_at, outbox.put, lambda: signals.is_over)
        except Exception as error:  # a fault of ours: it shall cost this node's lanes, not the others'
            return Ended(share, 0, f"the node {platform.node()} failed: {type(error).__name__}: {error}")
        finally:
            outbox.flush()
    finally:
        _SIGNALS.pop(topic, None)


def begin(topic: str, start_at: float) -> None:
    """Tell this node to begin at a moment of its own clock."""
    signals = _SIGNALS.setdefault(topic, _Signals())
    signals.start_at = start_at
    signals.told.set()


def stop(topic: str) -> None:
    """Tell this node that it is over."""
    if signals := _SIGNALS.get(topic):
        signals.is_over = True
        signals.told.set()


class _Outbox:
    """Sends rows home, some at a time."""

    def __init__(self, topic: str, index: int) -> None:
        self._topic = topic
        self._index = index
        self._rows: list[Row] = []
        self._sent = 0.0

    def put(self, row: Row) -> None:
        self._rows.append(row)
        if time.monotonic() - self._sent >= FLUSH:
            self.flush()

    def flush(self) -> None:
        rows, self._rows, self._sent = self._rows, [], time.monotonic()
        if rows:
            post(self._topic, pickle.dumps((self._index, rows)))


def _drained(inbox: "SimpleQueue[bytes]", timeout: float) -> Iterator[bytes]:
    with suppress(Empty):
        if timeout:
            yield inbox.get(timeout=timeout)
        while True:
            yield inbox.get_nowait()


def _milliseconds(offset: Offset) -> str:
    return f"{1000 * offset.seconds:+.1f} ms (±{1000 * offset.within:.1f})"
