"""AIPerf's inputs: the requests themselves, as they were sent, for `aiperf profile` to send again. They hold all text.

AIPerf knows which turns follow one another by their session: each agent of a session is one, and so is each side
request.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.exports.recorded import clean, recorded
from analysis.frames.export import ExportError
from analysis.prefix_cache.cache import was_served
from traces import jsonio
from traces.dialects import FORMATS, dialect_of
from traces.model import TEXT_REMOVED
from traces.sessions.grouping import Session

ENDPOINTS = {"anthropic": "messages", "chat": "chat", "responses": "responses"}
"""API formats -> what `aiperf profile --endpoint-type` calls them."""


@dataclass
class Inputs:
    """AIPerf's inputs of some sessions. After `pieces` has ended: how many requests, and for which endpoint.

    left_out   requests that no model was given, or whose record doesn't hold all of them
    """

    sessions: Sequence[Session]
    written: int = 0
    left_out: int = 0
    endpoint: str = ""

    def pieces(self) -> Iterator[bytes]:
        """Yield the file. Raises ExportError where requests are in two API formats, or in one that AIPerf lacks."""
        yield b'{"data":['
        before = b"\n"
        for session in self.sessions:
            for name, payloads in self._threads(session).items():
                yield before + jsonio.dumps({"session_id": name, "payloads": payloads})
                before = b",\n"
        yield b"\n]}\n"

    def _threads(self, session: Session) -> dict[str, list[Any]]:
        threads: dict[str, list[Any]] = {}
        for one in recorded([session]):
            body = one.trace.request.body
            is_whole = isinstance(body, dict) and not one.trace.unknown_sections and TEXT_REMOVED not in one.trace.marks
            if not was_served(one.turn) or not is_whole:
                self.left_out += 1
                continue
            self._check(dialect_of(one.trace.request.url), one.turn.timestamp)
            side = f"/{one.place.number}" if one.place.why == "side" else ""
            threads.setdefault(f"{session.id}/{one.place.agent}{side}", []).append(clean(body))
            self.written += 1
        return threads

    def _check(self, dialect: str | None, timestamp: str) -> None:
        endpoint = ENDPOINTS.get(dialect or "")
        if endpoint is None:
            title = FORMATS[dialect].title if dialect else "an API format that isn't known here"
            raise ExportError(f"The request of {timestamp} is in {title}, for which AIPerf has no endpoint.")
        if self.endpoint and endpoint != self.endpoint:
            raise ExportError(
                f"The request of {timestamp} is for the endpoint {endpoint}, those before it for {self.endpoint}: "
                "AIPerf asks one endpoint in a run. Export the sessions one by one."
            )
        self.endpoint = endpoint
