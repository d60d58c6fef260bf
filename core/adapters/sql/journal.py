from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from secrets import token_hex
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, bindparam, case, exists, func, insert, literal, select, union

from core.adapters.sql.desk_counts import IS_FAILURE
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.structs import struct_of_row, structs_of_rows
from core.adapters.sql.tables import BOUNCED, CALLS, events, recoveries
from core.journal.hash_chain import CANONICAL_JSON
from core.journal.verifier import EVENT_PREFIX
from core.ports import ENDS_CALL, REASONED, Event, EventTypeCounts, JournalFilter, RecordedEvent

EVENT = tuple(events.c[name] for name in Event.__struct_fields__)
INSERT_EVENT = insert(events).inline()
UID_BYTES = 16
EVENTS_OF_CASE = select(*EVENT).where(events.c.case == bindparam("number")).order_by(events.c.id)

SELECT_LINES = select(events.c.id, *EVENT)
LATEST_LINES = SELECT_LINES.order_by(events.c.id.desc()).limit(bindparam("most"))
CASE_HISTORY = LATEST_LINES.where(events.c.case == bindparam("number"))
BOUNCED_MAILS = LATEST_LINES.where(BOUNCED)
LATER_EVENTS = events.alias()
VOTERS_TO_CALL = (
    SELECT_LINES.where(
        CALLS,
        ~exists().where(
            LATER_EVENTS.c.voter == events.c.voter,
            LATER_EVENTS.c.id > events.c.id,
            LATER_EVENTS.c.act.in_([literal(act.value) for act in ENDS_CALL]),
        ),
    )
    .order_by(events.c.id)
    .limit(bindparam("most"))
)
# Each of the two queries uses an index. With OR, PostgreSQL would read the whole journal.
LINES_OF_VOTER = union(
    select(events.c.id).where(events.c.voter == bindparam("of_voter")),
    select(events.c.id)
    .join(recoveries, recoveries.c.number == events.c.case)
    .where(recoveries.c.voter == bindparam("of_voter")),
)
VOTER_HISTORY = LATEST_LINES.where(events.c.id.in_(LINES_OF_VOTER))
FILTERS = {
    "case": events.c.case == bindparam("case"),
    "voter": events.c.id.in_(LINES_OF_VOTER),
    "act": events.c.act == bindparam("act"),
    "agent": events.c.agent == bindparam("agent"),
    "failures": IS_FAILURE,
}
LINES_BETWEEN = LATEST_LINES.where(events.c.id > bindparam("after"), events.c.id < bindparam("before"))
LAST_LINE = select(func.max(events.c.id))
FROM_LINE = select(events.c.id, events.c.at).where(events.c.id >= bindparam("line")).order_by(events.c.id).limit(1)

IS_NEW_LINE = events.c.id > bindparam("after")
FIRST_RECENT = case((events.c.at >= bindparam("recent"), events.c.id))
LAST_AND_FIRST_RECENT_LINE = select(func.max(events.c.id), func.min(FIRST_RECENT)).where(IS_NEW_LINE)
COUNTED_REASON = case((events.c.act.in_([literal(act.value) for act in sorted(REASONED)]), events.c.reason))
SETTLED_COUNT = func.count(case((events.c.id <= bindparam("line"), 1)))
COUNT_NEW_EVENTS = (
    select(events.c.act, COUNTED_REASON, SETTLED_COUNT, func.count())
    .where(IS_NEW_LINE)
    .group_by(events.c.act, COUNTED_REASON)
)


@cache
def journal_page_statement(given: tuple[str, ...]) -> Select[*tuple[Any, ...]]:
    return LINES_BETWEEN.where(*(FILTERS[name] for name in given))


@dataclass(frozen=True, slots=True)
class SqlJournal:
    connection: Connection
    rows: RowAuthenticator
    written: list[Mapping[str, object]]
    """Columns of the events that this transaction wrote."""

    def write(self, event: Event) -> None:
        columns = {**msgspec.structs.asdict(event), "program": self.rows.program.value, "uid": token_hex(UID_BYTES)}
        signed = CANONICAL_JSON.encode({name: value for name, value in columns.items() if value is not None})
        columns["signature"] = self.rows.vault.sign(self.rows.event_purpose, EVENT_PREFIX + signed).hex()
        self.written.append(columns)
        self.connection.execute(INSERT_EVENT, columns)

    def of_case(self, number: str) -> list[Event]:
        return structs_of_rows(Event, self.connection.execute(EVENTS_OF_CASE, {"number": number}))

    def case_history(self, number: str, limit: int) -> list[RecordedEvent]:
        return self._written(CASE_HISTORY, {"number": number, "most": limit})[::-1]

    def voter_history(self, voter: int, limit: int) -> list[RecordedEvent]:
        return self._written(VOTER_HISTORY, {"of_voter": voter, "most": limit})[::-1]

    def page(self, wanted: JournalFilter, *, after: int, before: int, limit: int) -> list[RecordedEvent]:
        given = {name: value for name, value in msgspec.structs.asdict(wanted).items() if value is not None}
        values = {**given, "of_voter": wanted.voter, "after": after, "before": before, "most": limit}
        return self._written(journal_page_statement(tuple(given)), values)

    def bounced_mail_events(self, limit: int) -> list[RecordedEvent]:
        return self._written(BOUNCED_MAILS, {"most": limit})

    def voters_to_call(self, limit: int) -> list[RecordedEvent]:
        return self._written(VOTERS_TO_CALL, {"most": limit})

    def last_line_before(self, moment: datetime) -> int:
        below, above = 0, (self.connection.execute(LAST_LINE).scalar() or 0) + 1
        while above - below > 1:
            middle = (below + above) // 2
            row = self.connection.execute(FROM_LINE, {"line": middle}).first()
            if row is not None and row[1] < moment:
                below = row[0] if row[0] < above else middle
            else:
                above = middle
        return below

    def count_events(self, *, after: int, recent: datetime) -> EventTypeCounts:
        last, first_recent = self.connection.execute(
            LAST_AND_FIRST_RECENT_LINE, {"after": after, "recent": recent}
        ).one()
        line = first_recent - 1 if first_recent is not None else last or after
        rows = self.connection.execute(COUNT_NEW_EVENTS, {"after": after, "line": line}).all()
        return EventTypeCounts(
            line=line,
            settled={(act, reason): settled for act, reason, settled, _ in rows if settled},
            fresh={(act, reason): count - settled for act, reason, settled, count in rows if count > settled},
        )

    def _written(self, lines: Select[*tuple[Any, ...]], values: Mapping[str, object]) -> list[RecordedEvent]:
        return [
            RecordedEvent(line, struct_of_row(Event, columns))
            for line, *columns in self.connection.execute(lines, values).all()
        ]
