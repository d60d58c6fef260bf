"""The port Roll: the electoral roll as a whole."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    case,
    delete,
    func,
    literal,
    select,
    text,
    true,
    tuple_,
    update,
)
from sqlalchemy.exc import IntegrityError

from core.adapters.sql import bulk
from core.adapters.sql.moves import PerEngine
from core.adapters.sql.tables import PRESENT, names, voters
from core.names import folded
from core.ports import Duplicate, Entry
from core.text import Language

ENTRY = tuple(voters.c[name] for name in Entry.__struct_fields__)
FETCHED_AT_ONCE = 5_000
ADDED = (*Entry.__struct_fields__, "folded", "epoch")
LANGUAGE = Entry.__struct_fields__.index("language")
LAST = select(func.coalesce(func.max(voters.c.id), 0))
ADD_NAMES = PerEngine(lambda insert: insert(names))
NEW_ADDRESS = voters.c.email != bindparam("email")
CORRECT = (
    update(voters)
    .where(voters.c.id == bindparam("voter"))
    .values({"epoch": case((NEW_ADDRESS, voters.c.epoch + 1), else_=voters.c.epoch)})
    .values({name: bindparam(name) for name in (*Entry.__struct_fields__, "folded")})
)


def _on_sqlite() -> Select[str, int]:
    listed = literal('["').concat(func.replace(func.trim(voters.c.folded), " ", '","')).concat('"]')
    words = func.json_each(listed).table_valued("value")
    taken_apart = select(words.c.value.label("word"), voters.c.id).select_from(voters).join(words, true())
    return taken_apart.where(voters.c.folded != "")


def _on_postgresql() -> Select[str, int]:
    words = func.unnest(func.string_to_array(func.trim(voters.c.folded), " ")).table_valued("word").render_derived()
    return select(words.c.word, voters.c.id).select_from(voters).join(words, true())


WORDS = {"sqlite": _on_sqlite(), "postgresql": _on_postgresql()}
"""The words of `voters.folded`, one a row."""


class SqlRoll:
    """The electoral roll, written in batches."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def entries(self) -> Iterator[tuple[int, Entry]]:
        present = select(voters.c.id, *ENTRY).where(PRESENT).order_by(voters.c.id)
        # For this statement only: on PostgreSQL a connection set so could write nothing afterwards.
        rows = self._connection.execute(present, execution_options={"yield_per": FETCHED_AT_ONCE})
        for voter, *values in rows:
            named = dict(zip(Entry.__struct_fields__, values, strict=True))
            yield voter, Entry(**{**named, "language": Language(named["language"])})

    def add(self, entries: Iterable[Entry]) -> None:
        last = self._connection.execute(LAST).scalar_one()
        with self._told_as_duplicate():
            bulk.write(self._connection, voters, ADDED, map(_added, entries))
        self._keep_names(voters.c.id > last)
        if self._connection.dialect.name == "postgresql":
            # Its planner would take a roll that has just come for an empty one.
            self._connection.execute(text("ANALYZE voters, names"))

    def correct(self, corrections: Sequence[tuple[int, Entry]]) -> None:
        if not corrections:
            return
        whose = voters.c.id.in_([voter for voter, _ in corrections])
        self._drop_names(whose)
        with self._told_as_duplicate():
            bulk.change(
                self._connection, CORRECT, [{"voter": voter, **_columns(entry)} for voter, entry in corrections]
            )
        self._keep_names(whose)

    def remove(self, voters_to_remove: Sequence[int], at: datetime) -> None:
        if voters_to_remove:
            statement = (
                update(voters)
                .where(voters.c.id == bindparam("voter"))
                .values(removed=bindparam("at"), epoch=voters.c.epoch + 1)
            )
            self._drop_names(voters.c.id.in_(voters_to_remove))
            self._connection.execute(statement, [{"voter": voter, "at": at} for voter in voters_to_remove])

    def _keep_names(self, whose: ColumnElement[bool]) -> None:
        """In the order of the index: a million persons' words in any other would write each page of it many times."""
        words = self._words(whose)
        added = ADD_NAMES[self._connection.dialect.name].from_select(["word", "voter"], words.order_by("word", "id"))
        self._connection.execute(added.on_conflict_do_nothing())

    def _drop_names(self, whose: ColumnElement[bool]) -> None:
        self._connection.execute(delete(names).where(tuple_(names.c.word, names.c.voter).in_(self._words(whose))))

    def _words(self, whose: ColumnElement[bool]) -> Select[str, int]:
        """Each word of theirs, taken apart by the database itself."""
        return WORDS[self._connection.dialect.name].where(whose)

    @contextmanager
    def _told_as_duplicate(self) -> Iterator[None]:
        try:
            yield
        except (IntegrityError, self._connection.dialect.loaded_dbapi.IntegrityError):
            raise Duplicate from None  # the driver's own words hold the address


def _added(entry: Entry) -> tuple[object, ...]:
    values = msgspec.structs.astuple(entry)
    return (*values[:LANGUAGE], entry.language.value, *values[LANGUAGE + 1 :], _folded(entry), 0)


def _columns(entry: Entry) -> dict[str, object]:
    return {**msgspec.structs.asdict(entry), "language": entry.language.value, "folded": _folded(entry)}


def _folded(entry: Entry) -> str:
    return folded(entry.last_name, entry.first_name)
