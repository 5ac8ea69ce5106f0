"""A cluster of Dask distributed: the one module that knows it.

TLS, timeouts and the like are set where Dask's own configuration is (~/.config/dask, DASK_… variables).
"""

import logging
import re
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import islice
from queue import SimpleQueue
from typing import Any

from cluster import versions
from cluster.model import ClusterError, Item, Lost, Node, Offset, Result, Task
from traces.errors import ToolkitError

try:
    import distributed
    from distributed.scheduler import KilledWorker
except ImportError:
    raise ClusterError("--cluster needs Dask distributed: pip install 'anyclaude-toolkit[cluster]'") from None

CONNECT = 30.0
"""Seconds in which a scheduler must answer."""

FIRST_NODE = 60.0
"""Seconds in which a node must be there."""

LOOK = 2.0
"""Seconds between two looks at which nodes are left, while a result is awaited."""

ALONE = 60.0
"""Seconds without any node after which work is given up: a node that is started again takes some."""

AHEAD = 2
"""Tasks given out for each that can run: a node needn't wait for the next one."""

_LOCAL = re.compile(r"local:([1-9]\d{0,2})")
_REMOTE = re.compile(r"(tcp|tls|ws|wss|ucx)://\S+")


@contextmanager
def connected(address: str) -> Iterator["DaskCluster"]:
    """Yield the cluster at an address. See `cluster.connected`."""
    local = _LOCAL.fullmatch(address)
    if not local and not _REMOTE.fullmatch(address):
        raise ClusterError(f"{address}: is no cluster. One is named like tcp://scheduler:8786 or local:4.")
    _quiet()
    with ExitStack() as stack:
        try:
            where: Any = stack.enter_context(_local(int(local[1]))) if local else address
            client = stack.enter_context(distributed.Client(where, timeout=CONNECT, set_as_default=False))
        except (OSError, TimeoutError, ValueError, TypeError, RuntimeError, ImportError) as error:
            raise ClusterError(f"{address}: no Dask scheduler can be used there: {_words(error)}.") from error
        cluster = DaskCluster(client, address)
        cluster.check()
        yield cluster


def _local(processes: int) -> Any:
    return distributed.LocalCluster(
        n_workers=processes, threads_per_worker=1, dashboard_address=None, silence_logs=logging.CRITICAL
    )


def _quiet() -> None:
    """Keep Dask's own log off the terminal: what matters of it is told in one line, as an error."""
    logging.getLogger("distributed").setLevel(logging.CRITICAL)


class DaskCluster:
    """A `cluster.model.Cluster`."""

    def __init__(self, client: Any, address: str) -> None:
        self._client = client
        self._address = address
        self._seen: dict[str, Node] = {}

    def check(self) -> None:
        """Raise ClusterError where there are no nodes, or where versions differ."""
        with self._named():
            try:
                self._client.wait_for_workers(1, timeout=FIRST_NODE)
            except TimeoutError:
                raise ClusterError(
                    f"{self._address}: the scheduler has no workers. Start one: dask worker {self._address}"
                ) from None

            def ask() -> Any:  # as a local function it is sent whole, and so runs where the toolkit is missing
                try:
                    from cluster import versions
                except ImportError:
                    return None
                return versions.all_of_them()

            def ask_engine() -> Any:
                import platform
                from importlib.metadata import version

                python = ".".join(platform.python_version_tuple()[:2])
                return {"Python": python, **{name: version(name) for name in ("dask", "distributed")}}

            here = versions.all_of_them()
            found = {"scheduler": self._client.run_on_scheduler(ask_engine)}
            found.update({f"worker {name}": there for name, there in self._client.run(ask).items()})
        for name, there in found.items():
            if there is None:
                raise ClusterError(
                    f"{self._address}: {name} has no anyclaude-toolkit. Install there what is installed here."
                )
            if differs := versions.difference(here, there):
                raise ClusterError(f"{self._address}: {name} {differs}. Install the same version on both.")
        self.nodes()

    def nodes(self) -> Sequence[Node]:
        with self._named():
            workers = self._client.scheduler_info(n_workers=-1)["workers"]
        there = [Node(at, str(about.get("name", at)), int(about["nthreads"])) for at, about in workers.items()]
        self._seen.update((node.address, node) for node in there)
        return sorted(there, key=lambda node: (len(node.name), node.name))

    def lost(self) -> Sequence[Node]:
        left = {node.address for node in self.nodes()}
        return [node for address, node in self._seen.items() if address not in left]

    def map(self, function: Callable[..., Result], items: Iterable[Item], *constant: object) -> Iterator[Result]:
        remaining = iter(items)
        room = AHEAD * sum(node.threads for node in self.nodes())
        waiting: deque[Any] = deque()
        try:
            while True:
                for item in islice(remaining, room - len(waiting)):
                    waiting.append(self._client.submit(function, item, *constant, pure=False))
                if not waiting:
                    return
                self._await(waiting[0])
                yield self._result(waiting.popleft())
        finally:
            self._cancel(waiting)

    def start(self, node: Node, function: Callable[..., object], *arguments: object) -> Task:
        with self._named(), warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sending large graph")  # a task has what it needs with it
            future = self._client.submit(
                function, *arguments, pure=False, workers=[node.address], allow_other_workers=False, retries=0
            )
        return Task(node, future)

    def gather(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Any]]:
        waiting = list(tasks)
        try:
            while waiting:
                for task, outcome in self.poll(waiting, LOOK):
                    waiting.remove(task)
                    yield task, outcome
        finally:
            self._cancel(task.handle for task in waiting)

    def poll(self, tasks: Sequence[Task], timeout: float) -> list[tuple[Task, Any]]:
        self._look([task.handle for task in tasks], timeout)
        left = {node.address for node in self.nodes()}
        ended = [task for task in tasks if task.handle.done() or task.node.address not in left]
        return [(task, self._outcome(task)) for task in ended]

    def tell(self, node: Node, function: Callable[..., Result], *arguments: object) -> Result | None:
        if not self._is_there(node):  # Dask would try to reach it for a minute
            return None
        try:
            found: dict[str, Result] = self._client.run(function, *arguments, workers=[node.address])
        except Exception:  # of many kinds, where the node is gone; else it is the function's own
            if self._is_there(node):
                raise
            return None
        return found.get(node.address)

    def _is_there(self, node: Node) -> bool:
        return node.address in {left.address for left in self.nodes()}

    @contextmanager
    def inbox(self, topic: str) -> Iterator["SimpleQueue[bytes]"]:
        received: SimpleQueue[bytes] = SimpleQueue()
        with self._named():
            self._client.subscribe_topic(topic, lambda event: received.put(event[1]))
        try:
            yield received
        finally:
            with suppress(Exception):  # the scheduler may be gone
                self._client.unsubscribe_topic(topic)

    def offset(self, node: Node, trips: int = 20) -> Offset:
        best: Offset | None = None
        for _ in range(trips):
            sent = time.time()
            there = self.tell(node, time.time)
            back = time.time()
            if there is None:
                break
            if best is None or (back - sent) / 2 < best.within:
                best = Offset(there - (sent + back) / 2, (back - sent) / 2)
        if best is None:
            raise ClusterError(f"{self._address}: the worker {node} was lost.")
        return best

    def _outcome(self, task: Task) -> Any:
        """Return what an ended task returned, or Lost: also where its node went away before the result was fetched."""
        while task.handle.status not in ("cancelled", "lost"):
            try:
                return self._result(task.handle, LOOK)
            except TimeoutError:
                pass
            except _NodesDied:
                break
            if not self._is_there(task.node):
                break
        self._cancel([task.handle])
        return Lost(task.node)

    def _await(self, future: Any) -> None:
        """Wait for a result; raise ClusterError where no node has been left for some time."""
        alone: float | None = None
        while not future.done():
            self._look([future])
            if future.done() or self.nodes():
                alone = None
                continue
            alone = alone or time.monotonic()
            if time.monotonic() - alone > ALONE:
                raise ClusterError(f"{self._address}: all workers have gone: {', '.join(map(str, self.lost()))}.")

    def _look(self, futures: Sequence[Any], timeout: float = LOOK) -> None:
        """Wait until one of these has ended, but not long."""
        with suppress(TimeoutError), self._named(), self._client.as_current():
            distributed.wait(futures, timeout=timeout, return_when="FIRST_COMPLETED")

    def _result(self, future: Any, timeout: float | None = None) -> Any:
        """Return a task's result. Raises what its function raised, ClusterError, and TimeoutError."""
        with self._named():
            if future.status != "error":
                return future.result(timeout)
            error = future.exception(timeout)
            if isinstance(error, KilledWorker):
                raise error
        raise error  # the function's own

    def _cancel(self, futures: Iterable[Any]) -> None:
        with suppress(Exception):  # the scheduler may be gone
            self._client.cancel(list(futures), force=True)

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Turn Dask's errors into ClusterError; the function's own pass through."""
        try:
            yield
        except (ToolkitError, TimeoutError):
            raise
        except KilledWorker as error:
            raise _NodesDied(
                f"{self._address}: {error.last_worker.address}, and others before it, died of the same task. "
                "Is there too little memory?"
            ) from error
        except (OSError, RuntimeError, distributed.client.FutureCancelledError) as error:
            raise ClusterError(f"{self._address}: the scheduler was lost: {_words(error)}.") from error


class _NodesDied(ClusterError):
    """A task was given up since every node that took it died."""


def post(topic: str, message: bytes) -> None:
    """Send a message from a task to its cluster. See `cluster.post`."""
    distributed.get_worker().log_event(topic, message)


def _words(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text.rstrip(".")[:200]
