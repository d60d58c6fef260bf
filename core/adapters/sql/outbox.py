"""The port Outbox. A claim pushes `due` ahead by the lease: a courier that dies lets go of its parcels by itself."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, Update, bindparam, func, insert, literal, select, update

from core.adapters.sql.prepared import Prepared, Row
from core.adapters.sql.tables import PARKED, UNDECIDED, WAITING, outbox
from core.ports import Backlog, ClaimLost, Parcel, ParcelKind, ParcelState, Stranded

PARCEL = tuple(outbox.c[name] for name in Parcel.__struct_fields__)
FIND = select(*PARCEL).where(outbox.c.id == bindparam("wanted"))
POST = insert(outbox).inline()
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
STRANDED = (outbox.c.id, outbox.c.kind, outbox.c.case, outbox.c.voter)
PARKED_ONES = (
    select(*STRANDED, outbox.c.ended, outbox.c.reason)
    .where(PARKED)
    .order_by(outbox.c.ended.desc(), outbox.c.id.desc())
    .limit(bindparam("most"))
)
LATE = (
    select(*STRANDED, outbox.c.created, outbox.c.reason)
    .where(WAITING, outbox.c.created < bindparam("before"))
    .order_by(outbox.c.created, outbox.c.id)
    .limit(bindparam("most"))
)
KEEPS_BODY = ParcelState.PARKED
"""What the desk may set going again needs its body; every other end erases it."""


class SqlOutbox:
    """What waits to be sent."""

    def __init__(self, connection: Connection, run: Prepared) -> None:
        self._connection = connection
        self._run = run

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
        (added,) = self._run.one(PUT, {**values, **_fresh(at)})
        return int(added)

    def post(
        self, *, kind: ParcelKind, case: str, at: datetime, useful_until: datetime, voter: int | None = None
    ) -> None:
        values = {"kind": kind, "case": case, "voter": voter, "useful_until": useful_until}
        self._run.write(POST, {**values, **_fresh(at)})

    def find(self, parcel: int) -> Parcel | None:
        row = self._run.row(FIND, {"wanted": parcel})
        return None if row is None else _parcel(row)

    def claim(self, *, now: datetime, lease: timedelta, limit: int) -> list[Parcel]:
        rows = self._run.rows(CLAIM, {"now": now, "most": limit, "due": now + lease})
        return sorted((_parcel(row) for row in rows), key=lambda parcel: parcel.id)

    def seal(self, parcel: Parcel, *, kind: ParcelKind, sealed: bytes, voter: int | None) -> None:
        self._change(CHANGE, parcel, kind=kind, sealed=sealed, voter=voter)

    def finish(self, parcel: Parcel, state: ParcelState, *, at: datetime, reason: str | None = None) -> None:
        erased = {} if state is KEEPS_BODY else {"sealed": None}
        self._change(CHANGE, parcel, state=state, ended=at, reason=reason, **erased)

    def retry(self, parcel: Parcel, *, due: datetime, reason: str, counted: bool) -> None:
        self._change(COUNTED_CHANGE if counted else CHANGE, parcel, due=due, reason=reason)

    def delay(self, now: datetime) -> timedelta:
        (created,) = self._run.one(OLDEST_ASK, {})
        return timedelta(0) if created is None else max(now - created, timedelta(0))

    def counts(self) -> dict[ParcelState, int]:
        rows = self._connection.execute(COUNTS)
        return {ParcelState(state): number for state, number in rows}

    def backlog(self) -> Backlog:
        return Backlog(*self._connection.execute(BACKLOG).one())

    def parked(self, limit: int) -> list[Stranded]:
        return [_stranded(row) for row in self._run.rows(PARKED_ONES, {"most": limit})]

    def late(self, before: datetime, limit: int) -> list[Stranded]:
        return [_stranded(row) for row in self._run.rows(LATE, {"before": before, "most": limit})]

    def _change(self, statement: Update, parcel: Parcel, **values: object) -> None:
        held = {"parcel": parcel.id, "claimed": parcel.due}
        self._run.write(statement, {**held, **values}, unless=ClaimLost)


def _fresh(at: datetime) -> dict[str, object]:
    return {"state": ParcelState.WAITING, "created": at, "due": at, "attempts": 0}


def _parcel(row: Row) -> Parcel:
    columns = dict(zip(Parcel.__struct_fields__, row, strict=True))
    return Parcel(**{**columns, "kind": ParcelKind(columns["kind"])})


def _stranded(row: Row) -> Stranded:
    columns = dict(zip(Stranded.__struct_fields__, row, strict=True))
    return Stranded(**{**columns, "kind": ParcelKind(columns["kind"])})
