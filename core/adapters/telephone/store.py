"""The demo's telephones: every SMS to and from them, in one SQLite file. One process works on it and any number read.

What each message asked for is kept with it, so a gateway that is killed goes on where it stood.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from core.adapters.clock import SystemClock
from core.ports import Clock, Delivery

BUSY_SECONDS = 5.0
LISTED = 50
SCHEMA = """
CREATE TABLE IF NOT EXISTS sms (
  id INTEGER PRIMARY KEY, number TEXT NOT NULL, text TEXT NOT NULL, at TEXT NOT NULL,
  status TEXT NOT NULL, report_to TEXT, told INTEGER NOT NULL, done INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS sms_of_number ON sms (number, id);
CREATE INDEX IF NOT EXISTS sms_undone ON sms (id) WHERE done = 0;
"""
COLUMNS = "id, number, text, at, status, report_to, told"


class Status(StrEnum):
    """Where an SMS of the demo stands."""

    ACCEPTED = "accepted"
    """The gateway has it; nothing is known of the telephone."""
    BUFFERED = "buffered"
    """The telephone is off; the operator waits."""
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    REJECTED = "rejected"
    """The operator did not take it."""
    REPLY = "reply"
    """Written on the telephone, by the person at the demo."""


STATUS_OF = {
    Delivery.ACCEPTED: Status.ACCEPTED,
    Delivery.BUFFERED: Status.BUFFERED,
    Delivery.DELIVERED: Status.DELIVERED,
    Delivery.UNDELIVERED: Status.UNDELIVERED,
    Delivery.REJECTED: Status.REJECTED,
}
SWITCHED_OFF, BARRED = "0013", "0016"
"""How the numbers end whose SMS fail in the demo: a telephone that stays off, a number that the operator refuses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """An SMS. `report_to` is where its reports go, with %d for what happened; `told` counts those that went."""

    id: int
    number: str
    text: str
    at: datetime
    status: Status
    report_to: str | None
    told: int

    @property
    def fate(self) -> tuple[Delivery, ...]:
        """What the operator reports of it, in order."""
        if self.number.endswith(SWITCHED_OFF):
            return Delivery.ACCEPTED, Delivery.BUFFERED, Delivery.UNDELIVERED
        if self.number.endswith(BARRED):
            return (Delivery.REJECTED,)
        return Delivery.ACCEPTED, Delivery.DELIVERED


class Telephones:
    """SMS in a file. Whoever writes is serialised by SQLite. `clock` is the demo's, which may live elsewhere than now."""

    def __init__(self, path: Path, clock: Clock | None = None) -> None:
        self._path = path
        self._clock = clock or SystemClock()
        with self._open() as file:
            file.execute("PRAGMA journal_mode = WAL")
            file.executescript(SCHEMA)

    def take(self, number: str, text: str, report_to: str | None) -> int:
        """An SMS on its way to a telephone; returns its id."""
        return self._add(number, text, Status.ACCEPTED, report_to)

    def reply(self, number: str, text: str) -> None:
        """An SMS that the telephone's owner sends back."""
        self._add(number, text, Status.REPLY, None)

    def texts(self, number: str | None = None, limit: int = LISTED) -> list[Text]:
        """The newest first, of one telephone or of all."""
        where = "" if number is None else "WHERE number = :number "
        query = f"SELECT {COLUMNS} FROM sms {where}ORDER BY id DESC LIMIT :limit"  # noqa: S608  # constants
        with self._open() as file:
            return [_read(row) for row in file.execute(query, {"number": number, "limit": limit})]

    def numbers(self, limit: int) -> list[str]:
        """The telephones that have an SMS, the one with the newest first."""
        query = "SELECT number FROM sms GROUP BY number ORDER BY max(id) DESC LIMIT ?"
        with self._open() as file:
            return [str(row[0]) for row in file.execute(query, (limit,))]

    def undone(self, limit: int) -> list[Text]:
        """Those of which something is still to be told, the oldest first."""
        query = f"SELECT {COLUMNS} FROM sms WHERE done = 0 ORDER BY id LIMIT ?"  # noqa: S608  # constants
        with self._open() as file:
            return [_read(row) for row in file.execute(query, (limit,))]

    def keep(self, outcomes: Sequence[tuple[Text, Status, int, bool]]) -> None:
        """Writes of each where it stands now, how many reports were told, and whether that was all."""
        rows = [(status, told, done, text.id) for text, status, told, done in outcomes]
        with self._open() as file:
            file.execute("BEGIN IMMEDIATE")
            file.executemany("UPDATE sms SET status = ?, told = ?, done = ? WHERE id = ?", rows)
            file.execute("COMMIT")

    def _add(self, number: str, text: str, status: Status, report_to: str | None) -> int:
        values = (number, text, self._clock.now().isoformat(), status, report_to)
        with self._open() as file:
            added = file.execute(
                "INSERT INTO sms (number, text, at, status, report_to, told, done) VALUES (?, ?, ?, ?, ?, 0, 0)", values
            )
        return int(added.lastrowid or 0)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)) as file:
            file.execute("PRAGMA synchronous = OFF")  # fictional: a power cut may lose the last ones
            yield file


def _read(row: tuple[int, str, str, str, str, str | None, int]) -> Text:
    number, told = row[0], row[6]
    return Text(
        id=number,
        number=row[1],
        text=row[2],
        at=datetime.fromisoformat(row[3]),
        status=Status(row[4]),
        report_to=row[5],
        told=told,
    )
