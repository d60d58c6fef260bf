"""The port DeskOverviewCounts."""

from sqlalchemy import BigInteger, and_, bindparam, func, literal, select, type_coerce

from core.adapters.sql.sql_port_base import SqlPort
from core.adapters.sql.tables import MICROSECOND, WAITING, events, outbox, voters
from core.ports.desk_counts import (
    BUCKET,
    FAILURES,
    AgentLastEvent,
    EventCountInBucket,
    FailuresByReasonAndAcademie,
    JournalSliceCounts,
    WaitingMessagesOfKind,
)

LAST = select(func.max(events.c.id))
SLICE = and_(events.c.id > bindparam("after"), events.c.id <= bindparam("until"))
IN_BUCKETS = (type_coerce(events.c.at, BigInteger) // literal(BUCKET // MICROSECOND, BigInteger)).label("bucket")
FAILED = events.c.act.in_([literal(act.value) for act in sorted(FAILURES)])
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
VOTER_OF_LINE = select(events.c.voter).where(events.c.id == bindparam("line"))
DELAYS = select(outbox.c.kind, func.count().label("waiting"), func.min(outbox.c.created).label("oldest")).where(WAITING)
DELAYS_BY_KIND = DELAYS.group_by(outbox.c.kind)


class SqlDeskOverviewCounts(SqlPort):
    """The counts of the journal and of the outbox for the desk's overview."""

    def last_journal_line(self) -> int:
        return self._run.scalar(LAST, {}) or 0

    def count_slice(self, after: int, until: int) -> JournalSliceCounts:
        lines = {"after": after, "until": until}
        return JournalSliceCounts(
            tuple(self._run.structs(EventCountInBucket, ACTS, lines)),
            tuple(self._run.structs(FailuresByReasonAndAcademie, FAILURE_COUNTS, lines)),
            tuple(self._run.structs(AgentLastEvent, TRACES, lines)),
        )

    def voter_of_line(self, line: int) -> int | None:
        voter: int | None = self._run.scalar(VOTER_OF_LINE, {"line": line})
        return voter

    def waiting_messages_by_kind(self) -> list[WaitingMessagesOfKind]:
        return self._run.structs(WaitingMessagesOfKind, DELAYS_BY_KIND, {})
