"""The tables, for SQLite and PostgreSQL alike. Moments are microseconds since 1970 in UTC: exact, sortable, small."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
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

from core.ports import NETWORK_MARK

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

# `mac` is the tag of a row that decides (core.adapters.sql.row_authentication).
metadata = MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "fk": "fk_%(table_name)s_%(column_0_N_name)s"},
)
# SQLite numbers its rows only in a column of exactly INTEGER.
Identity = BigInteger().with_variant(Integer, "sqlite")

# Compared by its bytes on both engines, so that an index serves a beginning whatever the database's language.
Folded = Text().with_variant(Text(collation="C"), "postgresql")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored as whole microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:  # noqa: ANN401, ARG002  # SQLAlchemy's signature
        """Convert to the stored number."""
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:  # noqa: ANN401, ARG002  # likewise
        """Convert from the stored number, to UTC."""
        return None if value is None else EPOCH + value * MICROSECOND


voters = Table(
    "voters",
    metadata,
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
    Column("password_set", UtcDateTime),
    Column("frozen", UtcDateTime),
    Column("removed", UtcDateTime),
    Column("folded", Text, nullable=False, server_default=""),
    Column("reopened", UtcDateTime),
    Column("mac", LargeBinary),
)
# An address or a NUMEN serves one person of the present roll; those taken off it keep theirs for the record.
PRESENT = voters.c.removed.is_(None)
Index("ix_voters_email", voters.c.email, unique=True, sqlite_where=PRESENT, postgresql_where=PRESENT)
Index("ix_voters_numen_digest", voters.c.numen_digest, unique=True, sqlite_where=PRESENT, postgresql_where=PRESENT)

Index("ix_voters_academie", voters.c.academie, sqlite_where=PRESENT, postgresql_where=PRESENT)

FROZEN = and_(PRESENT, voters.c.frozen.is_not(None))
Index("ix_voters_frozen", voters.c.frozen, sqlite_where=FROZEN, postgresql_where=FROZEN)

# Each word by which someone of the present roll is found (core.forms.name_words); its key serves a word's beginning. No foreign key: the
# words are taken from the voters by the database itself, and PostgreSQL would look up the voter of each of three million.
names = Table(
    "names",
    metadata,
    Column("word", Folded, primary_key=True),
    Column("voter", Identity, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

agents = Table(
    "agents",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("password", Text, nullable=False),
    Column("secret", LargeBinary, nullable=False),
    Column("first", Boolean, nullable=False),
    Column("step", BigInteger, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("added", UtcDateTime, nullable=False),
    Column("removed", UtcDateTime),
    Column("mac", LargeBinary),
)

recoveries = Table(
    "recoveries",
    metadata,
    Column("handle", LargeBinary, primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("flow", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("began", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
    Column("voter", Identity, ForeignKey("voters.id"), index=True),
)

phone_claims = Table(
    "phone_claims",
    metadata,
    Column("phone", LargeBinary, primary_key=True),
    Column("voter", Identity, ForeignKey("voters.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("mac", LargeBinary),
)

reissues = Table(
    "reissues",
    metadata,
    Column("case", Text, ForeignKey("recoveries.number"), primary_key=True),
    Column("voter", Identity, ForeignKey("voters.id"), nullable=False),
    Column("slot", Integer),
    Column("generation", Integer),
    Column("began", UtcDateTime, nullable=False),
    Column("ended", UtcDateTime),
    Column("mac", LargeBinary),
    Index("ix_reissues_voter_slot", "voter", "slot", unique=True),  # NULL, a slot given back, is never equal to another
)
# One at a time: two would race for the platform's next generation, and the voter would not know which one counts.
UNDER_WAY = reissues.c.ended.is_(None)
Index("ix_reissues_voter", reissues.c.voter, unique=True, sqlite_where=UNDER_WAY, postgresql_where=UNDER_WAY)

awaited_codes = Table(
    "awaited_codes",
    metadata,
    Column("case", Text, ForeignKey("recoveries.number"), primary_key=True),
    Column("phone", LargeBinary, nullable=False, index=True),
    Column("until", UtcDateTime, nullable=False),
)

registry = Table(
    "registry",
    metadata,
    Column("voter", Text, primary_key=True),
    Column("generation", Integer, nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("verifier", LargeBinary, nullable=False),
    Column("request", Text, nullable=False),
    Column("frozen", Boolean, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("version", Integer, nullable=False),
)

links = Table(
    "links",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("case", Text, ForeignKey("recoveries.number"), nullable=False),
    Column("voter", Identity, ForeignKey("voters.id"), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("expires", UtcDateTime, nullable=False),
    Column("opened", UtcDateTime),
    Column("used", UtcDateTime),
    Column("kind", Text, nullable=False, server_default="password"),
    Column("mac", LargeBinary),
    Index("ix_links_voter_expires", "voter", "expires"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("voter", Identity, ForeignKey("voters.id"), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("expires", UtcDateTime, nullable=False),
    Column("mac", LargeBinary),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("case", Text, nullable=False),
    Column("voter", Identity, ForeignKey("voters.id")),
    Column("sealed", LargeBinary),
    Column("state", Text, nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("due", UtcDateTime, nullable=False),
    Column("useful_until", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("ended", UtcDateTime),
    Column("reason", Text),
)
# Written out, not bound: a partial index serves only a condition that the database can read.
WAITING = outbox.c.state == literal_column("'waiting'")
Index("ix_outbox_due", outbox.c.due, sqlite_where=WAITING, postgresql_where=WAITING)
KIND_OF_BOARD = outbox.c.kind == literal_column("'checkpoint'")
TO_BOARD = and_(WAITING, KIND_OF_BOARD)
Index("ix_outbox_board", outbox.c.due, sqlite_where=TO_BOARD, postgresql_where=TO_BOARD)
PARKED = outbox.c.state == literal_column("'parked'")
Index("ix_outbox_ended", outbox.c.ended, sqlite_where=PARKED, postgresql_where=PARKED)
UNDECIDED = and_(WAITING, outbox.c.kind == literal_column("'ask'"))
Index("ix_outbox_created", outbox.c.created, sqlite_where=UNDECIDED, postgresql_where=UNDECIDED)

reports = Table(
    "reports",
    metadata,
    Column("parcel", Identity, ForeignKey("outbox.id"), primary_key=True, autoincrement=False),
    Column("delivery", Text, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)

answers = Table(
    "answers",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)

code_sendings = Table(
    "code_sendings",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("voter", Identity, ForeignKey("voters.id"), nullable=False),
    Column("phone", LargeBinary, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("outcome", Text, nullable=False),
    Index("ix_code_sendings_voter_at", "voter", "at"),
)

spending = Table(
    "spending",
    metadata,
    Column("day", Text, primary_key=True),
    Column("scope", Text, primary_key=True),
    Column("sent", Integer, nullable=False),
    Column("verified", Integer, nullable=False),
)
OF_A_NETWORK = (
    func.replace(spending.c.scope, literal_column(f"'{NETWORK_MARK}'"), literal_column("''")) != spending.c.scope
)

events = Table(
    "events",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("case", Text, index=True),
    Column("voter", Identity),
    Column("reason", Text),
    Column("agent", Text),
    Column("credential", Text),
)
# Most lines have no voter when they are written, and none is a bounce: these cost an ask nothing.
OF_A_VOTER = events.c.voter.is_not(None)
Index("ix_events_voter", events.c.voter, events.c.id, sqlite_where=OF_A_VOTER, postgresql_where=OF_A_VOTER)
BOUNCED = events.c.act == literal_column("'mail-bounced'")
Index("ix_events_bounced", events.c.id, sqlite_where=BOUNCED, postgresql_where=BOUNCED)

CALLS = events.c.act == literal_column("'call-needed'")
Index("ix_events_calls", events.c.id, sqlite_where=CALLS, postgresql_where=CALLS)

# The chain stands beside the journal, whose lines never change. It refers to no table, so that what is missing is found.
seals = Table(
    "seals",
    metadata,
    Column("position", Identity, primary_key=True, autoincrement=False),
    Column("line", Identity, nullable=False, unique=True),
    Column("digest", LargeBinary, nullable=False),
)

gaps = Table(
    "gaps",
    metadata,
    Column("first", Identity, primary_key=True, autoincrement=False),
    Column("last", Identity, nullable=False),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("statement", Text, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)

# Properties of the whole database: the fingerprint of its keys, and the oldest programs that can use its tables.
properties = Table(
    "properties",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

# The last sign of life of each host that serves the site, by the database's clock, and how far its own clock was ahead.
hosts = Table(
    "hosts",
    metadata,
    Column("host", Text, primary_key=True),
    Column("seen", UtcDateTime, nullable=False),
    Column("ahead", BigInteger, nullable=False),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("scope", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("sentence", Text, nullable=False),
    Column("minutes", Integer),
    Column("began", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Column("ended", UtcDateTime),
    Column("author", Text),
    Index("ix_incidents_until", "until"),
)

# What the desk keeps of its calls. A case number typed on the site refers to nothing, so `case` does not either.
calls = Table(
    "calls",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("agent", Text, nullable=False),
    Column("began", UtcDateTime, nullable=False),
    Column("ended", UtcDateTime, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("voter", Identity, ForeignKey("voters.id"), index=True),
    Column("case", Text, index=True),
    Column("version", Integer, nullable=False),
)

call_backs = Table(
    "call_backs",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("origin", Text, nullable=False),
    Column("way", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("voter", Identity, ForeignKey("voters.id"), index=True),
    Column("case", Text),
    Column("asked", UtcDateTime, nullable=False),
    Column("promised_by", Text),
    Column("due", UtcDateTime, nullable=False),
    Column("until", UtcDateTime),
    Column("assigned", Text),
    Column("taken_by", Text),
    Column("taken", UtcDateTime),
    Column("done", UtcDateTime),
    Column("outcome", Text),
    Column("version", Integer, nullable=False),
)
CALLED_BACK_LATER = call_backs.c.done.is_(None)
Index("ix_call_backs_due", call_backs.c.due, sqlite_where=CALLED_BACK_LATER, postgresql_where=CALLED_BACK_LATER)

hand_overs = Table(
    "hand_overs",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("voter", Identity, ForeignKey("voters.id")),
    Column("case", Text),
    Column("given_by", Text, nullable=False),
    Column("given_to", Text, nullable=False),
    Column("given", UtcDateTime, nullable=False),
    Column("taken", UtcDateTime),
    Column("version", Integer, nullable=False),
)
HANDED_AND_WAITING = hand_overs.c.taken.is_(None)
Index(
    "ix_hand_overs_given_to",
    hand_overs.c.given_to,
    sqlite_where=HANDED_AND_WAITING,
    postgresql_where=HANDED_AND_WAITING,
)

signature_requests = Table(
    "signature_requests",
    metadata,
    Column("id", Text, primary_key=True),
    Column("act", Text, nullable=False),
    Column("voter", Identity, ForeignKey("voters.id"), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("agent", Text, nullable=False),
    Column("session", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("asked", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Column("state", Text, nullable=False),
    Column("supervisor", Text),
    Column("signer_epoch", Integer),
    Column("version", Integer, nullable=False),
    Column("mac", LargeBinary),
)
SIGNATURE_AWAITED = signature_requests.c.state == literal_column("'waiting'")
Index(
    "ix_signature_requests_until",
    signature_requests.c.until,
    sqlite_where=SIGNATURE_AWAITED,
    postgresql_where=SIGNATURE_AWAITED,
)

counters = Table(
    "counters",
    metadata,
    Column("bucket", LargeBinary, primary_key=True),
    Column("began", UtcDateTime, nullable=False),
    Column("count", Integer, nullable=False),
    sqlite_with_rowid=False,  # one page to find and write for each count, not two
)
