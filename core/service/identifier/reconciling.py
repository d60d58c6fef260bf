"""Compares generations on both sides, voter by voter: what we reserved and sent, and what the platform has in force."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from core.platform import Standing, VotingPlatform
from core.ports import Store, Voter
from core.text import Text
from core.words import platform as words


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """How many voters were compared, and a sentence for each difference."""

    compared: int
    differences: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Reconciling:
    """`pseudonym_of` gives what the platform calls a voter, by their address."""

    store: Store
    platform: VotingPlatform
    pseudonym_of: Callable[[str], str]

    def reconcile(self) -> Reconciliation:
        """Reads both sides; changes neither. Raises PlatformAway.

        Ours is read last: what is under way meanwhile shows there once more, and is no difference when it is run again.
        """
        theirs = {standing.voter: standing for standing in self.platform.standings()}
        with self.store.read() as transaction:
            ours = list(transaction.reissues.generations())
        known = {self.pseudonym_of(voter.email): (voter, generation) for voter, generation in ours}
        told = [*self._ours(known, theirs), *self._unknown(known, theirs)]
        return Reconciliation(len(set(known) | set(theirs)), tuple(told))

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
