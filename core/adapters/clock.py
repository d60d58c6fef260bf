"""The machine's clock, or one that is ahead of it: a demo may live in December 2018."""

from datetime import UTC, datetime, timedelta


class SystemClock:
    """The port Clock."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self._offset = offset

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset
