"""Free ports of this machine."""

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
"""Ports outside the range from which the kernel takes those of outgoing connections."""
CLAIMS = Path("/tmp")  # noqa: S108  # one folder for all test processes of the machine, whatever their TMPDIR


@cache
def _claims() -> BinaryIO:
    return (CLAIMS / f"retrouve-ports-of-{os.geteuid()}").open("ab")


@cache
def _shuffled() -> list[int]:
    return SystemRandom().sample(BELOW_EPHEMERAL, len(BELOW_EPHEMERAL))


def free_port() -> int:
    """Return a port that nobody listens on, and that no other test process is given until this one ends.

    Whoever draws it listens later. Two sites on one port are no error, since each shares it among its processes: they would answer for
    one another.
    """
    left = _shuffled()
    while left:
        port = left.pop()
        with suppress(OSError), socket.socket() as probe:
            fcntl.lockf(_claims(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)  # the kernel ends it with this process
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise DidNotHappen("a free port")


def listens(port: int, address: str = "127.0.0.1") -> bool:
    """Return whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex((address, port)) == 0
