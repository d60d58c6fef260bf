"""What the operator says of an SMS, and what voters answer by SMS: in any order, late, more than once (CASE 39)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core import purposes
from core.ports import Act, Actor, Delivery, ParcelKind, Recovery, Reply, Transaction
from core.service.identifier.answering import CodeAnswers
from core.service.identifier.office import note
from core.service.identifier.outcomes import Outcomes
from core.service.tools import until_unmoved
from core.tokens import read_sms_id

REMEMBERED = timedelta(days=400)
"""How long a report is known again when it comes once more: longer than an election."""
OURS = (ParcelKind.CODE, ParcelKind.IDENTIFIER)


@dataclass(frozen=True, slots=True)
class SmsHearing:
    """The port Hearing."""

    outcomes: Outcomes
    answers: CodeAnswers

    def delivered(self, message_id: str, delivery: Delivery) -> bool:
        """Notes a report, once; False where we sent no such SMS. Who reports has proved to be the gateway."""
        found = read_sms_id(message_id)
        if found is None or found[0] not in OURS:
            return False
        kind, case = ParcelKind(found[0]), found[1]
        return until_unmoved(lambda: self._delivered(message_id, kind, case, delivery))

    def _delivered(self, message_id: str, kind: ParcelKind, number: str, delivery: Delivery) -> bool:
        now = self.outcomes.office.tools.clock.now()
        with self.outcomes.office.tools.store.write() as transaction:
            case = transaction.recoveries.by_number(number)
            if case is None:
                return False
            if self._new(transaction, f"{message_id}|{delivery}", now):
                self._note(transaction, case, f"{kind} {delivery}", now)
                if kind is ParcelKind.IDENTIFIER:
                    self._move(transaction, case, delivery, now)
        return True

    def _move(self, transaction: Transaction, case: Recovery, delivery: Delivery, now: datetime) -> None:
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

    def _note(self, transaction: Transaction, case: Recovery, reason: str, now: datetime) -> None:
        voter = getattr(case.state, "voter", None)
        if isinstance(voter, int):
            note(transaction, now, Act.SMS_REPORTED, case.number, voter, reason=reason, actor=Actor.GATEWAY)

    def _new(self, transaction: Transaction, name: str, now: datetime) -> bool:
        """An exact counter: the same report read by two processes at once is still noted once."""
        bucket = self.outcomes.office.tools.vault.digest(purposes.THROTTLE, f"sms-report|{name}".encode())
        return transaction.throttle.take(bucket, limit=1, window=REMEMBERED, now=now).allowed
