"""Work spread over the processes and machines of a cluster.

    with connected("local:4") as cluster:                  # or tcp://scheduler:8786
        for result in cluster.map(function, items): ...    # in the items' order

Only `cluster.dask_cluster` knows the engine, Dask distributed (the extra `cluster`). Another engine is another module
with the same functions.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from cluster.model import Cluster, ClusterError, Lost, Node, Offset, Task

__all__ = ["Cluster", "ClusterError", "Lost", "Node", "Offset", "Task", "connected", "post"]


@contextmanager
def connected(address: str) -> Iterator[Cluster]:
    """Yield the cluster at an address: `tcp://HOST:PORT` of a scheduler, `tls://…`, or `local:N` for N processes here.

    Raises ClusterError where it isn't there, has no nodes, or runs other versions than this process.
    """
    from cluster import dask_cluster  # slow to import, and an extra

    with dask_cluster.connected(address) as cluster:
        yield cluster


def post(topic: str, message: bytes) -> None:
    """Send a message from a task on a node to who listens to the topic (`Cluster.inbox`), without waiting."""
    from cluster import dask_cluster

    dask_cluster.post(topic, message)
