"""Handles delivery reports and text messages from voters. Both may arrive repeatedly and in any order."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from hmac import compare_digest

from core.flows.dependencies import Dependencies
from core.forms.flow_model import FieldRejected
from core.forms.phone_number_parser import parse_phone
from core.ports import (
    SMS_KINDS,
    Actor,
    Event,
    EventType,
    IncomingSmsOutcome,
    SmsDeliveryStatus,
    SmsEventReceiver,
    StoreUnavailable,
    Transaction,
    Vault,
)
from core.security import key_purposes, tokens

TAG_BYTES = 16
LONGEST_TEXT = 160
TEST_SMS = "test"
"""Message kind of the test SMS that `doctor` sends. Its delivery reports are stored only in the journal."""
FINAL_STATUSES = frozenset(SmsDeliveryStatus) - {SmsDeliveryStatus.ACCEPTED, SmsDeliveryStatus.BUFFERED}


class GatewayCallbackOutcome(StrEnum):
    NOTED = "noted"
    NOTED_BEFORE = "noted-before"
    UNKNOWN = "unknown"
    FORGED = "forged"


def report_tag(vault: Vault, message_id: str, gateway: str = "") -> str:
    """Return the secret part of the URL for delivery reports."""
    authenticated = f"{gateway}/{message_id}" if gateway else message_id
    return tokens.base64url_encode(vault.digest(key_purposes.SMS_REPORT, authenticated.encode())[:TAG_BYTES])


@dataclass(frozen=True, slots=True)
class SmsGatewayCallbackHandler:
    dependencies: Dependencies
    receivers: Sequence[SmsEventReceiver]

    def is_forged(self, message_id: str, tag: str, gateway: str = "") -> bool:
        return not compare_digest(tag.encode(), report_tag(self.dependencies.vault, message_id, gateway).encode())

    def handle_delivery_report(
        self, message_id: str, tag: str, delivery: SmsDeliveryStatus, gateway: str = ""
    ) -> GatewayCallbackOutcome:
        """Handle a delivery report. Raises StoreUnavailable if the gateway must repeat its request."""
        if self.is_forged(message_id, tag, gateway):
            return GatewayCallbackOutcome.FORGED
        kind, case, number = message_id.split(".")
        if kind == TEST_SMS:
            return self._note_test(case, delivery)
        outcome = GatewayCallbackOutcome.UNKNOWN

        def note(transaction: Transaction) -> None:
            nonlocal outcome
            outcome = self._note(transaction, int(number), case, delivery)

        receivers = self.receivers if kind in SMS_KINDS and delivery in FINAL_STATUSES else ()
        if not any(flow.receive_delivery_report(message_id, delivery, note) for flow in receivers):
            with self.dependencies.store.write() as transaction:
                note(transaction)
        return outcome

    def _note_test(self, case: str, delivery: SmsDeliveryStatus) -> GatewayCallbackOutcome:
        reason, now = f"{TEST_SMS} {delivery}", self.dependencies.clock.now()
        with self.dependencies.store.write() as transaction:
            if any(event.reason == reason for event in transaction.journal.of_case(case)):
                return GatewayCallbackOutcome.NOTED_BEFORE
            event = Event(at=now, actor=Actor.NETWORK, act=EventType.SMS_REPORTED, case=case, reason=reason)
            transaction.journal.write(event)
        return GatewayCallbackOutcome.NOTED

    def _note(
        self, transaction: Transaction, number: int, case: str, delivery: SmsDeliveryStatus
    ) -> GatewayCallbackOutcome:
        now, message = self.dependencies.clock.now(), transaction.outbox.find(number)
        if message is None or message.case != case:
            return GatewayCallbackOutcome.UNKNOWN
        if not transaction.reports.record_report(number, delivery, now):
            return GatewayCallbackOutcome.NOTED_BEFORE
        reason = f"{message.kind} {delivery}"
        event = Event(
            at=now, actor=Actor.NETWORK, act=EventType.SMS_REPORTED, case=case, voter=message.voter, reason=reason
        )
        transaction.journal.write(event)
        return GatewayCallbackOutcome.NOTED

    def handle_voter_sms(self, gateway_id: str, phone: str, text: str) -> GatewayCallbackOutcome | IncomingSmsOutcome:
        """Handle an SMS from a voter. Raises StoreUnavailable if the gateway must repeat its request."""
        number = self._e164(phone)
        if number is None:
            return IncomingSmsOutcome.UNREAD
        digest = self.dependencies.vault.digest(key_purposes.SMS_ANSWER, gateway_id.encode())
        with self.dependencies.store.write() as transaction:
            if not transaction.reports.record_answer(digest, self.dependencies.clock.now()):
                return GatewayCallbackOutcome.NOTED_BEFORE
        try:
            for flow in self.receivers:
                reply = flow.receive_sms_answer(number, text[:LONGEST_TEXT])
                if reply is not IncomingSmsOutcome.UNREAD:
                    return reply
        except StoreUnavailable:
            with self.dependencies.store.write() as transaction:
                transaction.reports.forget_answer(digest)
            raise
        return IncomingSmsOutcome.UNREAD

    def _e164(self, phone: str) -> str | None:
        written = phone if phone.startswith(("+", "0")) else f"+{phone}"
        try:
            return parse_phone(written, self.dependencies.policy.phone_codes).e164
        except FieldRejected:
            return None
