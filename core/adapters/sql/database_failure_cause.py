import errno
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from core.adapters.sql.postgresql_cluster import is_primary_read_only
from core.text.faces import readiness_sentences as words
from core.text.faces.readiness_sentences import NotReadyCause
from core.text.text import Text

BY_SQLSTATE = {
    "53100": NotReadyCause.DISK_FULL,
    "25006": NotReadyCause.READ_ONLY,
    "XX001": NotReadyCause.DAMAGED,
    "XX002": NotReadyCause.DAMAGED,
}
BY_SQLITE_CODE = {
    sqlite3.SQLITE_FULL: NotReadyCause.DISK_FULL,
    sqlite3.SQLITE_READONLY: NotReadyCause.READ_ONLY,
    sqlite3.SQLITE_CORRUPT: NotReadyCause.DAMAGED,
    sqlite3.SQLITE_NOTADB: NotReadyCause.DAMAGED,
}
BY_ERRNO = {
    errno.ENOSPC: NotReadyCause.DISK_FULL,
    errno.EDQUOT: NotReadyCause.DISK_FULL,
    errno.EROFS: NotReadyCause.READ_ONLY,
}
SENTENCES = {
    NotReadyCause.DISK_FULL: words.DISK_FULL,
    NotReadyCause.READ_ONLY: words.READ_ONLY,
    NotReadyCause.DAMAGED: words.DAMAGED,
    NotReadyCause.UNREACHABLE: words.UNREACHABLE,
}
PRIMARY_CODE = 0xFF
LEAST_ROOM = 64 * 1024
RECOVERY = text(
    "SELECT pg_is_in_recovery(), extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::bigint"
)
NO_SERVER_WRITES = ("session is read-only", "hot standby mode")
"""Phrases in PostgreSQL's error messages that mean no server accepts writes."""


def database_failure_cause_of(failure: BaseException, engine: Engine) -> tuple[NotReadyCause, Text]:
    """Return the cause of a database failure, and a sentence that quotes no values."""
    chain = list(_chain(failure))
    cause = next((known for error in chain if (known := _cause_of_one(error, engine))), NotReadyCause.UNREACHABLE)
    if cause is NotReadyCause.READ_ONLY and engine.dialect.name == "postgresql":
        return _demoted(engine) or (cause, words.PRIMARY_READ_ONLY.fill({"detail": _code(chain)}))
    if cause is NotReadyCause.DEMOTED and is_primary_read_only(engine.url):
        return NotReadyCause.READ_ONLY, words.PRIMARY_READ_ONLY.fill({"detail": "default_transaction_read_only"})
    if cause is NotReadyCause.DEMOTED:
        return cause, words.DEMOTED
    return cause, SENTENCES[cause].fill({"detail": _code(chain)})


def _chain(failure: BaseException | None) -> Iterator[BaseException]:
    while failure is not None:
        yield failure
        if isinstance(failure, DBAPIError) and failure.orig is not None:
            yield failure.orig
        failure = failure.__cause__


def _cause_of_one(error: BaseException, engine: Engine) -> NotReadyCause | None:
    state = getattr(error, "sqlstate", None)
    if state in BY_SQLSTATE:
        return BY_SQLSTATE[state]
    if any(part in str(error) for part in NO_SERVER_WRITES):
        return NotReadyCause.DEMOTED
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(code, int):
        return BY_SQLITE_CODE.get(code & PRIMARY_CODE) or _state_of_disk(engine)
    return BY_ERRNO.get(error.errno or 0) if isinstance(error, OSError) else None


def _state_of_disk(engine: Engine) -> NotReadyCause | None:
    """Return DISK_FULL, READ_ONLY, or None if neither applies."""
    try:
        disk = os.statvfs(Path(engine.url.database or "").parent)
    except OSError:
        return None
    if disk.f_flag & os.ST_RDONLY:
        return NotReadyCause.READ_ONLY
    return NotReadyCause.DISK_FULL if disk.f_bavail * disk.f_frsize < LEAST_ROOM else None


def _demoted(engine: Engine) -> tuple[NotReadyCause, Text] | None:
    try:
        with engine.connect() as connection:
            replica, behind = connection.execute(RECOVERY).one()
    except DBAPIError:
        return None
    if not replica:
        return None
    return NotReadyCause.DEMOTED, words.DEMOTED if behind is None else words.REPLICA_BEHIND.for_count(behind)


def _code(chain: list[BaseException]) -> str:
    for error in chain:
        for name in ("sqlstate", "sqlite_errorname"):
            if found := getattr(error, name, None):
                return str(found)
        if isinstance(error, OSError) and error.errno:
            return errno.errorcode.get(error.errno, str(error.errno))
    return type(chain[-1]).__name__
