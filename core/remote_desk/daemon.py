"""The daemon's server. Each connection has its own thread and carries one call."""

import logging
import os
import pwd
import socket
import struct
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingUnixStreamServer
from threading import BoundedSemaphore, Event, Lock
from typing import Any

from core.forms import errors
from core.remote_desk.calls import CallHandler, refusal_answer
from core.remote_desk.messages import MOST_REQUEST, LineTooLong, read_line, send_line

log = logging.getLogger("retrouve")
CREDENTIALS = struct.Struct("3i")
"""Process id, user id and group id of a client (SO_PEERCRED in unix(7))."""


def connecting_account(stream: socket.socket) -> int:
    _, account, _ = CREDENTIALS.unpack(stream.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size))
    return int(account)


@dataclass(frozen=True, slots=True)
class AdmittedAccounts:
    """User accounts that may call the daemon."""

    group: int | None

    def admits(self, account: int) -> bool:
        if account in {0, os.geteuid()}:
            return True
        try:
            entry = pwd.getpwuid(account)
        except KeyError:
            # In a container, the host's accounts are unknown. The kernel lets only members of the group open the socket.
            return self.group is not None
        return self.group in os.getgrouplist(entry.pw_name, entry.pw_gid)


@dataclass(frozen=True, slots=True)
class DaemonLimits:
    connections: int = 512
    of_account: int = 256
    calls: int = 16
    turn_seconds: float = 10.0
    """Maximum number of seconds that a call waits while the daemon is busy."""
    line_seconds: float = 5.0
    """Maximum number of seconds for receiving a call, or for sending an answer."""
    stop_seconds: float = 3.0
    """Maximum number of seconds to wait for running calls before the daemon stops."""


class OneCall(BaseRequestHandler):
    server: "DeskDaemon"

    def handle(self) -> None:
        daemon, account, limits = self.server, self.server.open[self.request], self.server.limits
        try:
            if not daemon.admitted.admits(account):
                log.warning("desk-account-refused", extra={"account": account})
                raise errors.DeskAccountNotAdmitted
            request = read_line(self.request, most=MOST_REQUEST, seconds=limits.line_seconds)
            if not daemon.turns.acquire(timeout=limits.turn_seconds):
                raise errors.DeskServiceBusy
        except errors.Refusal as refusal:
            answer = refusal_answer(refusal)
        except LineTooLong:
            answer = refusal_answer(errors.DeskRequestTooLong())
        except TimeoutError:
            answer = refusal_answer(errors.DeskRequestTooSlow())
        else:
            try:
                answer = daemon.calls.answer(request, account)
            finally:
                daemon.turns.release()
        send_line(self.request, answer, seconds=limits.line_seconds)


class DeskDaemon(ThreadingUnixStreamServer):
    daemon_threads = True
    timeout = 0.2

    def __init__(
        self,
        listening: socket.socket,
        calls: CallHandler,
        admitted: AdmittedAccounts,
        limits: DaemonLimits = DaemonLimits(),
        peer: Callable[[socket.socket], int] = connecting_account,
    ) -> None:
        super().__init__(listening.getsockname(), OneCall, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        self.calls, self.admitted, self.limits, self.peer = calls, admitted, limits, peer
        self.stopping = Event()
        self.turns = BoundedSemaphore(limits.calls)
        self.open: dict[Any, int] = {}
        self._lock = Lock()

    def serve(self, path: Path) -> None:
        """Answer calls until `stopping` is set, then wait for running calls to finish."""
        while not self.stopping.is_set():
            self.handle_request()
        path.unlink(missing_ok=True)  # must happen before another daemon can listen there
        self.server_close()
        with self._lock:
            for connection in self.open:  # a client that has not sent its call yet may no longer do so
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RD)
        ends_at = time.monotonic() + self.limits.stop_seconds
        while self.open and time.monotonic() < ends_at:
            time.sleep(0.02)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection. After a failure, wait before the next attempt."""
        try:
            return super().get_request()
        except OSError as failure:
            log.warning("desk-connection-not-taken", extra={"cause": failure})
            self.stopping.wait(self.timeout)
            raise

    def verify_request(self, request: Any, client_address: Any) -> bool:  # noqa: ANN401, ARG002  # as in socketserver
        account = self.peer(request)
        with self._lock:
            of_account = sum(other == account for other in self.open.values())
            has_room = len(self.open) < self.limits.connections and of_account < self.limits.of_account
            if has_room:
                self.open[request] = account
        if not has_room:
            self._refuse(request, errors.DeskServiceBusy())
        return has_room

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401, ARG002  # as in socketserver
        if not isinstance(sys.exception(), OSError):
            log.error("desk-connection-failed", exc_info=sys.exception())
            self._refuse(request, errors.DeskServiceFailed())

    def close_request(self, request: Any) -> None:  # noqa: ANN401  # as in socketserver
        with self._lock:
            self.open.pop(request, None)
        super().close_request(request)

    def _refuse(self, request: Any, refusal: errors.Refusal) -> None:  # noqa: ANN401  # as in socketserver
        with suppress(OSError):
            send_line(request, refusal_answer(refusal), seconds=1.0)
