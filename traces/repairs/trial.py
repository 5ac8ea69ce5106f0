"""Tries a request with ever more repairs until the server accepts it, and keeps what helped for the next requests.

Pure: whoever sends asks `Trial` with which repairs, and tells it of each refusal.
"""

from collections.abc import Sequence

from traces.repairs.base import Outgoing
from traces.repairs.learn import learn
from traces.repairs.limit import strongest

AUTO = "auto"
"""In place of a repair's name: learn from a server's refusals what it doesn't take."""

OFF = "off"
"""In place of a repair's name: none, whatever the kind of server needs."""

MOST_TRIES = 12
"""How often one request is sent: some servers name one field at a time."""


class Learned:
    """The repairs for one server: those that the user asked for, then those that helped."""

    def __init__(self, asked: Sequence[str]) -> None:
        self.learns = AUTO in asked
        self.names = tuple(name for name in asked if name not in (AUTO, OFF))

    def add(self, names: Sequence[str]) -> None:
        """Keep the names of repairs that helped."""
        self.names = strongest(dict.fromkeys((*self.names, *names)))


class Trial:
    """The tries of one request. `names` are the repairs for the next one."""

    def __init__(self, learned: Learned) -> None:
        self.names = learned.names
        self._learned = learned
        self._tries = 1
        self._refusals: set[bytes] = set()

    def refused(self, status: int, answer: bytes, sent: Outgoing) -> bool:
        """Take a server's refusal of what was sent, and return whether to send the request again, with `names`."""
        if not self._learned.learns or self._tries == MOST_TRIES or answer in self._refusals:
            return False  # the same words again: what they led to didn't help
        self._refusals.add(answer)
        self._tries += 1
        new = learn(status, answer, sent, self.names)
        self.names = (*self.names, *new)
        return bool(new)

    def accepted(self) -> tuple[str, ...]:
        """Return the repairs that this trial found, and keep them; none where the first try was accepted."""
        new = tuple(name for name in self.names if name not in self._learned.names)
        self._learned.add(new)
        return new
