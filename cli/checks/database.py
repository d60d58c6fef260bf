"""The database: reachable, at this version, writable; and what time it is there."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, false, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from cli.checks import Check, fault, ok
from core.adapters.sql import version
from core.adapters.sql.engine import WRITES, open_engine
from core.adapters.sql.tables import counters
from core.text import Text
from core.words import doctor as words


def check_database(database_url: str) -> Check:
    """Whether the service can work with it. Writes nothing."""
    path = _file_of(database_url)
    if path is not None and not path.is_file():  # to connect would make an empty one
        return _broken(words.DATABASE_MISSING.fill({"path": str(path)}), words.RESTORE_DATABASE)
    try:
        with opened(database_url) as engine:
            if not version.at_head(engine):
                return _broken(words.DATABASE_OLD, words.UPGRADE_DATABASE)
            return _check_writing(engine)
    except (SQLAlchemyError, ImportError) as failure:
        return _broken(words.DATABASE_UNREACHABLE.fill(_detail(failure)), words.START_DATABASE)


def database_time(database_url: str) -> datetime | None:
    """The time on the database's own machine, when it is another one and answers."""
    if _file_of(database_url) is not None:
        return None
    try:
        with opened(database_url) as engine, engine.connect() as connection:
            there = connection.execute(select(func.clock_timestamp())).scalar_one()
    except (SQLAlchemyError, ImportError):
        return None  # `check_database` says so
    return there.astimezone(UTC) if isinstance(there, datetime) else None


def _check_writing(engine: Engine) -> Check:
    try:
        with engine.connect() as connection:
            connection.execution_options(**WRITES)
            with connection.begin() as transaction:
                connection.execute(counters.delete().where(false()))
                transaction.rollback()
    except (SQLAlchemyError, engine.dialect.loaded_dbapi.Error) as failure:
        return _broken(words.DATABASE_READ_ONLY.fill(_detail(failure)), words.FREE_DATABASE)
    return ok(words.DATABASE, words.DATABASE_FINE)


@contextmanager
def opened(database_url: str) -> Iterator[Engine]:
    """An engine, for as long as it is looked at."""
    engine = open_engine(database_url)
    try:
        yield engine
    finally:
        engine.dispose()


def _file_of(database_url: str) -> Path | None:
    url = make_url(database_url)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def _broken(finding: Text, remedy: Text) -> Check:
    return fault(words.DATABASE, finding, remedy)


def _detail(failure: Exception) -> dict[str, str]:
    """The driver's first line; the rest would be SQL."""
    return {"detail": str(getattr(failure, "orig", None) or failure).partition("\n")[0]}
