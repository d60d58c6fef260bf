import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

MEASURED_EVERY_SECONDS = 5.0
LONGEST_QUERY_SECONDS = 1.0
"""Maximum duration of a query for the database's time, in seconds. Longer queries are imprecise."""


class DatabaseSyncedClock:
    """A clock that follows the database's clock, so that all hosts agree on the time."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self._offset = offset
        self._measured: tuple[datetime, float] | None = None
        self._next_query = self._uncertainty = 0.0

    def now(self) -> datetime:
        return self.time_without_demo_offset() + self._offset

    def time_without_demo_offset(self) -> datetime:
        if self._measured is None:
            return datetime.now(UTC)
        measured, at = self._measured
        return measured + timedelta(seconds=time.monotonic() - at)

    @property
    def is_query_due(self) -> bool:
        return self._measured is None or time.monotonic() >= self._next_query

    @property
    def follows_database(self) -> bool:
        return self._measured is not None

    def synchronise_with_database(self, database_time: Callable[[], datetime]) -> None:
        """Set this clock to the database's current time."""
        began = time.monotonic()
        measured = database_time()
        took = time.monotonic() - began
        precise = took <= LONGEST_QUERY_SECONDS
        if precise or self._measured is None:
            self._measured, self._uncertainty = (measured, began + took / 2), took / 2
        if precise:
            self._next_query = began + MEASURED_EVERY_SECONDS

    def machine_clock_lead(self) -> timedelta:
        return datetime.now(UTC) - self.time_without_demo_offset()

    def clock_difference_lower_bound(self) -> timedelta:
        return max(abs(self.machine_clock_lead()) - timedelta(seconds=self._uncertainty), timedelta(0))


class MovableClock:
    """A clock whose time changes only when `move` is called."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)
