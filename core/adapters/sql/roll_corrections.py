"""Corrects lines of the roll, on each engine in its fastest way: one statement a voter on SQLite, one for all on PostgreSQL.

The NUMEN is left out: whoever has another is another person, and an index of it would be written for nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    MetaData,
    Select,
    Table,
    Text,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
    text,
    update,
)

from core.adapters.sql import bulk_write, name_index
from core.adapters.sql.bulk_voter_update import FOLDED, read_and_lock_voters
from core.adapters.sql.protected_tables import MAC, VOTERS
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.tables import names, voters
from core.forms.name_words import search_words
from core.ports import RollEntry

CorrectedEntries = Iterable[tuple[int, RollEntry]]
AT_ONCE = 10_000
NUMEN, LANGUAGE = map(RollEntry.__struct_fields__.index, ("numen_digest", "language"))
KEPT = tuple(name for name in RollEntry.__struct_fields__ if name != "numen_digest")
COVERED = tuple(name for name in KEPT if name in VOTERS.covered)
AUTHENTICATED = ("epoch", "password", MAC)
"""The columns that follow from the others."""
FRESH = Table(
    "fresh",
    MetaData(),
    Column("id", BigInteger),
    *(Column(name, voters.c[name].type) for name in (*KEPT, "folded", *AUTHENTICATED)),
    prefixes=["TEMPORARY"],
)
"""The corrected lines, on PostgreSQL."""

WRITTEN = (*KEPT, "folded", *AUTHENTICATED)
FOLDED_AT = 1 + WRITTEN.index("folded")
EACH = update(voters).where(voters.c.id == bindparam("voter")).values({name: bindparam(name) for name in WRITTEN})
SAME_VOTER = FRESH.c.id == voters.c.id
ALL = update(voters).where(SAME_VOTER).values({name: FRESH.c[name] for name in WRITTEN})
FORGET = delete(names).where(names.c.word == bindparam("former"), names.c.voter == bindparam("whose"))


RENAMED = Table(
    "renamed",
    MetaData(),
    Column("id", BigInteger),
    Column("former", Text),
    Column("fresh", Text),
    prefixes=["TEMPORARY"],
)
"""The voters whose names changed, on PostgreSQL. Collected first: its planner would expect ten words of each person."""
RENAME = insert(RENAMED).from_select(
    ["id", "former", "fresh"],
    select(voters.c.id, voters.c.folded, FRESH.c.folded)
    .join(FRESH, SAME_VOTER)
    .where(FRESH.c.folded != voters.c.folded),
)


def _only_in(words: Column[str], others: Column[str]) -> Select[str, int]:
    """Select words of the renamed, on PostgreSQL, that are not among the other words of the same person."""
    people = select(RENAMED.c.id, words.label("folded"), others.label("others")).subquery()
    found = name_index.WORDS["postgresql"](people)
    spaced = literal(" ").concat(found.selected_columns.word).concat(" ")
    return found.where(func.strpos(people.c.others, spaced) == 0)


FORMER, NEW = _only_in(RENAMED.c.former, RENAMED.c.fresh), _only_in(RENAMED.c.fresh, RENAMED.c.former)


def correct_on_sqlite(connection: Connection, rows: RowAuthenticator, corrections: CorrectedEntries) -> None:
    """Correct lines on SQLite, some thousands at a time. Raises TamperedRows."""
    rest = iter(corrections)
    while some := list(islice(rest, AT_ONCE)):
        present = read_and_lock_voters(connection, rows, [voter for voter, _ in some])
        written = [_row(rows, present[voter], entry) for voter, entry in some if voter in present]
        words = [(row[0], present[row[0]][FOLDED], row[FOLDED_AT]) for row in written]
        _rename(connection, [each for each in words if each[1] != each[2]])
        bulk_write.update_rows(connection, EACH, ("voter", *WRITTEN), written)


def _rename(connection: Connection, renamed: list[tuple[int, str, str]]) -> None:
    """Change only the words that differ, in the order of the index."""
    gone = sorted((word, voter) for voter, former, fresh in renamed for word in _missing(former, fresh))
    new = sorted((word, voter) for voter, former, fresh in renamed for word in _missing(fresh, former))
    bulk_write.update_rows(connection, FORGET, ("former", "whose"), gone)
    bulk_write.insert_rows(connection, names, ("word", "voter"), new)


def _missing(words: str, others: str) -> Iterator[str]:
    return (word for word in words.split() if f" {word} " not in others)


def correct_on_postgresql(connection: Connection, rows: RowAuthenticator, corrections: CorrectedEntries) -> None:
    """Correct lines on PostgreSQL, brought by COPY into a temporary table. Raises TamperedRows."""
    FRESH.create(connection)
    columns, rest = FRESH.columns.keys(), iter(corrections)
    while some := list(islice(rest, AT_ONCE)):
        present = read_and_lock_voters(connection, rows, [voter for voter, _ in some])
        written = (_row(rows, present[voter], entry) for voter, entry in some if voter in present)
        bulk_write.insert_rows(connection, FRESH, columns, written)
    connection.execute(text("ANALYZE fresh (id)"))
    RENAMED.create(connection)
    connection.execute(RENAME)
    connection.execute(text("ANALYZE renamed (id)"))
    name_index.unindex_words(connection, FORMER)
    name_index.index_words(connection, NEW)
    RENAMED.drop(connection)
    connection.execute(ALL)
    FRESH.drop(connection)


CORRECT: Mapping[str, Callable[[Connection, RowAuthenticator, CorrectedEntries], None]] = {
    "sqlite": correct_on_sqlite,
    "postgresql": correct_on_postgresql,
}


def driver_row_values(entry: RollEntry) -> tuple[object, ...]:
    """Return the fields as a driver takes them."""
    fields = msgspec.structs.astuple(entry)
    return (*fields[:LANGUAGE], entry.language.value, *fields[LANGUAGE + 1 :])


def _row(rows: RowAuthenticator, present: dict[str, Any], entry: RollEntry) -> tuple[Any, ...]:
    """Return the voter and the values of WRITTEN for a correction of their present row."""
    if present["email"] != entry.email:
        present["epoch"] += 1
    for name in COVERED:
        present[name] = getattr(entry, name)
    stored = rows.seal_row(VOTERS, present)
    fields = driver_row_values(entry)
    folded = search_words(entry.last_name, entry.first_name)
    return (present["id"], *fields[:NUMEN], *fields[NUMEN + 1 :], folded, *(stored[name] for name in AUTHENTICATED))
