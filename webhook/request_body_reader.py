"""Receives each request whole, within some seconds, before it takes one of the few places where requests are answered.

granian (2.8) has a deadline for the head of a request and none for its body, which a thread reads in one blocking call. Many
threads may wait for bodies, since waiting costs nothing. While some of them wait too long, as many connections whose request
goes unanswered are shut from outside, which ends the calls: nothing else can, and a call does not say whose it is. Threads
take requests in the order in which they came, so those that are read came before those that still wait for a thread.
"""

import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

import structlog

from core.adapters import logs

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

BODY_SECONDS = 5.0
"""Seconds in which a body must arrive once it is waited for. A proxy has it whole and sends it at once."""
ENOUGH = 16 * 1024 + 1
"""Bytes of a body that are read: one more than the site takes."""
BODY = "retrouve.body"
"""The key of the body that was read, in the WSGI environment."""
WATCH_SECONDS = 1.0
TCP_INFO_BYTES = 136
TCP_INFO = struct.Struct("=44xI4xI64xQQ")
"""Of Linux's `struct tcp_info`: milliseconds since data was last sent, and last received; bytes that the peer has acknowledged,
and sent."""
log = structlog.get_logger()


class ConnectionWithBytesSent(NamedTuple):
    """A connection, and how many bytes it had been answered when its request came: an answer makes it another."""

    inode: int
    acknowledged: int


class RequestAwaitingAnswer(NamedTuple):
    """A request without an answer; seconds are those of the monotonic clock."""

    came: float
    heard: float
    """The time at which data last came on its connection."""
    descriptor: int


class RequestBodyReader:
    """A WSGI application that reads bodies and refuses visitors who do not come by the proxy."""

    def __init__(self, application: "WSGIApplication", *, admitted: Callable[[str], bool]) -> None:
        self._application = application
        self._admitted = admitted
        self._reading: dict[int, float] = {}
        """The threads that wait for a body, and since when."""
        self._closes = False

    def close_connections_after_next_answer(self) -> None:
        """Close each connection with its next answer, because another process takes this one's place."""
        self._closes = True

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer the request under its id, which the proxy may have given."""
        with logs.RequestIdLogContext(environ.get("HTTP_X_REQUEST_ID")):
            return self._answer(environ, _closing(start_response) if self._closes else start_response)

    def _answer(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Receive the request and pass it on, or answer that it comes from elsewhere or takes too long."""
        if not self._admitted(environ.get("REMOTE_ADDR", "")):
            return _refused(HTTPStatus.FORBIDDEN, start_response)
        if environ.get("CONTENT_LENGTH") or environ.get("HTTP_TRANSFER_ENCODING"):
            body = self._body(environ)
            if body is None:
                log.warning("slow-request")
                return _refused(HTTPStatus.REQUEST_TIMEOUT, start_response)
            environ["wsgi.input"], environ[BODY] = BytesIO(body), body
        return self._application(environ, start_response)

    def _body(self, environ: "WSGIEnvironment") -> bytes | None:
        """Read the body, or as much of it as the site needs in order to refuse it. Return None when it takes too long."""
        thread, began = threading.get_ident(), time.monotonic()
        self._reading[thread] = began
        try:
            body = environ["wsgi.input"].read(min(_length(environ), ENOUGH))
        finally:
            del self._reading[thread]
        return None if time.monotonic() - began > BODY_SECONDS else bytes(body)

    def start_ending_slow_bodies(self, port: int) -> None:
        """Start to end bodies that are waited for too long, on connections to that port."""
        threading.Thread(target=self._watch, args=(port,), name="slow-bodies", daemon=True).start()

    def _watch(self, port: int) -> None:
        first_seen: dict[ConnectionWithBytesSent, RequestAwaitingAnswer] = {}
        ended: dict[tuple[int, float], float] = {}
        while True:
            time.sleep(WATCH_SECONDS)
            now, reading = time.monotonic(), set(self._reading.copy().items())
            # Another connection may have been shut for one, such as one with half a head: it is counted again after a while.
            overdue = {each for each in reading if now - ended.get(each, each[1]) > BODY_SECONDS}
            present = unanswered_connections(port) if reading else {}
            first_seen = {each: first_seen.get(each, request) for each, request in present.items()}
            requests = [request._replace(came=first_seen[each].came) for each, request in present.items()]
            shut_connections(overdue_requests(requests, now)[: len(overdue)])
            ended = {
                each: moment for each, moment in {**ended, **dict.fromkeys(overdue, now)}.items() if each in reading
            }


def overdue_requests(requests: Iterable[RequestAwaitingAnswer], now: float) -> list[int]:
    """Return the descriptors of requests that came too long ago: first those of which more still comes, then the oldest."""
    late = [each for each in requests if now - each.came > BODY_SECONDS]
    return [
        each.descriptor for each in sorted(late, key=lambda each: (each.heard - each.came < WATCH_SECONDS, each.came))
    ]


def _closing(start_response: "StartResponse") -> "StartResponse":
    def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Callable[[bytes], object]:  # noqa: ANN401  # WSGI's
        return start_response(status, [*headers, ("Connection", "close")], *more)

    return start


def _length(environ: "WSGIEnvironment") -> int:
    """The length that a request declares; a chunked one does not."""
    try:
        return int(environ.get("CONTENT_LENGTH") or ENOUGH)
    except ValueError:
        return ENOUGH


def _refused(status: HTTPStatus, start_response: "StartResponse") -> list[bytes]:
    headers = [("Content-Length", "0"), ("Connection", "close"), ("Cache-Control", "no-store")]
    start_response(f"{status.value} {status.phrase}", headers)
    return []


def unanswered_connections(port: int) -> dict[ConnectionWithBytesSent, RequestAwaitingAnswer]:
    """Return the requests on that port's connections that came since the last answer.

    A proxy's idle connection may be among them when it was answered in the same tick; shut, it is opened again.
    """
    found, now = {}, time.monotonic()
    for number in _sockets():
        with suppress(OSError), closing(socket.socket(fileno=os.dup(number))) as connection:
            if connection.family not in {socket.AF_INET, socket.AF_INET6} or connection.getsockname()[1] != port:
                continue
            connection.getpeername()  # what listens has no peer
            told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO_BYTES)
            sent, received, acknowledged, came = TCP_INFO.unpack(told)
            if came and received <= sent:
                unanswered = ConnectionWithBytesSent(os.fstat(connection.fileno()).st_ino, acknowledged)
                heard = now - received / 1000
                found[unanswered] = RequestAwaitingAnswer(heard, heard, number)
    return found


def _sockets() -> Iterator[int]:
    """The descriptors of this process's sockets."""
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208  # numbers, not paths
        with suppress(OSError):
            if os.readlink(f"/proc/self/fd/{name}").startswith("socket:"):  # noqa: PTH115  # likewise
                yield int(name)


def shut_connections(descriptors: Iterable[int]) -> None:
    """Shut these connections, as if their visitors had gone."""
    for number in descriptors:
        with suppress(OSError), closing(socket.socket(fileno=os.dup(number))) as connection:
            connection.shutdown(socket.SHUT_RDWR)
