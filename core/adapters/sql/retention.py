"""Erases personal data from the database and its files."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Table,
    bindparam,
    delete,
    func,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from core.adapters.sql import tables
from core.adapters.sql.bulk_voter_update import blank_columns
from core.adapters.sql.deadlines import DEADLINE_OPTION
from core.adapters.sql.engine import temporary_engine
from core.adapters.sql.row_authentication import RowAuthenticator
from core.ports import ErasableDataKind


@dataclass(frozen=True, slots=True)
class ErasureRule:
    """Deletes the rows that match `where`. If `blank` is not empty, only clears the columns in `blank`."""

    table: Table
    where: ColumnElement[bool] = field(default_factory=true)
    blank: tuple[str, ...] = ()

    def erase(self, connection: Connection, rows: RowAuthenticator, values: Mapping[str, Any]) -> int:
        if self.table is tables.voters:
            return blank_columns(connection, rows, self.where, self.blank)
        change = update(self.table).values(dict.fromkeys(self.blank)) if self.blank else delete(self.table)
        return connection.execute(change.where(self.where), values).rowcount


PARTS: Mapping[ErasableDataKind, Sequence[ErasureRule]] = {
    ErasableDataKind.SESSIONS: (ErasureRule(tables.sessions),),
    ErasableDataKind.LINKS: (ErasureRule(tables.links),),
    ErasableDataKind.AWAITED_CODES: (ErasureRule(tables.awaited_codes),),
    ErasableDataKind.BODIES: (
        ErasureRule(
            tables.outbox,
            tables.outbox.c.sealed.is_not(None) & (tables.outbox.c.useful_until <= bindparam("now")),
            ("sealed",),
        ),
    ),
    ErasableDataKind.ADDRESSES: (ErasureRule(tables.reissues), ErasureRule(tables.recoveries)),
    ErasableDataKind.CALLS: (
        ErasureRule(tables.calls),
        ErasureRule(tables.call_backs),
        ErasureRule(tables.hand_overs),
        ErasureRule(tables.signature_requests),
    ),
    ErasableDataKind.PHONES: (
        ErasureRule(tables.phone_claims),
        ErasureRule(tables.answers),
        ErasureRule(tables.code_sendings),
        ErasureRule(
            tables.voters,
            or_(tables.voters.c.phone_digest.is_not(None), tables.voters.c.phone_ending.is_not(None)),
            ("phone_digest", "phone_ending"),
        ),
    ),
    ErasableDataKind.PASSWORDS: (
        ErasureRule(
            tables.voters,
            or_(tables.voters.c.password.is_not(None), tables.voters.c.first_verifier.is_not(None)),
            ("password", "first_verifier"),
        ),
    ),
    ErasableDataKind.COUNTERS: (
        ErasureRule(tables.counters),
        ErasureRule(tables.forms),
        ErasureRule(tables.spending, tables.OF_A_NETWORK),
    ),
}


@dataclass(frozen=True, slots=True)
class SqlRetention:
    connection: Connection
    rows: RowAuthenticator

    def count(self, kind: ErasableDataKind, now: datetime) -> int:
        counts = (select(func.count()).select_from(part.table).where(part.where) for part in PARTS[kind])
        return sum(self.connection.execute(each, _needed(each, now)).scalar_one() for each in counts)

    def erase(self, kind: ErasableDataKind, now: datetime) -> int:
        return sum(part.erase(self.connection, self.rows, _needed(part.where, now)) for part in PARTS[kind])


def _needed(statement: Any, now: datetime) -> dict[str, datetime]:  # noqa: ANN401  # a statement or its condition
    return {"now": now} if "now" in statement.compile().params else {}


TABLE_LOCK_SECONDS = 3


class DatabaseNotRewritten(Exception):
    """Raised when the database files may still contain erased data."""


def rewrite_database(engine: Engine) -> None:
    """Rewrite the database files to remove the data of deleted rows. Raises DatabaseNotRewritten."""
    try:
        if engine.dialect.name == "sqlite":
            _rewrite_file(engine)
        else:
            _rewrite_tables(engine)
    except (SQLAlchemyError, sqlite3.Error) as failure:
        raise DatabaseNotRewritten(str(getattr(failure, "orig", None) or failure).partition("\n")[0]) from failure


def _rewrite_file(engine: Engine) -> None:
    with engine.connect() as connection:
        raw = connection.connection.cursor()
        # VACUUM copies the whole database, so its temporary store must be a file. The connection is detached, because
        # this setting must not return to the pool.
        connection.detach()
        raw.execute("PRAGMA temp_store = FILE")
        raw.execute("VACUUM")
        (busy, *_) = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise DatabaseNotRewritten("database is in use")


def _rewrite_tables(engine: Engine) -> None:
    # The settings must not return to the pool, so this needs an engine of its own. The lock timeout is short, because
    # waiting for a table lock blocks all pages that use the table.
    unlimited = {"isolation_level": "AUTOCOMMIT", DEADLINE_OPTION: None}
    with temporary_engine(engine.url) as own, own.execution_options(**unlimited).connect() as connection:
        connection.exec_driver_sql(f"SET lock_timeout = '{TABLE_LOCK_SECONDS}s'")
        connection.exec_driver_sql("SET statement_timeout = 0")
        for name in sorted({part.table.name for parts in PARTS.values() for part in parts}):
            connection.execute(text(f"VACUUM FULL {name}"))
