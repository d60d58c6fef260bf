"""The port Roll: the electoral roll as a whole."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import msgspec
from sqlalchemy import Connection, bindparam, case, insert, select, update
from sqlalchemy.exc import IntegrityError

from core.adapters.sql.tables import PRESENT, voters
from core.ports import Duplicate, Entry
from core.text import Language

ENTRY = tuple(voters.c[name] for name in Entry.__struct_fields__)
FETCHED_AT_ONCE = 5_000


class SqlRoll:
    """The electoral roll, written in batches."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def entries(self) -> Iterator[tuple[int, Entry]]:
        rows = self._connection.execution_options(yield_per=FETCHED_AT_ONCE).execute(
            select(voters.c.id, *ENTRY).where(PRESENT).order_by(voters.c.id)
        )
        for voter, *values in rows:
            named = dict(zip(Entry.__struct_fields__, values, strict=True))
            yield voter, Entry(**{**named, "language": Language(named["language"])})

    def add(self, entries: Sequence[Entry]) -> None:
        if entries:
            with _told_as_duplicate():
                self._connection.execute(
                    insert(voters), [{**msgspec.structs.asdict(entry), "epoch": 0} for entry in entries]
                )

    def correct(self, corrections: Sequence[tuple[int, Entry]]) -> None:
        if not corrections:
            return
        new_address = voters.c.email != bindparam("email")
        statement = (
            update(voters)
            .where(voters.c.id == bindparam("voter"))
            .values({"epoch": case((new_address, voters.c.epoch + 1), else_=voters.c.epoch)})
            .values({name: bindparam(name) for name in Entry.__struct_fields__})
        )
        with _told_as_duplicate():
            self._connection.execute(
                statement, [{"voter": voter, **msgspec.structs.asdict(entry)} for voter, entry in corrections]
            )

    def remove(self, voters_to_remove: Sequence[int], at: datetime) -> None:
        if voters_to_remove:
            statement = (
                update(voters)
                .where(voters.c.id == bindparam("voter"))
                .values(removed=bindparam("at"), epoch=voters.c.epoch + 1)
            )
            self._connection.execute(statement, [{"voter": voter, "at": at} for voter in voters_to_remove])


@contextmanager
def _told_as_duplicate() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise Duplicate from None  # the driver's own words hold the address
