"""Makes an identifier after a code was accepted, and puts it in force. Identifiers are made only here (rule 9).

The identifier is drawn once and sealed before it is sent to the voting platform, so every retry sends the same one.
If a courier is killed between two steps, another one continues where it stopped (CASE 35).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, assert_never

import msgspec

from core.flows.dependencies import Dependencies, retry_on_conflict
from core.flows.flow_messages import OutboxMessageProcessor, PlatformNotReadyError, PreparedSms
from core.flows.flow_plugin import PlatformConnection
from core.flows.identifier.current_step import TOO_LATE
from core.flows.identifier.definition import SLUG
from core.flows.identifier.reissue_completion import ReissueCompletion
from core.flows.identifier.sms_messages import identifier_sms
from core.flows.identifier.states import IdentifierInForce, ReissueOrdered
from core.ports import (
    Actor,
    ConflictError,
    Event,
    EventType,
    MessageKind,
    MessageState,
    OutboxMessage,
    RecoveryCase,
    ReissueOrderWithSms,
    Sms,
    Transaction,
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
from core.security.outbox_sealing import Kept, seal_message
from core.security.voting_identifiers import SALT_BYTES, new_identifier, verifier_of

FROZEN, FREE, OTHER_KEY = "frozen", "free", "other-key"
REOPENED, REMOVED, REPORTED = "reopened", "removed", "reported"
REQUEST_DIGITS = 16
Outcome = Callable[[Transaction, RecoveryCase, datetime], None]
"""Updates the case of a message that ends without being sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReissueMessageContext:
    """The case and voter of an outbox message, and the voter's latest generation."""

    case: RecoveryCase
    voter: Voter
    generation: int
    reserved: datetime | None
    """When this voter's re-issue was reserved for the case, from an authentic row. A case row alone proves nothing."""

    @property
    def reason_not_to_send(self) -> str | None:
        """Why nothing may be sent (account frozen or since reopened, voter removed from the roll), or None."""
        voter, reopened = self.voter, self.voter.reopened
        if voter.frozen is not None:
            return FROZEN
        if voter.removed is not None:
            return REMOVED
        ended = reopened is not None and self.reserved is not None and self.reserved <= reopened
        return REOPENED if ended else None


class PlannedOrder(NamedTuple):
    """An order to the platform, and its outbox message as stored."""

    message: OutboxMessage
    order: ReissueOrderWithSms


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierIssuer(OutboxMessageProcessor):
    """Processes re-issues on the courier. Its methods raise PlatformNotReadyError and MessageClaimLost."""

    dependencies: Dependencies
    completion: ReissueCompletion
    platform: PlatformConnection

    def prepare(self, message: OutboxMessage, content: Kept | None) -> PreparedSms | None:
        """Put an identifier in force and return its SMS, or send a freeze to the platform."""
        if message.kind == MessageKind.HOLD:
            self._send_freeze_to_platform(message)
            return None
        standing = self._standing(message)
        if not isinstance(content, ReissueOrderWithSms | Sms):
            return self._make_identifier(message, standing)
        if isinstance(content, Sms) and not isinstance(standing.case.state, IdentifierInForce):
            # A delivery report came, so the gateway accepted the SMS although its answer was lost.
            self._conclude(message, REPORTED)
            return None
        if standing.reason_not_to_send is not None:
            self._conclude(message, standing.reason_not_to_send, self.completion.record_undelivered)
            return None
        return (
            PreparedSms(message, content)
            if isinstance(content, Sms)
            else self._put_in_force(message, content, standing)
        )

    def _make_identifier(self, message: OutboxMessage, standing: ReissueMessageContext) -> PreparedSms | None:
        case, voter = standing.case, standing.voter
        if not isinstance(case.state, ReissueOrdered) or standing.reserved is None:
            self._conclude(message, "no-longer-wanted")
            return None
        if standing.reason_not_to_send is not None:
            self._give_up(message, standing.reason_not_to_send)
            return None
        try:
            planned = self._plan(message, case.state, voter, standing.generation + 1)
        except RollImportedUnderOtherKey:
            self._wait(message, OTHER_KEY)
            raise PlatformNotReadyError(OTHER_KEY) from None
        return self._put_in_force(planned.message, planned.order, standing)

    def on_message_end(
        self, transaction: Transaction, message: OutboxMessage, state: MessageState, now: datetime
    ) -> None:
        if message.kind != MessageKind.IDENTIFIER:
            return
        case = transaction.recoveries.by_number(message.case)
        if case is None:
            return
        if state is MessageState.SENT:
            self.completion.record_sms_sent(transaction, case, now)
        elif message.sealed is None:
            self.completion.abort(transaction, case, TOO_LATE, now)
        else:
            self.completion.record_undelivered(transaction, case, now)

    def _send_freeze_to_platform(self, message: OutboxMessage) -> None:
        """Send the account's present freeze status to the platform."""
        with self.dependencies.store.read() as transaction:
            voter = None if message.voter is None else transaction.voters.by_id(message.voter)
        if voter is None:
            self._conclude(message, "no-such-voter")
            return
        try:
            told = self.platform.pseudonyms.platform_pseudonym(voter.pseudonym)
        except RollImportedUnderOtherKey:
            raise PlatformNotReadyError(OTHER_KEY) from None
        order = FreezeOrder(voter=told, frozen=voter.frozen is not None, sequence=_last_change(voter))
        match self.platform.api.set_freeze(order):
            case OrderCarriedOut():
                self._held(message, MessageState.SENT, FREE if voter.frozen is None else FROZEN)
            case OrderDenied(reason=reason):
                self._held(message, MessageState.DROPPED, reason)
            case PlatformOutcomeUnknown(reason=reason):
                raise PlatformNotReadyError(reason)

    def _standing(self, message: OutboxMessage) -> ReissueMessageContext:
        with self.dependencies.store.read() as transaction:
            holder = transaction.reissues.read_reissue_snapshot(message.voter or 0, SLUG, ())
        case = (
            holder.last if holder.last is not None and holder.last.number == message.case else self._case(message.case)
        )
        if case is None:
            raise LookupError(message.case)  # a bug: the case existed when the message was written
        generation = max((record.generation or 0 for record in holder.reissues), default=0)
        own = (each for each in holder.reissues if each.case == message.case and each.authentic and each.ended is None)
        reserved = next((each.began for each in own), None)
        return ReissueMessageContext(case=case, voter=holder.voter, generation=generation, reserved=reserved)

    def _case(self, number: str) -> RecoveryCase | None:
        with self.dependencies.store.read() as transaction:
            return transaction.recoveries.by_number(number)

    def _plan(self, message: OutboxMessage, state: ReissueOrdered, voter: Voter, generation: int) -> PlannedOrder:
        identifier, salt = new_identifier(self.dependencies.entropy), self.dependencies.entropy.random_bytes(SALT_BYTES)
        reissue = ReissueOrder(
            voter=self.platform.pseudonyms.platform_pseudonym(voter.pseudonym),
            # The salt makes the request unique if a failover loses the identifier and it is made again.
            request=f"{message.case}.{generation}.{salt.hex()[:REQUEST_DIGITS]}",
            generation=generation,
            salt=salt,
            verifier=verifier_of(self.platform.key, salt, identifier.replace("-", "")),
        )
        order = ReissueOrderWithSms(
            reissue=reissue, sms=identifier_sms(self.dependencies, message, state.number, voter, identifier)
        )
        with self.dependencies.store.write() as transaction:
            return PlannedOrder(self._sealed(transaction, message, order), order)

    def _put_in_force(
        self, message: OutboxMessage, order: ReissueOrderWithSms, standing: ReissueMessageContext
    ) -> PreparedSms | None:
        told = self.platform.api.reissue(order.reissue)
        match told:
            case OrderCarriedOut():
                return self._in_force(message, order, standing)
            case GenerationConflict(generation=generation):
                case = self._case(message.case)
                if case is not None and isinstance(case.state, ReissueOrdered):
                    # Make another identifier, one generation after the platform's.
                    self._plan(message, case.state, standing.voter, generation + 1)
                raise PlatformNotReadyError("overtaken")
            case OrderDenied(reason=reason):
                self._give_up(message, reason)
                return None
            case PlatformOutcomeUnknown(reason=reason):
                self._wait(message, reason)
                raise PlatformNotReadyError(reason)
            case _:
                assert_never(told)

    def _in_force(
        self, message: OutboxMessage, order: ReissueOrderWithSms, seen: ReissueMessageContext
    ) -> PreparedSms | None:
        """Record that the identifier is in force. Keep only its SMS, unless the account was frozen in the meantime."""

        def move(standing: ReissueMessageContext) -> PreparedSms | None:
            now = self.dependencies.clock.now()
            with self.dependencies.store.write() as transaction:
                self.completion.record_platform_accepted(transaction, standing.case, order.reissue, now)
                if standing.reason_not_to_send is None:
                    transaction.voters.require_epoch(standing.voter.id, standing.voter.epoch)
                    return PreparedSms(self._sealed(transaction, message, order.sms), order.sms)
            self._conclude(message, standing.reason_not_to_send, self.completion.record_undelivered)
            return None

        try:
            return move(seen)
        except ConflictError:  # the case or the voter has changed since they were read
            return retry_on_conflict(lambda: move(self._standing(message)))

    def _wait(self, message: OutboxMessage, reason: str) -> None:
        def move() -> None:
            with self.dependencies.store.write() as transaction:
                case = transaction.recoveries.by_number(message.case)
                if case is not None:
                    self.completion.record_platform_wait(transaction, case, reason, self.dependencies.clock.now())

        retry_on_conflict(move)

    def _give_up(self, message: OutboxMessage, reason: str) -> None:
        self._conclude(
            message, reason, lambda transaction, case, now: self.completion.abort(transaction, case, reason, now)
        )

    def _conclude(self, message: OutboxMessage, reason: str, outcome: Outcome | None = None) -> None:
        """End the outbox message without sending it, and update its case."""

        def conclude() -> None:
            now = self.dependencies.clock.now()
            with self.dependencies.store.write() as transaction:
                case = transaction.recoveries.by_number(message.case)
                if case is not None and outcome is not None:
                    outcome(transaction, case, now)
                transaction.outbox.finish(message, MessageState.DROPPED, at=now, reason=reason)

        retry_on_conflict(conclude)

    def _held(self, message: OutboxMessage, state: MessageState, reason: str) -> None:
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

    def _sealed(
        self, transaction: Transaction, message: OutboxMessage, content: ReissueOrderWithSms | Sms
    ) -> OutboxMessage:
        body = seal_message(self.dependencies.vault, message.id, content)
        transaction.outbox.store_composed(message, kind=MessageKind.IDENTIFIER, sealed=body, voter=message.voter or 0)
        return msgspec.structs.replace(message, sealed=body)


def _last_change(voter: Voter) -> int:
    """Return when the account was last frozen or reopened, in Unix seconds. The platform applies the latest order.

    An epoch would not work, because a failover can lose epochs and the platform would ignore repeated ones.
    """
    moments = [moment for moment in (voter.frozen, voter.reopened) if moment is not None]
    return int(max(moments).timestamp()) if moments else 0
