"""Declares the tables. Times are stored as microseconds since 1970 in UTC."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    and_,
    func,
    literal_column,
)
from sqlalchemy.types import TypeDecorator

from core.ports import FIRST_KINDS, NETWORK_MARK, SMS_KINDS

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

# A column named `mac` contains the authentication tag of the row (core.adapters.sql.row_authentication).
metadata = MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "fk": "fk_%(table_name)s_%(column_0_N_name)s"},
)
# SQLite generates ids only for a column of type INTEGER.
Identity = BigInteger().with_variant(Integer, "sqlite")

# Both engines compare this type byte by byte, so that an index supports prefix searches in any locale.
Folded = Text().with_variant(Text(collation="C"), "postgresql")


class UtcMicroseconds(TypeDecorator[datetime]):
    """Column type for datetimes with a time zone. Stores whole microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:  # noqa: ANN401, ARG002  # SQLAlchemy's signature
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:  # noqa: ANN401, ARG002  # SQLAlchemy's signature
        """Return the stored time, or 1 January 1970 if the stored value is invalid."""
        try:
            return None if value is None else EPOCH + value * MICROSECOND
        except (TypeError, OverflowError):
            return EPOCH


def _table(name: str, *columns: Column[Any] | Index, **options: Any) -> Table:  # noqa: ANN401  # SQLAlchemy's
    return Table(name, metadata, *columns, **options)


def _partial_index(name: str, *columns: Column[Any], where: ColumnElement[bool], unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


voters = _table(
    "voters",
    Column("id", Identity, primary_key=True),
    Column("email", Folded, nullable=False),
    Column("last_name", Text, nullable=False),
    Column("first_name", Text, nullable=False),
    Column("birth_date_digest", LargeBinary, nullable=False),
    Column("numen_digest", LargeBinary, nullable=False),
    Column("pseudonym", LargeBinary, nullable=False),
    Column("phone_digest", LargeBinary),
    Column("phone_ending", Text),
    Column("academie", Text),
    Column("language", Text, nullable=False),
    Column("first_verifier", Text),
    Column("epoch", Integer, nullable=False, default=0),
    Column("password", Text),
    Column("password_set", UtcMicroseconds),
    Column("frozen", UtcMicroseconds),
    Column("removed", UtcMicroseconds),
    Column("folded", Text, nullable=False, server_default=""),
    Column("reopened", UtcMicroseconds),
    Column("mac", LargeBinary),
)
# An address or a NUMEN belongs to one person on the current roll. Removed people keep theirs for the record.
PRESENT = voters.c.removed.is_(None)
_partial_index("ix_voters_email", voters.c.email, where=PRESENT, unique=True)
_partial_index("ix_voters_numen_digest", voters.c.numen_digest, where=PRESENT, unique=True)

_partial_index("ix_voters_academie", voters.c.academie, where=PRESENT)

FROZEN = and_(PRESENT, voters.c.frozen.is_not(None))
_partial_index("ix_voters_frozen", voters.c.frozen, where=FROZEN)

# The words that find a person on the current roll (core.forms.name_words). The key supports prefix searches. There is no
# foreign key, because PostgreSQL would have to check three million references to voters that certainly exist.
names = _table(
    "names",
    Column("word", Folded, primary_key=True),
    Column("voter", Identity, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

agents = _table(
    "agents",
    Column("id", Identity, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("password", Text, nullable=False),
    Column("secret", LargeBinary, nullable=False),
    Column("first", Boolean, nullable=False),
    Column("step", BigInteger, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("added", UtcMicroseconds, nullable=False),
    Column("removed", UtcMicroseconds),
    Column("mac", LargeBinary),
)

recoveries = _table(
    "recoveries",
    Column("handle", LargeBinary, primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("flow", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("began", UtcMicroseconds, nullable=False),
    Column("version", Integer, nullable=False),
    Column("voter", Identity, ForeignKey("voters.id"), index=True),
)

phone_claims = _table(
    "phone_claims",
    Column("phone", LargeBinary, primary_key=True),
    Column("voter", Identity, ForeignKey("voters.id"), nullable=False),
    Column("at", UtcMicroseconds, nullable=False),
    Column("mac", LargeBinary),
)

reissues = _table(
    "reissues",
    Column("case", Text, ForeignKey("recoveries.number"), primary_key=True),
    Column("voter", Identity, ForeignKey("voters.id"), nullable=False),
    Column("slot", Integer),
    Column("generation", Integer),
    Column("began", UtcMicroseconds, nullable=False),
    Column("ended", UtcMicroseconds),
    Column("mac", LargeBinary),
    Index("ix_reissues_voter_slot", "voter", "slot", unique=True),  # released slots are NULL, and NULLs are distinct
)
# A voter has only one re-issue at a time. Two of them would compete for the next generation on the voting platform.
UNDER_WAY = reissues.c.ended.is_(None)
_partial_index("ix_reissues_voter", reissues.c.voter, where=UNDER_WAY, unique=True)

awaited_codes = _table(
    "awaited_codes",
    Column("case", Text, ForeignKey("recoveries.number"), primary_key=True),
    Column("phone", LargeBinary, nullable=False, index=True),
    Column("until", UtcMicroseconds, nullable=False),
)

registry = _table(
    "registry",
    Column("voter", Text, primary_key=True),
    Column("generation", Integer, nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("verifier", LargeBinary, nullable=False),
    Column("request", Text, nullable=False),
    Column("frozen", Boolean, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("version", Integer, nullable=False),
)

links = _table(
    "links",
    Column("digest", LargeBinary, primary_key=True),
    Column("case", Text, ForeignKey("recoveries.number"), nullable=False),
    Column("voter", Identity, ForeignKey("voters.id"), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("expires", UtcMicroseconds, nullable=False),
    Column("opened", UtcMicroseconds),
    Column("used", UtcMicroseconds),
    Column("kind", Text, nullable=False, server_default="password"),
    Column("mac", LargeBinary),
    Index("ix_links_voter_expires", "voter", "expires"),
)

sessions = _table(
    "sessions",
    Column("digest", LargeBinary, primary_key=True),
    Column("voter", Identity, ForeignKey("voters.id"), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("expires", UtcMicroseconds, nullable=False),
    Column("mac", LargeBinary),
)

outbox = _table(
    "outbox",
    Column("id", Identity, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("case", Text, nullable=False),
    Column("voter", Identity, ForeignKey("voters.id")),
    Column("sealed", LargeBinary),
    Column("state", Text, nullable=False),
    Column("created", UtcMicroseconds, nullable=False),
    Column("due", UtcMicroseconds, nullable=False),
    Column("useful_until", UtcMicroseconds, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("ended", UtcMicroseconds),
    Column("reason", Text),
    Column("uid", Text, unique=True),
    Column("mac", LargeBinary),
)
# This is a literal and not a bound parameter, because the condition of a partial index must be constant.
WAITING = outbox.c.state == literal_column("'waiting'")
_partial_index("ix_outbox_due", outbox.c.due, where=WAITING)
KIND_SENT_FIRST = outbox.c.kind.in_([literal_column(f"'{kind}'") for kind in FIRST_KINDS])
SENT_FIRST = and_(WAITING, KIND_SENT_FIRST)
# The kind comes first, so that SQLite prefers this index to ix_outbox_due even without statistics.
_partial_index("ix_outbox_first", outbox.c.kind, outbox.c.due, where=SENT_FIRST)
KIND_OF_SMS = outbox.c.kind.in_([literal_column(f"'{kind}'") for kind in SMS_KINDS])
BY_SMS = and_(WAITING, KIND_OF_SMS)
_partial_index("ix_outbox_sms", outbox.c.kind, outbox.c.due, where=BY_SMS)
PARKED = outbox.c.state == literal_column("'parked'")
_partial_index("ix_outbox_ended", outbox.c.ended, where=PARKED)
UNDECIDED = and_(WAITING, outbox.c.kind == literal_column("'ask'"))
_partial_index("ix_outbox_created", outbox.c.created, where=UNDECIDED)

reports = _table(
    "reports",
    Column("parcel", Identity, ForeignKey("outbox.id"), primary_key=True, autoincrement=False),
    Column("delivery", Text, primary_key=True),
    Column("at", UtcMicroseconds, nullable=False),
)

answers = _table(
    "answers",
    Column("digest", LargeBinary, primary_key=True),
    Column("at", UtcMicroseconds, nullable=False),
)

code_sendings = _table(
    "code_sendings",
    Column("id", Identity, primary_key=True),
    Column("voter", Identity, ForeignKey("voters.id"), nullable=False),
    Column("phone", LargeBinary, nullable=False),
    Column("at", UtcMicroseconds, nullable=False),
    Column("outcome", Text, nullable=False),
    Index("ix_code_sendings_voter_at", "voter", "at"),
)

spending = _table(
    "spending",
    Column("day", Text, primary_key=True),
    Column("scope", Text, primary_key=True),
    Column("sent", Integer, nullable=False),
    Column("verified", Integer, nullable=False),
)
OF_A_NETWORK = (
    func.replace(spending.c.scope, literal_column(f"'{NETWORK_MARK}'"), literal_column("''")) != spending.c.scope
)

events = _table(
    "events",
    Column("id", Identity, primary_key=True),
    Column("at", UtcMicroseconds, nullable=False),
    Column("actor", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("case", Text, index=True),
    Column("voter", Identity),
    Column("reason", Text),
    Column("agent", Text),
    Column("credential", Text),
    # The program that signed the event (core.adapters.event_signing).
    Column("program", Text),
    Column("uid", Text, unique=True),
    Column("signature", Text),
)
# These indexes are partial, so that they cost nothing for lines without a voter and lines that are not bounces.
OF_A_VOTER = events.c.voter.is_not(None)
_partial_index("ix_events_voter", events.c.voter, events.c.id, where=OF_A_VOTER)
BOUNCED = events.c.act == literal_column("'mail-bounced'")
_partial_index("ix_events_bounced", events.c.id, where=BOUNCED)

CALLS = events.c.act == literal_column("'call-needed'")
_partial_index("ix_events_calls", events.c.id, where=CALLS)

# The chain has its own table, because journal lines never change. It has no foreign key, so that a missing line can be
# detected.
seals = _table(
    "seals",
    Column("position", Identity, primary_key=True, autoincrement=False),
    Column("line", Identity, nullable=False, unique=True),
    Column("digest", LargeBinary, nullable=False),
)

gaps = _table(
    "gaps",
    Column("first", Identity, primary_key=True, autoincrement=False),
    Column("last", Identity, nullable=False),
)

checkpoints = _table(
    "checkpoints",
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("statement", Text, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)

# Properties of the database: the fingerprint of its keys, and the oldest programs that can use its tables.
properties = _table(
    "properties",
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

# The last heartbeat of each host, in the database's time, and how far the host's clock was ahead.
hosts = _table(
    "hosts",
    Column("host", Text, primary_key=True),
    Column("seen", UtcMicroseconds, nullable=False),
    Column("ahead", BigInteger, nullable=False),
)

incidents = _table(
    "incidents",
    Column("id", Identity, primary_key=True),
    Column("scope", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("sentence", Text, nullable=False),
    Column("minutes", Integer),
    Column("began", UtcMicroseconds, nullable=False),
    Column("until", UtcMicroseconds, nullable=False),
    Column("ended", UtcMicroseconds),
    Column("author", Text),
    Column("mac", LargeBinary),
    Index("ix_incidents_until", "until"),
)

# The calls to the desk. `case` is not a foreign key, because any case number can be typed on the website.
calls = _table(
    "calls",
    Column("id", Identity, primary_key=True),
    Column("agent", Text, nullable=False),
    Column("began", UtcMicroseconds, nullable=False),
    Column("ended", UtcMicroseconds, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("voter", Identity, ForeignKey("voters.id"), index=True),
    Column("case", Text, index=True),
    Column("version", Integer, nullable=False),
    Index("ix_calls_agent", "agent", "began", unique=True),
)

call_backs = _table(
    "call_backs",
    Column("id", Identity, primary_key=True),
    Column("origin", Text, nullable=False),
    Column("way", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("voter", Identity, ForeignKey("voters.id"), index=True),
    Column("case", Text),
    Column("asked", UtcMicroseconds, nullable=False),
    Column("promised_by", Text),
    Column("due", UtcMicroseconds, nullable=False),
    Column("until", UtcMicroseconds),
    Column("assigned", Text),
    Column("taken_by", Text),
    Column("taken", UtcMicroseconds),
    Column("done", UtcMicroseconds),
    Column("shared", Boolean, nullable=False),
    Column("outcome", Text),
    Column("version", Integer, nullable=False),
)
CALLED_BACK_LATER = call_backs.c.done.is_(None)
_partial_index("ix_call_backs_due", call_backs.c.due, where=CALLED_BACK_LATER)

hand_overs = _table(
    "hand_overs",
    Column("id", Identity, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("voter", Identity, ForeignKey("voters.id")),
    Column("case", Text),
    Column("given_by", Text, nullable=False),
    Column("given_to", Text, nullable=False),
    Column("given", UtcMicroseconds, nullable=False),
    Column("taken", UtcMicroseconds),
    Column("version", Integer, nullable=False),
)
HANDED_AND_WAITING = hand_overs.c.taken.is_(None)
_partial_index("ix_hand_overs_given_to", hand_overs.c.given_to, where=HANDED_AND_WAITING)

signature_requests = _table(
    "signature_requests",
    Column("id", Text, primary_key=True),
    Column("act", Text, nullable=False),
    Column("voter", Identity, ForeignKey("voters.id"), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("agent", Text, nullable=False),
    Column("session", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("asked", UtcMicroseconds, nullable=False),
    Column("until", UtcMicroseconds, nullable=False),
    Column("state", Text, nullable=False),
    Column("supervisor", Text),
    Column("signer_epoch", Integer),
    Column("version", Integer, nullable=False),
    Column("mac", LargeBinary),
)
SIGNATURE_AWAITED = signature_requests.c.state == literal_column("'waiting'")
_partial_index("ix_signature_requests_until", signature_requests.c.until, where=SIGNATURE_AWAITED)

forms = _table(
    "forms",
    Column("digest", LargeBinary, primary_key=True),
    Column("at", UtcMicroseconds, nullable=False),
    Column("times", Integer, nullable=False),
    sqlite_with_rowid=False,
)

counters = _table(
    "counters",
    Column("bucket", LargeBinary, primary_key=True),
    Column("began", UtcMicroseconds, nullable=False),
    Column("count", Integer, nullable=False),
    sqlite_with_rowid=False,  # each count reads and writes one page instead of two
)
