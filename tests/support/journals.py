"""Writes a journal with seals and checkpoints as a courier does. Tests then tamper with it."""

import sqlite3
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import Connection, Engine, Table, delete, func, insert, select

from core.adapters.event_signing import journal_keys
from core.adapters.sql import tables
from core.adapters.sql.engine import writing_connection
from core.delivery.journal_sealer import JournalSealer
from core.flows.dependencies import Dependencies
from core.journal import checkpoints
from core.journal.hash_chain import CANONICAL_JSON
from core.journal.verification import JournalVerifier
from core.journal.verification_findings import JournalFinding
from core.journal.verifier import EVENT_PREFIX, CheckpointStatement, find_checkpoints
from core.ports import Actor, Checkpoint, Event, EventType, JournalLineSeal
from core.security.key_roles import ProgramKeyRole, event_signing_purpose
from tests.support.election import NOON, dependencies
from tests.support.stores import KeptStore, until_exit

EVERY = 5
"""Number of events between two checkpoints."""
Row = TypeVar("Row", bound=msgspec.Struct)


class StoredEvent(Event, frozen=True, kw_only=True):
    """An event with its signature."""

    program: str | None = None
    uid: str | None = None
    signature: str | None = None


class StoredRows(MutableMapping[int, Row], Generic[Row]):
    """The rows of a table by their numbers. An attacker who controls the machine can change them."""

    def __init__(self, engine: Engine, table: Table, kind: type[Row], number: str) -> None:
        self._engine, self._table, self._kind, self._number = engine, table, kind, table.c[number]

    def __getitem__(self, number: int) -> Row:
        with self._engine.connect() as connection:
            row = connection.execute(select(self._table).where(self._number == number)).mappings().one_or_none()
        if row is None:
            raise KeyError(number)
        return msgspec.convert({name: row[name] for name in self._kind.__struct_fields__}, self._kind)

    def __setitem__(self, number: int, row: Row) -> None:
        self.update({number: row})

    def __delitem__(self, number: int) -> None:
        with writing_connection(self._engine) as connection:
            if not connection.execute(delete(self._table).where(self._number == number)).rowcount:
                raise KeyError(number)

    def __iter__(self) -> Iterator[int]:
        with self._engine.connect() as connection:
            return iter(connection.execute(select(self._number).order_by(self._number)).scalars().all())

    def __len__(self) -> int:
        with self._engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(self._table)).scalar_one()

    def update(self, rows: Any) -> None:  # type: ignore[override]  # noqa: ANN401  # numbers and rows
        """Write several rows in one transaction, so that two rows can exchange a unique value."""
        with writing_connection(self._engine) as connection:
            connection.execute(delete(self._table).where(self._number.in_(rows)))
            self._insert(connection, rows)

    def become(self, rows: dict[int, Row]) -> None:
        """Replace all rows of the table."""
        with writing_connection(self._engine) as connection:
            connection.execute(delete(self._table))
            self._insert(connection, rows)

    def _insert(self, connection: Connection, rows: dict[int, Row]) -> None:
        values = [{**msgspec.structs.asdict(row), self._number.name: number} for number, row in rows.items()]
        connection.execute(insert(self._table), values)


@cache
def _database() -> KeptStore:
    """Return the database that all journals share. Each new journal overwrites the one before."""
    return until_exit()


@cache
def _copy(lines: int) -> "tuple[sqlite3.Connection, list[tuple[CheckpointStatement, bytes]]]":
    """Write a journal with the given number of events. Returns a copy of it and the board's checkpoints."""
    if not lines:
        return _database().copied(), []
    written = lived(0)
    written.is_live(lines)
    return written.kept.copied(), written.board


def lived(lines: int) -> "KeptJournal":
    """Return a journal with the given number of events. It replaces the previous journal."""
    _database()
    empty_or_written, board = _copy(lines)
    _database().put_back(empty_or_written)
    return KeptJournal(board=[*board])


@dataclass
class KeptJournal:
    """A journal, and the checkpoints that the electoral board has received."""

    kept: KeptStore = field(default_factory=_database)
    dependencies: Dependencies = field(default_factory=lambda: dependencies(_database().store))
    board: list[tuple[CheckpointStatement, bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Open the tables that an attacker can change."""
        self.events = StoredRows(self.kept.engine, tables.events, StoredEvent, "id")
        self.seals = StoredRows(self.kept.engine, tables.seals, JournalLineSeal, "position")
        self.checkpoints = StoredRows(self.kept.engine, tables.checkpoints, Checkpoint, "number")

    @property
    def sealer(self) -> JournalSealer:
        return JournalSealer(dependencies=self.dependencies, board=None)

    def is_live(self, lines: int) -> None:
        """Record the given number of different events, with seals and checkpoints between them."""
        written = len(self.events)
        for number in range(written, written + lines):
            at = NOON + timedelta(seconds=number)
            event = Event(
                at=at, actor=Actor.VOTER, act=EventType.ASKED, case=f"7F3K-{number:04}", voter=number, reason="é"
            )
            with self.dependencies.store.write() as transaction:
                transaction.journal.write(event)
            if number % EVERY == EVERY - 1:
                self.attest()

    def attest(self) -> None:
        """Seal all events, and give the board a checkpoint."""
        while self.sealer.seal():
            pass
        self.sealer.publish_checkpoint(at_once=True)
        last = self.checkpoints[max(self.checkpoints)]
        self.board += find_checkpoints("\n".join(checkpoints.checkpoint_lines(last)))

    def alter(self, line: int, **changes: object) -> None:
        """Change an event without the keys."""
        self.events[line] = msgspec.structs.replace(self.events[line], **changes)

    def alter_with_keys(self, line: int, **changes: object) -> None:
        """Change an event and sign it anew, as somebody who has the keys can."""
        altered = msgspec.structs.asdict(self.events[line]) | changes | {"signature": None}
        signed = CANONICAL_JSON.encode({name: value for name, value in altered.items() if value is not None})
        purpose = event_signing_purpose(ProgramKeyRole(altered["program"]))
        altered["signature"] = self.dependencies.vault.sign(purpose, EVENT_PREFIX + signed).hex()
        self.events[line] = msgspec.convert(altered, StoredEvent)

    def examine(self, *, outside: bool = False) -> list[JournalFinding]:
        """Return the findings of the verifier. With `outside`, it also uses the board's checkpoints."""
        with self.dependencies.store.read() as transaction:
            keys = journal_keys(self.dependencies.vault)
            given = self.board if outside else ()
            return list(JournalVerifier(transaction.chain, keys, given).findings())
