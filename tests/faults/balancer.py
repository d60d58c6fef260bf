"""A load balancer that gives each connection to the next host, so that requests reach different processes."""

import socket
import socketserver
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle
from threading import Lock, Thread
from urllib.parse import urlsplit

PIECE = 65_536


@dataclass
class Balancer:
    """A running load balancer: its port, and the number of connections that each site received."""

    port: int
    given: dict[str, int] = field(default_factory=dict)


@contextmanager
def balancer(sites: Sequence[str], port: int) -> Iterator[Balancer]:
    """Run a load balancer on a port of this machine while the block runs."""
    made, turn, lock = Balancer(port), cycle(sites), Lock()

    class Talk(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with lock:
                site = next(turn)
                made.given[site] = made.given.get(site, 0) + 1
            place = urlsplit(site)
            with suppress(OSError), socket.create_connection((str(place.hostname), place.port or 0)) as onward:
                back = Thread(target=_pump, args=(onward, self.request))
                back.start()
                _pump(self.request, onward)
                back.join()

    with _Server(("127.0.0.1", port), Talk) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield made
        server.shutdown()
        thread.join(180)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(PIECE):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
