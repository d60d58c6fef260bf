"""A command that is asked to stop tidies up, as after Ctrl+C."""

import signal
import sys

STOPPED_BY_SIGTERM = 128 + signal.SIGTERM


def tidy_when_stopped() -> None:
    """SIGTERM ends the command as an exception does, through every `with` and `finally`."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(STOPPED_BY_SIGTERM))
