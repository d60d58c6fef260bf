"""Maintains the index of the words in voters' names."""

import json
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    delete,
    func,
    insert,
    literal,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY

from core.adapters.sql.tables import names, voters

Words = Select[str, int]


def _split_on_sqlite(people: FromClause) -> Words:
    listed = literal('["').concat(func.replace(func.trim(people.c.folded), " ", '","')).concat('"]')
    words = func.json_each(listed).table_valued("value")
    taken_apart = select(words.c.value.label("word"), people.c.id).select_from(people).join(words, true())
    return taken_apart.where(people.c.folded != "")


def _split_on_postgresql(people: FromClause) -> Words:
    words = func.unnest(func.string_to_array(func.trim(people.c.folded), " ")).table_valued("word").render_derived()
    return select(words.c.word, people.c.id).select_from(people).join(words, true())


WORDS: Mapping[str, Callable[[FromClause], Words]] = {"sqlite": _split_on_sqlite, "postgresql": _split_on_postgresql}


def indexed_words(connection: Connection, voter_condition: ColumnElement[bool]) -> Words:
    return WORDS[connection.dialect.name](voters).where(voter_condition)


def voter_ids_condition(connection: Connection, voter_ids: Sequence[int]) -> ColumnElement[bool]:
    """Return an SQL condition that is true for the voters in `voter_ids`."""
    if connection.dialect.name == "sqlite":
        listed = func.json_each(json.dumps(list(voter_ids))).table_valued("value")
        return voters.c.id.in_(select(listed.c.value))
    return voters.c.id == func.any(literal(list(voter_ids), ARRAY(BigInteger)))


def index_words(connection: Connection, words: Words) -> None:
    """Insert words into the index in sorted order, for speed."""
    connection.execute(insert(names).from_select(["word", "voter"], words.order_by("word", "id")))


def unindex_words(connection: Connection, words: Words) -> None:
    connection.execute(delete(names).where(tuple_(names.c.word, names.c.voter).in_(words)))
