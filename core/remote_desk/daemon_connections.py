"""The daemon's connections: each is served by a thread, waits for nothing without an end, and ends with its client."""

import os
import pwd
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import BoundedSemaphore, Event, Lock, Thread

import structlog

from core.forms import errors
from core.remote_desk.request_handling import DaemonRequestHandler
from core.remote_desk.socket_messages import MOST_REQUEST, FrameTooLong, FrameTooSlow, read_frame, send_frame

log = structlog.get_logger()
CREDENTIALS = struct.Struct("3i")
"""Process, account and group (unix(7), SO_PEERCRED)."""


def connecting_account(stream: socket.socket) -> int:
    """Return the account that opened the connection, as the kernel noted it then."""
    _, account, _ = CREDENTIALS.unpack(stream.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size))
    return int(account)


@dataclass(frozen=True, slots=True)
class AdmittedMachineAccounts:
    """The accounts that the daemon answers: its own, root, and the members of one group. The file's permissions say so too."""

    group: int | None

    def admits(self, account: int) -> bool:
        """Tell whether the daemon answers that account."""
        if account in {0, os.geteuid()}:
            return True
        with suppress(KeyError):  # an account without an entry is in no group
            entry = pwd.getpwuid(account)
            return self.group in os.getgrouplist(entry.pw_name, entry.pw_gid)
        return False


@dataclass(frozen=True, slots=True)
class DaemonLimits:
    """The most connections and requests at once, and the longest times of a client."""

    connections: int = 512
    of_account: int = 256
    """Connections of one account of the machine. Agents who come through ssh may share one: forty use some hundred."""
    requests: int = 16
    turn_seconds: float = 10.0
    """Seconds that a request waits for its turn."""
    idle_seconds: float = 60.0
    """Seconds that a connection may stay silent."""
    frame_seconds: float = 5.0
    """Seconds that a request may take to arrive, or an answer to be taken."""
    stop_seconds: float = 3.0
    """Seconds that requests under way may take when the daemon stops."""


@dataclass
class DeskDaemon:
    """Answers terminals at a listening socket until `stopping` is set. `answering` may be replaced meanwhile."""

    answering: DaemonRequestHandler
    admitted: AdmittedMachineAccounts
    limits: DaemonLimits = DaemonLimits()
    peer: Callable[[socket.socket], int] = connecting_account
    stopping: Event = field(default_factory=Event)
    _open: dict[socket.socket, int] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self._turns = BoundedSemaphore(self.limits.requests)

    def serve(self, listening: socket.socket, path: Path | None = None) -> None:
        """Accept connections until told to stop; then let the requests under way end, for some seconds.

        `path` is removed while it is still this daemon's: after the socket is closed another may be there.
        """
        listening.settimeout(0.2)
        while not self.stopping.is_set():
            try:
                stream, _ = listening.accept()
            except TimeoutError:
                continue
            except OSError as failed:  # no file left for another connection: those that are open go on
                log.warning("desk-connection-not-taken", reason=failed.strerror)
                self.stopping.wait(0.2)
                continue
            self._begin(stream)
        if path is not None:
            path.unlink(missing_ok=True)
        listening.close()
        self._end()

    def _begin(self, stream: socket.socket) -> None:
        account, limits = self.peer(stream), self.limits
        with self._lock:
            own = sum(each == account for each in self._open.values())
            room = len(self._open) < limits.connections and own < limits.of_account
            if room:
                self._open[stream] = account
        try:
            if room:
                Thread(target=self._connection, args=(stream, account), daemon=True).start()
                return
        except RuntimeError:  # the machine has no thread left: those that run go on
            with self._lock:
                self._open.pop(stream, None)
        self._turn_away(stream, errors.DeskServiceBusy())

    def _connection(self, stream: socket.socket, account: int) -> None:
        try:
            if self.admitted.admits(account):
                self._answer_each(stream, account)
            else:
                log.warning("desk-account-refused", account=account)
                self._turn_away(stream, errors.DeskAccountNotAdmitted())
        except OSError:
            pass  # the client has gone, or does not take its answer
        finally:
            with self._lock:
                self._open.pop(stream, None)
            stream.close()

    def _answer_each(self, stream: socket.socket, account: int) -> None:
        limits = self.limits
        while not self.stopping.is_set():
            try:
                request = read_frame(
                    stream,
                    max_bytes=MOST_REQUEST,
                    idle_seconds=limits.idle_seconds,
                    timeout_seconds=limits.frame_seconds,
                )
            except FrameTooLong:
                return self._turn_away(stream, errors.DeskRequestTooLong())
            except FrameTooSlow:
                return self._turn_away(stream, errors.DeskRequestTooSlow())
            if request is None:
                return None
            send_frame(stream, self._answer(request, account), timeout_seconds=limits.frame_seconds)
        return None

    def _answer(self, request: bytes, account: int) -> bytes:
        if not self._turns.acquire(timeout=self.limits.turn_seconds):
            return self.answering.refusal_answer(errors.DeskServiceBusy())
        try:
            return self.answering.answer(request, account)
        finally:
            self._turns.release()

    def _turn_away(self, stream: socket.socket, refusal: errors.Refusal) -> None:
        """Say why, and end the connection."""
        with suppress(OSError):
            send_frame(stream, self.answering.refusal_answer(refusal), timeout_seconds=1.0)
            stream.shutdown(socket.SHUT_WR)
        stream.close()

    def _end(self) -> None:
        """End the silent connections at once, and the others when their request is answered."""
        ends_at = time.monotonic() + self.limits.stop_seconds
        while time.monotonic() < ends_at:
            with self._lock:
                still_open = tuple(self._open)
            if not still_open:
                return
            for stream in still_open:
                with suppress(OSError):
                    stream.shutdown(socket.SHUT_RD)
            time.sleep(0.02)
