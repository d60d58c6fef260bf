"""The voting platform that is ourselves: the port VotingPlatform over the table `registry`, and the answer to `verify`."""

from collections.abc import Iterator
from dataclasses import dataclass
from hmac import compare_digest

import msgspec

from core.identifiers import FirstVerifier, verifier
from core.platform import Denied, Done, Hold, Overtaken, Registered, Reissue, Standing
from core.ports import Durability, Store
from core.service.tools import until_unmoved

FROZEN = Denied("frozen")


@dataclass(frozen=True, slots=True)
class EmbeddedPlatform:
    """The port VotingPlatform. It is never away: while its database is, so are we.

    An identifier is sealed and put in force RELAXED, and durable by the FULL transaction that writes so of its case, before its
    SMS leaves: one log holds all three, in their order. Lost before that, it is told again, or another is drawn of which
    nobody has heard.
    """

    store: Store

    @property
    def keeps_apart(self) -> bool:
        return False

    def reissue(self, reissue: Reissue) -> Done | Overtaken | Denied:
        return until_unmoved(lambda: self._reissue(reissue))

    def _reissue(self, reissue: Reissue) -> Done | Overtaken | Denied:
        with self.store.write(Durability.RELAXED) as transaction:
            known = transaction.registry.find(reissue.voter) or Registered(voter=reissue.voter)
            if known.request == reissue.request:
                return Done()
            if known.frozen:
                return FROZEN
            if known.generation != reissue.generation - 1:
                return Overtaken(known.generation)
            transaction.registry.keep(
                msgspec.structs.replace(
                    known,
                    generation=reissue.generation,
                    salt=reissue.salt,
                    verifier=reissue.verifier,
                    request=reissue.request,
                    version=known.version + 1,
                )
            )
        return Done()

    def hold(self, hold: Hold) -> Done:
        return until_unmoved(lambda: self._hold(hold))

    def _hold(self, hold: Hold) -> Done:
        with self.store.write(Durability.FULL) as transaction:
            known = transaction.registry.find(hold.voter) or Registered(voter=hold.voter)
            if hold.sequence >= known.sequence:
                transaction.registry.keep(
                    msgspec.structs.replace(
                        known, frozen=hold.frozen, sequence=hold.sequence, version=known.version + 1
                    )
                )
        return Done()

    def standings(self) -> Iterator[Standing]:
        with self.store.read() as transaction:
            yield from transaction.registry.standings()

    def verify(self, voter: str, symbols: str, key: bytes, first: FirstVerifier | None = None) -> bool:
        """Whether those symbols are the identifier that voter may vote with now: `first` until another was put in force."""
        with self.store.read() as transaction:
            known = transaction.registry.find(voter) or Registered(voter=voter)
        in_force = first if known.generation == 0 else FirstVerifier(known.salt, known.verifier)
        if known.frozen or in_force is None:
            return False
        return compare_digest(in_force.verifier, verifier(key, in_force.salt, symbols))
