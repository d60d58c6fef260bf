"""Simulates voters' browsers on a few open connections. Each sends its next request after the last answer.

It shares the cores with the measured product, so one thread sends prepared bytes. That costs about 30 µs per request.
"""

import re
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from selectors import EVENT_READ, DefaultSelector
from time import perf_counter
from urllib.parse import urlencode

CONNECTIONS = 8
CHUNK = 1 << 16
TIMEOUT_SECONDS = 30
HEAD_ENDS = b"\r\n\r\n"
LENGTH = re.compile(rb"^content-length: (\d+)", re.MULTILINE)
SET_COOKIE = re.compile(rb"^set-cookie: ([^=]+)=([^;\r]*)", re.MULTILINE)
BrowserRequests = Sequence[bytes]
"""The requests of one browser in order. Each sends the cookies set by the earlier answers."""


@dataclass(frozen=True, slots=True)
class LoadResult:
    """The total time, the time of each visit, and each browser's cookies at the end."""

    seconds: float
    each: list[float]
    cookies: list[str]

    @property
    def rate(self) -> float:
        """Visits per second."""
        return len(self.each) / self.seconds


def page(port: int, path: str, cookies: str = "") -> bytes:
    """Return a browser's request for a page."""
    return f"GET {path} {_head(port, cookies)}\r\n".encode()


def form(port: int, path: str, fields: Mapping[str, str], cookies: str = "") -> bytes:
    """Return a browser's request that submits a form."""
    body = urlencode(fields)
    kind = "Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    return f"POST {path} {_head(port, cookies)}{kind}Content-Length: {len(body)}\r\n\r\n{body}".encode()


def _head(port: int, cookies: str) -> str:
    return f"HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n" + (f"Cookie: {cookies}\r\n" if cookies else "")


def send(port: int, requests: Sequence[bytes], *statuses: int, connections: int = CONNECTIONS) -> LoadResult:
    """Send each request from a new browser. Raises the same errors as `visit`."""
    return visit(port, [[each] for each in requests], *statuses, connections=connections)


def visit(port: int, visits: Sequence[BrowserRequests], *statuses: int, connections: int = CONNECTIONS) -> LoadResult:
    """Make all visits. Raises AssertionError if an answer is missing or has another status."""
    each, cookies = [0.0] * len(visits), [""] * len(visits)
    waiting, left = iter(enumerate(visits)), sum(map(len, visits))
    began = perf_counter()
    with DefaultSelector() as selector, ExitStack() as open_sockets:
        for _ in range(min(connections, len(visits))):
            browser = _Browser(port)
            selector.register(open_sockets.enter_context(browser.socket), EVENT_READ, browser)
            browser.begin_next(waiting)
        while left:
            answered = selector.select(TIMEOUT_SECONDS)
            assert answered, "no answer"
            for browser in [key.data for key, _ in answered if key.data.receive()]:
                left -= 1
                assert browser.status in statuses, browser.status
                if not browser.send_next():
                    each[browser.ordinal] = perf_counter() - browser.began
                    cookies[browser.ordinal] = browser.cookies
                    browser.begin_next(waiting)
        seconds = perf_counter() - began
    return LoadResult(seconds, each, cookies)


class _Browser:
    """One open connection and its current visit."""

    ordinal = 0
    began = 0.0
    _received = b""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._jar: dict[bytes, bytes] = {}
        self._left: Iterator[bytes] = iter(())

    def begin_next(self, waiting: Iterator[tuple[int, BrowserRequests]]) -> None:
        """Begin the next visit, if any, with an empty cookie jar."""
        for self.ordinal, requests in waiting:
            self._jar, self._left, self.began = {}, iter(requests), perf_counter()
            self.send_next()
            return

    def send_next(self) -> bool:
        """Send the next request of the visit. Returns False if the visit is over."""
        for each in self._left:
            self._received = b""
            cookies = f"\r\nCookie: {self.cookies}\r\n".encode() if self._jar else b"\r\n"
            self.socket.sendall(each.replace(b"\r\n", cookies, 1))
            return True
        return False

    def receive(self) -> bool:
        """Read the received data. Returns True once the answer is complete and its cookies are in the jar."""
        part = self.socket.recv(CHUNK)
        assert part, "the site has closed a connection"
        self._received += part
        head = self._received.find(HEAD_ENDS)
        if head < 0:
            return False
        length = LENGTH.search(self._received, 0, head)
        if len(self._received) < head + len(HEAD_ENDS) + (0 if length is None else int(length[1])):
            return False
        self._jar.update(SET_COOKIE.findall(self._received, 0, head))
        return True

    @property
    def cookies(self) -> str:
        """Return the value of the Cookie header, without deleted cookies."""
        return "; ".join(f"{name.decode()}={value.decode()}" for name, value in self._jar.items() if value)

    @property
    def status(self) -> int:
        """Return the HTTP status of the answer."""
        return int(self._received[9:12])
