"""Computes pauses before a retry: 5 seconds at first, then twice as long each time."""

from collections.abc import Callable
from threading import Lock
from time import monotonic

FIRST_SECONDS = 5.0
MOST_DOUBLINGS = 20


def pause_seconds(failures: int, longest: float) -> float:
    """Return the pause in seconds. `failures` is the number of failures so far, at least 1."""
    return min(FIRST_SECONDS * 2.0 ** min(failures - 1, MOST_DOUBLINGS), longest)


class RetryBackoff:
    """Pauses the use of a service after a failure. Thread-safe. `clock` returns seconds."""

    def __init__(self, longest_seconds: float, clock: Callable[[], float] = monotonic) -> None:
        self._longest = longest_seconds
        self._clock = clock
        self._failures = 0
        self._until = 0.0
        self._lock = Lock()

    @property
    def active(self) -> bool:
        return self._failures > 0 and self._clock() < self._until

    def failed(self, seconds: float | None = None) -> None:
        """Begin a pause. `seconds` is the pause that the service asked for, if any."""
        with self._lock:
            if not self.active:
                self._failures += 1
            pause = pause_seconds(self._failures, self._longest) if seconds is None else min(seconds, self._longest)
            self._until = self._clock() + pause

    def succeeded(self) -> None:
        self._failures = 0
