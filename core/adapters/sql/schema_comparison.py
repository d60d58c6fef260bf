"""Reads what a database's tables really are, one line a column, index or key, to compare it with this version's.

The lines of this version stand in `schema/`, one file an engine; a test holds them to what the migrations make, and writes them
with `--redraw`. Alembic's version is not enough: a migration was once edited in place.
"""

import hashlib
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Final

from sqlalchemy import Connection, text

FOLDER = "schema"
SUBJECT_END: Final = ": "
NOT_OURS: Final = ("alembic_version",)
SQLITE_COLUMNS = """
SELECT m.name, c.name, c.type, c."notnull", c.dflt_value, c.pk
FROM sqlite_schema m JOIN pragma_table_xinfo(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'
"""
SQLITE_INDEXES = """
SELECT m.name, i.name, i."unique", i.origin, s.sql, x.name
FROM sqlite_schema m JOIN pragma_index_list(m.name) i JOIN pragma_index_info(i.name) x
LEFT JOIN sqlite_schema s ON s.type = 'index' AND s.name = i.name
WHERE m.type = 'table' ORDER BY m.name, i.name, x.seqno
"""
SQLITE_KEYS = """
SELECT m.name, f."from", f."table", f."to" FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'
"""
POSTGRESQL_COLUMNS = """
SELECT t.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid),
       CASE WHEN a.attcollation <> y.typcollation THEN c.collname END
FROM pg_attribute a JOIN pg_class t ON t.oid = a.attrelid JOIN pg_type y ON y.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum LEFT JOIN pg_collation c ON c.oid = a.attcollation
WHERE t.relkind IN ('r', 'p') AND t.relnamespace = current_schema()::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
"""
POSTGRESQL_INDEXES = """
SELECT t.relname, i.relname, pg_get_indexdef(x.indexrelid), x.indisvalid
FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
WHERE t.relnamespace = current_schema()::regnamespace
"""
POSTGRESQL_KEYS = """
SELECT t.relname, k.conname, pg_get_constraintdef(k.oid) FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid
WHERE k.contype IN ('f', 'c') AND t.relnamespace = current_schema()::regnamespace
"""


@cache
def expected_schema_lines(engine: str) -> frozenset[str]:
    """Return the lines of this version for "sqlite" or "postgresql"."""
    written = (files("core.adapters.sql") / FOLDER / f"{engine}.txt").read_text("utf-8")
    return frozenset(written.split("\n")) - {""}


def read_schema_lines(connection: Connection) -> frozenset[str]:
    """Return the lines of a database."""
    lines = _sqlite_lines(connection) if connection.dialect.name == "sqlite" else _postgresql_lines(connection)
    return frozenset(line for line in lines if line.split(" ")[1].partition(".")[0] not in NOT_OURS)


def differing_schema_objects(expected: frozenset[str], found: frozenset[str]) -> list[str]:
    """Name each column, index or key that is not there, or is another."""
    return sorted({line.partition(SUBJECT_END)[0] for line in expected - found})


def schema_lines_digest(facts: frozenset[str]) -> str:
    """Return a short digest of all lines, for people to compare."""
    return hashlib.sha256("\n".join(sorted(facts)).encode()).hexdigest()[:12]


def _sqlite_lines(connection: Connection) -> Iterator[str]:
    for table, column, kind, required, default, key in connection.execute(text(SQLITE_COLUMNS)):
        yield _column(table, column, kind, required=bool(required), default=default, more=f" KEY {key}" if key else "")
    rows = connection.execute(text(SQLITE_INDEXES))
    for (table, index, unique, origin, sql), parts in groupby(rows, key=lambda row: row[:5]):
        columns = [row[5] for row in parts]
        name = f"index {table}.{index}" if origin == "c" else f"key {table}.{'+'.join(columns)}"
        where = re.search(r"\bWHERE\b.*", " ".join((sql or "").split()), re.IGNORECASE)
        yield f"{name}{SUBJECT_END}{'UNIQUE ' if unique else ''}({','.join(columns)}){' ' + where.group() if where else ''}"
    for table, column, other, key in connection.execute(text(SQLITE_KEYS)):
        yield f"reference {table}.{column}{SUBJECT_END}{other} ({key})"


def _postgresql_lines(connection: Connection) -> Iterator[str]:
    (schema,) = connection.execute(text("SELECT quote_ident(current_schema())")).scalars()
    for table, column, kind, required, default, collation in connection.execute(text(POSTGRESQL_COLUMNS)):
        unnamed = default and default.replace(f"'{schema}.", "'")
        more = f" COLLATE {collation}" if collation else ""
        yield _column(table, column, kind, required=required, default=unnamed, more=more)
    for table, index, definition, valid in connection.execute(text(POSTGRESQL_INDEXES)):
        shown = definition.replace(f" ON {schema}.", " ON ") + ("" if valid else " INVALID")
        yield f"index {table}.{index}{SUBJECT_END}{shown}"
    for table, name, definition in connection.execute(text(POSTGRESQL_KEYS)):
        yield f"reference {table}.{name}{SUBJECT_END}{definition.replace(f' REFERENCES {schema}.', ' REFERENCES ')}"


def _column(table: str, column: str, kind: str, *, required: bool, default: str | None, more: str) -> str:
    needed = " NOT NULL" if required else ""
    given = "" if default is None else f" DEFAULT {default}"
    return f"column {table}.{column}{SUBJECT_END}{kind}{needed}{given}{more}"
