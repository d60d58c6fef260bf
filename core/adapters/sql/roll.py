from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import count
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, func, select, text, type_coerce
from sqlalchemy.exc import IntegrityError
from sqlalchemy.types import NullType

from core.adapters.sql import bulk_roll_corrections, bulk_voter_update, bulk_write, name_index
from core.adapters.sql.protected_tables import MAC, VOTERS
from core.adapters.sql.row_authentication import DIGEST_SYMBOLS, RowAuthenticator
from core.adapters.sql.tables import PRESENT, voters
from core.forms.name_words import search_words
from core.ports import DuplicateVoterError, RollEntry

# NullType returns the driver's values unconverted, because SQLAlchemy would copy each digest.
ENTRY_COLUMNS = tuple(type_coerce(voters.c[name], NullType()) for name in RollEntry.__struct_fields__)
FETCHED_AT_ONCE = 5_000
INSERTED_COLUMNS = (*RollEntry.__struct_fields__, "folded", "epoch", "id", MAC)
FIRST_EPOCH = 0
INITIAL_VALUES = {"epoch": FIRST_EPOCH, **dict.fromkeys(("password", "password_set", "frozen", "reopened", "removed"))}
"""Initial values of the voter columns that a roll file does not contain."""
LAST_VOTER_ID = select(func.coalesce(func.max(voters.c.id), 0))
IMPORT_LOCK = 1
"""Number of the PostgreSQL advisory lock for roll imports."""
SEQUENCE = func.pg_get_serial_sequence("voters", "id")


FROM_ROLL = (
    *("id", "email", "last_name", "first_name", "birth_date_digest"),
    *("numen_digest", "pseudonym", "removed"),
)
"""Voter columns that only a roll import changes."""
ERASABLE = ("phone_digest", "first_verifier")
"""Imported voter columns that a purge of personal data erases."""
DIGESTED_VOTERS = select(*(voters.c[name] for name in (*FROM_ROLL, *ERASABLE))).order_by(voters.c.id)
_encode = msgspec.msgpack.Encoder().encode


class RollDigest:
    """Computes the digest of the roll. Voters must be added in the order of their ids."""

    def __init__(self) -> None:
        self._lasting, self._erasable = sha256(), sha256()

    def add(self, values: Sequence[Any]) -> None:
        self._lasting.update(_encode(tuple(values[: len(FROM_ROLL)])))
        self._erasable.update(_encode(tuple(values[len(FROM_ROLL) :])))

    def keyed_digest_of_all_voters(self, rows: RowAuthenticator) -> str:
        return rows.roll_digest(self._lasting.digest()) + rows.roll_digest(b"erasable " + self._erasable.digest())

    def agrees_with(self, recorded: str, rows: RowAuthenticator, *, erased: bool) -> bool:
        """Return whether the roll has the recorded digest. Purged columns are ignored if `erased` is True."""
        compared = DIGEST_SYMBOLS if erased else None
        return self.keyed_digest_of_all_voters(rows)[:compared] == recorded[:compared]


@dataclass(frozen=True, slots=True)
class SqlRoll:
    connection: Connection
    rows: RowAuthenticator

    def lock(self) -> None:
        if self.connection.dialect.name == "postgresql":  # SQLite has one writer anyway
            limit = self.connection.execute(text("SHOW lock_timeout")).scalar_one()
            self.connection.execute(text("SET LOCAL lock_timeout = 0"))  # an import takes minutes
            self.connection.execute(select(func.pg_advisory_xact_lock(IMPORT_LOCK)))
            self.connection.execute(text(f"SET LOCAL lock_timeout = '{limit}'"))

    def entries(self) -> Iterator[tuple[int, RollEntry]]:
        return self._select_entries(select(voters.c.id, *ENTRY_COLUMNS).where(PRESENT).order_by(voters.c.id))

    def entries_of_removed_voters(self) -> Iterator[tuple[int, RollEntry]]:
        return self._select_entries(
            select(voters.c.id, *ENTRY_COLUMNS)
            .where(voters.c.removed.is_not(None))
            .order_by(voters.c.removed.desc(), voters.c.id.desc())
        )

    def add(self, entries: Iterable[RollEntry]) -> None:
        bulk_write.raise_memory_limit(self.connection)
        last = self.connection.execute(LAST_VOTER_ID).scalar_one()
        with self._translate_duplicates():
            # Ids are assigned here, because the tag covers them.
            bulk_write.insert_rows(
                self.connection, voters, INSERTED_COLUMNS, map(self._added_row, entries, count(last + 1))
            )
        name_index.index_words(self.connection, name_index.indexed_words(self.connection, voters.c.id > last))
        if self.connection.dialect.name == "postgresql":
            self.connection.execute(select(func.setval(SEQUENCE, LAST_VOTER_ID.scalar_subquery() + 1, False)))  # noqa: FBT003  # PostgreSQL's is_called
            # Otherwise PostgreSQL's planner would treat a newly imported roll as empty.
            self.connection.execute(text("ANALYZE voters, names"))

    def correct(self, corrections: Iterable[tuple[int, RollEntry]]) -> None:
        bulk_write.raise_memory_limit(self.connection)
        with self._translate_duplicates():
            bulk_roll_corrections.correct_lines(self.connection, self.rows, corrections)

    def remove(self, voters_to_remove: Sequence[int], at: datetime) -> None:
        if voters_to_remove:
            chosen = name_index.voter_ids_condition(self.connection, voters_to_remove)
            name_index.unindex_words(self.connection, name_index.indexed_words(self.connection, chosen))
            changes = {voter: {"removed": at} for voter in voters_to_remove}
            bulk_voter_update.change_voters(self.connection, self.rows, changes, new_epoch=True)

    def restore_removed_voters(self, voters: Mapping[int, str]) -> None:
        if voters:
            changes = {voter: {"removed": None, "email": address} for voter, address in voters.items()}
            with self._translate_duplicates():
                bulk_voter_update.change_voters(self.connection, self.rows, changes)
            chosen = name_index.voter_ids_condition(self.connection, list(voters))
            name_index.index_words(self.connection, name_index.indexed_words(self.connection, chosen))

    def digest(self) -> str:
        digest = RollDigest()
        for row in self.connection.execute(DIGESTED_VOTERS, execution_options={"yield_per": FETCHED_AT_ONCE}):
            digest.add(row)
        return digest.keyed_digest_of_all_voters(self.rows)

    def _select_entries(self, chosen: Select[Any]) -> Iterator[tuple[int, RollEntry]]:
        # Set for this statement only. On PostgreSQL, a connection with this option could not write afterwards.
        rows = self.connection.execute(chosen, execution_options={"yield_per": FETCHED_AT_ONCE})
        for row in rows:
            yield row[0], msgspec.convert(row[1:], RollEntry)

    @contextmanager
    def _translate_duplicates(self) -> Iterator[None]:
        try:
            yield
        except (IntegrityError, self.connection.dialect.loaded_dbapi.IntegrityError):
            raise DuplicateVoterError from None  # the driver's message contains the address

    def _added_row(self, entry: RollEntry, voter: int) -> tuple[object, ...]:
        covered = [INITIAL_VALUES[name] if name in INITIAL_VALUES else getattr(entry, name) for name in VOTERS.deciding]
        folded = search_words(entry.last_name, entry.first_name)
        mac = self.rows.compute_tag(VOTERS, (voter, *covered))
        return (*bulk_roll_corrections.driver_row_values(entry), folded, FIRST_EPOCH, voter, mac)
