"""Repairs what differs from the voting platform, as far as no secret is needed, and says whom the desk is to call."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.delivery.platform_account_comparison import PlatformDifference
from core.flows.dependencies import Dependencies
from core.flows.flow_plugin import ElectionFlows
from core.ports import Actor, Event, EventType, Voter

FROZEN_THERE = "frozen-there"


@dataclass(frozen=True, slots=True)
class PlatformDifferenceRepair:
    """Repairs each voter in a transaction of its own, so that an interrupted repair goes on when it is run again."""

    dependencies: Dependencies
    flows: ElectionFlows

    def repair(self, differences: Iterable[PlatformDifference]) -> tuple[tuple[int, str], ...]:
        """Repair the differences; return each voter whom the desk is to call, with their case. Does nothing the second time."""
        present = [(each, each.voter) for each in differences if each.voter is not None and each.voter.removed is None]
        calls = tuple(call for each, voter in present for call in self._repair(each, voter))
        if present:
            now, said = self.dependencies.clock.now(), f"differences {len(present)}, calls {len(calls)}"
            with self.dependencies.store.write() as transaction:
                event = Event(at=now, actor=Actor.OPERATOR, act=EventType.PLATFORM_RECONCILED, reason=said)
                transaction.journal.write(event)
        return calls

    def _repair(self, difference: PlatformDifference, voter: Voter) -> Iterator[tuple[int, str]]:
        if difference.there.generation != difference.ours:
            case = self.flows.adopt_platform_generation(voter.id, difference.there.generation)
            if case is not None:
                yield voter.id, case
        if difference.is_frozen_only_here or difference.is_frozen_only_there:
            case = self._settle_freeze(voter.id, ask_again=difference.is_frozen_only_here)
            if case is not None:
                yield voter.id, case

    def _settle_freeze(self, voter: int, *, ask_again: bool) -> str | None:
        """Ask the platform again to freeze the account, or have the voter called whose freeze is known there only."""
        now = self.dependencies.clock.now()
        with self.dependencies.store.write() as transaction:
            case = next(iter(transaction.recoveries.of_voter(voter, 1)), None)
            if case is None:
                return None
            if ask_again:
                self.dependencies.queue_freeze_update(transaction, case=case.number, voter=voter, at=now)
                return None
            transaction.journal.write(
                Event(
                    at=now,
                    actor=Actor.OPERATOR,
                    act=EventType.CALL_NEEDED,
                    case=case.number,
                    voter=voter,
                    reason=FROZEN_THERE,
                )
            )
        return case.number
