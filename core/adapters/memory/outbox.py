"""What waits to be sent."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from core.adapters.memory.shelf import Port
from core.ports import Backlog, ClaimLost, Parcel, ParcelKind, ParcelState, Stranded


class MemoryOutbox(Port):
    """The port Outbox."""

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
        number = len(self._shelf.parcels) + 1
        self._shelf.ends[number] = ParcelState.WAITING
        self._shelf.parcels[number] = Parcel(
            id=number,
            kind=kind,
            case=case,
            voter=voter,
            sealed=sealed,
            created=at,
            due=at,
            useful_until=useful_until,
        )
        return number

    def post(
        self, *, kind: ParcelKind, case: str, at: datetime, useful_until: datetime, voter: int | None = None
    ) -> None:
        self.put(kind=kind, case=case, at=at, useful_until=useful_until, voter=voter)

    def find(self, parcel: int) -> Parcel | None:
        return self._shelf.parcels.get(parcel)

    def claim(self, *, now: datetime, lease: timedelta, limit: int) -> list[Parcel]:
        due = sorted((p for p in self._waiting() if p.due <= now), key=lambda p: (p.due, p.id))[:limit]
        claimed = [msgspec.structs.replace(parcel, due=now + lease) for parcel in due]
        self._shelf.parcels.update({parcel.id: parcel for parcel in claimed})
        return sorted(claimed, key=lambda parcel: parcel.id)

    def seal(self, parcel: Parcel, *, kind: ParcelKind, sealed: bytes, voter: int | None) -> None:
        self._change(parcel, kind=kind, sealed=sealed, voter=voter)

    def finish(self, parcel: Parcel, state: ParcelState, *, at: datetime, reason: str | None = None) -> None:
        self._change(parcel, **({} if state is ParcelState.PARKED else {"sealed": None}))
        self._shelf.ends[parcel.id] = state
        self._shelf.ended[parcel.id], self._shelf.reasons[parcel.id] = at, reason

    def retry(self, parcel: Parcel, *, due: datetime, reason: str, counted: bool) -> None:
        self._change(parcel, due=due, attempts=self._shelf.parcels[parcel.id].attempts + int(counted))
        self._shelf.reasons[parcel.id] = reason

    def delay(self, now: datetime) -> timedelta:
        asked = [parcel.created for parcel in self._waiting() if parcel.kind is ParcelKind.ASK]
        return max(now - min(asked), timedelta(0)) if asked else timedelta(0)

    def counts(self) -> dict[ParcelState, int]:
        ends = list(self._shelf.ends.values())
        return {state: ends.count(state) for state in ParcelState if state in ends}

    def backlog(self) -> Backlog:
        waiting = [parcel.created for parcel in self._waiting()]
        return Backlog(len(waiting), min(waiting, default=None))

    def parked(self, limit: int) -> list[Stranded]:
        ended = self._shelf.ended
        parked = [each for each, state in self._shelf.ends.items() if state is ParcelState.PARKED]
        latest = sorted(parked, key=lambda each: (ended[each], each), reverse=True)[:limit]
        return [self._stranded(self._shelf.parcels[each], ended[each]) for each in latest]

    def late(self, before: datetime, limit: int) -> list[Stranded]:
        late = [parcel for parcel in self._waiting() if parcel.created < before]
        oldest = sorted(late, key=lambda parcel: (parcel.created, parcel.id))[:limit]
        return [self._stranded(parcel, parcel.created) for parcel in oldest]

    def _stranded(self, parcel: Parcel, since: datetime) -> Stranded:
        reason = self._shelf.reasons.get(parcel.id)
        return Stranded(
            parcel=parcel.id, kind=parcel.kind, case=parcel.case, voter=parcel.voter, since=since, reason=reason
        )

    def _waiting(self) -> Iterator[Parcel]:
        ends = self._shelf.ends
        return (parcel for parcel in self._shelf.parcels.values() if ends[parcel.id] is ParcelState.WAITING)

    def _change(self, parcel: Parcel, **values: object) -> None:
        present = self._shelf.parcels[parcel.id]
        if self._shelf.ends[parcel.id] is not ParcelState.WAITING or present.due != parcel.due:
            raise ClaimLost
        self._shelf.parcels[parcel.id] = msgspec.structs.replace(present, **values)
