"""A desk's daemon in a thread of the test, and raw connections to it."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Self

import msgspec

from core.desk.desk import TerminalServices
from core.remote_desk.daemon_connections import AdmittedMachineAccounts, DaemonLimits, DeskDaemon, connecting_account
from core.remote_desk.remote_use_cases import RemoteTerminalServices, connect_to_daemon
from core.remote_desk.request_handling import DaemonRequestHandler
from core.remote_desk.sessions_and_callers_by_token import SessionsAndCallersByToken
from core.remote_desk.socket_messages import MOST_ANSWER, Answer, RemoteCallRefused, read_frame, send_frame
from core.remote_desk.unix_socket_connections import DESK_SOCKET, connect, listen

VERSION = "1.2.3"
PATIENCE = 180.0


@contextmanager
def running_daemon(
    access: TerminalServices,
    folder: Path,
    limits: DaemonLimits | None = None,
    peer: Callable[[socket.socket], int] = connecting_account,
    issued: SessionsAndCallersByToken | None = None,
) -> Iterator[Path]:
    """Run a daemon for the time of the block, and return its socket."""
    path = folder / DESK_SOCKET
    answering = DaemonRequestHandler(access, VERSION, issued or SessionsAndCallersByToken())
    daemon = DeskDaemon(answering, AdmittedMachineAccounts(None), limits or DaemonLimits(), peer)
    thread = Thread(target=daemon.serve, args=(listen(path, group=None, waiting=8), path))
    thread.start()
    try:
        yield path
    finally:
        daemon.stopping.set()
        thread.join(PATIENCE)
        assert not thread.is_alive()


@contextmanager
def remote_access(
    access: TerminalServices,
    folder: Path,
    peer: Callable[[socket.socket], int] = connecting_account,
    issued: SessionsAndCallersByToken | None = None,
) -> Iterator[RemoteTerminalServices]:
    """Run a daemon for the time of the block, and return a terminal's access to it."""
    with running_daemon(access, folder, peer=peer, issued=issued) as path:
        remote = connect_to_daemon(path, VERSION)
        yield remote
        remote.close()


class RawClient:
    """A client that sends whatever it likes."""

    def __init__(self, path: Path) -> None:
        self.stream = connect(path, PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()

    def ask(self, call: str, /, version: str = VERSION, **arguments: object) -> Answer:
        """Send a request and return the answer."""
        return self.send(msgspec.msgpack.encode({"version": version, "call": call, "arguments": arguments}))

    def send(self, request: bytes) -> Answer:
        """Send a frame and return the answer."""
        send_frame(self.stream, request, timeout_seconds=PATIENCE)
        answer = self.answer()
        assert answer is not None
        return answer

    def answer(self) -> Answer | None:
        """Return the next answer, or None when the daemon has ended the connection."""
        frame = read_frame(self.stream, max_bytes=MOST_ANSWER, idle_seconds=PATIENCE, timeout_seconds=PATIENCE)
        return None if frame is None else msgspec.msgpack.decode(frame, type=Answer)

    @property
    def is_over(self) -> bool:
        """True if the daemon ends the connection without another word."""
        self.stream.settimeout(PATIENCE)
        try:
            return self.stream.recv(1) == b""
        except ConnectionError:
            return True


def refusal_id(answer: Answer | None) -> str | None:
    """Return the id of the refusal that an answer is."""
    return answer.id if isinstance(answer, RemoteCallRefused) else None
