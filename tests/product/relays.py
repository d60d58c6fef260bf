"""Mail servers that behave badly on purpose."""

import socket
import socketserver
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Thread

ORDINARY = {"MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on", ".": "250 kept"}


@dataclass
class RelayProcess:
    """A mail server that gives fixed answers and records the commands that it receives."""

    answers: dict[str, str]
    port: int = 0
    heard: list[str] = field(default_factory=list)
    kept: list[bytes] = field(default_factory=list)

    def count(self, verb: str) -> int:
        """Return how often a command came. The command "." is the end of a mail."""
        return self.heard.count(verb)


class _Talk(socketserver.StreamRequestHandler):
    relay: RelayProcess

    def handle(self) -> None:
        with suppress(OSError):
            self._say("220 ready")
            while line := self.rfile.readline():
                verb = line.split()[0].decode("ascii", "replace").upper() if line.split() else ""
                self.relay.heard.append(verb)
                if verb == "QUIT":
                    return
                answer = self.relay.answers.get(verb, "250 ok")
                self._say(answer)
                if verb == "DATA" and answer.startswith("354"):
                    self._message()

    def _message(self) -> None:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line)
        self.relay.heard.append(".")
        if self.relay.answers["."].startswith("250"):
            self.relay.kept.append(b"".join(lines))
        self._say(self.relay.answers["."])

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False


@contextmanager
def answering(answers: Mapping[str, str] | None = None) -> Iterator[RelayProcess]:
    """Run a mail server that gives the given answers."""
    relay = RelayProcess({**ORDINARY, **(answers or {})})
    handler = type("Talk", (_Talk,), {"relay": relay})
    with _Server(("127.0.0.1", 0), handler) as server:
        relay.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield relay
        server.shutdown()
        thread.join(180)


@dataclass
class Silent:
    """A mail server that accepts connections and never answers."""

    port: int
    called: Event


@contextmanager
def silent() -> Iterator[Silent]:
    """Run a mail server that never answers. The event `called` is set after the first connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        relay, held = Silent(server.getsockname()[1], Event()), []

        def listen() -> None:
            with suppress(OSError):
                while True:
                    held.append(server.accept()[0])
                    relay.called.set()

        thread = Thread(target=listen, daemon=True)
        thread.start()
        yield relay
        server.shutdown(socket.SHUT_RDWR)
        thread.join(180)
        for each in held:
            each.close()
