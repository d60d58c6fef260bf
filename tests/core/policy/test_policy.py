"""Tests of the dates and numbers of an election's rules."""

from dataclasses import fields
from datetime import timedelta
from itertools import product
from typing import get_type_hints

from core.policy.calendar import CalendarOperation, ElectionPhase
from core.policy.policy import PRESETS, Policy
from tests.support.election import CALENDAR, CLOSES, OPENS, VOTE_OPENS

INSTANT = timedelta(microseconds=1)
LAST = CLOSES - CALENDAR.last_minutes


def test_each_date_belongs_to_the_phase_it_begins() -> None:
    """A phase begins exactly at its date, to the microsecond."""
    for now, phase in (
        (OPENS - INSTANT, ElectionPhase.BEFORE),
        (OPENS, ElectionPhase.OPEN),
        (VOTE_OPENS - INSTANT, ElectionPhase.OPEN),
        (VOTE_OPENS, ElectionPhase.VOTING),
        (LAST - INSTANT, ElectionPhase.VOTING),
        (LAST, ElectionPhase.LAST_MINUTES),
        (CLOSES - INSTANT, ElectionPhase.LAST_MINUTES),
        (CLOSES, ElectionPhase.CLOSED),
        (CLOSES + timedelta(days=365), ElectionPhase.CLOSED),
    ):
        assert CALENDAR.phase(now) is phase


def test_outside_its_dates_the_calendar_allows_only_stopping() -> None:
    """Stopping an account is always possible, because a voter may need it at any time."""
    begins = {
        ElectionPhase.BEFORE: OPENS - INSTANT,
        ElectionPhase.OPEN: OPENS,
        ElectionPhase.VOTING: VOTE_OPENS,
        ElectionPhase.LAST_MINUTES: LAST,
        ElectionPhase.CLOSED: CLOSES,
    }
    for phase, deed in product(ElectionPhase, CalendarOperation):
        allowed = deed is CalendarOperation.STOP or phase not in {ElectionPhase.BEFORE, ElectionPhase.CLOSED}
        assert CALENDAR.allows(deed, begins[phase]) == allowed, (phase, deed)


def test_times_are_shown_in_the_elections_time_zone() -> None:
    """In December, times in Paris are an hour ahead of UTC."""
    assert CALENDAR.to_local(CLOSES).strftime("%H:%M") == "17:00"
    assert CALENDAR.to_local(CLOSES) == CLOSES


def test_the_presets_are_those_of_2018_and_2026_within_the_bounds_of_their_numbers() -> None:
    """The presets allow 8 to 24 characters (2018) and 12 to 128 (2026), and stay within the allowed bounds."""
    hints = get_type_hints(Policy, include_extras=True)

    for preset, each in product(PRESETS.values(), fields(Policy)):
        for bound in getattr(hints[each.name], "__metadata__", ()):
            assert bound.ge <= getattr(preset, each.name) <= bound.le, each.name
    lengths = {
        name: (each.password_minimum_length, each.password_maximum_length, each.password_guesses)
        for name, each in PRESETS.items()
    }
    assert lengths == {"2018": (8, 24, 10_000_000), "2026": (12, 128, 100_000_000)}
    assert PRESETS["2018"].link_valid_minutes == 240
    assert PRESETS["2018"].asks_per_network == 4
