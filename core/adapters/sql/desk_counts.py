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

LAST = select(func.max(events.c.id))
SLICE = and_(events.c.id > bindparam("after"), events.c.id <= bindparam("until"))
IN_BUCKETS = (type_coerce(events.c.at, BigInteger) // literal(BUCKET // MICROSECOND, BigInteger)).label("bucket")
FAILED = or_(
    events.c.act.in_([literal(act.value) for act in sorted(FAILURES)]),
    and_(events.c.act == literal(EventType.SMS_REPORTED.value), events.c.reason.in_(map(literal, UNDELIVERED_SMS))),
)
ACTS = select(IN_BUCKETS, events.c.act, func.count().label("count")).where(SLICE).group_by("bucket", events.c.act)
GROUPED = (events.c.act, events.c.reason, voters.c.academie)
FAILURE_COUNTS = (
    select(IN_BUCKETS, *GROUPED, func.count().label("count"))
    .select_from(events.outerjoin(voters, voters.c.id == events.c.voter))
    .where(SLICE, FAILED)
    .group_by("bucket", *GROUPED)
)
TRACES = (
    select(events.c.agent, events.c.act, func.max(events.c.id).label("line"), func.max(events.c.at).label("at"))
    .where(SLICE, events.c.agent.is_not(None), events.c.actor == literal("agent"))
    .group_by(events.c.agent, events.c.act)
)
DELAYS = select(outbox.c.kind, func.count().label("waiting"), func.min(outbox.c.created).label("oldest")).where(WAITING)
DELAYS_BY_KIND = DELAYS.group_by(outbox.c.kind)


@dataclass(frozen=True, slots=True)
class SqlDeskOverviewCounts:
    connection: Connection

    def last_journal_line(self) -> int:
        return self.connection.execute(LAST).scalar() or 0

    def count_slice(self, after: int, until: int) -> JournalSliceCounts:
        lines = {"after": after, "until": until}
        return JournalSliceCounts(
            tuple(structs_of_rows(EventCountInBucket, self.connection.execute(ACTS, lines))),
            tuple(structs_of_rows(FailuresByReasonAndAcademie, self.connection.execute(FAILURE_COUNTS, lines))),
            tuple(structs_of_rows(AgentLastEvent, self.connection.execute(TRACES, lines))),
        )

    def waiting_messages_by_kind(self) -> list[WaitingMessagesOfKind]:
        return structs_of_rows(WaitingMessagesOfKind, self.connection.execute(DELAYS_BY_KIND))
