"""Exchanges over a WebSocket: each request in it, and the events that answer it, as an HTTPFlow of its own.

OpenAI's responses format may be spoken so: the client sends `response.create` frames, and a request's answer is the
events up to the closing one, which a stream over HTTP would hold, too. Other frames are left alone.
"""

from collections.abc import Iterator
from typing import Any

from mitmproxy.flow import Error
from mitmproxy.http import Headers, HTTPFlow, Request, Response
from mitmproxy.websocket import WebSocketMessage

from traces import jsonio
from traces.dialects import dialect_of
from traces.dialects.openai_responses import CLOSING
from traces.model import Json

RESPONSES = "responses"

CREATE = "response.create"
"""The type of a frame that is a request."""

ENDS = (*CLOSING, "error")
"""The types of the events that end an answer."""

_OF_THE_HANDSHAKE = ("connection", "upgrade", "content-length", "transfer-encoding")


def may_hold_exchanges(flow: HTTPFlow) -> bool:
    """Return whether a flow is a WebSocket at the address of a model."""
    return flow.websocket is not None and dialect_of(flow.request.path) == RESPONSES


def request_in(flow: HTTPFlow, message: WebSocketMessage) -> HTTPFlow | None:
    """Return a new flow for the request in a frame of the client's, without an answer yet; None where it is none."""
    frame = _parse(message) if message.from_client else None
    if frame is None or frame.get("type") != CREATE:
        return None
    body = {name: value for name, value in frame.items() if name != "type"}
    if isinstance(inner := body.get("response"), dict) and "model" not in body:
        body = inner  # as in an earlier version of the protocol
    made = HTTPFlow(flow.client_conn, flow.server_conn)
    made.request = Request.from_state(flow.request.get_state())
    made.request.method = "POST"
    made.request.headers = _headers(flow.request.headers)
    made.request.headers["content-type"] = "application/json"
    made.request.data.content = jsonio.dumps(body)
    made.request.timestamp_start = made.request.timestamp_end = message.timestamp
    return made


def begin_answer(made: HTTPFlow, handshake: HTTPFlow, at: float) -> None:
    """Give a flow the head of its answer, which begins now: that of the handshake, as a stream's."""
    headers = _headers(handshake.response.headers) if handshake.response else Headers()
    headers["content-type"] = "text/event-stream"
    made.response = Response(b"HTTP/1.1", 200, b"OK", headers, None, None, at, None)


def event_in(message: WebSocketMessage) -> tuple[bytes, bool]:
    """Return a frame of the server's as a server-sent event, and whether it ends an answer."""
    frame = _parse(message)
    kind = frame.get("type") if frame else None
    data = b"\n".join(b"data: " + line for line in message.content.splitlines()) or b"data: "
    return data + b"\n\n", kind in ENDS or (frame is not None and kind is None and "error" in frame)


def closing_error(flow: HTTPFlow) -> Error:
    """Return why an answer is unfinished: the connection was closed."""
    assert flow.websocket is not None
    who = "Client" if flow.websocket.closed_by_client else "Server"
    code, reason = flow.websocket.close_code, flow.websocket.close_reason
    why = flow.error.msg if flow.error else f"{who} closed the WebSocket in mid-answer"
    return Error(f"{why} ({code}{f': {reason}' if reason else ''})." if code else f"{why}.")


def exchanges(flow: HTTPFlow) -> Iterator[tuple[HTTPFlow, list[tuple[float, int]], float]]:
    """Yield the exchanges of a WebSocket that was recorded whole, in order.

    Each comes with the times and sizes of its events and with its length, in seconds since its request.
    """
    assert flow.websocket is not None
    waiting: list[HTTPFlow] = []
    chunks: list[tuple[float, int]] = []
    body = b""
    for message in flow.websocket.messages:
        if message.from_client:
            if (made := request_in(flow, message)) is not None:
                waiting.append(made)
            continue
        if not waiting:
            continue
        made, (data, is_end) = waiting[0], event_in(message)
        if made.response is None:
            begin_answer(made, flow, message.timestamp)
            chunks, body = [], b""
        body += data
        chunks.append((message.timestamp - made.request.timestamp_start, len(data)))
        if is_end:
            yield _finished(waiting.pop(0), body), chunks, chunks[-1][0]
    for made in waiting:
        made.error = closing_error(flow)
        ended = flow.websocket.timestamp_end or made.request.timestamp_start
        yield (
            _finished(made, body),
            chunks if made.response else [],
            max(0.0, ended - made.request.timestamp_start),
        )


def _finished(made: HTTPFlow, body: bytes) -> HTTPFlow:
    if made.response:
        made.response.data.content = body
    return made


def _headers(headers: Headers) -> Headers:
    kept = [
        (name, value)
        for name, value in headers.fields
        if not name.lower().startswith(b"sec-websocket-") and name.lower().decode("latin-1") not in _OF_THE_HANDSHAKE
    ]
    return Headers(kept)


def _parse(message: WebSocketMessage) -> dict[str, Any] | None:
    try:
        frame: Json = jsonio.loads(message.content)
    except (ValueError, RecursionError):
        return None
    return frame if isinstance(frame, dict) else None
