"""Checks that the disks have enough free space, and that no database page is damaged."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from cli.checks import NOT_READY, DoctorCheckResult, fault, passed, warning
from cli.checks.database import sqlite_file_of
from core.adapters.sql.engine import temporary_engine
from core.adapters.sql.postgresql_hosts import is_postgresql_on_this_machine
from core.app.health import doctor_sentences as words
from core.app.settings import Settings
from core.text.text import Text

FULL_BYTES = 16 << 20
"""Minimum number of free bytes on a disk. SQLite needs this space for its log and for sorting."""
MEGABYTE = 1 << 20
INSUFFICIENT_PRIVILEGE = "42501"
DATA_DIRECTORY = text("SELECT current_setting('data_directory')")
SIZE = text("SELECT pg_database_size(current_database())")
CHECKSUMS = text("SELECT current_setting('data_checksums'), coalesce(sum(checksum_failures), 0) FROM pg_stat_database")
AMCHECK = text("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'amcheck')")
INDEXES = text(
    "SELECT i.relname, bt_index_check(i.oid) FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid"
    " JOIN pg_am m ON m.oid = i.relam WHERE m.amname = 'btree' AND i.relnamespace = current_schema()::regnamespace"
)


def check_disk_space_and_damage(settings: Settings, folder: Path) -> Iterator[DoctorCheckResult]:
    """Check the free space for the election's folder. If the database is available, look for damaged pages.

    With PostgreSQL, also check the free space for the database.
    """
    percent = settings.applied_policy().disk_free_percent
    yield _room(words.DISK, folder, percent)
    file = sqlite_file_of(settings.database_url)
    if file is not None and not file.is_file():  # connecting would create an empty file
        return
    with suppress(*NOT_READY), temporary_engine(settings.database_url) as engine, engine.connect() as connection:
        if file is not None:
            yield _sqlite_pages(connection)
        else:
            yield from _postgresql_room(connection, settings.database_url, percent)
            yield _postgresql_pages(connection)


def _room(subject: Text, place: Path, percent: int, named: str | Text = "") -> DoctorCheckResult:
    disk = shutil.disk_usage(place)
    facts = {"path": named or str(place), "free": disk.free // MEGABYTE, "percent": disk.free * 100 // disk.total}
    if disk.free < FULL_BYTES:
        return fault(subject, words.DISK_FULL.fill(facts), words.MAKE_ROOM)
    if disk.free * 100 < disk.total * percent:
        return warning(subject, words.DISK_NEARLY_FULL.fill(facts), words.MAKE_ROOM)
    return passed(subject, words.DISK_FINE.fill(facts))


def _sqlite_pages(connection: Connection) -> DoctorCheckResult:
    try:
        found = connection.execute(text("PRAGMA quick_check(1)")).scalar_one()
    except DBAPIError as failure:
        found = str(failure.orig)
    if found != "ok":
        return fault(words.PAGES, words.PAGES_DAMAGED.fill({"detail": found}), words.RESTORE_PAGES)
    return passed(words.PAGES, words.PAGES_FINE)


def _postgresql_room(connection: Connection, url: str, percent: int) -> Iterator[DoctorCheckResult]:
    place = None
    if is_postgresql_on_this_machine(make_url(url)):
        try:
            place = _visible(Path(connection.execute(DATA_DIRECTORY).scalar_one()))
        except DBAPIError:
            connection.rollback()
    if place is None:
        used = connection.execute(SIZE).scalar_one() // MEGABYTE
        yield warning(words.DATABASE_DISK, words.DATABASE_DISK_UNSEEN.fill({"used": used}), words.WATCH_DISK)
        return
    log = place / "pg_wal"  # may be a link to another disk
    seen = os.access(log, os.F_OK)
    named = str(place) if seen else words.WITHOUT_LOG.fill({"path": str(place)})
    yield _room(words.DATABASE_DISK, place, percent, named)
    if seen and log.stat().st_dev != place.stat().st_dev:
        yield _room(words.DATABASE_DISK, log, percent)


def _visible(directory: Path) -> Path | None:
    for place in (directory, *directory.parents):
        try:
            os.statvfs(place)
        except PermissionError:
            continue
        except OSError:
            return None
        return place
    return None


def _postgresql_pages(connection: Connection) -> DoctorCheckResult:
    sums, failures = connection.execute(CHECKSUMS).one()
    if failures:
        return fault(words.PAGES, words.CHECKSUMS_FAILED.for_count(failures), words.RESTORE_PAGES)
    examined = bool(connection.execute(AMCHECK).scalar_one())
    try:
        if examined:
            connection.execute(INDEXES).all()
    except DBAPIError as failure:
        if getattr(failure.orig, "sqlstate", "") != INSUFFICIENT_PRIVILEGE:
            detail = str(failure.orig).partition("\n")[0]
            return fault(words.PAGES, words.PAGES_DAMAGED.fill({"detail": detail}), words.RESTORE_PAGES)
        connection.rollback()
        examined = False
    if sums == "on" and examined:
        return passed(words.PAGES, words.PAGES_AND_INDEXES_FINE)
    unseen = words.INDEXES_UNSEEN if sums == "on" else words.PAGES_UNSEEN
    return warning(words.PAGES, unseen, words.SHOW_PAGES)
