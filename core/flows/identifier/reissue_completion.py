"""Completes a re-issue after the voter has entered the right code. All methods may raise ConflictError."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from core.flows.dependencies import Dependencies, retry_on_conflict
from core.flows.identifier.reissue_status import first_free_slot, record_event
from core.flows.identifier.sent_security_code import ResendLimits
from core.flows.identifier.states import (
    CodeSent,
    ConfirmationAwaited,
    IdentifierInForce,
    IdentifierRevoked,
    IdentifierSmsDelivered,
    IdentifierSmsSent,
    IdentifierSmsUndelivered,
    ReissueAborted,
    ReissueOrdered,
)
from core.ports import Actor, EventType, MessageKind, OutboxMessage, RecoveryCase, SmsDeliveryStatus, Transaction
from core.ports.voting_platform import ReissueOrder
from core.security.tokens import SmsId, parse_sms_id
from core.security.voting_identifiers import account_digest

REPORTED_KINDS = frozenset({MessageKind.CODE, MessageKind.CALL, MessageKind.IDENTIFIER})


@dataclass(frozen=True, slots=True)
class ReissueCompletion:
    dependencies: Dependencies

    def reserve(self, transaction: Transaction, case: RecoveryCase, state: ReissueOrdered, slot: int | None) -> None:
        """Reserve a re-issue, and queue the SMS and the email to the voter."""
        rules, voter, now = self.dependencies, state.voter, state.at
        transaction.recoveries.update_state(case, state)
        transaction.reissues.reserve(case.number, voter, slot=slot or 0, at=now)
        until = min(now + timedelta(minutes=rules.policy.identifier_useful_minutes), rules.calendar.vote_closes)
        transaction.outbox.put(kind=MessageKind.IDENTIFIER, case=case.number, at=now, useful_until=until, voter=voter)
        rules.queue_notice(transaction, MessageKind.REISSUED, case=case.number, voter=voter, at=now)

    def queue_confirmation_mail(self, transaction: Transaction, case: RecoveryCase, state: ConfirmationAwaited) -> None:
        """Queue the email with the confirmation link."""
        transaction.recoveries.update_state(case, state)
        margin = timedelta(minutes=self.dependencies.policy.link_mail_margin_minutes)
        transaction.outbox.put(
            kind=MessageKind.CONFIRMATION,
            case=case.number,
            at=state.asked,
            useful_until=max(state.until - margin, state.asked),
            voter=state.voter,
        )

    def confirmation_resend_limits(self, now: datetime) -> ResendLimits:
        """Return the limits for sending the confirmation email again."""
        terms = ResendLimits.of_confirmation(self.dependencies.policy)
        left = self.dependencies.calendar.vote_closes - now
        return msgspec.structs.replace(terms, valid=min(terms.valid, left))

    def record_platform_wait(self, transaction: Transaction, case: RecoveryCase, reason: str, now: datetime) -> None:
        """Record when the voting platform first failed to answer."""
        if isinstance(case.state, ReissueOrdered) and case.state.late is None:
            transaction.recoveries.update_state(case, case.state.mark_platform_silent(now))
            voter, act = case.state.voter, EventType.PLATFORM_AWAY
            record_event(transaction, now, act, case.number, voter, reason=reason, actor=Actor.COURIER)

    def record_platform_accepted(
        self, transaction: Transaction, case: RecoveryCase, order: ReissueOrder, now: datetime
    ) -> None:
        if not isinstance(case.state, ReissueOrdered):
            return
        generation, voter, vault = order.generation, case.state.voter, self.dependencies.vault
        transaction.recoveries.update_state(case, case.state.put_in_force(generation, now))
        transaction.reissues.record_generation_in_force(case.number, generation)
        record_event(
            transaction,
            now,
            EventType.IDENTIFIER_IN_FORCE,
            case.number,
            voter,
            reason=str(generation),
            actor=Actor.COURIER,
            credential=account_digest(vault, order.voter, generation, order.salt, order.verifier),
        )

    def record_revoked(
        self, transaction: Transaction, case: RecoveryCase, voter: int, order: ReissueOrder, now: datetime
    ) -> None:
        """Record that the platform has revoked a disowned identifier."""
        given_back = self._may_give_back(transaction, case.number, voter)
        if given_back:
            transaction.reissues.set_quota_slot(case.number, None)
        transaction.reissues.record_generation_in_force(case.number, order.generation)
        transaction.reissues.end(case.number, now)
        transaction.recoveries.update_state(case, IdentifierRevoked(voter=voter, given_back=given_back, at=now))
        record_event(
            transaction,
            now,
            EventType.IDENTIFIER_REVOKED,
            case.number,
            voter,
            reason=f"{order.generation} {'given-back' if given_back else 'counted'}",
            actor=Actor.COURIER,
            credential=account_digest(
                self.dependencies.vault, order.voter, order.generation, order.salt, order.verifier
            ),
        )

    def record_sms_sent(self, transaction: Transaction, case: RecoveryCase, now: datetime) -> None:
        transaction.reissues.end(case.number, now)
        if isinstance(case.state, IdentifierInForce):
            transaction.recoveries.update_state(case, case.state.hand_to_gateway(now))

    def record_delivered(self, transaction: Transaction, case: RecoveryCase, now: datetime) -> None:
        """Record that the SMS was delivered. The re-issue then counts against the limit."""
        if not isinstance(case.state, IdentifierInForce | IdentifierSmsSent | IdentifierSmsUndelivered):
            return
        transaction.voters.lock(case.state.voter)
        records = transaction.reissues.of_voter(case.state.voter)
        if any(record.case == case.number and record.slot is None for record in records):
            transaction.reissues.set_quota_slot(case.number, first_free_slot(records, len(records)))
        transaction.reissues.end(case.number, now)
        transaction.recoveries.update_state(case, case.state.mark_delivered(now))

    def record_undelivered(self, transaction: Transaction, case: RecoveryCase, now: datetime) -> None:
        """Record that the SMS cannot be delivered, and notify the voter."""
        state = case.state
        if isinstance(state, ReissueOrdered):
            ended = state.expire(now)
        elif isinstance(state, IdentifierInForce | IdentifierSmsSent):
            ended = state.mark_undelivered(now, given_back=self._may_give_back(transaction, case.number, state.voter))
        else:
            return
        if ended.given_back:
            transaction.reissues.set_quota_slot(case.number, None)
        self._end_failed_reissue(transaction, case, ended, now)

    def abort(self, transaction: Transaction, case: RecoveryCase, reason: str, now: datetime) -> None:
        """Abort a re-issue. The re-issue then does not count against the voter's limit."""
        if not isinstance(case.state, ReissueOrdered):
            return
        transaction.reissues.set_quota_slot(case.number, None)
        self._end_failed_reissue(transaction, case, case.state.give_up(reason, now), now)

    def receive_delivery_report(
        self, message_id: str, delivery: SmsDeliveryStatus, note: Callable[[Transaction], object]
    ) -> bool:
        """Handle a delivery report from an authenticated gateway. Returns False if the SMS is unknown."""
        sms_id = parse_sms_id(message_id)
        if sms_id is None or sms_id.kind not in REPORTED_KINDS:
            return False
        return retry_on_conflict(lambda: self._update_case(sms_id, delivery, note))

    def _update_case(self, sms_id: SmsId, delivery: SmsDeliveryStatus, note: Callable[[Transaction], object]) -> bool:
        now = self.dependencies.clock.now()
        with self.dependencies.store.write() as transaction:
            case = transaction.recoveries.by_number(sms_id.case)
            if case is None:
                return False
            if sms_id.kind != MessageKind.IDENTIFIER:
                message = transaction.outbox.find(sms_id.row)
                if message is not None and delivery is SmsDeliveryStatus.DELIVERED:
                    record_code_arrived(transaction, case, message)
                elif message is not None:
                    record_code_not_delivered(transaction, case, message)
            elif delivery is SmsDeliveryStatus.DELIVERED:
                self.record_delivered(transaction, case, now)
            elif delivery in {SmsDeliveryStatus.UNDELIVERED, SmsDeliveryStatus.REJECTED}:
                self.record_undelivered(transaction, case, now)
            note(transaction)
        return True

    def _may_give_back(self, transaction: Transaction, case: str, voter: int) -> bool:
        """Return True if the re-issue need not count against the voter's limit."""
        transaction.voters.lock(voter)
        given_back = [record for record in transaction.reissues.of_voter(voter) if record.slot is None]
        if any(record.case == case for record in given_back):
            return True
        limited = sum(record.generation is not None for record in given_back)
        return limited < self.dependencies.policy.reissues_given_back

    def _end_failed_reissue(
        self,
        transaction: Transaction,
        case: RecoveryCase,
        state: IdentifierSmsUndelivered | ReissueAborted,
        now: datetime,
    ) -> None:
        transaction.reissues.end(case.number, now)
        transaction.recoveries.update_state(case, state)
        self.dependencies.queue_notice(
            transaction, MessageKind.UNDELIVERED, case=case.number, voter=state.voter, at=now
        )
        if isinstance(state, ReissueAborted):
            act, reason = EventType.REISSUE_GIVEN_UP, state.reason
        else:
            act, reason = EventType.IDENTIFIER_LOST, "given-back" if state.given_back else "counted"
        record_event(transaction, now, act, case.number, state.voter, reason=reason, actor=Actor.COURIER)


def record_code_not_delivered(transaction: Transaction, case: RecoveryCase, message: OutboxMessage) -> None:
    """Record that the last security code was not delivered."""
    if (
        isinstance(case.state, CodeSent)
        and message.created == case.state.code.sent
        and not (case.state.code.failed or case.state.code.arrived)
    ):
        transaction.recoveries.update_state(case, case.state.mark_undelivered())


def record_code_arrived(transaction: Transaction, case: RecoveryCase, message: OutboxMessage) -> None:
    """Record that the last security code was delivered by SMS, or that the call was answered."""
    if isinstance(case.state, CodeSent) and message.created == case.state.code.sent and not case.state.code.arrived:
        transaction.recoveries.update_state(case, case.state.mark_arrived())


def phone_ending_of(state: object) -> str | None:
    """Return the last digits of the phone number that receives the identifier."""
    match state:
        case ReissueOrdered() | IdentifierInForce() | IdentifierSmsSent():
            return state.number.ending
        case IdentifierSmsDelivered() | IdentifierSmsUndelivered():
            return state.ending
        case _:
            return None
