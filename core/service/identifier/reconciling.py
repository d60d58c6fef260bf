"""Compares generations on both sides, voter by voter: what we reserved and sent, and what the platform has in force."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.platform import Standing, VotingPlatform
from core.ports import Store, Voter
from core.pseudonyms import Pseudonyms
from core.text import Text
from core.words import platform as words


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """How many voters were compared, and a sentence for each difference."""

    compared: int
    differences: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Reconciling:
    """Both sides know a voter by a pseudonym."""

    store: Store
    platform: VotingPlatform
    pseudonyms: Pseudonyms

    def reconcile(self) -> Reconciliation:
        """Reads both sides; changes neither. Raises PlatformAway, OtherKey.

        Ours is read last: what is under way meanwhile shows there once more, and is no difference when it is run again.
        """
        theirs = {standing.voter: standing for standing in self.platform.standings()}
        with self.store.read() as transaction:
            known = self._known(transaction.reissues.generations())
        told = [*self._ours(known, theirs), *self._unknown(known, theirs)]
        return Reconciliation(len(set(known) | set(theirs)), tuple(told))

    def _known(self, ours: Iterable[tuple[Voter, int]]) -> dict[str, tuple[Voter, int]]:
        """By pseudonym. Someone who left the roll and came back is one voter to the platform: how they stand now counts."""
        known: dict[str, tuple[Voter, int]] = {}
        for voter, generation in ours:
            told = self.pseudonyms.told(voter.pseudonym)
            before = known.get(told, (voter, 0))
            known[told] = (max(before[0], voter, key=_presence), max(before[1], generation))
        return known

    def _ours(self, known: dict[str, tuple[Voter, int]], theirs: dict[str, Standing]) -> Iterator[Text]:
        for pseudonym, (voter, generation) in known.items():
            there = theirs.get(pseudonym, Standing(voter=pseudonym, generation=0, frozen=False))
            facts: dict[str, object] = {"voter": str(voter.id), "ours": generation, "theirs": there.generation}
            if there.generation != generation:
                yield words.GENERATION_DIFFERS.fill(facts)
            if voter.frozen is not None and not there.frozen:
                yield words.FROZEN_HERE.fill(facts)
            if voter.frozen is None and there.frozen:
                yield words.FROZEN_THERE.fill(facts)

    def _unknown(self, known: dict[str, tuple[Voter, int]], theirs: dict[str, Standing]) -> Iterator[Text]:
        for pseudonym, standing in theirs.items():
            if pseudonym not in known and (standing.generation or standing.frozen):
                facts = {"pseudonym": pseudonym[:16], "theirs": standing.generation}
                yield words.UNKNOWN_HERE.fill(facts)


def _presence(voter: Voter) -> tuple[bool, int]:
    return voter.removed is None, voter.id
