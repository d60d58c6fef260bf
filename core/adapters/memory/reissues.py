"""New identifiers: telephones, slots, codes awaited."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from core.adapters.memory.recoveries import MemoryRecoveries
from core.adapters.memory.shelf import Port
from core.ports import Counted, Holder, Moved, ReissueRecord, Voter


class MemoryPhoneClaims(Port):
    """The port PhoneClaims."""

    def claim(self, phone: bytes, voter: int, at: datetime) -> bool:  # noqa: ARG002  # for the board's eyes
        return self._shelf.phones.setdefault(phone, voter) == voter


class MemoryReissues(Port):
    """The port Reissues."""

    def holder(self, voter: int, flow: str, buckets: Sequence[bytes]) -> Holder:
        if voter not in self._shelf.voters:
            raise LookupError(voter)
        counters = [self._shelf.counters.get(bucket) for bucket in buckets]
        return Holder(
            voter=self._shelf.voters[voter],
            last=MemoryRecoveries(self._shelf).latest(voter, flow),
            counts=tuple(None if counter is None else Counted(*counter) for counter in counters),
            reissues=tuple(self.of_voter(voter)),
        )

    def reserve(self, case: str, voter: int, *, slot: int, at: datetime) -> None:
        if any(each.slot == slot or each.ended is None for each in self.of_voter(voter)):
            raise Moved
        self._shelf.reissues[case] = ReissueRecord(case=case, voter=voter, slot=slot, began=at)

    def of_voter(self, voter: int) -> list[ReissueRecord]:
        theirs = [each for each in self._shelf.reissues.values() if each.voter == voter]
        return sorted(theirs, key=lambda each: (each.began, each.case))

    def put_in_force(self, case: str, generation: int) -> None:
        self._change(case, generation=generation)

    def end(self, case: str, at: datetime) -> None:
        if self._shelf.reissues[case].ended is None:
            self._change(case, ended=at)

    def recount(self, case: str, slot: int | None) -> None:
        self._change(case, slot=slot)

    def generations(self) -> Iterator[tuple[Voter, int]]:
        for voter in self._shelf.voters.values():
            last = max((each.generation or 0 for each in self.of_voter(voter.id)), default=0)
            if last or voter.frozen is not None:
                yield voter, last

    def _change(self, case: str, **values: object) -> None:
        self._shelf.reissues[case] = msgspec.structs.replace(self._shelf.reissues[case], **values)


class MemoryAwaitedCodes(Port):
    """The port AwaitedCodes."""

    def expect(self, phone: bytes, case: str, until: datetime) -> None:
        self._shelf.awaited[case] = (phone, until)

    def of_phone(self, phone: bytes, now: datetime) -> list[str]:
        waiting = [(until, case) for case, (at, until) in self._shelf.awaited.items() if at == phone and until > now]
        return [case for _, case in sorted(waiting, key=lambda each: (-each[0].timestamp(), each[1]))]

    def forget(self, case: str) -> None:
        self._shelf.awaited.pop(case, None)
