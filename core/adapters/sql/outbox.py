"""The port Outbox. A claim pushes `due` ahead by the lease: a courier that dies lets go of its parcels by itself."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from core.adapters.sql.tables import outbox
from core.ports import Parcel, ParcelKind, ParcelState

PARCEL = tuple(outbox.c[name] for name in Parcel.__struct_fields__)
WAITING = outbox.c.state == ParcelState.WAITING
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
        row = insert(outbox).values(**values, state=ParcelState.WAITING, created=at, due=at, attempts=0)
        added: int = self._connection.execute(row.returning(outbox.c.id)).scalar_one()
        return added

    def claim(self, *, now: datetime, lease: timedelta, limit: int) -> list[Parcel]:
        # SQLite has one writer at a time, so it needs (and knows) no SKIP LOCKED; SQLAlchemy leaves it out there.
        free = (
            select(outbox.c.id)
            .where(WAITING, outbox.c.due <= now)
            .order_by(outbox.c.due, outbox.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        claimed = update(outbox).where(outbox.c.id.in_(free.scalar_subquery())).values(due=now + lease)
        rows = self._connection.execute(claimed.returning(*PARCEL))
        return sorted((_parcel(row) for row in rows), key=lambda parcel: parcel.id)

    def seal(self, parcel: int, *, kind: ParcelKind, sealed: bytes, voter: int, useful_until: datetime) -> None:
        self._update(parcel, kind=kind, sealed=sealed, voter=voter, useful_until=useful_until)

    def finish(self, parcel: int, state: ParcelState, *, at: datetime, reason: str | None = None) -> None:
        erased = {} if state is KEEPS_BODY else {"sealed": None}
        self._update(parcel, state=state, ended=at, reason=reason, **erased)

    def retry(self, parcel: int, *, due: datetime, reason: str, counted: bool) -> None:
        self._update(parcel, due=due, reason=reason, attempts=outbox.c.attempts + int(counted))

    def delay(self, now: datetime) -> timedelta:
        oldest = select(func.min(outbox.c.created)).where(WAITING, outbox.c.attempts == 0)
        created = self._connection.execute(oldest).scalar_one()
        return timedelta(0) if created is None else max(now - created, timedelta(0))

    def counts(self) -> dict[ParcelState, int]:
        rows = self._connection.execute(select(outbox.c.state, func.count()).group_by(outbox.c.state))
        return {ParcelState(state): number for state, number in rows}

    def _update(self, parcel: int, **values: object) -> None:
        self._connection.execute(update(outbox).where(outbox.c.id == parcel, WAITING).values(**values))


def _parcel(row: Row[*tuple[Any, ...]]) -> Parcel:
    columns = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's way to a mapping
    return Parcel(**{**columns, "kind": ParcelKind(columns["kind"])})
