"""Checks that a courier is running, and that it sends messages on time."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import Connection

from cli.checks import NOT_READY, DoctorCheckResult, fault, passed, warning
from cli.checks.database import sqlite_file_of
from core.adapters.sql.engine import temporary_engine
from core.adapters.sql.host_heartbeats import read_host_heartbeats
from core.adapters.sql.outbox import FIRST_DUE, OLDEST_ASK
from core.app.health import doctor_sentences as words
from core.app.settings import Settings
from core.text.text import Moment

STOPPED_AFTER = timedelta(seconds=20)
"""A courier that has not reported for this long counts as stopped. A running courier reports every three seconds."""
QUEUE_LATE_AFTER = timedelta(seconds=60)
FORGOTTEN_AFTER = timedelta(days=7)


def check_couriers_and_queue(settings: Settings, now: datetime) -> Iterator[DoctorCheckResult]:
    """Check that couriers run and that messages do not wait too long. Skipped if the database is unavailable."""
    file = sqlite_file_of(settings.database_url)
    if file is not None and not file.is_file():  # connecting would create an empty file
        return
    with suppress(*NOT_READY), temporary_engine(settings.database_url) as engine, engine.connect() as connection:
        yield from _couriers(connection, settings, now)
        yield _queue(connection, now + settings.clock_offset())


def _couriers(connection: Connection, settings: Settings, now: datetime) -> Iterator[DoctorCheckResult]:
    couriers = [each for each in read_host_heartbeats(connection, now - FORGOTTEN_AFTER) if each.is_of_courier]
    working = [each.machine for each in couriers if now - each.seen <= STOPPED_AFTER]
    if not couriers:
        yield warning(words.SENDING, words.COURIER_UNKNOWN, words.START_COURIER)
    elif not working:
        last = max(each.seen for each in couriers).astimezone(settings.election.zone)
        yield fault(words.SENDING, words.COURIERS_STOPPED.fill({"seen": Moment(last)}), words.START_COURIER)
    else:
        yield passed(words.SENDING, words.COURIERS_WORK.fill({"hosts": ", ".join(working)}))
        for each in couriers:
            if each.machine not in working:
                seen = Moment(each.seen.astimezone(settings.election.zone))
                finding = words.COURIER_STOPPED.fill({"host": each.machine, "seen": seen})
                yield warning(words.SENDING, finding, words.START_COURIER_THERE)


def _queue(connection: Connection, now: datetime) -> DoctorCheckResult:
    waiting = [connection.execute(statement).scalar() for statement in (FIRST_DUE, OLDEST_ASK)]
    since = min((each for each in waiting if each is not None), default=now)
    if now - since > QUEUE_LATE_AFTER:
        return fault(
            words.QUEUE, words.QUEUE_AGES.for_count(round((now - since).total_seconds())), words.READ_COURIER_LOG
        )
    return passed(words.QUEUE, words.QUEUE_FINE)
