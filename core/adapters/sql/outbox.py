"""The port Outbox. A claim pushes `due` ahead by the lease: a courier that dies lets go of its parcels by itself."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Update, bindparam, func, insert, literal, select, update

from core.adapters.sql.tables import UNDECIDED, WAITING, outbox
from core.ports import Backlog, ClaimLost, Parcel, ParcelKind, ParcelState

PARCEL = tuple(outbox.c[name] for name in Parcel.__struct_fields__)
FIND = select(*PARCEL).where(outbox.c.id == bindparam("wanted"))
PUT = insert(outbox).returning(outbox.c.id)
# SQLite has one writer at a time, so it needs (and knows) no SKIP LOCKED; SQLAlchemy leaves it out there.
FREE = (
    select(outbox.c.id)
    .where(WAITING, outbox.c.due <= bindparam("now"))
    .order_by(outbox.c.due, outbox.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
CLAIM = update(outbox).where(outbox.c.id.in_(FREE.scalar_subquery())).returning(*PARCEL)
CHANGE = update(outbox).where(outbox.c.id == bindparam("parcel"), WAITING, outbox.c.due == bindparam("claimed"))
COUNTED_CHANGE = CHANGE.values(attempts=outbox.c.attempts + 1, due=bindparam("due"), reason=bindparam("reason"))
OLDEST_ASK = select(func.min(outbox.c.created)).where(UNDECIDED)
# Written out, not bound: only so does SQLite take the partial index of what waits.
UNENDED = outbox.c.state == literal(ParcelState.WAITING.value, literal_execute=True)
BACKLOG = select(func.count(), func.min(outbox.c.created)).where(UNENDED)
COUNTS = select(outbox.c.state, func.count()).group_by(outbox.c.state)
KEEPS_BODY = ParcelState.PARKED
"""What the desk may set going again needs its body; every other end erases it."""


class SqlOutbox:
    """What waits to be sent."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(
        self,
        *,
        kind: ParcelKind,
        case: str,
        at: datetime,
        useful_until: datetime,
        voter: int | None = None,
        sealed: bytes | None = None,
    ) -> int:
        values = {"kind": kind, "case": case, "voter": voter, "sealed": sealed, "useful_until": useful_until}
        standing = {"state": ParcelState.WAITING, "created": at, "due": at, "attempts": 0}
        added: int = self._connection.execute(PUT, {**values, **standing}).scalar_one()
        return added

    def find(self, parcel: int) -> Parcel | None:
        row = self._connection.execute(FIND, {"wanted": parcel}).one_or_none()
        return None if row is None else _parcel(row)

    def claim(self, *, now: datetime, lease: timedelta, limit: int) -> list[Parcel]:
        rows = self._connection.execute(CLAIM, {"now": now, "most": limit, "due": now + lease})
        return sorted((_parcel(row) for row in rows), key=lambda parcel: parcel.id)

    def seal(self, parcel: Parcel, *, kind: ParcelKind, sealed: bytes, voter: int | None) -> None:
        self._change(CHANGE, parcel, kind=kind, sealed=sealed, voter=voter)

    def finish(self, parcel: Parcel, state: ParcelState, *, at: datetime, reason: str | None = None) -> None:
        erased = {} if state is KEEPS_BODY else {"sealed": None}
        self._change(CHANGE, parcel, state=state, ended=at, reason=reason, **erased)

    def retry(self, parcel: Parcel, *, due: datetime, reason: str, counted: bool) -> None:
        self._change(COUNTED_CHANGE if counted else CHANGE, parcel, due=due, reason=reason)

    def delay(self, now: datetime) -> timedelta:
        created = self._connection.execute(OLDEST_ASK).scalar_one()
        return timedelta(0) if created is None else max(now - created, timedelta(0))

    def counts(self) -> dict[ParcelState, int]:
        rows = self._connection.execute(COUNTS)
        return {ParcelState(state): number for state, number in rows}

    def backlog(self) -> Backlog:
        return Backlog(*self._connection.execute(BACKLOG).one())

    def _change(self, statement: Update, parcel: Parcel, **values: object) -> None:
        held = {"parcel": parcel.id, "claimed": parcel.due}
        if self._connection.execute(statement, {**held, **values}).rowcount != 1:
            raise ClaimLost


def _parcel(row: Row[*tuple[Any, ...]]) -> Parcel:
    columns = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's way to a mapping
    return Parcel(**{**columns, "kind": ParcelKind(columns["kind"])})
