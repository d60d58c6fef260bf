"""A terminal's connections to the daemon. A call that may have been done is never repeated."""

import select
import socket
import time
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import msgspec

from core.forms import errors
from core.ports import CommitOutcomeUnknown, StoreUnavailable
from core.remote_desk.allowed_remote_calls import AllowedRemoteCall
from core.remote_desk.socket_messages import (
    MOST_ANSWER,
    MOST_REQUEST,
    Answer,
    FrameTooLong,
    FrameTooSlow,
    RemoteCallRequest,
    read_frame,
    send_frame,
)
from core.remote_desk.unix_socket_connections import connect

CONNECT_SECONDS, SEND_SECONDS, ANSWER_SECONDS, TAKE_SECONDS = 5.0, 5.0, 60.0, 10.0
"""The longest answer is longer than a database is waited for (`core.adapters.sql.outages`)."""
USED_WITHIN_SECONDS = 20.0
"""A connection that was silent for longer is left, before the daemon ends it (`DaemonLimits.idle_seconds`)."""
GONE = "the desk's daemon does not answer"


@dataclass(slots=True)
class _KeptStream:
    stream: socket.socket
    used: float

    @property
    def fresh(self) -> bool:
        """True if the daemon has not ended it: then there would be an end to read."""
        readable, _, _ = select.select([self.stream], [], [], 0)
        return not readable and time.monotonic() - self.used < USED_WITHIN_SECONDS


@dataclass(slots=True)
class DaemonClient:
    """Sends requests of this `version` to the socket at `path`; it connects when it has to, and again."""

    path: Path
    version: str
    _idle: list[_KeptStream] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)
    _keeps: bool = True

    def ask(self, call: AllowedRemoteCall, arguments: dict[str, Any]) -> Answer:
        """Return the answer to a call. Raises DeskRequestTooLong, StoreUnavailable, CommitOutcomeUnknown."""
        given = msgspec.Raw(msgspec.msgpack.encode(arguments))
        request = msgspec.msgpack.encode(RemoteCallRequest(self.version, call.name, given))
        if len(request) > MOST_REQUEST:
            raise errors.DeskRequestTooLong
        try:
            return self._exchange(request)
        except CommitOutcomeUnknown:
            if call.is_act:
                raise
        self._leave_idle()
        try:
            return self._exchange(request)
        except CommitOutcomeUnknown:
            raise StoreUnavailable(GONE) from None

    def close(self) -> None:
        """Close the connections, those in use after their answer."""
        self._keeps = False
        self._leave_idle()

    def _leave_idle(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for each in idle:
            each.stream.close()

    def _exchange(self, request: bytes) -> Answer:
        stream = self._take()
        try:
            sent = _send(stream, request)
            answer = _read(stream, sent=sent)
        except BaseException:
            stream.close()
            raise
        if sent and self._keeps:
            with self._lock:
                self._idle.append(_KeptStream(stream, time.monotonic()))
        else:
            stream.close()
        return answer

    def _take(self) -> socket.socket:
        while True:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            if connection is None:
                break
            if connection.fresh:
                return connection.stream
            connection.stream.close()
        try:
            return connect(self.path, CONNECT_SECONDS)
        except OSError as failed:
            raise StoreUnavailable(GONE) from failed


def _send(stream: socket.socket, request: bytes) -> bool:
    """Send a request; return False when the daemon had ended the connection before it was whole."""
    try:
        send_frame(stream, request, timeout_seconds=SEND_SECONDS)
    except OSError:
        return False
    return True


def _read(stream: socket.socket, *, sent: bool) -> Answer:
    """Read the answer, which may say why the request was not taken. Raises StoreUnavailable, CommitOutcomeUnknown."""
    lost = CommitOutcomeUnknown(GONE) if sent else StoreUnavailable(GONE)
    try:
        answer = read_frame(
            stream, max_bytes=MOST_ANSWER, idle_seconds=ANSWER_SECONDS if sent else 0.1, timeout_seconds=TAKE_SECONDS
        )
        if answer is None:
            raise lost
        return msgspec.msgpack.decode(answer, type=Answer)  # type: ignore[no-any-return]  # a union of its classes
    except (OSError, FrameTooLong, FrameTooSlow, msgspec.MsgspecError):
        raise lost from None
