"""The ways over the bridge: what is done to a request, and to its answer, on their way through."""

from collections.abc import AsyncIterator, Mapping
from typing import Protocol

from addons.bridge.loopback import Reply
from traces.repairs import Outgoing

HOP_BY_HOP = frozenset(
    ("connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "content-length")
)
"""Headers that are of one connection, and not passed on."""

JSON = {"content-type": "application/json"}


class Answer(Protocol):
    """The model server's answer, while it comes. The names of `headers` are in lower case."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...

    def chunks(self) -> AsyncIterator[bytes]:
        """Yield the pieces of the body as they come. Raises NoAnswer where the server breaks off."""

    def decoded(self) -> AsyncIterator[bytes]:
        """Yield the same without its content encoding."""

    async def read(self) -> bytes:
        """Return the whole body, decoded."""


class Way(Protocol):
    """What is done for one exchange."""

    def request(self, outgoing: Outgoing) -> Outgoing:
        """Return the request to send. Raises TranslationError."""

    async def keep_alive(self, reply: Reply) -> None:
        """Tell the client to wait while nothing comes, until cancelled; or return where it can't be told."""

    async def relay(self, answer: Answer, reply: Reply) -> None:
        """Pass the answer on to the client. Raises NoAnswer where the server breaks off."""


class PassOn:
    """Passes all on in the client's own API format, byte by byte: what repairs changed is the request alone."""

    def request(self, outgoing: Outgoing) -> Outgoing:
        return outgoing

    async def keep_alive(self, reply: Reply) -> None:
        return

    async def relay(self, answer: Answer, reply: Reply) -> None:
        reply.begin(answer.status, passed_on(answer.headers))
        async for data in answer.chunks():
            await reply.write(data)
        await reply.finish()


def passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that concern more than one connection."""
    return {name: value for name, value in headers.items() if name.lower() not in HOP_BY_HOP}


def credentials(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the client's key as a header that every server reads but Anthropic's; none where it has none."""
    named = {name.lower(): value for name, value in headers.items()}
    if "authorization" in named:
        return {"authorization": named["authorization"]}
    return {"authorization": f"Bearer {named['x-api-key']}"} if "x-api-key" in named else {}
