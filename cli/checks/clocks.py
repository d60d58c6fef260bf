from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cli.checks import NOT_READY, DoctorCheckResult, fault, passed, warning
from cli.checks.database import sqlite_file_of
from core.adapters.sql.engine import temporary_engine
from core.adapters.sql.host_heartbeats import read_host_heartbeats
from core.app.health import doctor_sentences as words
from core.app.settings import Settings
from core.policy.calendar import Calendar, ElectionPhase
from core.text.text import Moment

SENSIBLE_YEARS = range(2018, 2100)
CLOCKS_APART = timedelta(seconds=2)
SEEN_LATELY = timedelta(minutes=5)


def check_clock(now: datetime, database_time: datetime | None, *, zone: ZoneInfo) -> DoctorCheckResult:
    """Check that this machine's time `now` is plausible and agrees with the database's time."""
    shown = {"now": Moment(now.astimezone(zone))}
    if now.year not in SENSIBLE_YEARS:
        return fault(words.CLOCK, words.CLOCK_IMPLAUSIBLE.fill(shown), words.SET_CLOCK)
    apart = abs(now - database_time) if database_time is not None else timedelta()
    if apart > CLOCKS_APART:
        return warning(words.CLOCK, words.CLOCKS_APART.for_count(round(apart.total_seconds())), words.SET_CLOCK)
    return passed(words.CLOCK, words.CLOCK_FINE.fill(shown))


def check_hosts_clocks(settings: Settings, now: datetime) -> Iterator[DoctorCheckResult]:
    """Check the clocks of all recently active hosts. Skipped if the database is SQLite or unavailable."""
    if sqlite_file_of(settings.database_url) is not None:
        return
    with suppress(*NOT_READY), temporary_engine(settings.database_url) as engine, engine.connect() as connection:
        for row in read_host_heartbeats(connection, now - SEEN_LATELY):
            host = {"host": row.host}
            if abs(row.ahead) > CLOCKS_APART:
                apart = words.HOST_CLOCK_APART.for_count(round(abs(row.ahead).total_seconds()))
                yield fault(words.CLOCK, apart.fill(host), words.SET_CLOCK)
            else:
                yield passed(words.CLOCK, words.HOST_CLOCK_FINE.fill(host))


def check_demo_clock_offset(
    now: datetime, *, zone: ZoneInfo, demo: bool, offset: timedelta
) -> Iterator[DoctorCheckResult]:
    if offset and not demo:
        lived = words.CLOCK_SHIFTED.fill({"now": Moment((now + offset).astimezone(zone))})
        yield warning(words.CLOCK, lived, words.UNSHIFT_CLOCK)


def check_phase(calendar: Calendar, now: datetime) -> DoctorCheckResult:
    dates = {
        name: Moment(calendar.to_local(getattr(calendar, name)))
        for name in ("recovery_opens", "vote_opens", "vote_closes")
    }
    phase = calendar.phase(now)
    finding = words.PHASES[phase].fill(dates)
    if phase is ElectionPhase.CLOSED:
        return warning(words.CALENDAR, finding, words.CHECK_DATES)
    return passed(words.CALENDAR, finding)
