from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

import msgspec
from sqlalchemy import (
    Connection,
    LargeBinary,
    Update,
    bindparam,
    func,
    insert,
    literal_column,
    select,
    union_all,
    update,
)

from core.adapters.key_vault import HEADER_BYTES, key_id_of
from core.adapters.sql.protected_tables import MAC, OUTBOX, columns_of_struct
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.structs import structs_of_rows
from core.adapters.sql.tables import (
    BY_SMS,
    KIND_OF_SMS,
    KIND_SENT_FIRST,
    PARKED,
    SENT_FIRST,
    UNDECIDED,
    WAITING,
    outbox,
)
from core.forms.flow_model import Channel
from core.ports import FIRST_KINDS, Backlog, MessageClaimLost, MessageState, OutboxMessage, StuckMessage

MESSAGE_COLUMNS = columns_of_struct(OUTBOX, OutboxMessage)
FIND_MESSAGE = select(*MESSAGE_COLUMNS).where(outbox.c.id == bindparam("wanted"))
UID_BYTES = 16
INSERT_MESSAGE = insert(outbox).returning(outbox.c.id)
# SQLAlchemy leaves out SKIP LOCKED on SQLite, which has only one writer.
DUE_MESSAGES = (
    select(outbox.c.id)
    .where(outbox.c.due <= bindparam("now"))
    .order_by(outbox.c.due, outbox.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
# Each query has a partial index. A single query would sort the whole backlog to find an email to the board or a code.
URGENT, OTHERS = (
    DUE_MESSAGES.where(SENT_FIRST).subquery(),
    DUE_MESSAGES.where(WAITING, ~KIND_SENT_FIRST, ~KIND_OF_SMS).subquery(),
)
RANKED_MAILS = union_all(
    select(URGENT.c.id, literal_column("0").label("rank")), select(OTHERS.c.id, literal_column("1").label("rank"))
).subquery()
DUE_SMS = DUE_MESSAGES.where(BY_SMS)
DUE_MAILS = select(RANKED_MAILS.c.id).order_by(RANKED_MAILS.c.rank).limit(bindparam("most"))
CLAIM_MESSAGES = {
    Channel.MAIL: update(outbox).where(outbox.c.id.in_(DUE_MAILS.scalar_subquery())).returning(*MESSAGE_COLUMNS),
    Channel.SMS: update(outbox).where(outbox.c.id.in_(DUE_SMS.scalar_subquery())).returning(*MESSAGE_COLUMNS),
}
CHANGE_CLAIMED_MESSAGE = update(outbox).where(
    outbox.c.id == bindparam("parcel"), WAITING, outbox.c.due == bindparam("claimed")
)
CHANGE_AND_COUNT_ATTEMPT = CHANGE_CLAIMED_MESSAGE.values(
    attempts=outbox.c.attempts + 1, due=bindparam("due"), reason=bindparam("reason")
)
OLDEST_ASK = select(func.min(outbox.c.created)).where(UNDECIDED)
FIRST_DUE = select(func.min(outbox.c.due)).where(WAITING)
BACKLOG = select(func.count(), func.min(outbox.c.created)).where(WAITING)
COUNT_BY_STATE = select(outbox.c.state, func.count()).group_by(outbox.c.state)
DROP = update(outbox).where(outbox.c.id == bindparam("parcel"))
STUCK_COLUMNS = (outbox.c.id, outbox.c.kind, outbox.c.case, outbox.c.voter)
PARKED_MESSAGES = (
    select(*STUCK_COLUMNS, outbox.c.ended, outbox.c.reason)
    .where(PARKED)
    .order_by(outbox.c.ended.desc(), outbox.c.id.desc())
    .limit(bindparam("most"))
)
LATE_MESSAGES = (
    select(*STUCK_COLUMNS, outbox.c.created, outbox.c.reason)
    .where(WAITING, outbox.c.created < bindparam("before"))
    .order_by(outbox.c.created, outbox.c.id)
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class SqlOutbox:
    connection: Connection
    rows: RowAuthenticator

    def put(
        self,
        *,
        kind: str,
        case: str,
        at: datetime,
        useful_until: datetime,
        voter: int | None = None,
        sealed: bytes | None = None,
    ) -> OutboxMessage:
        values: dict[str, Any] = {
            "kind": kind,
            "case": case,
            "voter": voter,
            "sealed": sealed,
            "created": at,
            "due": at,
            "useful_until": useful_until,
            "attempts": 0,
            "uid": token_hex(UID_BYTES),
        }
        mac = self.rows.compute_tag(OUTBOX, [values[name] for name in OUTBOX.covered])
        stored = {**values, "state": MessageState.WAITING, MAC: mac}
        return OutboxMessage(id=self.connection.execute(INSERT_MESSAGE, stored).scalar_one(), **values)

    def find(self, message_id: int) -> OutboxMessage | None:
        return self.rows.open_struct(
            OutboxMessage, OUTBOX, self.connection.execute(FIND_MESSAGE, {"wanted": message_id}).first()
        )

    def claim(self, channel: Channel, *, now: datetime, lease: timedelta, limit: int) -> list[OutboxMessage]:
        rows = self.connection.execute(CLAIM_MESSAGES[channel], {"now": now, "most": limit, "due": now + lease}).all()
        claimed = list[OutboxMessage]()
        for row in rows:
            message = self.rows.open_struct(OutboxMessage, OUTBOX, row)
            if message is None:
                dropped = {"state": MessageState.DROPPED, "ended": now, "reason": "not-authentic", "sealed": None}
                self.connection.execute(DROP, {"parcel": row.id, **dropped})
            else:
                claimed.append(message)
        return sorted(claimed, key=lambda parcel: (parcel.kind not in FIRST_KINDS, parcel.id))

    def store_composed(self, message: OutboxMessage, *, kind: str, sealed: bytes, voter: int | None) -> None:
        covered = msgspec.structs.asdict(message) | {"kind": kind, "voter": voter}
        mac = self.rows.compute_tag(OUTBOX, [covered[name] for name in OUTBOX.covered])
        self._change(CHANGE_CLAIMED_MESSAGE, message, kind=kind, sealed=sealed, voter=voter, mac=mac)

    def finish(self, message: OutboxMessage, state: MessageState, *, at: datetime, reason: str | None = None) -> None:
        erased = {} if state is MessageState.PARKED else {"sealed": None}  # a parked message may be sent again
        self._change(CHANGE_CLAIMED_MESSAGE, message, state=state, ended=at, reason=reason, **erased)

    def retry(self, message: OutboxMessage, *, due: datetime, reason: str, counted: bool) -> None:
        self._change(CHANGE_AND_COUNT_ATTEMPT if counted else CHANGE_CLAIMED_MESSAGE, message, due=due, reason=reason)

    def oldest_request_delay(self, now: datetime) -> timedelta:
        created = self.connection.execute(OLDEST_ASK).scalar()
        return timedelta(0) if created is None else max(now - created, timedelta(0))

    def overdue(self, now: datetime) -> timedelta:
        due = self.connection.execute(FIRST_DUE).scalar()
        return timedelta(0) if due is None else max(now - due, timedelta(0))

    def counts(self) -> dict[MessageState, int]:
        return {MessageState(state): number for state, number in self.connection.execute(COUNT_BY_STATE).all()}

    def backlog(self) -> Backlog:
        return Backlog(*self.connection.execute(BACKLOG).one())

    def parked(self, limit: int) -> list[StuckMessage]:
        return structs_of_rows(StuckMessage, self.connection.execute(PARKED_MESSAGES, {"most": limit}))

    def waiting_since(self, before: datetime, limit: int) -> list[StuckMessage]:
        return structs_of_rows(StuckMessage, self.connection.execute(LATE_MESSAGES, {"before": before, "most": limit}))

    def _change(self, statement: Update, parcel: OutboxMessage, **values: object) -> None:
        claim = {"parcel": parcel.id, "claimed": parcel.due}
        if self.connection.execute(statement, {**claim, **values}).rowcount != 1:
            raise MessageClaimLost


MAY_LEAVE = (MessageState.WAITING, MessageState.PARKED)
HEADER = func.substr(outbox.c.sealed, 1, HEADER_BYTES, type_=LargeBinary)
"""SQL expression for the header of an encrypted body. The header contains the key id."""


@dataclass(frozen=True, slots=True)
class MessageNeedingKey:
    """An unsent message that is encrypted with the key `key` and expires at `until`."""

    case: str
    key: int
    until: datetime


def messages_needing_keys(connection: Connection, keys: Collection[int], now: datetime) -> Iterator[MessageNeedingKey]:
    wanted = (
        select(outbox.c.case, outbox.c.useful_until, HEADER)
        .where(outbox.c.state.in_(MAY_LEAVE), outbox.c.sealed.is_not(None), outbox.c.useful_until > now)
        .order_by(outbox.c.useful_until.desc())
    )
    for case, until, header in connection.execute(wanted):
        key = key_id_of(header)
        if key is not None and key in keys:
            yield MessageNeedingKey(case, key, until)
