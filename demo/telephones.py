"""Stores the text messages of the demo's telephones in a SQLite file."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from core.adapters.database_clock import DatabaseSyncedClock
from core.ports import Clock, SmsDeliveryStatus

BUSY_SECONDS = 5.0
LISTED = 50
SCHEMA = """
CREATE TABLE IF NOT EXISTS sms (
  id INTEGER PRIMARY KEY, number TEXT NOT NULL, text TEXT NOT NULL, at TEXT NOT NULL,
  status TEXT NOT NULL, channel TEXT NOT NULL, report_to TEXT, told INTEGER NOT NULL, done INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS sms_of_number ON sms (number, id);
CREATE INDEX IF NOT EXISTS sms_undone ON sms (id) WHERE done = 0;
"""
COLUMNS = "id, number, text, at, status, report_to, told, channel"
SMS, CALL = "sms", "call"


class SmsStatus(StrEnum):
    """Status of an SMS. REPLY means that a telephone sent the SMS."""

    ACCEPTED = "accepted"
    """Accepted by the gateway, not yet confirmed by the telephone."""
    BUFFERED = "buffered"
    """The operator is keeping the SMS because the telephone is switched off."""
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    REJECTED = "rejected"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    REPLY = "reply"


SWITCHED_OFF, BARRED = "0013", "0016"
"""Last digits of telephone numbers that receive no SMS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSms:
    """An SMS in the demo. In the URL `report_to`, %d stands for the status code."""

    id: int
    number: str
    text: str
    at: datetime
    status: SmsStatus
    report_to: str | None
    sent_reports: int
    channel: str = SMS

    @property
    def planned_reports(self) -> tuple[SmsDeliveryStatus, ...]:
        if self.channel == CALL:
            return (SmsDeliveryStatus.NO_ANSWER if self.number.endswith(SWITCHED_OFF) else SmsDeliveryStatus.DELIVERED,)
        if self.number.endswith(SWITCHED_OFF):
            return SmsDeliveryStatus.ACCEPTED, SmsDeliveryStatus.BUFFERED, SmsDeliveryStatus.UNDELIVERED
        if self.number.endswith(BARRED):
            return (SmsDeliveryStatus.REJECTED,)
        return SmsDeliveryStatus.ACCEPTED, SmsDeliveryStatus.DELIVERED


class DemoSmsStore:
    """A SQLite file of text messages. `clock` is the clock of the demo."""

    def __init__(self, path: Path, clock: Clock | None = None) -> None:
        self._path = path
        self._clock = clock or DatabaseSyncedClock()
        with self._open() as file:
            file.execute("PRAGMA journal_mode = WAL")
            file.executescript(SCHEMA)

    def store_sms(self, number: str, text: str, report_to: str | None, channel: str = SMS) -> int:
        return self._add(number, text, SmsStatus.ACCEPTED, report_to, channel)

    def reply(self, number: str, text: str) -> None:
        self._add(number, text, SmsStatus.REPLY, None)

    def messages(self, number: str | None = None, limit: int = LISTED) -> list[DemoSms]:
        """Return the text messages of one or all telephones, newest first."""
        where = "" if number is None else "WHERE number = :number "
        query = f"SELECT {COLUMNS} FROM sms {where}ORDER BY id DESC LIMIT :limit"  # noqa: S608  # constants
        with self._open() as file:
            return [_read(row) for row in file.execute(query, {"number": number, "limit": limit})]

    def numbers(self, limit: int) -> list[str]:
        """Return the numbers that have sent or received an SMS, most recent first."""
        query = "SELECT number FROM sms GROUP BY number ORDER BY max(id) DESC LIMIT ?"
        with self._open() as file:
            return [str(row[0]) for row in file.execute(query, (limit,))]

    def pending(self, limit: int) -> list[DemoSms]:
        """Return the SMS that must still be reported to the site, oldest first."""
        query = f"SELECT {COLUMNS} FROM sms WHERE done = 0 ORDER BY id LIMIT ?"  # noqa: S608  # constants
        with self._open() as file:
            return [_read(row) for row in file.execute(query, (limit,))]

    def update(self, outcomes: Sequence[tuple[DemoSms, SmsStatus, int, bool]]) -> None:
        rows = [(status, sent_reports, done, text.id) for text, status, sent_reports, done in outcomes]
        with self._open() as file:
            file.execute("BEGIN IMMEDIATE")
            file.executemany("UPDATE sms SET status = ?, told = ?, done = ? WHERE id = ?", rows)
            file.execute("COMMIT")

    def _add(self, number: str, text: str, status: SmsStatus, report_to: str | None, channel: str = SMS) -> int:
        values = (number, text, self._clock.now().isoformat(), status, report_to, channel)
        with self._open() as file:
            added = file.execute(
                "INSERT INTO sms (number, text, at, status, report_to, channel, told, done) VALUES (?, ?, ?, ?, ?, ?, 0, 0)",
                values,
            )
        return int(added.lastrowid or 0)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)) as file:
            file.execute("PRAGMA synchronous = OFF")  # a power cut may lose the newest SMS
            yield file


def _read(row: tuple[int, str, str, str, str, str | None, int, str]) -> DemoSms:
    return DemoSms(
        id=row[0],
        number=row[1],
        text=row[2],
        at=datetime.fromisoformat(row[3]),
        status=SmsStatus(row[4]),
        report_to=row[5],
        sent_reports=row[6],
        channel=row[7],
    )
