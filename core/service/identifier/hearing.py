"""Acts on what the operator says of an identifier's SMS, and on what voters answer: in any order, late, more than once."""

from dataclasses import dataclass

from core.ports import Delivery, ParcelKind, Recovery, Reply, Transaction
from core.service.identifier.answering import CodeAnswers
from core.service.identifier.outcomes import Outcomes
from core.service.tools import until_unmoved
from core.tokens import read_sms_id


@dataclass(frozen=True, slots=True)
class SmsHearing:
    """The port Hearing. Who reports has proved to be the gateway."""

    outcomes: Outcomes
    answers: CodeAnswers

    def delivered(self, message_id: str, delivery: Delivery) -> bool:
        """Moves the case of an identifier's SMS; said twice, the second changes nothing. False where we sent none such."""
        found = read_sms_id(message_id)
        if found is None or found[0] != ParcelKind.IDENTIFIER:
            return False
        return until_unmoved(lambda: self._delivered(found[1], delivery))

    def _delivered(self, number: str, delivery: Delivery) -> bool:
        with self.outcomes.office.tools.store.write() as transaction:
            case = transaction.recoveries.by_number(number)
            if case is None:
                return False
            self._move(transaction, case, delivery)
        return True

    def _move(self, transaction: Transaction, case: Recovery, delivery: Delivery) -> None:
        now = self.outcomes.office.tools.clock.now()
        match delivery:
            case Delivery.DELIVERED:
                self.outcomes.arrived(transaction, case, now)
            case Delivery.UNDELIVERED | Delivery.REJECTED:
                self.outcomes.failed(transaction, case, now)
            case Delivery.ACCEPTED | Delivery.BUFFERED:
                return

    def code_by_sms(self, phone: str, text: str) -> Reply:
        """Takes an answer from that number, in E.164."""
        return self.answers.answer(phone, text)
