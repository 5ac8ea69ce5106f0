"""What the `anthropic` package makes of streams. Runs in an environment of its own, which has nothing but that package.

    python anthropic_assemble.py FILE...

prints a JSON object: for each file, every different outcome among the ways to cut the stream in chunks. The real client
reads them, from a transport that yields the chunks instead of a network.

    python anthropic_assemble.py < STREAMS

takes a JSON list of streams, each a list of events, and prints a JSON list: what the accumulator made of each.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anthropic  # type: ignore[import-not-found]
import httpx2  # type: ignore[import-not-found]
from anthropic._models import construct_type_unchecked  # type: ignore[import-not-found]
from anthropic.lib.streaming._beta_messages import accumulate_event  # type: ignore[import-not-found]
from anthropic.types.beta import BetaRawMessageStreamEvent  # type: ignore[import-not-found]

CUTS = 64  # positions at which a stream is cut in two, spread evenly


def client_of(chunks: list[bytes]) -> Any:
    """Return a client that gets these chunks as the answer to every request."""

    def answer(request: Any) -> Any:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=iter(chunks))

    http_client = httpx2.Client(transport=httpx2.MockTransport(answer))
    return anthropic.Anthropic(api_key="none", base_url="http://localhost", http_client=http_client, max_retries=0)


def assemble(chunks: list[bytes]) -> dict[str, Any]:
    """Return the message, as far as it came, and the error's body if the client raised one."""
    error = None
    question = {"role": "user", "content": "?"}
    with client_of(chunks).beta.messages.stream(model="m", max_tokens=1, messages=[question]) as stream:
        try:
            stream.until_done()
        except anthropic.APIStatusError as raised:
            error = raised.body
        # It warns of blocks that it doesn't know; it keeps them all the same.
        return {"message": stream.current_message_snapshot.to_dict(warnings=False), "error": error}


def ways_to_cut(body: bytes) -> Iterator[list[bytes]]:
    yield [body]
    yield [body[i : i + 1] for i in range(len(body))]
    for cut in range(1, len(body), max(1, len(body) // CUTS)):
        yield [body[:cut], body[cut:]]


def outcomes(body: bytes) -> list[dict[str, Any]]:
    different: list[dict[str, Any]] = []
    for chunks in ways_to_cut(body):
        outcome = assemble(chunks)
        if outcome not in different:
            different.append(outcome)
    return different


def accumulate(events: list[Any]) -> dict[str, Any]:
    """Return what the package's accumulator made of these events, at their end or when it raised an error."""
    snapshot = error = None
    inputs: dict[int, bytes] = {}
    try:
        for event in events:
            read = construct_type_unchecked(type_=BetaRawMessageStreamEvent, value=event)
            snapshot = accumulate_event(
                event=read, current_snapshot=snapshot, json_bufs=inputs, request_headers=httpx2.Headers()
            )
    except Exception as raised:
        error = repr(raised)
    return {"message": snapshot and snapshot.to_dict(mode="json", warnings=False), "error": error}


if __name__ == "__main__":
    if len(sys.argv) == 1:
        print(json.dumps([accumulate(events) for events in json.load(sys.stdin)]))
    else:
        print(json.dumps({Path(name).stem: outcomes(Path(name).read_bytes()) for name in sys.argv[1:]}))
