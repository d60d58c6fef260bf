"""Adopts the voting platform's state after a failover that lost data here (CASE 57)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.flows.dependencies import Dependencies, retry_on_conflict
from core.flows.identifier.definition import SLUG
from core.flows.identifier.reissue_status import first_free_slot, open_case, record_event
from core.flows.identifier.states import IdentifierFromPlatform
from core.ports import LACKED_BY_PLATFORM, UNKNOWN_HERE, Actor, EventType, ReissueRecord, Transaction


@dataclass(frozen=True, slots=True)
class PlatformStateAdoption:
    """Makes our record of a voter's identifiers match the platform's. Makes no new identifier."""

    dependencies: Dependencies

    def adopt_generation(self, voter: int, generation: int, since: datetime) -> str | None:
        """Adopt a generation read from the platform after `since`. Return the case for which to call the voter.

        Does nothing if both agree, if a re-issue is under way (the courier settles it with the platform), or if a
        re-issue ended after `since`, because the generation that was read may be out of date.
        """
        return retry_on_conflict(lambda: self._follow(voter, generation, since))

    def _follow(self, voter: int, generation: int, since: datetime) -> str | None:
        now = self.dependencies.clock.now()
        with self.dependencies.store.write() as transaction:
            transaction.voters.lock(voter)
            records = transaction.reissues.of_voter(voter)
            ours = max((record.generation or 0 for record in records), default=0)
            if ours == generation or any(record.ended is None or record.ended >= since for record in records):
                return None
            if generation > ours:
                cases, reason = list(self._adopt(transaction, voter, now, ours=ours, theirs=generation)), UNKNOWN_HERE
            else:
                cases, reason = self._withdraw(transaction, records, generation), LACKED_BY_PLATFORM
            for case in cases:
                record_event(transaction, now, EventType.CALL_NEEDED, case, voter, reason=reason, actor=Actor.OPERATOR)
        return cases[-1]

    def _adopt(self, transaction: Transaction, voter: int, now: datetime, *, ours: int, theirs: int) -> Iterator[str]:
        """Record the re-issues that were lost here. They count; their delivery is unknown. Yield their cases."""
        for generation in range(max(ours, theirs - self.dependencies.policy.reissues) + 1, theirs + 1):
            state = IdentifierFromPlatform(voter=voter, generation=generation, at=now)
            former = transaction.recoveries.latest(voter, SLUG)
            number = open_case(self.dependencies, transaction, state, former, now)
            known = transaction.reissues.of_voter(voter)
            transaction.reissues.reserve(number, voter, slot=first_free_slot(known, len(known) + 1) or 0, at=now)
            transaction.reissues.record_generation_in_force(number, generation)
            transaction.reissues.end(number, now)
            yield number

    def _withdraw(self, transaction: Transaction, records: Sequence[ReissueRecord], generation: int) -> list[str]:
        """Give back the re-issues that the platform lacks: their identifiers cannot vote. Return their cases."""
        lost = [record.case for record in records if (record.generation or 0) > generation]
        for case in lost:
            transaction.reissues.record_absent_on_platform(case)
        return lost
