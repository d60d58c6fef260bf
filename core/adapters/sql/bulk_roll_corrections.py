"""Corrects many lines of the electoral roll at once. Never changes the NUMEN (employee number)."""

from collections.abc import Iterable
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
    delete,
    func,
    insert,
    literal,
    select,
    text,
    update,
)

from core.adapters.sql import bulk_write, name_index
from core.adapters.sql.bulk_voter_update import read_and_lock_voters
from core.adapters.sql.protected_tables import MAC, VOTERS
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.tables import voters
from core.forms.name_words import search_words
from core.ports import RollEntry

BATCH_ROWS = 10_000
NUMEN, LANGUAGE = map(RollEntry.__struct_fields__.index, ("numen_digest", "language"))
KEPT = tuple(name for name in RollEntry.__struct_fields__ if name != "numen_digest")
COVERED = tuple(name for name in KEPT if name in VOTERS.covered)
AUTHENTICATED = ("epoch", "password", MAC)
WRITTEN = (*KEPT, "folded", *AUTHENTICATED)
CORRECTED_ROWS = Table(
    "fresh",
    MetaData(),
    Column("id", BigInteger),
    *(Column(name, voters.c[name].type) for name in WRITTEN),
    prefixes=["TEMPORARY"],
)
SAME_VOTER = CORRECTED_ROWS.c.id == voters.c.id
UPDATE_VOTERS = update(voters).where(SAME_VOTER).values({name: CORRECTED_ROWS.c[name] for name in WRITTEN})
RENAMED = Table(
    "renamed",
    MetaData(),
    Column("id", BigInteger),
    Column("former", Text),
    Column("fresh", Text),
    prefixes=["TEMPORARY"],
)
"""Temporary table of the voters whose names have changed."""
INSERT_RENAMED = insert(RENAMED).from_select(
    ["id", "former", "fresh"],
    select(voters.c.id, voters.c.folded, CORRECTED_ROWS.c.folded)
    .join(CORRECTED_ROWS, SAME_VOTER)
    .where(CORRECTED_ROWS.c.folded != voters.c.folded),
)
POSITION = {"sqlite": func.instr, "postgresql": func.strpos}


def _only_in(engine: str, words: Column[str], others: Column[str]) -> Select[str, int]:
    people = select(RENAMED.c.id, words.label("folded"), others.label("others")).subquery()
    found = name_index.WORDS[engine](people)
    spaced = literal(" ").concat(found.selected_columns.word).concat(" ")
    return found.where(POSITION[engine](people.c.others, spaced) == 0)


FORMER_NAME_WORDS = {engine: _only_in(engine, RENAMED.c.former, RENAMED.c.fresh) for engine in POSITION}
NEW_NAME_WORDS = {engine: _only_in(engine, RENAMED.c.fresh, RENAMED.c.former) for engine in POSITION}


def correct_lines(connection: Connection, rows: RowAuthenticator, corrections: Iterable[tuple[int, RollEntry]]) -> None:
    """Apply corrections, given as pairs of a voter id and a corrected line. Raises TamperedRowsError."""
    CORRECTED_ROWS.create(connection)
    RENAMED.create(connection)
    columns, rest = CORRECTED_ROWS.columns.keys(), iter(corrections)
    while some := list(islice(rest, BATCH_ROWS)):
        present = read_and_lock_voters(connection, rows, [voter for voter, _ in some])
        written = (_row(rows, present[voter], entry) for voter, entry in some if voter in present)
        bulk_write.insert_rows(connection, CORRECTED_ROWS, columns, written)
        if connection.dialect.name == "sqlite":
            _write(connection)
            connection.execute(delete(RENAMED))
            connection.execute(delete(CORRECTED_ROWS))
    if connection.dialect.name == "postgresql":
        _write(connection)
    RENAMED.drop(connection)
    CORRECTED_ROWS.drop(connection)


def _write(connection: Connection) -> None:
    engine = connection.dialect.name
    if engine == "postgresql":
        connection.execute(text("ANALYZE fresh (id)"))
    connection.execute(INSERT_RENAMED)
    if engine == "postgresql":
        connection.execute(text("ANALYZE renamed (id)"))
    name_index.unindex_words(connection, FORMER_NAME_WORDS[engine])
    name_index.index_words(connection, NEW_NAME_WORDS[engine])
    connection.execute(UPDATE_VOTERS)


def driver_row_values(entry: RollEntry) -> tuple[object, ...]:
    fields = msgspec.structs.astuple(entry)
    return (*fields[:LANGUAGE], entry.language.value, *fields[LANGUAGE + 1 :])


def _row(rows: RowAuthenticator, present: dict[str, Any], entry: RollEntry) -> tuple[Any, ...]:
    if present["email"] != entry.email:
        present["epoch"] += 1
    for name in COVERED:
        present[name] = getattr(entry, name)
    stored = rows.seal_row(VOTERS, present)
    fields = driver_row_values(entry)
    folded = search_words(entry.last_name, entry.first_name)
    return (present["id"], *fields[:NUMEN], *fields[NUMEN + 1 :], folded, *(stored[name] for name in AUTHENTICATED))
