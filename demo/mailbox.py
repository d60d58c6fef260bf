"""The demo's mail server, which stores emails in a SQLite file."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from functools import lru_cache
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

BUSY_SECONDS = 5.0
FALLBACK_LIMIT = 50
KEPT_IN_MEMORY = 256
"""Number of parsed emails that each process caches."""
LARGEST_ID = 2**63 - 1
SCHEMA = """
CREATE TABLE IF NOT EXISTS mail (id INTEGER PRIMARY KEY, recipient TEXT NOT NULL, received TEXT NOT NULL, raw BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS mail_of_recipient ON mail (recipient, id);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedMail:
    """A received email. `at` is the time in the Date header, or the time of arrival."""

    id: int
    to: str
    sender: str
    subject: str
    text: str
    html: str
    at: datetime


class DemoMailFile:
    """A SQLite file of emails. Several processes may use the file at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with closing(self._connect()) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(SCHEMA)

    def add(self, raw: bytes, envelope_to: str) -> None:
        with closing(self._connect()) as connection:
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute(
                "INSERT INTO mail (recipient, received, raw) VALUES (?, ?, ?)",
                (envelope_to.lower(), datetime.now(UTC).isoformat(), raw),
            )

    def messages(self, to: str | None = None, limit: int = FALLBACK_LIMIT) -> list[ReceivedMail]:
        """Read the emails of one recipient, or of all, newest first."""
        recipient = None if to is None else to.lower()
        where = "" if recipient is None else "WHERE recipient = :to "
        query = f"SELECT id, recipient, received, raw FROM mail {where}ORDER BY id DESC LIMIT :limit"  # noqa: S608 -- two constants
        with closing(self._connect()) as connection:
            return [_read(row) for row in connection.execute(query, {"to": recipient, "limit": limit})]

    def message(self, number: int) -> ReceivedMail | None:
        if number > LARGEST_ID:
            return None
        query = "SELECT id, recipient, received, raw FROM mail WHERE id = ?"
        with closing(self._connect()) as connection:
            row = connection.execute(query, (number,)).fetchone()
        return None if row is None else _read(row)

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)


class _MailHandler:
    def __init__(self, mailbox: DemoMailFile) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        for recipient in envelope.rcpt_tos:
            self._mailbox.add(envelope.original_content or b"", recipient)
        return "250 2.0.0 kept"


def start_mail_server(mailbox: DemoMailFile, host: str, port: int) -> Controller:
    controller = Controller(_MailHandler(mailbox), hostname=host, port=port, server_hostname=host)
    controller.start()
    return controller


@lru_cache(KEPT_IN_MEMORY)
def _read(row: tuple[int, str, str, bytes]) -> ReceivedMail:
    number, recipient, received, raw = row
    mail = message_from_bytes(raw, policy=default)
    return ReceivedMail(
        id=number,
        to=recipient,
        sender=_header(mail, "From"),
        subject=_header(mail, "Subject"),
        text=_part(mail, "plain"),
        html=_part(mail, "html"),
        at=_date(mail, datetime.fromisoformat(received)),
    )


def _header(mail: EmailMessage, name: str) -> str:
    """Return a decoded header of an email."""
    raw = next((str(value) for key, value in mail.raw_items() if key.lower() == name.lower()), "")
    try:
        return str(make_header(decode_header(raw)))
    except (MessageError, LookupError, ValueError):
        return raw


def _part(mail: EmailMessage, kind: str) -> str:
    try:
        part = mail.get_body((kind,))
        return "" if part is None else str(part.get_content()).replace("\r\n", "\n")
    except (MessageError, LookupError):  # an unknown character set
        return ""


def _date(mail: EmailMessage, received: datetime) -> datetime:
    try:
        written = parsedate_to_datetime(str(mail["Date"]))
    except ValueError:
        return received
    return written if written.tzinfo is not None else received
