"""Check the database: that it is reachable, at this version, writable; and read its clock."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, false, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from cli.checks import DoctorCheckResult, fault, passed, warning
from core.adapters.sql import schema_version
from core.adapters.sql.database_failure_cause import database_failure_cause_of
from core.adapters.sql.database_tables_and_keys_check import DatabaseRefused, require_compatible_tables
from core.adapters.sql.engine import WRITES, temporary_engine
from core.adapters.sql.schema_comparison import (
    differing_schema_objects,
    expected_schema_lines,
    read_schema_lines,
    schema_lines_digest,
)
from core.adapters.sql.tables import counters
from core.app import doctor_sentences as words
from core.text.faces.readiness_sentences import NotReadyCause
from core.text.text import Text


def check_database(database_url: str) -> DoctorCheckResult:
    """Check that the service can work with the database. Writes nothing."""
    path = sqlite_file_of(database_url)
    if path is not None and not path.is_file():  # to connect would make an empty one
        return _broken(words.DATABASE_MISSING.fill({"path": str(path)}), words.RESTORE_DATABASE)
    try:
        with temporary_engine(database_url) as engine:
            with engine.connect() as connection:
                require_compatible_tables(connection)
                found = read_schema_lines(connection)
            return _check_writing(engine, found)
    except DatabaseRefused as refused:
        return _broken(words.DATABASE_REFUSED, refused.reason)
    except (SQLAlchemyError, ImportError) as failure:
        return _broken(words.DATABASE_UNREACHABLE.fill(_detail(failure)), words.START_DATABASE)


def database_time(database_url: str) -> datetime | None:
    """Return the time on the database's machine, when it is another machine and answers."""
    if sqlite_file_of(database_url) is not None:
        return None
    try:
        with temporary_engine(database_url) as engine, engine.connect() as connection:
            there = connection.execute(select(func.clock_timestamp())).scalar_one()
    except (SQLAlchemyError, ImportError):
        return None  # `check_database` says so
    return there.astimezone(UTC) if isinstance(there, datetime) else None


def _check_writing(engine: Engine, facts: frozenset[str]) -> DoctorCheckResult:
    try:
        with engine.connect() as connection:
            connection.execution_options(**WRITES)
            with connection.begin() as transaction:
                connection.execute(counters.delete().where(false()))
                transaction.rollback()
    except (SQLAlchemyError, engine.dialect.loaded_dbapi.Error) as failure:
        cause, sentence = database_failure_cause_of(failure, engine)
        if cause is NotReadyCause.UNREACHABLE:  # it did answer, and another program may hold it
            return _broken(words.DATABASE_READ_ONLY.fill(_detail(failure)), words.FREE_DATABASE)
        return _broken(words.DATABASE_CAUSE.fill({"cause": cause.value}), sentence)
    more = differing_schema_objects(facts, expected_schema_lines(engine.dialect.name))
    if more:
        return warning(words.DATABASE, words.DATABASE_MORE.fill({"more": ", ".join(more)}), words.LEAVE_DATABASE)
    told = {"revision": schema_version.HEAD, "digest": schema_lines_digest(facts)}
    return passed(words.DATABASE, words.DATABASE_FINE.fill(told))


def sqlite_file_of(database_url: str) -> Path | None:
    """Return the file of a SQLite database."""
    url = make_url(database_url)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def _broken(finding: Text, remedy: Text) -> DoctorCheckResult:
    return fault(words.DATABASE, finding, remedy)


def _detail(failure: Exception) -> dict[str, str]:
    """Return the first line of the driver's message; the other lines are SQL."""
    return {"detail": str(getattr(failure, "orig", None) or failure).partition("\n")[0]}
