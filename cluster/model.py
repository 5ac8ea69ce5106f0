"""What a cluster is to those who give it work, whatever engine is behind it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Protocol, TypeVar

from traces.errors import ToolkitError

Item = TypeVar("Item")
Result = TypeVar("Result")


class ClusterError(ToolkitError):
    """A cluster can't be used, or was lost."""


@dataclass(frozen=True, slots=True)
class Node:
    """One process that takes work: its address, its name in the cluster, and how many tasks it runs at once."""

    address: str
    name: str
    threads: int

    def __str__(self) -> str:
        return self.address if self.name == self.address else f"{self.name} ({self.address})"


@dataclass(frozen=True, slots=True)
class Task:
    """A call that runs on one node and nowhere else; `handle` is the engine's own."""

    node: Node
    handle: Any


@dataclass(frozen=True, slots=True)
class Lost:
    """Stands for the result of a task whose node went away."""

    node: Node


@dataclass(frozen=True, slots=True)
class Offset:
    """How far a node's clock is ahead of this process's, in seconds, and how far off that may be at most."""

    seconds: float
    within: float


class Cluster(Protocol):
    """Nodes that take work. Functions and what they are given must be importable or picklable there."""

    def nodes(self) -> Sequence[Node]:
        """Return the nodes there are now, by name."""

    def lost(self) -> Sequence[Node]:
        """Return the nodes that were there at first, or since, and have gone."""

    def map(self, function: Callable[..., Result], items: Iterable[Item], *constant: object) -> Iterator[Result]:
        """Yield `function(item, *constant)` for each item, in order, holding only some results at a time.

        What a lost node was at, others do again. Raises what the function raises, and ClusterError.
        """

    def start(self, node: Node, function: Callable[..., object], *arguments: object) -> Task:
        """Begin `function(*arguments)` on one node."""

    def gather(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Any]]:
        """Yield each task with its result, as they end; Lost where the node went away. Raises as `map` does."""

    def poll(self, tasks: Sequence[Task], timeout: float) -> list[tuple[Task, Any]]:
        """Return those of the tasks that have ended, or end in so many seconds, with what `gather` yields."""

    def tell(self, node: Node, function: Callable[..., Result], *arguments: object) -> Result | None:
        """Return what a short function returns on a node, beside its tasks; None where the node went away."""

    def inbox(self, topic: str) -> AbstractContextManager["SimpleQueue[bytes]"]:
        """Listen to a topic while a block lasts: what tasks `post` there comes into the queue, each node's in order."""

    def offset(self, node: Node, trips: int = 20) -> Offset:
        """Return the offset of a node's clock, by the shortest of some round trips."""
