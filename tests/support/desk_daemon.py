"""Runs the helpdesk's daemon in a thread of the test, and opens raw connections to it."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any, Self

from msgspec import json

from core.app.services import Services
from core.remote_desk.calls import CallHandler
from core.remote_desk.client import RemoteDesk
from core.remote_desk.daemon import AdmittedAccounts, DaemonLimits, DeskDaemon, connecting_account
from core.remote_desk.messages import MOST_ANSWER, Failure, Refused, Returned, read_line, send_line
from core.remote_desk.sockets import DESK_SOCKET, connect, listen
from core.remote_desk.tokens import HeldValues

VERSION = "1.2.3"
PATIENCE = 180.0
Answer = Returned[Any] | Failure


@contextmanager
def running_daemon(
    services: Services,
    folder: Path,
    limits: DaemonLimits | None = None,
    peer: Callable[[socket.socket], int] = connecting_account,
    held: HeldValues | None = None,
) -> Iterator[Path]:
    """Run a helpdesk daemon while the block runs. Yields the path of its socket."""
    path = folder / DESK_SOCKET
    handler = CallHandler(services.desk, VERSION, held or HeldValues())
    listening = listen(path, group=None, waiting=8)
    daemon = DeskDaemon(listening, handler, AdmittedAccounts(None), limits or DaemonLimits(), peer)
    thread = Thread(target=daemon.serve, args=(path,))
    thread.start()
    try:
        yield path
    finally:
        daemon.stopping.set()
        thread.join(PATIENCE)
        assert not thread.is_alive()


@contextmanager
def remote_access(
    services: Services,
    folder: Path,
    peer: Callable[[socket.socket], int] = connecting_account,
    held: HeldValues | None = None,
) -> Iterator[RemoteDesk]:
    """Run a helpdesk daemon while the block runs. Yields the access to it that a terminal has."""
    with running_daemon(services, folder, peer=peer, held=held) as path:
        yield RemoteDesk(path, VERSION)


def ask(path: Path, use_case: str, /, version: str = VERSION, **arguments: object) -> Answer:
    """Send a call of a use case to the daemon, and return the answer."""
    return send(path, json.encode({"version": version, "use_case": use_case, "arguments": arguments}))


def send(path: Path, request: bytes) -> Answer:
    """Send a line to the daemon, and return the answer."""
    with RawClient(path) as client:
        send_line(client.stream, request, seconds=PATIENCE)
        return client.answer()


class RawClient:
    """A connection to the daemon that can send any bytes."""

    def __init__(self, path: Path) -> None:
        self.stream = connect(path, PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()

    def answer(self) -> Answer:
        line = read_line(self.stream, most=MOST_ANSWER, seconds=PATIENCE)
        return json.decode(line, type=Answer)  # type: ignore[no-any-return]  # a union of its classes

    @property
    def is_over(self) -> bool:
        """Whether the daemon has closed the connection without another answer."""
        self.stream.settimeout(PATIENCE)
        try:
            return self.stream.recv(1) == b""
        except ConnectionError:
            return True


def refusal_id(answer: Answer) -> str | None:
    """Return the id of the refusal in an answer, or None if the answer is not a refusal."""
    return answer.id if isinstance(answer, Refused) else None
