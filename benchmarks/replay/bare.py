"""The limit: an epoll loop that stamps what it reads, and looks at it only when all is over."""

import select
import socket
import time

from benchmarks.replay import wire


def burst(job: wire.Job, request: bytes) -> list[tuple[float, list[tuple[float, bytes]]]]:
    poll = select.epoll()
    connections: dict[int, socket.socket] = {}
    starts: dict[int, float] = {}
    pieces: dict[int, list[tuple[float, bytes]]] = {}
    for _ in range(job.streams):
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
    head = f"POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: {len(job.body)}\r\n\r\n"
    request = head.encode() + job.body
    answers, before = [], time.process_time()
    for _ in range(job.bursts):
        answers += burst(job, request)
    cpu = time.process_time() - before
    wire.report(answers[0][0], cpu, [wire.seen(start, pieces) for start, pieces in answers])


main()
