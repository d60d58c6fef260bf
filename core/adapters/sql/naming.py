"""The words by which voters are found, kept beside them: taken apart by the database itself, many voters at once."""

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
"""A word and whose it is, in each row."""


def _on_sqlite(people: FromClause) -> Words:
    listed = literal('["').concat(func.replace(func.trim(people.c.folded), " ", '","')).concat('"]')
    words = func.json_each(listed).table_valued("value")
    taken_apart = select(words.c.value.label("word"), people.c.id).select_from(people).join(words, true())
    return taken_apart.where(people.c.folded != "")


def _on_postgresql(people: FromClause) -> Words:
    words = func.unnest(func.string_to_array(func.trim(people.c.folded), " ")).table_valued("word").render_derived()
    return select(words.c.word, people.c.id).select_from(people).join(words, true())


WORDS: Mapping[str, Callable[[FromClause], Words]] = {"sqlite": _on_sqlite, "postgresql": _on_postgresql}
"""Those of a table's `folded`."""


def words_of(connection: Connection, whose: ColumnElement[bool]) -> Words:
    """Those of some voters."""
    return WORDS[connection.dialect.name](voters).where(whose)


def among(connection: Connection, whose: Sequence[int]) -> ColumnElement[bool]:
    """The voters of those numbers: as one value, since a mark for each would take longer than the statement."""
    if connection.dialect.name == "sqlite":
        listed = func.json_each(json.dumps(list(whose))).table_valued("value")
        return voters.c.id.in_(select(listed.c.value))
    return voters.c.id == func.any(literal(list(whose), ARRAY(BigInteger)))


def keep(connection: Connection, words: Words) -> None:
    """In the order of the index: a million persons' words in any other would write each page of it many times."""
    connection.execute(insert(names).from_select(["word", "voter"], words.order_by("word", "id")))


def drop(connection: Connection, words: Words) -> None:
    """Nobody is found by them any more."""
    connection.execute(delete(names).where(tuple_(names.c.word, names.c.voter).in_(words)))
