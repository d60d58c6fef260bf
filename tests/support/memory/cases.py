"""Cases, links, sessions and re-issues."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from core.ports import (
    CodeRequestOutcome,
    CodeSending,
    Conflict,
    CounterValue,
    LinkKind,
    LinkRecord,
    LinkWithCaseAndVoter,
    Recovery,
    ReissueRecord,
    SessionWithVoter,
    SignInRecord,
    Voter,
    VoterReissueSnapshot,
)
from tests.support.memory.memory_state import MemoryPort


class MemoryRecoveries(MemoryPort):
    """The port CaseRepository."""

    def add(self, recovery: Recovery, *, voter: int | None = None) -> bool:
        if self.by_number(recovery.number) or recovery.handle in self._state.recoveries:
            return False
        self._state.recoveries[recovery.handle] = recovery
        self._own(recovery.number, voter)
        return True

    def by_handle(self, handle: bytes) -> Recovery | None:
        return self._state.recoveries.get(handle)

    def by_number(self, number: str) -> Recovery | None:
        return next((case for case in self._state.recoveries.values() if case.number == number), None)

    def by_numbers(self, numbers: Sequence[str]) -> Mapping[str, Recovery]:
        return {case.number: case for case in self._state.recoveries.values() if case.number in numbers}

    def latest(self, voter: int, flow: str) -> Recovery | None:
        whose = self._state.whose
        theirs = [
            case for case in self._state.recoveries.values() if case.flow == flow and whose.get(case.number) == voter
        ]
        return max(theirs, key=lambda case: (case.began, case.number), default=None)

    def of_voter(self, voter: int, limit: int) -> list[Recovery]:
        cases = [case for case in self._state.recoveries.values() if self._state.whose.get(case.number) == voter]
        return sorted(cases, key=lambda case: (case.began, case.number), reverse=True)[:limit]

    def all_of_flow(self, flow: str) -> Iterator[Recovery]:
        cases = (case for case in self._state.recoveries.values() if case.flow == flow)
        return iter(sorted(cases, key=lambda case: case.number))

    def voter_of(self, number: str) -> int | None:
        return self._state.whose.get(number)

    def update_state(self, recovery: Recovery, state: object, *, voter: int | None = None) -> None:
        if self._state.recoveries[recovery.handle].version != recovery.version:
            raise Conflict
        moved = msgspec.structs.replace(recovery, state=state, version=recovery.version + 1)
        self._state.recoveries[recovery.handle] = moved
        self._own(recovery.number, voter)

    def _own(self, number: str, voter: int | None) -> None:
        if voter is not None:
            self._state.whose[number] = voter


class MemoryLinks(MemoryPort):
    """The port EmailedLinkRepository."""

    def add(self, link: LinkRecord) -> None:
        if link.epoch != self._state.voters[link.voter].epoch:
            raise Conflict
        self._state.links[link.digest] = link

    def find(self, digest: bytes) -> LinkWithCaseAndVoter | None:
        record = self._state.links.get(digest)
        if record is None:
            return None
        case = next(case for case in self._state.recoveries.values() if case.number == record.case)
        return LinkWithCaseAndVoter(record=record, case=case, voter=self._state.voters[record.voter])

    def count_valid_links(self, voter: int, *, epoch: int, now: datetime) -> int:
        links = (link for link in self._state.links.values() if link.kind == LinkKind.PASSWORD)
        return sum(link.voter == voter and link.epoch == epoch and link.expires > now for link in links)

    def recipients_by_email(self, addresses: Sequence[str]) -> Mapping[str, Voter]:
        voters = self._state.voters.values()
        return {each.email: each for each in voters if each.removed is None and each.email in addresses}

    def record_if_first_opening(self, digest: bytes, at: datetime) -> bool:
        link = self._state.links.get(digest)
        if link is None or link.opened is not None:
            return False
        self._state.links[digest] = msgspec.structs.replace(link, opened=at)
        return True

    def record_use(self, digest: bytes, at: datetime) -> None:
        self._state.links[digest] = msgspec.structs.replace(self._state.links[digest], used=at)


class MemorySessions(MemoryPort):
    """The port SignInSessionRepository."""

    def open(self, session: SignInRecord) -> None:
        self._state.sessions[session.digest] = session

    def find(self, digest: bytes) -> SessionWithVoter | None:
        record = self._state.sessions.get(digest)
        return None if record is None else SessionWithVoter(record=record, voter=self._state.voters[record.voter])

    def close(self, digest: bytes) -> None:
        self._state.sessions.pop(digest, None)


class MemoryPhoneClaims(MemoryPort):
    """The port PhoneClaimRepository."""

    def claim(self, phone_digest: bytes, voter: int, at: datetime) -> bool:  # noqa: ARG002  # the time is stored by SQL only
        return self._state.phones.setdefault(phone_digest, voter) == voter


class MemoryReissues(MemoryPort):
    """The port ReissueRepository."""

    def read_reissue_snapshot(self, voter: int, flow: str, buckets: Sequence[bytes]) -> VoterReissueSnapshot:
        if voter not in self._state.voters:
            raise LookupError(voter)
        counters = [self._state.counters.get(bucket) for bucket in buckets]
        return VoterReissueSnapshot(
            voter=self._state.voters[voter],
            last=MemoryRecoveries(self._state).latest(voter, flow),
            counts=tuple(None if counter is None else CounterValue(*counter) for counter in counters),
            reissues=tuple(self.of_voter(voter)),
        )

    def reserve(self, case: str, voter: int, *, slot: int, at: datetime) -> None:
        if any(each.slot == slot or each.ended is None for each in self.of_voter(voter)):
            raise Conflict
        self._state.reissues[case] = ReissueRecord(case=case, voter=voter, slot=slot, began=at)

    def of_voter(self, voter: int) -> list[ReissueRecord]:
        theirs = [each for each in self._state.reissues.values() if each.voter == voter]
        return sorted(theirs, key=lambda each: (each.began, each.case))

    def put_in_force(self, case: str, generation: int) -> None:
        self._change(case, generation=generation)

    def record_absent_on_platform(self, case: str) -> None:
        self._change(case, generation=None, slot=None)

    def end(self, case: str, at: datetime) -> None:
        if self._state.reissues[case].ended is None:
            self._change(case, ended=at)

    def set_quota_slot(self, case: str, slot: int | None) -> None:
        self._change(case, slot=slot)

    def voters_with_generation(self) -> Iterator[tuple[Voter, int]]:
        for voter in self._state.voters.values():
            last = max((each.generation or 0 for each in self.of_voter(voter.id)), default=0)
            if last or voter.frozen is not None:
                yield voter, last

    def _change(self, case: str, **values: object) -> None:
        self._state.reissues[case] = msgspec.structs.replace(self._state.reissues[case], **values)


class MemoryAwaitedCodes(MemoryPort):
    """The port AwaitedCodeRepository."""

    def await_code(self, phone_digest: bytes, case: str, until: datetime) -> None:
        self._state.awaited[case] = (phone_digest, until)

    def cases_awaiting_code_from(self, phone_digest: bytes, now: datetime) -> list[str]:
        waiting = [
            (until, case) for case, (at, until) in self._state.awaited.items() if at == phone_digest and until > now
        ]
        return [case for _, case in sorted(waiting, key=lambda each: (-each[0].timestamp(), each[1]))]

    def forget(self, case: str) -> None:
        self._state.awaited.pop(case, None)


class MemoryCodeSendings(MemoryPort):
    """The port CodeSendingRepository."""

    def of_voter(self, voter: int, since: datetime) -> list[CodeSending]:
        own = (each for whose, each in self._state.code_sendings.values() if whose == voter and each.at > since)
        return sorted(own, key=lambda each: (each.at, each.id))

    def add(self, voter: int, phone_digest: bytes, at: datetime, outcome: CodeRequestOutcome) -> None:
        key = max(self._state.code_sendings, default=0) + 1
        self._state.code_sendings[key] = (voter, CodeSending(id=key, phone=phone_digest, at=at, outcome=outcome))

    def change(self, sending: int, at: datetime, outcome: CodeRequestOutcome) -> None:
        voter, present = self._state.code_sendings[sending]
        self._state.code_sendings[sending] = (voter, msgspec.structs.replace(present, at=at, outcome=outcome))

    def forget(self, voter: int, until: datetime) -> None:
        over = [key for key, (whose, each) in self._state.code_sendings.items() if whose == voter and each.at <= until]
        for key in over:
            del self._state.code_sendings[key]
