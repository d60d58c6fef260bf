"""Corrected lines of the roll, each engine in its fastest way: one statement a person on SQLite, all in one on PostgreSQL.

The NUMEN is left out: whoever has another is another person, and an index of it would be written for nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import islice

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    MetaData,
    Table,
    bindparam,
    case,
    literal_column,
    select,
    text,
    update,
)

from core.adapters.sql import bulk, naming
from core.adapters.sql.tables import voters
from core.names import folded
from core.ports import Entry

Corrections = Iterable[tuple[int, Entry]]
AT_ONCE = 10_000
NUMEN, LANGUAGE = map(Entry.__struct_fields__.index, ("numen_digest", "language"))
KEPT = tuple(name for name in Entry.__struct_fields__ if name != "numen_digest")
FRESH = Table(
    "fresh",
    MetaData(),
    Column("id", BigInteger),
    *(Column(name, voters.c[name].type) for name in (*Entry.__struct_fields__, "folded")),
    prefixes=["TEMPORARY"],
)
"""How the corrected lines stand afterwards, on PostgreSQL."""


def _epoch(email: ColumnElement[str]) -> ColumnElement[int]:
    return case((voters.c.email != email, voters.c.epoch + literal_column("1")), else_=voters.c.epoch)


EACH = (
    update(voters)
    .where(voters.c.id == bindparam("voter"))
    .values({"epoch": _epoch(bindparam("email"))})
    .values({name: bindparam(name) for name in (*KEPT, "folded")})
)
SAME = FRESH.c.id == voters.c.id
ALL = (
    update(voters)
    .where(SAME)
    .values({"epoch": _epoch(FRESH.c.email)})
    .values({name: FRESH.c[name] for name in (*KEPT, "folded")})
)
RENAMED = FRESH.c.folded != voters.c.folded
FORMER = naming.WORDS["postgresql"](voters).join(FRESH, SAME).where(RENAMED)
NEW = naming.WORDS["postgresql"](FRESH).join(voters, SAME).where(RENAMED)


def on_sqlite(connection: Connection, corrections: Corrections) -> None:
    """Some thousands at a time."""
    rest = iter(corrections)
    while some := list(islice(rest, AT_ONCE)):
        fresh = {voter: folded(entry.last_name, entry.first_name) for voter, entry in some}
        standing = select(voters.c.id, voters.c.folded).where(naming.among(connection, list(fresh)))
        renamed = [voter for voter, former in connection.execute(standing) if fresh[voter] != former]
        whose = naming.words_of(connection, naming.among(connection, renamed))
        naming.drop(connection, whose)
        bulk.change(connection, EACH, ("voter", *KEPT, "folded"), (_kept(*each, fresh) for each in some))
        naming.keep(connection, whose)


def on_postgresql(connection: Connection, corrections: Corrections) -> None:
    """Brought by COPY into a table of their own."""
    FRESH.create(connection)
    columns = FRESH.columns.keys()
    bulk.write(connection, FRESH, columns, (_row(voter, entry) for voter, entry in corrections))
    connection.execute(text("ANALYZE fresh"))
    naming.drop(connection, FORMER)
    naming.keep(connection, NEW)
    connection.execute(ALL)
    FRESH.drop(connection)


CORRECT: Mapping[str, Callable[[Connection, Corrections], None]] = {"sqlite": on_sqlite, "postgresql": on_postgresql}


def values(entry: Entry) -> tuple[object, ...]:
    """Its fields as a driver takes them."""
    fields = msgspec.structs.astuple(entry)
    return (*fields[:LANGUAGE], entry.language.value, *fields[LANGUAGE + 1 :])


def _kept(voter: int, entry: Entry, fresh: Mapping[int, str]) -> tuple[object, ...]:
    fields = values(entry)
    return (voter, *fields[:NUMEN], *fields[NUMEN + 1 :], fresh[voter])


def _row(voter: int, entry: Entry) -> tuple[object, ...]:
    return (voter, *values(entry), folded(entry.last_name, entry.first_name))
