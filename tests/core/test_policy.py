"""The numbers and the dates."""

from dataclasses import fields
from datetime import datetime, timedelta
from typing import get_type_hints

import pytest

from core.policy import ALLOWED, PRESETS, Deed, Phase, Policy
from tests.support.election import CALENDAR, CLOSES, OPENS, VOTE_OPENS

INSTANT = timedelta(microseconds=1)
LAST = CLOSES - CALENDAR.last_minutes


@pytest.mark.parametrize(
    ("now", "phase"),
    [
        (OPENS - INSTANT, Phase.BEFORE),
        (OPENS, Phase.OPEN),
        (VOTE_OPENS - INSTANT, Phase.OPEN),
        (VOTE_OPENS, Phase.VOTING),
        (LAST - INSTANT, Phase.VOTING),
        (LAST, Phase.LAST_MINUTES),
        (CLOSES - INSTANT, Phase.LAST_MINUTES),
        (CLOSES, Phase.CLOSED),
        (CLOSES + timedelta(days=365), Phase.CLOSED),
    ],
)
def test_each_bound_belongs_to_the_phase_it_begins(now: datetime, phase: Phase) -> None:
    """To the microsecond."""
    assert CALENDAR.phase(now) is phase


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("deed", Deed)
def test_the_calendar_closes_everything_outside_its_dates_but_stopping(phase: Phase, deed: Deed) -> None:
    """Rule 10: a stolen account matters before and after the vote too."""
    now = {
        Phase.BEFORE: OPENS - INSTANT,
        Phase.OPEN: OPENS,
        Phase.VOTING: VOTE_OPENS,
        Phase.LAST_MINUTES: LAST,
        Phase.CLOSED: CLOSES,
    }[phase]

    allowed = CALENDAR.allows(deed, now)

    assert allowed == (deed is Deed.STOP or phase not in {Phase.BEFORE, Phase.CLOSED})


def test_the_table_has_a_row_for_every_phase() -> None:
    """A phase without one would be a KeyError in front of a voter."""
    assert set(ALLOWED) == set(Phase)


def test_a_moment_is_shown_on_the_clock_of_the_election() -> None:
    """Paris is an hour ahead in December."""
    assert CALENDAR.local(CLOSES).strftime("%H:%M") == "17:00"
    assert CALENDAR.local(CLOSES) == CLOSES


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_a_preset_is_within_the_bounds_of_its_own_numbers(preset: Policy) -> None:
    """What the settings would refuse from an operator is no default either."""
    hints = get_type_hints(Policy, include_extras=True)

    for each in fields(Policy):
        for bound in getattr(hints[each.name], "__metadata__", ()):
            value = getattr(preset, each.name)
            assert bound.ge <= value <= bound.le, each.name


def test_the_presets_are_those_of_2018_and_2026() -> None:
    """8 to 24 characters then; 12 to 128 and a strength now."""
    lengths = {
        name: (each.password_minimum_length, each.password_maximum_length, each.password_strength)
        for name, each in PRESETS.items()
    }

    assert lengths == {"2018": (8, 24, 0), "2026": (12, 128, 3)}
    assert PRESETS["2018"].link_valid_minutes == 240
    assert PRESETS["2018"].links_alive == 3
