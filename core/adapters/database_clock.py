"""The election's clock, synchronised with the database if hosts share one, and a manual clock for tests."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

MEASURED_EVERY_SECONDS = 5.0
LONGEST_QUESTION_SECONDS = 1.0
"""Maximum duration of a query. Slower answers are ignored, because their error may be half of the duration."""


class DatabaseSyncedClock:
    """Implements `Clock` with the machine's clock, or with the database's clock after the first synchronisation.

    Hosts that share a database must agree on the time. Between queries the monotonic clock advances the database's
    time, so adjusting the machine's clock has no effect.
    """

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self._offset = offset
        self._told: tuple[datetime, float] | None = None
        """The last time read from the database, and the monotonic clock at that moment."""
        self._asked_again = self._doubt = 0.0

    def now(self) -> datetime:
        return self.time_without_demo_offset() + self._offset

    def time_without_demo_offset(self) -> datetime:
        if self._told is None:
            return datetime.now(UTC)
        told, at = self._told
        return told + timedelta(seconds=time.monotonic() - at)

    @property
    def is_query_due(self) -> bool:
        return self._told is None or time.monotonic() >= self._asked_again

    @property
    def follows_database(self) -> bool:
        return self._told is not None

    def synchronise_with_database(self, database_time: Callable[[], datetime]) -> None:
        """Read the database's clock, assumed to be read in the middle of the query."""
        began = time.monotonic()
        told = database_time()
        took = time.monotonic() - began
        precise = took <= LONGEST_QUESTION_SECONDS
        if precise or self._told is None:
            self._told, self._doubt = (told, began + took / 2), took / 2
        if precise:
            self._asked_again = began + MEASURED_EVERY_SECONDS

    def machine_clock_lead(self) -> timedelta:
        """Return how far the machine's clock is ahead of the database's clock."""
        return datetime.now(UTC) - self.time_without_demo_offset()

    def clock_difference_lower_bound(self) -> timedelta:
        """Return the minimum difference of both clocks, given the duration of the last query."""
        return max(abs(self.machine_clock_lead()) - timedelta(seconds=self._doubt), timedelta(0))


class MovableClock:
    """Implements `Clock` for tests and the help's pictures. The time changes only when moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)
