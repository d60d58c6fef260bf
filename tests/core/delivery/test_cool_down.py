"""Tests of the pauses before a failed operation is tried again."""

from hypothesis import given
from hypothesis import strategies as st

from core.delivery.cool_down import FIRST_SECONDS, CoolDown, pause_seconds

LONGEST = 60.0


@given(failures=st.integers(1, 10**6))
def test_a_pause_grows_within_its_bounds(failures: int) -> None:
    """A pause is never shorter than the first, nor than the one before, nor longer than the longest."""
    pause = pause_seconds(failures, LONGEST)

    assert FIRST_SECONDS <= pause <= LONGEST
    assert pause <= pause_seconds(failures + 1, LONGEST)


def test_pauses_double() -> None:
    """The pauses are 5, 10, 20 and 40 seconds, then always the longest."""
    assert [pause_seconds(failures, LONGEST) for failures in range(1, 7)] == [5, 10, 20, 40, 60, 60]


def test_a_success_makes_the_next_pause_short() -> None:
    """Failures during one pause count once."""
    now = 0.0
    cool_down = CoolDown(LONGEST, lambda: now)
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
