"""Addresses the SMS of security codes: the site composes them and cannot read the number of a case; the courier can."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from core.flows.identifier.codes import SealedPhoneNumber
from core.flows.identifier.context import ReissueContext
from core.flows.identifier.sms_messages import open_number
from core.ports import Budgets, Durability, MessageState, OutboxMessage, Sms, SmsToCaseNumber, Transaction
from core.security.outbox_sealing import Kept


@dataclass(frozen=True, slots=True)
class CodeDelivery:
    """The courier's part in a security code. Raises MessageClaimLost, NumberLost."""

    context: ReissueContext
    budgets: Budgets

    def prepare(self, message: OutboxMessage, kept: Kept | None) -> tuple[OutboxMessage, Sms] | None:
        """Return the SMS to the number of its case, or None if the voter has changed the number."""
        if isinstance(kept, Sms):
            return (
                message,
                kept,
            )  # it was sealed with its recipient, before the site and the courier had keys of their own
        dependencies = self.context.dependencies
        with dependencies.store.read() as transaction:
            case = transaction.recoveries.by_number(message.case)
        number = None if case is None else getattr(case.state, "number", None)
        if isinstance(kept, SmsToCaseNumber) and isinstance(number, SealedPhoneNumber) and number.digest == kept.number:
            recipient = open_number(dependencies, message.case, number)
            return message, msgspec.structs.replace(kept.sms, recipient=recipient)
        self._drop(message, kept)
        return None

    def _drop(self, message: OutboxMessage, kept: Kept | None) -> None:
        """End the message, and give back what its code has taken."""
        now, voter = self.context.dependencies.clock.now(), message.voter or 0
        with self.context.dependencies.store.write(Durability.RELAXED) as transaction:
            transaction.voters.lock(voter)
            transaction.outbox.finish(message, MessageState.DROPPED, at=now, reason="no-longer-wanted")
            if isinstance(kept, SmsToCaseNumber):
                self.context.sending_limits.give_back(transaction, voter, kept.number, message.created, now)
                self.budgets.give_back(transaction, kept.places)

    def on_message_end(
        self, transaction: Transaction, message: OutboxMessage, state: MessageState, now: datetime
    ) -> None:
        """Leave the case as it is."""
