from collections.abc import Iterator
from dataclasses import dataclass
from hmac import compare_digest

import msgspec

from core.flows.dependencies import retry_on_conflict
from core.ports import Store
from core.ports.voting_platform import (
    EmbeddedPlatformAccount,
    FreezeOrder,
    GenerationConflict,
    OrderCarriedOut,
    OrderDenied,
    PlatformAccount,
    ReissueOrder,
)
from core.security.voting_identifiers import InitialVerifier, verifier_of


@dataclass(frozen=True, slots=True)
class EmbeddedVotingPlatform:
    """A voting platform that stores its accounts in Retrouve's own database."""

    store: Store

    def reissue(self, reissue: ReissueOrder) -> OrderCarriedOut | GenerationConflict | OrderDenied:
        return retry_on_conflict(lambda: self._reissue(reissue))

    def _reissue(self, reissue: ReissueOrder) -> OrderCarriedOut | GenerationConflict | OrderDenied:
        with self.store.write() as transaction:
            known = transaction.registry.find(reissue.voter) or EmbeddedPlatformAccount(voter=reissue.voter)
            if known.request == reissue.request:
                return OrderCarriedOut()
            if known.frozen and not reissue.revokes:
                return OrderDenied("frozen")
            if known.generation != reissue.generation - 1:
                return GenerationConflict(known.generation)
            transaction.registry.save(
                msgspec.structs.replace(
                    known,
                    generation=reissue.generation,
                    salt=reissue.salt,
                    verifier=reissue.verifier,
                    request=reissue.request,
                    version=known.version + 1,
                )
            )
        return OrderCarriedOut()

    def set_freeze(self, order: FreezeOrder) -> OrderCarriedOut:
        return retry_on_conflict(lambda: self._set_freeze(order))

    def _set_freeze(self, hold: FreezeOrder) -> OrderCarriedOut:
        with self.store.write() as transaction:
            known = transaction.registry.find(hold.voter) or EmbeddedPlatformAccount(voter=hold.voter)
            if hold.sequence >= known.sequence:
                transaction.registry.save(
                    msgspec.structs.replace(
                        known, frozen=hold.frozen, sequence=hold.sequence, version=known.version + 1
                    )
                )
        return OrderCarriedOut()

    def accounts(self) -> Iterator[PlatformAccount]:
        with self.store.read() as transaction:
            yield from transaction.registry.accounts()

    def is_in_force(self, voter: str, symbols: str, key: bytes, first_verifier: InitialVerifier | None = None) -> bool:
        """Return whether `symbols` is the voter's current identifier."""
        with self.store.read() as transaction:
            known = transaction.registry.find(voter) or EmbeddedPlatformAccount(voter=voter)
        in_force = first_verifier if known.generation == 0 else InitialVerifier(known.salt, known.verifier)
        if known.frozen or in_force is None:
            return False
        return compare_digest(in_force.verifier, verifier_of(key, in_force.salt, symbols))
