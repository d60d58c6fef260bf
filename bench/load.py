"""Plays voters: a few kept connections, each with its next request as soon as the last is answered.

One thread and prepared bytes, because it shares the cores with what it measures: some 30 µs a request.
"""

import select
import socket
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter

CONNECTIONS = 8
CHUNK = 1 << 16
SECONDS_OF_PATIENCE = 30
HEAD_ENDS = b"\r\n\r\n"
LENGTH = b"content-length: "


class NoAnswer(Exception):
    """The site closed a connection or said nothing for long: nothing was measured."""


@dataclass(frozen=True, slots=True)
class Exchanged:
    """How long all of it took, how long each request took (in the order they were given), and the statuses."""

    seconds: float
    each: list[float]
    statuses: Counter[int]

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.each) / self.seconds

    def require(self, status: int) -> None:
        """Raises AssertionError when another answer came: then it was not the thing that was timed."""
        assert set(self.statuses) == {status}, self.statuses


def request(method: str, path: str, host: str, *, cookies: str = "", form: str | None = None) -> bytes:
    """A request of a browser, as bytes. `form` is urlencoded."""
    head = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n"
    if cookies:
        head += f"Cookie: {cookies}\r\n"
    if form is not None:
        head += "Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        head += f"Content-Length: {len(form)}\r\n"
    return f"{head}\r\n{form or ''}".encode()


def exchange(port: int, requests: Sequence[bytes], *, connections: int = CONNECTIONS) -> Exchanged:
    """Sends them all. Raises NoAnswer."""
    poll = select.epoll()
    lines = {line.fileno: line for line in (_Line(port) for _ in range(min(connections, len(requests))))}
    each = [0.0] * len(requests)
    statuses: Counter[int] = Counter()
    waiting = iter(enumerate(requests))
    began = perf_counter()
    try:
        for line in lines.values():
            poll.register(line.fileno, select.EPOLLIN)
            line.next(waiting)
        for line in _answered(poll, lines, len(requests)):
            each[line.ordinal] = perf_counter() - line.began
            statuses[line.status] += 1
            line.next(waiting)
        return Exchanged(perf_counter() - began, each, statuses)
    finally:
        poll.close()
        for line in lines.values():
            line.close()


def _answered(poll: select.epoll, lines: "dict[int, _Line]", count: int) -> "Iterator[_Line]":
    left = count
    while left:
        ready = poll.poll(SECONDS_OF_PATIENCE)
        if not ready:
            raise NoAnswer
        for number, _ in ready:
            if lines[number].whole():
                left -= 1
                yield lines[number]


class _Line:
    """One kept connection and the request under way on it."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), SECONDS_OF_PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.fileno = self._socket.fileno()
        self._received = b""
        self.ordinal = 0
        self.began = 0.0

    def next(self, waiting: Iterator[tuple[int, bytes]]) -> None:
        """Sends the next one, if there is one."""
        self._received = b""
        for self.ordinal, what in waiting:
            self.began = perf_counter()
            self._socket.sendall(what)
            return

    def whole(self) -> bool:
        """Whether the answer is complete with what has just come."""
        part = self._socket.recv(CHUNK)
        if not part:
            raise NoAnswer
        self._received += part
        head = self._received.find(HEAD_ENDS)
        return head >= 0 and len(self._received) >= head + len(HEAD_ENDS) + self._length(head)

    def _length(self, head: int) -> int:
        found = self._received.find(LENGTH, 0, head)
        return 0 if found < 0 else int(self._received[found + len(LENGTH) :].split(b"\r\n", 1)[0])

    @property
    def status(self) -> int:
        """Of the answer."""
        return int(self._received[9:12])

    def close(self) -> None:
        """Hangs up."""
        self._socket.close()
