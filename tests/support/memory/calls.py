"""Calls, call-backs and files handed over."""

from datetime import datetime
from typing import TypeVar

import msgspec

from core.ports import ApprovalRequest, ApprovalState, CallBack, CallBackOrigin, CallRecord, Conflict, HandOver
from tests.support.memory.memory_state import MemoryPort

R = TypeVar("R", CallRecord, CallBack, HandOver)
S = TypeVar("S", CallRecord, CallBack, HandOver, ApprovalRequest)
K = TypeVar("K", int, str)


class MemoryCalls(MemoryPort):
    """The port CallRecordRepository."""

    def add(self, call: CallRecord) -> int:
        return _added(self._state.calls, call)

    def by_id(self, call: int) -> CallRecord | None:
        return self._state.calls.get(call)

    def of_voter(self, voter: int, limit: int) -> list[CallRecord]:
        return self._latest([each for each in self._state.calls.values() if each.voter == voter], limit)

    def of_case(self, case: str, limit: int) -> list[CallRecord]:
        return self._latest([each for each in self._state.calls.values() if each.case == case], limit)

    def change(self, former: CallRecord, call: CallRecord) -> None:
        _swap(self._state.calls, former, call)

    @staticmethod
    def _latest(found: list[CallRecord], limit: int) -> list[CallRecord]:
        return sorted(found, key=lambda each: (each.ended, each.id), reverse=True)[:limit]


class MemoryCallBacks(MemoryPort):
    """The port CallBackRepository."""

    def add(self, call_back: CallBack) -> int:
        return _added(self._state.call_backs, call_back)

    def by_id(self, call_back: int) -> CallBack | None:
        return self._state.call_backs.get(call_back)

    def waiting(self, origin: CallBackOrigin, limit: int) -> list[CallBack]:
        return [each for each in self._first_due() if each.origin is origin][:limit]

    def waiting_for(self, voter: int) -> list[CallBack]:
        return [each for each in self._first_due() if each.voter == voter]

    def _first_due(self) -> list[CallBack]:
        found = [each for each in self._state.call_backs.values() if each.done is None]
        return sorted(found, key=lambda each: (each.due, each.id))

    def change(self, former: CallBack, call_back: CallBack) -> None:
        _swap(self._state.call_backs, former, call_back)


class MemoryHandOvers(MemoryPort):
    """The port HandOverRepository."""

    def add(self, hand_over: HandOver) -> int:
        return _added(self._state.hand_overs, hand_over)

    def by_id(self, hand_over: int) -> HandOver | None:
        return self._state.hand_overs.get(hand_over)

    def waiting_for(self, agent: str, limit: int) -> list[HandOver]:
        found = [each for each in self._state.hand_overs.values() if each.given_to == agent and each.taken is None]
        return sorted(found, key=lambda each: (each.given, each.id))[:limit]

    def change(self, former: HandOver, hand_over: HandOver) -> None:
        _swap(self._state.hand_overs, former, hand_over)


class MemoryApprovalRequests(MemoryPort):
    """The port ApprovalRequestRepository."""

    def add(self, request: ApprovalRequest) -> None:
        self._state.signature_requests[request.id] = request

    def by_id(self, request: str) -> ApprovalRequest | None:
        return self._state.signature_requests.get(request)

    def waiting(self, now: datetime, limit: int) -> list[ApprovalRequest]:
        found = [
            each
            for each in self._state.signature_requests.values()
            if each.state is ApprovalState.WAITING and each.until > now
        ]
        return sorted(found, key=lambda each: (each.asked, each.id))[:limit]

    def open_of(self, agent: str, now: datetime) -> list[ApprovalRequest]:
        usable = (ApprovalState.WAITING, ApprovalState.ACCEPTED)
        found = [
            each
            for each in self._state.signature_requests.values()
            if each.agent == agent and each.state in usable and each.until > now
        ]
        return sorted(found, key=lambda each: (each.asked, each.id))

    def change(self, former: ApprovalRequest, request: ApprovalRequest) -> None:
        _swap(self._state.signature_requests, former, request)


def _added(kept: dict[int, R], row: R) -> int:
    identity = len(kept) + 1
    kept[identity] = msgspec.structs.replace(row, id=identity)
    return identity


def _swap(kept: dict[K, S], former: S, row: S) -> None:
    present = kept.get(former.id)  # type: ignore[arg-type]  # the id of its own kind
    if present is None or present.version != former.version:
        raise Conflict
    kept[former.id] = msgspec.structs.replace(row, id=former.id, version=former.version + 1)
