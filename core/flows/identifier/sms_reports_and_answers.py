"""Handle delivery reports and answers of voters, which may come late, repeatedly and in any order."""

from collections.abc import Callable
from dataclasses import dataclass

from core.flows.dependencies import retry_on_conflict
from core.flows.identifier.reissue_completion import ReissueCompletion
from core.flows.identifier.security_code_check import SecurityCodeChecker
from core.ports import IncomingSmsOutcome, MessageKind, RecoveryCase, SmsDeliveryStatus, Transaction
from core.security.tokens import kind_and_case_of_sms


@dataclass(frozen=True, slots=True)
class IdentifierSmsReceiver:
    """The port SmsEventReceiver. The caller has authenticated the gateway."""

    completion: ReissueCompletion
    answers: SecurityCodeChecker

    def receive_delivery_report(
        self, message_id: str, delivery: SmsDeliveryStatus, note: Callable[[Transaction], object]
    ) -> bool:
        """Move the case of an identifier's SMS; a repeated report changes nothing. Return False for an unknown SMS."""
        found = kind_and_case_of_sms(message_id)
        if found is None or found[0] != MessageKind.IDENTIFIER:
            return False
        return retry_on_conflict(lambda: self._delivered(found[1], delivery, note))

    def _delivered(self, number: str, delivery: SmsDeliveryStatus, note: Callable[[Transaction], object]) -> bool:
        with self.completion.context.dependencies.store.write() as transaction:
            case = transaction.recoveries.by_number(number)
            if case is None:
                return False
            self._move(transaction, case, delivery)
            note(transaction)
        return True

    def _move(self, transaction: Transaction, case: RecoveryCase, delivery: SmsDeliveryStatus) -> None:
        now = self.completion.context.dependencies.clock.now()
        match delivery:
            case SmsDeliveryStatus.DELIVERED:
                self.completion.record_delivered(transaction, case, now)
            case SmsDeliveryStatus.UNDELIVERED | SmsDeliveryStatus.REJECTED:
                self.completion.record_undelivered(transaction, case, now)
            case SmsDeliveryStatus.ACCEPTED | SmsDeliveryStatus.BUFFERED:
                return

    def receive_sms_answer(self, phone: str, text: str) -> IncomingSmsOutcome:
        """Check an answer from that number, given in E.164."""
        return self.answers.check_sms_code(phone, text)
