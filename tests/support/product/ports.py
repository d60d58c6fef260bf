"""Ports of this machine."""

import socket
from contextlib import suppress
from random import SystemRandom

from tests.support.product.waiting import DidNotHappen

BELOW_EPHEMERAL = range(20_000, 32_000)


def free_port() -> int:
    """A port of this machine that nobody listens on, and that the kernel gives to no outgoing connection meanwhile."""
    for port in SystemRandom().sample(BELOW_EPHEMERAL, 100):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise DidNotHappen("a free port")


def listens(port: int, address: str = "127.0.0.1") -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex((address, port)) == 0
