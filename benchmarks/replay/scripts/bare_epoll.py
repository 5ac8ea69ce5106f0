"""The lower bound: an epoll loop that timestamps what it receives, and reads it only when all is over."""

import select
import socket
import time

from benchmarks.replay.client import PATH
from benchmarks.replay.scripts import wire


def burst(job: wire.Job, request: bytes) -> list[wire.Arrivals]:
    poll = select.epoll()
    connections: dict[int, socket.socket] = {}
    starts: dict[int, float] = {}
    pieces: dict[int, list[tuple[float, bytes]]] = {}
    for _ in range(job.load.streams):
        connection = socket.create_connection((job.host, job.port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connections[connection.fileno()] = connection
        poll.register(connection, select.EPOLLIN)
    for number, connection in connections.items():
        starts[number], pieces[number] = time.perf_counter(), []
        connection.sendall(request)
    left = set(connections)
    while left:
        for number, _ in poll.poll():
            data = connections[number].recv(65536)
            pieces[number].append((time.perf_counter(), data))
            if data.endswith(b"\r\n0\r\n\r\n"):
                left.discard(number)
    for connection in connections.values():
        connection.close()
    return [(starts[number], pieces[number]) for number in connections]


def main() -> None:
    job = wire.job()
    body = job.body
    request = f"POST {PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body
    wire.report_arrivals([answer for _ in range(job.load.bursts) for answer in burst(job, request)])


main()
