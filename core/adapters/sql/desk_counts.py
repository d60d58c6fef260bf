from dataclasses import dataclass

from sqlalchemy import BigInteger, Connection, and_, bindparam, func, literal, or_, select, type_coerce

from core.adapters.sql.structs import structs_of_rows
from core.adapters.sql.tables import MICROSECOND, WAITING, events, outbox, voters
from core.ports import EventType
from core.ports.desk_counts import (
    BUCKET,
    FAILURES,
    UNDELIVERED_SMS,
    AgentLastEvent,
    EventCountInBucket,
    FailuresByReasonAndAcademie,
    JournalSliceCounts,
    WaitingMessagesOfKind,
)

LAST_JOURNAL_LINE = select(func.max(events.c.id))
IN_SLICE = and_(events.c.id > bindparam("after"), events.c.id <= bindparam("until"))
IN_BUCKETS = (type_coerce(events.c.at, BigInteger) // literal(BUCKET // MICROSECOND, BigInteger)).label("bucket")
IS_FAILURE = or_(
    events.c.act.in_([literal(act.value) for act in sorted(FAILURES)]),
    and_(events.c.act == literal(EventType.SMS_REPORTED.value), events.c.reason.in_(map(literal, UNDELIVERED_SMS))),
)
EVENT_COUNTS = (
    select(IN_BUCKETS, events.c.act, func.count().label("count")).where(IN_SLICE).group_by("bucket", events.c.act)
)
GROUPED = (events.c.act, events.c.reason, voters.c.academie)
FAILURE_COUNTS = (
    select(IN_BUCKETS, *GROUPED, func.count().label("count"))
    .select_from(events.outerjoin(voters, voters.c.id == events.c.voter))
    .where(IN_SLICE, IS_FAILURE)
    .group_by("bucket", *GROUPED)
)
LAST_EVENTS_OF_AGENTS = (
    select(events.c.agent, events.c.act, func.max(events.c.id).label("line"), func.max(events.c.at).label("at"))
    .where(IN_SLICE, events.c.agent.is_not(None), events.c.actor == literal("agent"))
    .group_by(events.c.agent, events.c.act)
)
WAITING_MESSAGES = select(
    outbox.c.kind, func.count().label("waiting"), func.min(outbox.c.created).label("oldest")
).where(WAITING)
WAITING_MESSAGES_BY_KIND = WAITING_MESSAGES.group_by(outbox.c.kind)


@dataclass(frozen=True, slots=True)
class SqlDeskOverviewCounts:
    connection: Connection

    def last_journal_line(self) -> int:
        return self.connection.execute(LAST_JOURNAL_LINE).scalar() or 0

    def count_slice(self, after: int, until: int) -> JournalSliceCounts:
        lines = {"after": after, "until": until}
        return JournalSliceCounts(
            tuple(structs_of_rows(EventCountInBucket, self.connection.execute(EVENT_COUNTS, lines))),
            tuple(structs_of_rows(FailuresByReasonAndAcademie, self.connection.execute(FAILURE_COUNTS, lines))),
            tuple(structs_of_rows(AgentLastEvent, self.connection.execute(LAST_EVENTS_OF_AGENTS, lines))),
        )

    def waiting_messages_by_kind(self) -> list[WaitingMessagesOfKind]:
        return structs_of_rows(WaitingMessagesOfKind, self.connection.execute(WAITING_MESSAGES_BY_KIND))
