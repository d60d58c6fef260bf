"""A TCP proxy in front of a database that loses requests or answers when a test wants it."""

import socket
import socketserver
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Thread

PIECE = 65_536
PAUSE_SECONDS = 0.05
COMMIT = b"Q\0\0\0\x0bCOMMIT\0"
"""The message of PostgreSQL's protocol that sends COMMIT, with its length."""


class Loss(StrEnum):
    NOTHING = "nothing"
    ANSWERS = "answers"
    """The server receives requests. Its answers are dropped, and the connections are closed."""
    REQUESTS = "requests"
    """The requests of clients are dropped, and the connections are closed."""
    COMMIT_ANSWER = "commit answer"
    """Only the answer to one COMMIT is dropped, and its connection is closed."""
    SILENCE = "silence"
    """Nothing is passed on in either direction, but the connections stay open."""


@dataclass
class LossyProxy:
    """A running proxy, and the loss that it simulates.

    During a loss, new connections are refused. During SILENCE they wait instead.
    """

    port: int = 0
    loss: Loss = Loss.NOTHING
    connections: list[socket.socket] = field(default_factory=list)
    cuts: int = 0
    """Number of connections that the proxy has closed to simulate a loss."""
    spared: int = 0
    """Number of answers to COMMIT that the proxy still passes on before it drops one."""
    _cut: set[socket.socket] = field(default_factory=set)
    """Connections to the server whose next answer will be dropped."""

    def forward(self, piece: bytes, source: socket.socket, target: socket.socket, *, answer: bool) -> bool:
        """Pass data on or drop it. Returns whether the connection stays open."""
        if self.loss is Loss.SILENCE:
            return True
        if not answer and COMMIT in piece and self.loss is Loss.COMMIT_ANSWER:
            self.spared -= 1
            if self.spared < 0:
                self.loss = Loss.NOTHING
                self._cut.add(target)
        if self.loss is Loss.REQUESTS or (answer and (self.loss is Loss.ANSWERS or source in self._cut)):
            self.cuts += 1
            for end in (source, target):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            return False
        target.sendall(piece)
        return True


@contextmanager
def lossy_proxy(port: int) -> Iterator[LossyProxy]:
    """Run a proxy in front of a port of this machine."""
    made = LossyProxy()

    class Talk(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            while made.loss is Loss.SILENCE:
                time.sleep(PAUSE_SECONDS)
            if made.loss not in {Loss.NOTHING, Loss.COMMIT_ANSWER}:
                return
            with suppress(OSError), socket.create_connection(("127.0.0.1", port)) as onward:
                made.connections += [self.request, onward]
                back = Thread(target=_pump, args=(made, onward, self.request), kwargs={"answer": True}, daemon=True)
                back.start()
                _pump(made, self.request, onward, answer=False)
                back.join()

    with _Server(("127.0.0.1", 0), Talk) as server:
        made.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join(180)
            for connection in made.connections:
                connection.close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False


def _pump(made: LossyProxy, source: socket.socket, target: socket.socket, *, answer: bool) -> None:
    with suppress(OSError):
        while piece := source.recv(PIECE):
            if not made.forward(piece, source, target, answer=answer):
                return
        target.shutdown(socket.SHUT_WR)
