"""Tests of the pauses before a failed operation is tried again."""

from core.delivery.retry_backoff import RetryBackoff

LONGEST = 60.0


def test_a_success_makes_the_next_pause_short() -> None:
    """Failures during one pause count once."""
    now = 0.0
    cool_down = RetryBackoff(LONGEST, lambda: now)
    assert not cool_down.active
    for pause in (5, 10):
        cool_down.failed()
        cool_down.failed()
        now += pause - 1
        assert cool_down.active
        now += 1
        assert not cool_down.active
    cool_down.succeeded()
    cool_down.failed()
    now += 5

    assert not cool_down.active
