"""Messages, delivery reports and the cost of SMS."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import TypeVar

import msgspec

from core.ports import (
    NETWORK_MARK,
    DeliveryStatus,
    MessageClaimLost,
    MessageKind,
    MessageState,
    OutboxBacklog,
    OutboxMessage,
    SentCodeCounts,
    StuckMessage,
)
from tests.support.memory.memory_state import MemoryPort


class MemoryOutbox(MemoryPort):
    """The port Outbox."""

    def put(
        self,
        *,
        kind: str,
        case: str,
        at: datetime,
        useful_until: datetime,
        voter: int | None = None,
        sealed: bytes | None = None,
    ) -> int:
        number = len(self._state.parcels) + 1
        self._state.ends[number] = MessageState.WAITING
        self._state.parcels[number] = OutboxMessage(
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

    def put_without_id(
        self, *, kind: str, case: str, at: datetime, useful_until: datetime, voter: int | None = None
    ) -> None:
        self.put(kind=kind, case=case, at=at, useful_until=useful_until, voter=voter)

    def find(self, parcel: int) -> OutboxMessage | None:
        return self._state.parcels.get(parcel)

    def claim(self, *, now: datetime, lease: timedelta, limit: int) -> list[OutboxMessage]:
        waiting = [parcel for parcel in self._waiting() if parcel.due <= now]
        due = sorted(waiting, key=lambda p: (p.kind != MessageKind.CHECKPOINT, p.due, p.id))[:limit]
        claimed = [msgspec.structs.replace(parcel, due=now + lease) for parcel in due]
        self._state.parcels.update({parcel.id: parcel for parcel in claimed})
        return sorted(claimed, key=lambda parcel: (parcel.kind != MessageKind.CHECKPOINT, parcel.id))

    def seal(self, parcel: OutboxMessage, *, kind: str, sealed: bytes, voter: int | None) -> None:
        self._change(parcel, kind=kind, sealed=sealed, voter=voter)

    def finish(self, parcel: OutboxMessage, state: MessageState, *, at: datetime, reason: str | None = None) -> None:
        self._change(parcel, **({} if state is MessageState.PARKED else {"sealed": None}))
        self._state.ends[parcel.id] = state
        self._state.ended[parcel.id], self._state.reasons[parcel.id] = at, reason

    def retry(self, parcel: OutboxMessage, *, due: datetime, reason: str, counted: bool) -> None:
        self._change(parcel, due=due, attempts=self._state.parcels[parcel.id].attempts + int(counted))
        self._state.reasons[parcel.id] = reason

    def oldest_request_delay(self, now: datetime) -> timedelta:
        asked = [parcel.created for parcel in self._waiting() if parcel.kind is MessageKind.ASK]
        return max(now - min(asked), timedelta(0)) if asked else timedelta(0)

    def counts(self) -> dict[MessageState, int]:
        ends = list(self._state.ends.values())
        return {state: ends.count(state) for state in MessageState if state in ends}

    def backlog(self) -> OutboxBacklog:
        waiting = [parcel.created for parcel in self._waiting()]
        return OutboxBacklog(len(waiting), min(waiting, default=None))

    def parked(self, limit: int) -> list[StuckMessage]:
        ended = self._state.ended
        parked = [each for each, state in self._state.ends.items() if state is MessageState.PARKED]
        latest = sorted(parked, key=lambda each: (ended[each], each), reverse=True)[:limit]
        return [self._stranded(self._state.parcels[each], ended[each]) for each in latest]

    def waiting_since(self, before: datetime, limit: int) -> list[StuckMessage]:
        late = [parcel for parcel in self._waiting() if parcel.created < before]
        oldest = sorted(late, key=lambda parcel: (parcel.created, parcel.id))[:limit]
        return [self._stranded(parcel, parcel.created) for parcel in oldest]

    def _stranded(self, parcel: OutboxMessage, since: datetime) -> StuckMessage:
        reason = self._state.reasons.get(parcel.id)
        return StuckMessage(
            parcel=parcel.id, kind=parcel.kind, case=parcel.case, voter=parcel.voter, since=since, reason=reason
        )

    def _waiting(self) -> Iterator[OutboxMessage]:
        ends = self._state.ends
        return (parcel for parcel in self._state.parcels.values() if ends[parcel.id] is MessageState.WAITING)

    def _change(self, parcel: OutboxMessage, **values: object) -> None:
        present = self._state.parcels[parcel.id]
        if self._state.ends[parcel.id] is not MessageState.WAITING or present.due != parcel.due:
            raise MessageClaimLost
        self._state.parcels[parcel.id] = msgspec.structs.replace(present, **values)


K = TypeVar("K")


class MemoryReports(MemoryPort):
    """The port DeliveryReportRepository."""

    def record_report(self, message_id: int, delivery: DeliveryStatus, at: datetime) -> bool:
        return self._once(self._state.reports, (message_id, delivery), at)

    def record_answer(self, answer: bytes, at: datetime) -> bool:
        return self._once(self._state.answers, answer, at)

    def forget_answer(self, answer: bytes) -> None:
        self._state.answers.pop(answer, None)

    @staticmethod
    def _once(kept: dict[K, datetime], key: K, at: datetime) -> bool:
        new = key not in kept
        kept.setdefault(key, at)
        return new


class MemorySpending(MemoryPort):
    """The port DailySmsCodeCounts."""

    def add(self, day: date, scope: str, spent: SentCodeCounts) -> None:
        former = self._state.spending.get((day, scope), SentCodeCounts())
        self._state.spending[day, scope] = SentCodeCounts(former.sent + spent.sent, former.verified + spent.verified)

    def increment_sent(self, day: date, scope: str) -> SentCodeCounts:
        self.add(day, scope, SentCodeCounts(sent=1))
        return self.of_scope(day, scope)

    def of_scope(self, day: date, scope: str) -> SentCodeCounts:
        return self._state.spending.get((day, scope), SentCodeCounts())

    def of_day(self, day: date) -> Mapping[str, SentCodeCounts]:
        kept = self._state.spending.items()
        return {scope: spent for (known, scope), spent in kept if known == day and NETWORK_MARK not in scope}
