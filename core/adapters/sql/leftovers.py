"""The port Leftovers: what of each table goes, and when it is rewritten so that it is gone from the disk too."""

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

from core.adapters.sql.tables import (
    answers,
    awaited_codes,
    counters,
    links,
    outbox,
    phone_claims,
    recoveries,
    reissues,
    sessions,
    voters,
)
from core.ports import Remains


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of a table: they go, or only those of their columns that `blank` names."""

    table: Table
    where: ColumnElement[bool] = field(default_factory=true)
    blank: tuple[str, ...] = ()

    def erase(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """How many rows were touched."""
        change = update(self.table).values(dict.fromkeys(self.blank)) if self.blank else delete(self.table)
        return connection.execute(change.where(self.where), values).rowcount


PARTS: Mapping[Remains, Sequence[Part]] = {
    Remains.SESSIONS: (Part(sessions),),
    Remains.LINKS: (Part(links),),
    Remains.AWAITED_CODES: (Part(awaited_codes),),
    Remains.BODIES: (
        Part(outbox, outbox.c.sealed.is_not(None) & (outbox.c.useful_until <= bindparam("now")), ("sealed",)),
    ),
    Remains.ADDRESSES: (Part(reissues), Part(recoveries)),
    Remains.PHONES: (
        Part(phone_claims),
        Part(answers),
        Part(
            voters,
            or_(voters.c.phone_digest.is_not(None), voters.c.phone_ending.is_not(None)),
            ("phone_digest", "phone_ending"),
        ),
    ),
    Remains.PASSWORDS: (
        Part(
            voters,
            or_(voters.c.password.is_not(None), voters.c.first_verifier.is_not(None)),
            ("password", "first_verifier"),
        ),
    ),
    Remains.COUNTERS: (Part(counters),),
}
"""In an order that no reference forbids: what refers to cases goes before them."""


class SqlLeftovers:
    """What is still there."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count(self, kind: Remains, now: datetime) -> int:
        counts = (select(func.count()).select_from(part.table).where(part.where) for part in PARTS[kind])
        return sum(self._connection.execute(each, _needed(each, now)).scalar_one() for each in counts)

    def erase(self, kind: Remains, now: datetime) -> int:
        return sum(part.erase(self._connection, _needed(part.where, now)) for part in PARTS[kind])


def _needed(statement: Any, now: datetime) -> dict[str, datetime]:  # noqa: ANN401  # a statement or its condition
    return {"now": now} if "now" in statement.compile().params else {}


class NotRewritten(Exception):
    """What was deleted may still be read in the files; the message is the database's."""


def rewrite(engine: Engine) -> None:
    """Rewrites the database without what was deleted: until then its bytes still lie in the files. Raises NotRewritten.

    PostgreSQL does it table by table and locks each meanwhile; SQLite needs nobody else at work.
    """
    try:
        if engine.dialect.name == "sqlite":
            _rewrite_file(engine)
        else:
            _rewrite_tables(engine)
    except (SQLAlchemyError, sqlite3.Error) as failure:
        raise NotRewritten(str(getattr(failure, "orig", None) or failure).partition("\n")[0]) from failure


def _rewrite_file(engine: Engine) -> None:
    with engine.connect() as connection:
        raw = connection.connection.cursor()
        raw.execute("VACUUM")
        (busy, *_) = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise NotRewritten("database is in use")


def _rewrite_tables(engine: Engine) -> None:
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        for name in sorted({part.table.name for parts in PARTS.values() for part in parts}):
            connection.execute(text(f"VACUUM FULL {name}"))
