"""Recoveries, and whose they are."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from core.adapters.memory.shelf import Port
from core.ports import Moved, Recovery


class MemoryRecoveries(Port):
    """The port Recoveries."""

    def add(self, recovery: Recovery, *, voter: int | None = None) -> bool:
        if self.by_number(recovery.number) is not None:
            return False
        self._shelf.recoveries[recovery.handle] = recovery
        self._own(recovery.number, voter)
        return True

    def by_handle(self, handle: bytes) -> Recovery | None:
        return self._shelf.recoveries.get(handle)

    def by_number(self, number: str) -> Recovery | None:
        return next((case for case in self._shelf.recoveries.values() if case.number == number), None)

    def by_numbers(self, numbers: Sequence[str]) -> Mapping[str, Recovery]:
        return {case.number: case for case in self._shelf.recoveries.values() if case.number in numbers}

    def latest(self, voter: int, flow: str) -> Recovery | None:
        whose = self._shelf.whose
        theirs = [
            case for case in self._shelf.recoveries.values() if case.flow == flow and whose.get(case.number) == voter
        ]
        return max(theirs, key=lambda case: (case.began, case.number), default=None)

    def of_voter(self, voter: int, limit: int) -> list[Recovery]:
        cases = [case for case in self._shelf.recoveries.values() if self._shelf.whose.get(case.number) == voter]
        return sorted(cases, key=lambda case: (case.began, case.number), reverse=True)[:limit]

    def in_flow(self, flow: str) -> Iterator[Recovery]:
        cases = (case for case in self._shelf.recoveries.values() if case.flow == flow)
        return iter(sorted(cases, key=lambda case: case.number))

    def voter_of(self, number: str) -> int | None:
        return self._shelf.whose.get(number)

    def move(self, recovery: Recovery, state: object, *, voter: int | None = None) -> None:
        if self._shelf.recoveries[recovery.handle].version != recovery.version:
            raise Moved
        moved = msgspec.structs.replace(recovery, state=state, version=recovery.version + 1)
        self._shelf.recoveries[recovery.handle] = moved
        self._own(recovery.number, voter)

    def _own(self, number: str, voter: int | None) -> None:
        if voter is not None:
            self._shelf.whose[number] = voter
