"""The machine's clock, or one that is ahead of it, as a demo's may be; and one that stands still."""

from datetime import UTC, datetime, timedelta


class SystemClock:
    """The port Clock."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self._offset = offset

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset


class MovableClock:
    """The port Clock, for tests and the help's pictures: it stands still until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        """Ahead, by `hours=4` and the like."""
        self.at += timedelta(**by)
