"""Freezes accounts and revokes disowned identifiers on the voting platform."""

from dataclasses import dataclass
from hashlib import sha256

from core.flows.dependencies import Dependencies, retry_on_conflict
from core.flows.flow_messages import OutboxMessageProcessor, PlatformNotReadyError
from core.flows.flow_plugin import PlatformConnection
from core.flows.identifier.reissue_completion import ReissueCompletion
from core.flows.identifier.reissue_status import record_event
from core.ports import (
    FREE_ON_PLATFORM,
    FROZEN_ON_PLATFORM,
    Actor,
    Event,
    EventType,
    MessageState,
    OutboxMessage,
    ReissueRecord,
    Voter,
)
from core.ports.voting_platform import (
    FreezeOrder,
    GenerationConflict,
    OrderCarriedOut,
    OrderDenied,
    PlatformOutcomeUnknown,
    ReissueOrder,
)
from core.security.digests import RollImportedUnderOtherKey
from core.security.outbox_sealing import Kept
from core.security.voting_identifiers import SALT_BYTES, verifier_of

OTHER_KEY, NOT_REVOKED = "other-key", "not-revoked"
NOT_AN_IDENTIFIER = "revoked"
"""A text that is never a valid voting identifier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformFreezeUpdater(OutboxMessageProcessor):
    dependencies: Dependencies
    completion: ReissueCompletion
    platform: PlatformConnection

    def prepare(self, message: OutboxMessage, content: Kept | None) -> None:  # noqa: ARG002
        """Tell the voting platform whether the account is frozen. Raises PlatformNotReadyError and MessageClaimLost."""
        with self.dependencies.store.read() as transaction:
            voter = None if message.voter is None else transaction.voters.by_id(message.voter)
        if voter is None:
            now = self.dependencies.clock.now()
            with self.dependencies.store.write() as transaction:
                transaction.outbox.finish(message, MessageState.DROPPED, at=now, reason="no-such-voter")
            return
        try:
            pseudonym = self.platform.pseudonyms.platform_pseudonym(voter.pseudonym)
        except RollImportedUnderOtherKey:
            raise PlatformNotReadyError(OTHER_KEY) from None
        if voter.frozen is None and not self._revoke_disowned_identifier(voter, pseudonym):
            raise PlatformNotReadyError(NOT_REVOKED)  # the disowned identifier would work again
        order = FreezeOrder(voter=pseudonym, frozen=voter.frozen is not None, sequence=_last_freeze_or_reopening(voter))
        match self.platform.api.set_freeze(order):
            case OrderCarriedOut():
                if voter.frozen is not None:
                    self._revoke_disowned_identifier(voter, pseudonym)
                self._finish(
                    message, MessageState.SENT, FREE_ON_PLATFORM if voter.frozen is None else FROZEN_ON_PLATFORM
                )
            case OrderDenied(reason=reason):
                self._finish(message, MessageState.DROPPED, reason)
            case PlatformOutcomeUnknown(reason=reason):
                raise PlatformNotReadyError(reason)

    def _revoke_disowned_identifier(self, voter: Voter, pseudonym: str) -> bool:
        """Revoke the latest identifier if the voter has disowned it. Returns False on failure.

        Raises PlatformNotReadyError.
        """
        with self.dependencies.store.read() as transaction:
            records = transaction.reissues.of_voter(voter.id)
            events = [event for record in records for event in transaction.journal.of_case(record.case)]
        last = max(records, key=lambda record: record.generation or 0, default=None)
        if last is None or not any(_disowns(event, last) for event in events):
            return True
        if any(event.act == EventType.IDENTIFIER_REVOKED and event.case == last.case for event in events):
            return True
        if not last.generation:
            return True  # the platform has never confirmed it, and no SMS was sent
        order = self._revocation(last.case, pseudonym, last.generation + 1)
        answer = self.platform.api.reissue(order)
        if isinstance(answer, GenerationConflict):
            order = self._revocation(last.case, pseudonym, answer.generation + 1)
            answer = self.platform.api.reissue(order)
        match answer:
            case OrderCarriedOut():
                retry_on_conflict(lambda: self._record_revoked(last.case, voter.id, order))
                return True
            case PlatformOutcomeUnknown(reason=reason):
                raise PlatformNotReadyError(reason)
            case OrderDenied():
                retry_on_conflict(lambda: self._record_not_revoked(last.case, voter))
            case GenerationConflict():
                pass  # somebody else was faster a second time
        return False

    def _revocation(self, case: str, pseudonym: str, generation: int) -> ReissueOrder:
        """Return an order that makes an identifier unusable."""
        request = f"{case}.{generation}.{NOT_AN_IDENTIFIER}"
        salt = sha256(request.encode()).digest()[:SALT_BYTES]
        return ReissueOrder(
            voter=pseudonym,
            request=request,
            generation=generation,
            salt=salt,
            verifier=verifier_of(self.platform.key, salt, NOT_AN_IDENTIFIER),
            revokes=True,
        )

    def _record_revoked(self, number: str, voter: int, order: ReissueOrder) -> None:
        now = self.dependencies.clock.now()
        with self.dependencies.store.write() as transaction:
            case = transaction.recoveries.by_number(number)
            if case is not None:
                self.completion.record_revoked(transaction, case, voter, order, now)

    def _record_not_revoked(self, number: str, voter: Voter) -> None:
        """Record that the platform refuses to revoke an identifier."""
        now, since = self.dependencies.clock.now(), _last_freeze_or_reopening(voter)
        with self.dependencies.store.write() as transaction:
            events = transaction.journal.of_case(number)
            if not any(event.reason == NOT_REVOKED and event.at.timestamp() >= since for event in events):
                act = EventType.CALL_NEEDED
                record_event(transaction, now, act, number, voter.id, reason=NOT_REVOKED, actor=Actor.COURIER)

    def _finish(self, message: OutboxMessage, state: MessageState, reason: str) -> None:
        now = self.dependencies.clock.now()
        with self.dependencies.store.write() as transaction:
            transaction.outbox.finish(message, state, at=now, reason=reason)
            transaction.journal.write(
                Event(
                    at=now,
                    actor=Actor.COURIER,
                    act=EventType.PLATFORM_TOLD,
                    case=message.case,
                    voter=message.voter,
                    reason=reason,
                )
            )


def _disowns(event: Event, latest: ReissueRecord) -> bool:
    if event.act != EventType.IDENTIFIER_DISOWNED:
        return False
    return event.case == latest.case or event.at > latest.began


def _last_freeze_or_reopening(voter: Voter) -> int:
    """Return the time of the last freeze or reopening, in seconds since 1970."""
    moments = [moment for moment in (voter.frozen, voter.reopened) if moment is not None]
    return int(max(moments).timestamp()) if moments else 0
