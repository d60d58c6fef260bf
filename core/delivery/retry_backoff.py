"""Computes when to retry a relay, a gateway, the voting platform or a message.

The pause is 5 seconds after the first failure, doubles after each further failure, and has a maximum.
"""

from collections.abc import Callable
from threading import Lock
from time import monotonic

FIRST_SECONDS = 5.0
MOST_DOUBLINGS = 20


def pause_seconds(failures: int, longest: float) -> float:
    """Return the pause after that many consecutive failures, at least one."""
    return min(FIRST_SECONDS * 2.0 ** min(failures - 1, MOST_DOUBLINGS), longest)


class RetryBackoff:
    """Prevents attempts while a service recovers. Thread-safe. `clock` counts seconds."""

    def __init__(self, longest_seconds: float, clock: Callable[[], float] = monotonic) -> None:
        self._longest = longest_seconds
        self._clock = clock
        self._failures = 0
        self._until = 0.0
        self._lock = Lock()

    @property
    def active(self) -> bool:
        return self._failures > 0 and self._clock() < self._until

    def failed(self) -> None:
        """Begin a pause. Several failures during one pause count once."""
        with self._lock:
            if not self.active:
                self._failures += 1
            self._until = self._clock() + pause_seconds(self._failures, self._longest)

    def succeeded(self) -> None:
        """End the pause and reset its length."""
        self._failures = 0
