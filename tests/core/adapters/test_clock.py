"""The machine's clock."""

from datetime import UTC, datetime, timedelta

import time_machine

from core.adapters.clock import SystemClock


@time_machine.travel(datetime(2018, 12, 6, 16, 0, tzinfo=UTC), tick=False)
def test_the_clock_is_in_utc_and_as_far_ahead_as_told() -> None:
    """A demo's clock runs beside the machine's."""
    assert SystemClock().now() == datetime(2018, 12, 6, 16, 0, tzinfo=UTC)
    assert SystemClock(timedelta(days=-1)).now() == datetime(2018, 12, 5, 16, 0, tzinfo=UTC)
