"""Creates voting identifiers and activates them on the voting platform. Each retry sends the same identifier."""

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
from core.flows.identifier.platform_freezes import OTHER_KEY
from core.flows.identifier.reissue_completion import ReissueCompletion
from core.flows.identifier.sms_messages import identifier_sms
from core.flows.identifier.states import IdentifierInForce, IdentifierRevoked, ReissueOrdered
from core.ports import (
    ConflictError,
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
    GenerationConflict,
    OrderCarriedOut,
    OrderDenied,
    PlatformOutcomeUnknown,
    ReissueOrder,
)
from core.security.digests import RollImportedUnderOtherKey
from core.security.outbox_sealing import Kept, seal_message
from core.security.voting_identifiers import SALT_BYTES, new_identifier, verifier_of

FROZEN = "frozen"
REOPENED, REMOVED, REPORTED, DISOWNED = "reopened", "removed", "reported", "disowned"
REQUEST_DIGITS = 16
CaseUpdate = Callable[[Transaction, RecoveryCase, datetime], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReissueMessageContext:
    case: RecoveryCase
    voter: Voter
    generation: int
    reserved: datetime | None
    """When the re-issue was reserved, according to an authenticated database row."""

    @property
    def reason_not_to_send(self) -> str | None:
        """Reason why the voter must not receive an identifier, such as a frozen account."""
        voter, reopened = self.voter, self.voter.reopened
        if voter.frozen is not None:
            return FROZEN
        if voter.removed is not None:
            return REMOVED
        was_reserved_before = reopened is not None and self.reserved is not None and self.reserved <= reopened
        return REOPENED if was_reserved_before else None


class PlannedOrder(NamedTuple):
    message: OutboxMessage
    order: ReissueOrderWithSms


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierIssuer(OutboxMessageProcessor):
    """Processes outbox messages about identifiers. Raises PlatformNotReadyError and MessageClaimLost."""

    dependencies: Dependencies
    completion: ReissueCompletion
    platform: PlatformConnection

    def prepare(self, message: OutboxMessage, content: Kept | None) -> PreparedSms | None:
        """Activate an identifier on the voting platform. Returns the SMS to send, if any."""
        context = self._read_context(message)
        if isinstance(context.case.state, IdentifierRevoked):
            self._drop_message(message, DISOWNED)
            return None
        if not isinstance(content, ReissueOrderWithSms | Sms):
            return self._make_identifier(message, context)
        if isinstance(content, Sms) and not isinstance(context.case.state, IdentifierInForce):
            # The gateway's answer was lost, but a delivery report shows that it accepted the SMS.
            self._drop_message(message, REPORTED)
            return None
        if context.reason_not_to_send is not None:
            self._drop_message(message, context.reason_not_to_send, self.completion.record_undelivered)
            return None
        return (
            PreparedSms(message, content) if isinstance(content, Sms) else self._put_in_force(message, content, context)
        )

    def _make_identifier(self, message: OutboxMessage, context: ReissueMessageContext) -> PreparedSms | None:
        case, voter = context.case, context.voter
        if not isinstance(case.state, ReissueOrdered) or context.reserved is None:
            self._drop_message(message, "no-longer-wanted")
            return None
        if context.reason_not_to_send is not None:
            self._abort(message, context.reason_not_to_send)
            return None
        try:
            stored = self._create_order(message, case.state, voter, context.generation + 1)
        except RollImportedUnderOtherKey:
            self._record_platform_wait(message, OTHER_KEY)
            raise PlatformNotReadyError(OTHER_KEY) from None
        return self._put_in_force(stored.message, stored.order, context)

    def on_message_end(
        self, transaction: Transaction, message: OutboxMessage, state: MessageState, now: datetime
    ) -> None:
        case = transaction.recoveries.by_number(message.case)
        if case is None:
            return
        if state is MessageState.SENT:
            self.completion.record_sms_sent(transaction, case, now)
        elif message.sealed is None:
            self.completion.abort(transaction, case, TOO_LATE, now)
        else:
            self.completion.record_undelivered(transaction, case, now)

    def _read_context(self, message: OutboxMessage) -> ReissueMessageContext:
        with self.dependencies.store.read() as transaction:
            snapshot = transaction.reissues.read_reissue_snapshot(message.voter or 0, SLUG, ())
        case = snapshot.last
        if case is None or case.number != message.case:
            case = self._find_case(message.case)
        if case is None:
            raise LookupError(message.case)  # a bug: the case existed when the message was written
        generation = max((record.generation or 0 for record in snapshot.reissues), default=0)
        of_case = (record for record in snapshot.reissues if record.case == message.case)
        reserved = next((record.began for record in of_case if record.authentic and record.ended is None), None)
        return ReissueMessageContext(case=case, voter=snapshot.voter, generation=generation, reserved=reserved)

    def _find_case(self, number: str) -> RecoveryCase | None:
        with self.dependencies.store.read() as transaction:
            return transaction.recoveries.by_number(number)

    def _create_order(
        self, message: OutboxMessage, state: ReissueOrdered, voter: Voter, generation: int
    ) -> PlannedOrder:
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
            return PlannedOrder(self._store_sealed(transaction, message, order), order)

    def _put_in_force(
        self, message: OutboxMessage, order: ReissueOrderWithSms, context: ReissueMessageContext
    ) -> PreparedSms | None:
        answer = self.platform.api.reissue(order.reissue)
        match answer:
            case OrderCarriedOut():
                return self._record_in_force(message, order, context)
            case GenerationConflict(generation=generation):
                case = self._find_case(message.case)
                if case is not None and isinstance(case.state, ReissueOrdered):
                    # Make another identifier, one generation after the platform's.
                    self._create_order(message, case.state, context.voter, generation + 1)
                raise PlatformNotReadyError("overtaken")
            case OrderDenied(reason=reason):
                self._abort(message, reason)
                return None
            case PlatformOutcomeUnknown(reason=reason):
                self._record_platform_wait(message, reason)
                raise PlatformNotReadyError(reason)
            case _:
                assert_never(answer)

    def _record_in_force(
        self, message: OutboxMessage, order: ReissueOrderWithSms, first_context: ReissueMessageContext
    ) -> PreparedSms | None:
        def record(context: ReissueMessageContext) -> PreparedSms | None:
            now = self.dependencies.clock.now()
            with self.dependencies.store.write() as transaction:
                self.completion.record_platform_accepted(transaction, context.case, order.reissue, now)
                if context.reason_not_to_send is None:
                    transaction.voters.require_epoch(context.voter.id, context.voter.epoch)
                    return PreparedSms(self._store_sealed(transaction, message, order.sms), order.sms)
            self._drop_message(message, context.reason_not_to_send, self.completion.record_undelivered)
            return None

        try:
            return record(first_context)
        except ConflictError:  # the case or the voter has changed since they were read
            return retry_on_conflict(lambda: record(self._read_context(message)))

    def _record_platform_wait(self, message: OutboxMessage, reason: str) -> None:
        def record() -> None:
            with self.dependencies.store.write() as transaction:
                case = transaction.recoveries.by_number(message.case)
                if case is not None:
                    self.completion.record_platform_wait(transaction, case, reason, self.dependencies.clock.now())

        retry_on_conflict(record)

    def _abort(self, message: OutboxMessage, reason: str) -> None:
        self._drop_message(
            message, reason, lambda transaction, case, now: self.completion.abort(transaction, case, reason, now)
        )

    def _drop_message(self, message: OutboxMessage, reason: str, update_case: CaseUpdate | None = None) -> None:
        def drop() -> None:
            now = self.dependencies.clock.now()
            with self.dependencies.store.write() as transaction:
                case = transaction.recoveries.by_number(message.case)
                if case is not None and update_case is not None:
                    update_case(transaction, case, now)
                transaction.outbox.finish(message, MessageState.DROPPED, at=now, reason=reason)

        retry_on_conflict(drop)

    def _store_sealed(
        self, transaction: Transaction, message: OutboxMessage, content: ReissueOrderWithSms | Sms
    ) -> OutboxMessage:
        body = seal_message(self.dependencies.vault, message.id, content)
        transaction.outbox.store_composed(message, kind=MessageKind.IDENTIFIER, sealed=body, voter=message.voter or 0)
        return msgspec.structs.replace(message, sealed=body)
