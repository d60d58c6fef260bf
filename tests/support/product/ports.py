"""Finds free ports of this machine."""

import fcntl
import os
import socket
from contextlib import suppress
from functools import cache
from pathlib import Path
from random import SystemRandom
from typing import BinaryIO

from tests.conformance.waiting import DidNotHappen

BELOW_EPHEMERAL = range(20_000, 32_000)
"""Ports that the kernel never uses for outgoing connections."""
CLAIMS = Path("/tmp")  # noqa: S108  # one folder for all test processes of the machine, whatever their TMPDIR


@cache
def _claims() -> BinaryIO:
    return (CLAIMS / f"retrouve-ports-of-{os.geteuid()}").open("ab")


@cache
def _shuffled() -> list[int]:
    return SystemRandom().sample(BELOW_EPHEMERAL, len(BELOW_EPHEMERAL))


def free_port() -> int:
    """Return a free port, and reserve it until this test process ends.

    The reservation is necessary because the kernel allows two sites to share a port. Each would then answer requests
    for the other.
    """
    left = _shuffled()
    while left:
        port = left.pop()
        with suppress(OSError), socket.socket() as probe:
            fcntl.lockf(
                _claims(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port
            )  # the kernel releases the lock when this process ends
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise DidNotHappen("a free port")


def listens(port: int, address: str = "127.0.0.1") -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((address, port)) == 0
