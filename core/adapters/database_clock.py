"""The clock of an election: the database's where hosts share one, and a clock for tests that stands still."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

MEASURED_EVERY_SECONDS = 5.0
LONGEST_QUESTION_SECONDS = 1.0
"""An answer that took longer is worth less than the last one: it may be wrong by half of that time."""


class DatabaseSyncedClock:
    """The port Clock, on the machine's clock or on the database's once that was asked.

    Hosts that share a database must agree on the time. What the database's clock said is carried on by the machine's monotonic
    clock, so that a step of the machine's own clock changes nothing.
    """

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self._offset = offset
        self._told: tuple[datetime, float] | None = None
        """The last time that the database gave, and the reading of the monotonic clock then."""
        self._asked_again = self._doubt = 0.0

    def now(self) -> datetime:
        return self.time_without_demo_offset() + self._offset

    def time_without_demo_offset(self) -> datetime:
        """Return the time without the offset of a demo."""
        if self._told is None:
            return datetime.now(UTC)
        told, at = self._told
        return told + timedelta(seconds=time.monotonic() - at)

    @property
    def is_query_due(self) -> bool:
        """Return whether the database's clock should be asked now."""
        return self._told is None or time.monotonic() >= self._asked_again

    @property
    def follows_database(self) -> bool:
        """Return whether this clock follows the database's."""
        return self._told is not None

    def synchronise_with_database(self, database_time: Callable[[], datetime]) -> None:
        """Follow the database's clock, which said its time in the middle of the question."""
        began = time.monotonic()
        told = database_time()
        took = time.monotonic() - began
        precise = took <= LONGEST_QUESTION_SECONDS
        if precise or self._told is None:
            self._told, self._doubt = (told, began + took / 2), took / 2
        if precise:
            self._asked_again = began + MEASURED_EVERY_SECONDS

    def machine_clock_lead(self) -> timedelta:
        """Return how far the machine's own clock is ahead of the database's."""
        return datetime.now(UTC) - self.time_without_demo_offset()

    def clock_difference_lower_bound(self) -> timedelta:
        """Return how far both clocks differ at least, whatever part of the last question took how long."""
        return max(abs(self.machine_clock_lead()) - timedelta(seconds=self._doubt), timedelta(0))


class MovableClock:
    """The port Clock for tests and the help's pictures: it stands still until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        """Move the clock ahead by `hours=4` and the like."""
        self.at += timedelta(**by)
