"""The port Roll: the electoral roll as a whole."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, bindparam, func, select, text, type_coerce, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.types import NullType

from core.adapters.sql import bulk, correcting, naming
from core.adapters.sql.tables import PRESENT, voters
from core.names import folded
from core.ports import Duplicate, Entry

# As the driver gives them: SQLAlchemy would make each digest anew.
ENTRY = tuple(type_coerce(voters.c[name], NullType()) for name in Entry.__struct_fields__)
FETCHED_AT_ONCE = 5_000
ADDED = (*Entry.__struct_fields__, "folded", "epoch")
LAST = select(func.coalesce(func.max(voters.c.id), 0))
REMOVE = (
    update(voters).where(voters.c.id == bindparam("voter")).values(removed=bindparam("at"), epoch=voters.c.epoch + 1)
)
RESTORE = update(voters).where(voters.c.id == bindparam("voter")).values(removed=None, email=bindparam("address"))


class SqlRoll:
    """The electoral roll, written in bulk."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def entries(self) -> Iterator[tuple[int, Entry]]:
        return self._lines(select(voters.c.id, *ENTRY).where(PRESENT).order_by(voters.c.id))

    def leavers(self) -> Iterator[tuple[int, Entry]]:
        return self._lines(
            select(voters.c.id, *ENTRY)
            .where(voters.c.removed.is_not(None))
            .order_by(voters.c.removed.desc(), voters.c.id.desc())
        )

    def add(self, entries: Iterable[Entry]) -> None:
        bulk.make_room(self._connection)
        last = self._connection.execute(LAST).scalar_one()
        with self._told_as_duplicate():
            bulk.write(self._connection, voters, ADDED, map(_added, entries))
        naming.keep(self._connection, naming.words_of(self._connection, voters.c.id > last))
        if self._connection.dialect.name == "postgresql":
            # Its planner would take a roll that has just come for an empty one.
            self._connection.execute(text("ANALYZE voters, names"))

    def correct(self, corrections: Iterable[tuple[int, Entry]]) -> None:
        bulk.make_room(self._connection)
        with self._told_as_duplicate():
            correcting.CORRECT[self._connection.dialect.name](self._connection, corrections)

    def remove(self, voters_to_remove: Sequence[int], at: datetime) -> None:
        if voters_to_remove:
            whose = naming.among(self._connection, voters_to_remove)
            naming.drop(self._connection, naming.words_of(self._connection, whose))
            self._connection.execute(REMOVE, [{"voter": voter, "at": at} for voter in voters_to_remove])

    def restore(self, voters: Mapping[int, str]) -> None:
        if voters:
            returning = [{"voter": voter, "address": address} for voter, address in voters.items()]
            with self._told_as_duplicate():
                self._connection.execute(RESTORE, returning)
            whose = naming.among(self._connection, list(voters))
            naming.keep(self._connection, naming.words_of(self._connection, whose))

    def _lines(self, chosen: Select[Any]) -> Iterator[tuple[int, Entry]]:
        # For this statement only: on PostgreSQL a connection set so could write nothing afterwards.
        rows = self._connection.execute(chosen, execution_options={"yield_per": FETCHED_AT_ONCE})
        for row in rows:
            yield row[0], msgspec.convert(row[1:], Entry)

    @contextmanager
    def _told_as_duplicate(self) -> Iterator[None]:
        try:
            yield
        except (IntegrityError, self._connection.dialect.loaded_dbapi.IntegrityError):
            raise Duplicate from None  # the driver's own words hold the address


def _added(entry: Entry) -> tuple[object, ...]:
    return (*correcting.values(entry), folded(entry.last_name, entry.first_name), 0)
