"""Compares our voters with their accounts on the voting platform, and repairs differences.

For each voter, two values are compared: the generation number, which grows with each new identifier, and whether the
account is frozen.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from core.flows.dependencies import Dependencies, following_done_act
from core.flows.flow_plugin import ElectionFlows
from core.ports import Actor, Clock, Event, EventType, Store, Voter
from core.ports.voting_platform import PlatformAccount, VotingPlatform
from core.security.digests import PlatformPseudonyms
from core.text.faces import platform_cli_sentences as words
from core.text.text import Text

MARGIN = timedelta(minutes=1)
"""Allowance for a difference between two machines' clocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformDifference:
    """A difference between a voter's data here and on the platform. `voter` is None if we do not know the voter."""

    voter: Voter | None
    ours: int
    there: PlatformAccount
    since: datetime
    """A time before the platform's accounts were read. The accounts may lack changes made after this time."""

    def sentences(self) -> Iterator[Text]:
        if self.voter is None:
            yield words.UNKNOWN_HERE.fill({"pseudonym": self.there.voter[:16], "theirs": self.there.generation})
            return
        facts: dict[str, object] = {"voter": str(self.voter.id), "ours": self.ours, "theirs": self.there.generation}
        if self.there.generation != self.ours:
            yield words.GENERATION_DIFFERS.fill(facts)
        if self.is_frozen_only_here:
            yield words.FROZEN_HERE.fill(facts)
        if self.is_frozen_only_there:
            yield words.FROZEN_THERE.fill(facts)

    @property
    def is_frozen_only_here(self) -> bool:
        return self.voter is not None and self.voter.frozen is not None and not self.there.frozen

    @property
    def is_frozen_only_there(self) -> bool:
        return self.voter is not None and self.voter.frozen is None and self.there.frozen


@dataclass(frozen=True, slots=True)
class PlatformComparisonResult:
    compared: int
    differing: tuple[PlatformDifference, ...] = ()

    @property
    def differences(self) -> tuple[Text, ...]:
        return tuple(sentence for difference in self.differing for sentence in difference.sentences())


@dataclass(frozen=True, slots=True)
class PlatformComparison:
    store: Store
    platform: VotingPlatform
    pseudonyms: PlatformPseudonyms
    clock: Clock

    def compare_accounts(self) -> PlatformComparisonResult:
        """Compare voters with their accounts. Raises PlatformUnreachable, RollImportedUnderOtherKey."""
        since = self.clock.now() - MARGIN
        theirs = {account.voter: account for account in self.platform.accounts()}
        with self.store.read() as transaction:
            known = self._known(transaction.reissues.voters_with_generation())
        pairs = self._pairs(known, theirs, since)
        differing = [pair for pair in pairs if next(pair.sentences(), None) is not None]
        return PlatformComparisonResult(len(set(known) | set(theirs)), tuple(differing))

    def _owners(self, unknown: Collection[str]) -> dict[str, Voter]:
        stored = filter(None, map(self.pseudonyms.to_stored_pseudonym, unknown))
        with self.store.read() as transaction:
            found = transaction.voters.by_pseudonyms(list(stored))
        return {self.pseudonyms.platform_pseudonym(voter.pseudonym): voter for voter in found}

    def _known(self, ours: Iterable[tuple[Voter, int]]) -> dict[str, tuple[Voter, int]]:
        known: dict[str, tuple[Voter, int]] = {}
        for voter, generation in ours:
            pseudonym = self.pseudonyms.platform_pseudonym(voter.pseudonym)
            before = known.get(pseudonym, (voter, 0))
            current = max(before[0], voter, key=lambda row: (row.removed is None, row.id))
            known[pseudonym] = (current, max(before[1], generation))
        return known

    def _pairs(
        self, known: dict[str, tuple[Voter, int]], theirs: dict[str, PlatformAccount], since: datetime
    ) -> Iterator[PlatformDifference]:
        for pseudonym, (voter, generation) in known.items():
            there = theirs.get(pseudonym, PlatformAccount(voter=pseudonym, generation=0, frozen=False))
            yield PlatformDifference(voter=voter, ours=generation, there=there, since=since)
        unknown = {pseudonym: there for pseudonym, there in theirs.items() if pseudonym not in known}
        owners = self._owners(unknown)
        for pseudonym, there in unknown.items():
            if there.generation or there.frozen:
                yield PlatformDifference(voter=owners.get(pseudonym), ours=0, there=there, since=since)


FROZEN_THERE = "frozen-there"


@dataclass(frozen=True, slots=True)
class PlatformDifferenceRepair:
    """Repairs differences between voters and platform accounts. An interrupted repair can be run again."""

    dependencies: Dependencies
    flows: ElectionFlows

    def repair(self, differences: Iterable[PlatformDifference]) -> tuple[tuple[int, str], ...]:
        """Repair the differences. Returns (voter id, case number) pairs of voters whom the helpdesk must call.

        Raises StoreUnavailable, CommitOutcomeUnknown.
        """
        present = [(each, each.voter) for each in differences if each.voter is not None and each.voter.removed is None]
        calls = list[tuple[int, str]]()
        for number, (voter, repair) in enumerate(self._repairs(present)):
            with following_done_act() if number else nullcontext():
                case = repair()
            if case is not None:
                calls.append((voter, case))
        if present:
            now, summary = self.dependencies.clock.now(), f"differences {len(present)}, calls {len(calls)}"
            with following_done_act(), self.dependencies.store.write() as transaction:
                event = Event(at=now, actor=Actor.OPERATOR, act=EventType.PLATFORM_RECONCILED, reason=summary)
                transaction.journal.write(event)
        return tuple(calls)

    def _repairs(
        self, differences: Iterable[tuple[PlatformDifference, Voter]]
    ) -> Iterator[tuple[int, Callable[[], str | None]]]:
        for difference, voter in differences:
            generation = difference.there.generation
            if generation != difference.ours:
                yield voter.id, partial(self._adopt_generation, voter.id, generation, difference.since)
            if difference.is_frozen_only_here or difference.is_frozen_only_there:
                yield voter.id, partial(self._settle_freeze, voter.id, difference)

    def _adopt_generation(self, voter: int, generation: int, since: datetime) -> str | None:
        adopted = (flow.adopt_platform_generation(voter, generation, since) for flow in self.flows)
        return next(filter(None, adopted), None)

    def _settle_freeze(self, voter: int, difference: PlatformDifference) -> str | None:
        """Repair the difference if the account is frozen on one side only.

        Returns the case number if the helpdesk must call.
        """
        now = self.dependencies.clock.now()
        with self.dependencies.store.write() as transaction:
            transaction.voters.lock(voter)
            present = transaction.voters.by_id(voter)
            case = next(iter(transaction.recoveries.of_voter(voter, 1)), None)
            if case is None or present is None or _is_freeze_dated_after(present, difference.since):
                return None
            if difference.is_frozen_only_here:
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


def _is_freeze_dated_after(voter: Voter, instant: datetime) -> bool:
    return any(moment is not None and moment >= instant for moment in (voter.frozen, voter.reopened))
