"""Corrected lines of the roll, each engine in its fastest way: one statement a person on SQLite, all in one on PostgreSQL.

The NUMEN is left out: whoever has another is another person, and an index of it would be written for nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    MetaData,
    Select,
    Table,
    Text,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    literal_column,
    select,
    text,
    update,
)

from core.adapters.sql import bulk, naming
from core.adapters.sql.tables import names, voters
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
STANDING = select(voters.c.id, voters.c.folded)
FORGET = delete(names).where(names.c.word == bindparam("former"), names.c.voter == bindparam("whose"))


RENAMED = Table(
    "renamed",
    MetaData(),
    Column("id", BigInteger),
    Column("former", Text),
    Column("fresh", Text),
    prefixes=["TEMPORARY"],
)
"""Who is found by other words than before, on PostgreSQL. Put together first: it would expect ten words of each person."""
RENAME = insert(RENAMED).from_select(
    ["id", "former", "fresh"],
    select(voters.c.id, voters.c.folded, FRESH.c.folded).join(FRESH, SAME).where(FRESH.c.folded != voters.c.folded),
)


def _only_in(words: Column[str], others: Column[str]) -> Select[str, int]:
    """The words of the renamed, on PostgreSQL, that are not among the others of the same person."""
    people = select(RENAMED.c.id, words.label("folded"), others.label("others")).subquery()
    found = naming.WORDS["postgresql"](people)
    spaced = literal(" ").concat(found.selected_columns.word).concat(" ")
    return found.where(func.strpos(people.c.others, spaced) == 0)


FORMER, NEW = _only_in(RENAMED.c.former, RENAMED.c.fresh), _only_in(RENAMED.c.fresh, RENAMED.c.former)


def on_sqlite(connection: Connection, corrections: Corrections) -> None:
    """Some thousands at a time."""
    rest = iter(corrections)
    while some := list(islice(rest, AT_ONCE)):
        fresh = {voter: folded(entry.last_name, entry.first_name) for voter, entry in some}
        standing = connection.execute(STANDING.where(naming.among(connection, list(fresh)))).all()
        _rename(connection, [(voter, former, fresh[voter]) for voter, former in standing if former != fresh[voter]])
        bulk.change(connection, EACH, ("voter", *KEPT, "folded"), (_kept(*each, fresh) for each in some))


def _rename(connection: Connection, renamed: list[tuple[int, str, str]]) -> None:
    """In the order of the index, and only the words that differ: who marries keeps a first name."""
    gone = sorted((word, voter) for voter, former, fresh in renamed for word in _missing(former, fresh))
    new = sorted((word, voter) for voter, former, fresh in renamed for word in _missing(fresh, former))
    bulk.change(connection, FORGET, ("former", "whose"), gone)
    bulk.write(connection, names, ("word", "voter"), new)


def _missing(words: str, others: str) -> Iterator[str]:
    return (word for word in words.split() if f" {word} " not in others)


def on_postgresql(connection: Connection, corrections: Corrections) -> None:
    """Brought by COPY into a table of their own."""
    FRESH.create(connection)
    columns = FRESH.columns.keys()
    bulk.write(connection, FRESH, columns, (_row(voter, entry) for voter, entry in corrections))
    connection.execute(text("ANALYZE fresh (id)"))
    RENAMED.create(connection)
    connection.execute(RENAME)
    connection.execute(text("ANALYZE renamed (id)"))
    naming.drop(connection, FORMER)
    naming.keep(connection, NEW)
    RENAMED.drop(connection)
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
