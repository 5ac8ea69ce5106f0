"""A server that speaks OpenAI's responses over a WebSocket, by a script, and a client of it; both with wsproto."""

import json
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Message,
    Ping,
    RejectConnection,
    Request,
    TextMessage,
)

from tests.support.patience import PATIENCE

Script = Callable[[Any], Sequence[Any] | None]
"""A client's frame -> the events to answer with; None hangs up without a closing frame."""


def answer(text: str, ident: str = "resp_1") -> list[dict[str, Any]]:
    """Return the events of an answer in one text."""
    part = {"type": "output_text", "text": text, "annotations": []}
    item = {"type": "message", "id": f"msg_{ident}", "role": "assistant", "status": "completed", "content": [part]}
    usage = {"input_tokens": 7, "output_tokens": 2, "total_tokens": 9}
    whole = {"id": ident, "object": "response", "model": "m", "status": "completed", "output": [item], "usage": usage}
    begun = {**item, "status": "in_progress", "content": []}
    place = {"item_id": item["id"], "output_index": 0}
    return [
        {"type": "response.created", "response": {**whole, "status": "in_progress", "output": [], "usage": None}},
        {"type": "response.output_item.added", "output_index": 0, "item": begun},
        {"type": "response.content_part.added", **place, "content_index": 0, "part": {**part, "text": ""}},
        {"type": "response.output_text.delta", **place, "content_index": 0, "delta": text},
        {"type": "response.output_text.done", **place, "content_index": 0, "text": text},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": whole},
    ]


@dataclass
class WebSocketServer:
    """What it was sent: the paths of handshakes, and the frames."""

    url: str
    script: Script
    paths: list[str] = field(default_factory=list)
    frames: list[Any] = field(default_factory=list)

    def serve(self, connection: socket.socket) -> None:
        connection.settimeout(PATIENCE)
        protocol = WSConnection(ConnectionType.SERVER)
        with connection, suppress(OSError):
            while data := connection.recv(65536):
                if data.startswith((b"GET ", b"POST ")) and b"upgrade: websocket" not in data.lower():
                    connection.sendall(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                    return
                protocol.receive_data(data)
                for event in protocol.events():
                    if not self._react(connection, protocol, event):
                        return

    def _react(self, connection: socket.socket, protocol: WSConnection, event: Any) -> bool:
        match event:
            case Request():
                self.paths.append(event.target)
                connection.sendall(protocol.send(AcceptConnection()))
            case Ping():
                connection.sendall(protocol.send(event.response()))
            case CloseConnection():
                connection.sendall(protocol.send(event.response()))
                return False
            case Message():
                frame = json.loads(event.data)
                self.frames.append(frame)
                events = self.script(frame)
                if events is None:
                    return False
                for each in events:
                    connection.sendall(protocol.send(TextMessage(json.dumps(each))))
        return True


@contextmanager
def serving(script: Script) -> Iterator[WebSocketServer]:
    """Run a server; each connection gets a thread."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = WebSocketServer(f"http://127.0.0.1:{listener.getsockname()[1]}", script)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    threading.Thread(target=server.serve, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)


class Talk:
    """A client's side of one WebSocket."""

    def __init__(self, url: str, path: str, **headers: str) -> None:
        place = urlsplit(url)
        self._socket = socket.create_connection((place.hostname or "", place.port or 80), PATIENCE)
        self._protocol = WSConnection(ConnectionType.CLIENT)
        extra = [(name.encode(), value.encode()) for name, value in headers.items()]
        self._socket.sendall(self._protocol.send(Request(place.netloc, path, extra_headers=extra)))
        assert isinstance(self._next(), AcceptConnection)

    def send(self, frame: Any) -> None:
        self._socket.sendall(self._protocol.send(TextMessage(json.dumps(frame))))

    def receive(self, until: str) -> list[Any]:
        """Return the frames up to one of this type, or up to the end of the connection."""
        frames = []
        while isinstance(event := self._next(), TextMessage | BytesMessage):
            frames.append(json.loads(event.data))
            if frames[-1].get("type") == until:
                break
        return frames

    def close(self) -> None:
        with suppress(OSError):
            self._socket.sendall(self._protocol.send(CloseConnection(1000)))
            while not isinstance(self._next(), CloseConnection | None):
                pass
        self._socket.close()

    def hang_up(self) -> None:
        self._socket.close()

    def _next(self) -> Any:
        """Return the next event; None at the end."""
        while True:
            for event in self._protocol.events():
                assert not isinstance(event, RejectConnection)
                return event
            data = self._socket.recv(65536)
            if not data:
                return None
            self._protocol.receive_data(data)
