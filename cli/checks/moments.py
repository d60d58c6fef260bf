"""The clock, and where the calendar stands."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cli.checks import Check, attention, fault, ok
from core.policy import Calendar, Phase
from core.text import Moment
from core.words import doctor as words

SENSIBLE_YEARS = range(2018, 2100)
CLOCKS_APART = timedelta(seconds=2)
REFERENCE_ZONE = "Europe/Paris"


def check_zones() -> tuple[Check, ...]:
    """Nothing to say when the time zones are installed."""
    try:
        ZoneInfo(REFERENCE_ZONE)
    except ZoneInfoNotFoundError:
        return (fault(words.CLOCK, words.ZONES_MISSING, words.INSTALL_ZONES),)
    return ()


def check_clock(now: datetime, there: datetime | None, *, zone: ZoneInfo) -> Check:
    """Whether this machine's clock, `now`, is plausible and agrees with the database's."""
    shown = {"now": Moment(now.astimezone(zone))}
    if now.year not in SENSIBLE_YEARS:
        return fault(words.CLOCK, words.CLOCK_IMPLAUSIBLE.fill(shown), words.SET_CLOCK)
    apart = abs(now - there) if there is not None else timedelta()
    if apart > CLOCKS_APART:
        return attention(words.CLOCK, words.clocks_apart(round(apart.total_seconds())), words.SET_CLOCK)
    return ok(words.CLOCK, words.CLOCK_FINE.fill(shown))


def check_offset(now: datetime, *, zone: ZoneInfo, demo: bool, offset: timedelta) -> tuple[Check, ...]:
    """Nothing to say unless the service lives at another time than the machine, and is no demo."""
    if demo or not offset:
        return ()
    lived = words.CLOCK_SHIFTED.fill({"now": Moment((now + offset).astimezone(zone))})
    return (attention(words.CLOCK, lived, words.UNSHIFT_CLOCK),)


def check_calendar(calendar: Calendar, now: datetime) -> Check:
    """Where the election stands, as the service lives it."""
    dates = {
        name: Moment(calendar.local(getattr(calendar, name)))
        for name in ("recovery_opens", "vote_opens", "vote_closes")
    }
    phase = calendar.phase(now)
    finding = words.PHASES[phase].fill(dates)
    if phase is Phase.CLOSED:
        return attention(words.CALENDAR, finding, words.CHECK_DATES)
    return ok(words.CALENDAR, finding)
