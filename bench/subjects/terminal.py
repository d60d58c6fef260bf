"""From the command to the screen on which an agent signs in, on a terminal of its own."""

import fcntl
import os
import pty
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from select import select

from bench.figures import Figure, Goal, middle, spread
from bench.ground import Ground
from tests.support.product import RETROUVE, put_down

ROUNDS = 5
READY = b"Ouvrir la session"
"""The button, under all the fields."""
ROWS, COLUMNS = 40, 120
PATIENCE_SECONDS = 30
CHUNK = 1 << 16


def measure(ground: Ground) -> Iterator[Figure]:
    """`retrouve desk` until the last field of its first screen is drawn."""
    took = [_round(ground) for _ in range(ROUNDS)]
    yield Figure(name="terminal ready", value=middle(took), unit="s", goal=Goal(most=1.5), note=spread(took))


def _round(ground: Ground) -> float:
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    began = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603  # our own command
        [*RETROUVE, "desk", "--dir", str(ground.installation.folder)],
        env={**os.environ, **ground.installation.variables, "TERM": "xterm-256color", "RETROUVE_LANGUAGE": "fr"},
        stdin=its,
        stdout=its,
        stderr=its,
        start_new_session=True,
    )
    os.close(its)
    try:
        _read_until_ready(ours)
        return time.perf_counter() - began
    finally:
        put_down(process)
        os.close(ours)


def _read_until_ready(terminal: int) -> None:
    seen = b""
    while READY not in seen:
        ready, _, _ = select([terminal], [], [], PATIENCE_SECONDS)
        assert ready, "the terminal stays dark"
        seen += os.read(terminal, CHUNK)
