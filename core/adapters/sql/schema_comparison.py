"""Finds differences between the tables of a database and `tables.py`."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Column, Connection, Dialect, Table, UniqueConstraint, inspect
from sqlalchemy.types import TypeEngine

from core.adapters.sql.tables import metadata

SUBJECT_END = ": "
NOT_OURS = "alembic_version"


def declared_schema(dialect: Dialect) -> frozenset[str]:
    return frozenset(line for table in metadata.sorted_tables for line in _declared_lines(table, dialect))


def read_schema(connection: Connection) -> frozenset[str]:
    database, dialect = inspect(connection), connection.dialect
    lines = set[str]()
    for (_, table), columns in database.get_multi_columns().items():
        lines.update(_column(table, each["name"], each["type"], dialect, nullable=each["nullable"]) for each in columns)
    for (_, table), key in database.get_multi_pk_constraint().items():
        lines.add(_key("primary key", table, key["constrained_columns"]))
    for (_, table), keys in database.get_multi_unique_constraints().items():
        lines.update(_key("unique", table, key["column_names"]) for key in keys)
    for (_, table), references in database.get_multi_foreign_keys().items():
        lines.update(_reference(table, each["constrained_columns"], each["referred_table"]) for each in references)
    for (_, table), indexes in database.get_multi_indexes().items():
        for each in indexes:
            if "duplicates_constraint" not in each:
                partial = f"{dialect.name}_where" in each.get("dialect_options", {})
                indexed = [str(name) for name in each["column_names"]]
                lines.add(_index(table, str(each["name"]), indexed, unique=bool(each["unique"]), partial=partial))
    return frozenset(line for line in lines if f" {NOT_OURS}." not in line)


def differing_schema_objects(expected: frozenset[str], found: frozenset[str]) -> list[str]:
    return sorted({line.partition(SUBJECT_END)[0] for line in expected - found})


def schema_digest(lines: frozenset[str]) -> str:
    """Return a digest of a schema, short enough for people to compare."""
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:12]


def _declared_lines(table: Table, dialect: Dialect) -> Iterator[str]:
    for column in table.columns:
        yield _column(table.name, column.name, column.type, dialect, nullable=bool(column.nullable))
        for key in column.foreign_keys:
            yield _reference(table.name, [column.name], key.column.table.name)
    yield _key("primary key", table.name, _names(table.primary_key.columns))
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield _key("unique", table.name, _names(constraint.columns))
    for index in table.indexes:
        partial = index.dialect_options[dialect.name]["where"] is not None
        yield _index(table.name, str(index.name), _names(index.columns), unique=bool(index.unique), partial=partial)


def _names(columns: Iterable[Column[object]]) -> list[str]:
    return [column.name for column in columns]


def _column(table: str, name: str, kind: TypeEngine[object], dialect: Dialect, *, nullable: bool) -> str:
    return f"column {table}.{name}{SUBJECT_END}{kind.compile(dialect)}{'' if nullable else ' NOT NULL'}"


def _key(kind: str, table: str, columns: Sequence[str]) -> str:
    return f"{kind} {table}.{'+'.join(columns)}{SUBJECT_END}"


def _reference(table: str, columns: Sequence[str], other: str) -> str:
    return f"reference {table}.{'+'.join(columns)}{SUBJECT_END}{other}"


def _index(table: str, name: str, columns: Sequence[str], *, unique: bool, partial: bool) -> str:
    definition = f"{'UNIQUE ' if unique else ''}({', '.join(columns)}){' WHERE …' if partial else ''}"
    return f"index {table}.{name}{SUBJECT_END}{definition}"
