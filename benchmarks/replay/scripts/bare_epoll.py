"""The lower bound: an epoll loop that timestamps what it receives, and reads it only when all is over."""

import select
import socket
import time

from benchmarks.replay.client import PATH
from benchmarks.replay.scripts import wire

RESOLUTION = 0.001
"""Seconds that epoll may wait too long: it counts milliseconds."""


class Streams:
    """The connections of a load, and what came on each."""

    def __init__(self, job: wire.Job, request: bytes) -> None:
        self._job = job
        self._request = request
        self._poll = select.epoll()
        self._open: dict[int, socket.socket] = {}
        self._pieces: dict[int, list[tuple[float, bytes]]] = {}
        self.arrivals: list[wire.Arrivals] = []

    def connect(self) -> socket.socket:
        connection = socket.create_connection((self._job.host, self._job.port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def send(self, connection: socket.socket) -> float:
        """Send the request and return when that began."""
        number = connection.fileno()
        self._open[number], self._pieces[number] = connection, []
        self._poll.register(connection, select.EPOLLIN)
        start = time.perf_counter()
        self.arrivals.append((start, self._pieces[number]))
        connection.sendall(self._request)
        return start

    def read_until(self, moment: float | None) -> None:
        """Take what comes until a moment, or until all answers are whole."""
        while self._open if moment is None else time.perf_counter() < moment:
            wait = -1 if moment is None else max(0.0, moment - time.perf_counter() - RESOLUTION)
            for number, _ in self._poll.poll(wait):
                data = self._open[number].recv(65536)
                self._pieces[number].append((time.perf_counter(), data))
                if data.endswith(b"\r\n0\r\n\r\n") or not data:
                    self._open.pop(number).close()


def burst(job: wire.Job, request: bytes) -> list[wire.Arrivals]:
    streams = Streams(job, request)
    for connection in [streams.connect() for _ in range(job.load.streams)]:
        streams.send(connection)
    streams.read_until(None)
    return streams.arrivals


def paced(job: wire.Job, request: bytes) -> tuple[list[wire.Arrivals], list[float]]:
    """Send a request whenever one is due, and return the answers, and how late each request went out."""
    streams, lags, begin = Streams(job, request), [], time.perf_counter() + 0.1
    for number in range(job.load.requests):
        connection, due = streams.connect(), begin + number / job.load.rate
        streams.read_until(due)
        lags.append(streams.send(connection) - due)
    streams.read_until(None)
    return streams.arrivals, lags


def main() -> None:
    job = wire.job()
    body = job.body
    request = f"POST {PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body
    if job.load.rate:
        wire.report_arrivals(*paced(job, request))
    else:
        wire.report_arrivals([answer for _ in range(job.load.bursts) for answer in burst(job, request)])


main()
