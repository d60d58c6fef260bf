"""Free ports of this machine."""

import os
import socket
from contextlib import suppress
from random import SystemRandom

from tests.support.product.waiting import DidNotHappen

BELOW_EPHEMERAL = range(20_000, 32_000)
"""Ports outside the range from which the kernel takes those of outgoing connections."""


def _own() -> list[int]:
    """Return the ports of this test process, because another may be about to listen on a free one.

    Two sites on one port are no error, since each shares it among its processes: they would answer for one another.
    """
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    ports = BELOW_EPHEMERAL[number :: int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))]
    return SystemRandom().sample(ports, len(ports))


_left = _own()


def free_port() -> int:
    """Return a port that nobody listens on, each once in a run."""
    while _left:
        port = _left.pop()
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise DidNotHappen("a free port")


def listens(port: int, address: str = "127.0.0.1") -> bool:
    """Tell whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex((address, port)) == 0
