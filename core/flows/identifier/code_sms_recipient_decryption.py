"""Addresses the SMS of security codes: the site composes them and cannot read the number of a case; the courier can."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import msgspec

from core.flows.flow_mails_and_outbox_processors import OutboxMessageProcessor
from core.flows.identifier.sent_security_code import SealedPhoneNumber
from core.flows.identifier.shared_reissue_rules import SharedReissueRules
from core.flows.identifier.sms_messages import decrypt_phone_number, phone_number_sealing_context
from core.ports import Durability, MessageState, OutboxMessage, SharedSmsBudgets, Sms, SmsToPhoneOfCase, Transaction
from core.security.outbox_sealing import Kept, SealedBodyUnreadable, open_message


@dataclass(frozen=True, slots=True)
class CodeSmsRecipientDecrypter(OutboxMessageProcessor):
    """The courier's part in a security code. Raises MessageClaimLost, PhoneNumberUnreadable."""

    context: SharedReissueRules
    budgets: SharedSmsBudgets

    def prepare(self, message: OutboxMessage, content: Kept | None) -> tuple[OutboxMessage, Sms] | None:
        """Return the SMS to the number of its case, or None if the voter has changed the number."""
        if isinstance(content, Sms):  # sealed with its recipient, before the site and the courier had keys of their own
            return message, content
        dependencies = self.context.dependencies
        with dependencies.store.read() as transaction:
            case = transaction.recoveries.by_number(message.case)
        number = None if case is None else getattr(case.state, "number", None)
        if (
            isinstance(content, SmsToPhoneOfCase)
            and isinstance(number, SealedPhoneNumber)
            and number.digest == content.number
        ):
            context = phone_number_sealing_context(message.case, content.voter)
            recipient = decrypt_phone_number(dependencies, context, number)
            return message, msgspec.structs.replace(content.sms, recipient=recipient)
        self._drop(message, content)
        return None

    def _drop(self, message: OutboxMessage, kept: Kept | None) -> None:
        """End the message, and give back what its code has taken."""
        now = self.context.dependencies.clock.now()
        with self.context.dependencies.store.write(Durability.RELAXED) as transaction:
            transaction.voters.lock(message.voter or 0)
            transaction.outbox.finish(message, MessageState.DROPPED, at=now, reason="no-longer-wanted")
            self._give_back(transaction, message, kept, now)

    def on_message_end(
        self, transaction: Transaction, message: OutboxMessage, state: MessageState, now: datetime
    ) -> None:
        """Give back what a code has taken that expired before any gateway was handed it; leave the case as it is."""
        # A courier that was killed may have handed over what it had in hand, uncounted: fewer messages than it has connections; and what a
        # gateway left unanswered while the store was away, another courier takes for untried.
        if state is not MessageState.CANCELLED or message.attempts or message.sealed is None:
            return
        # Without waiting, and without giving back to a voter whom an import holds: the courier's other messages wait for this transaction.
        if not transaction.voters.lock_without_waiting([message.voter or 0]):
            return
        with suppress(SealedBodyUnreadable):
            kept = open_message(self.context.dependencies.vault, message.id, message.sealed)
            self._give_back(transaction, message, kept, now)

    def _give_back(self, transaction: Transaction, message: OutboxMessage, kept: Kept | None, now: datetime) -> None:
        if isinstance(kept, SmsToPhoneOfCase):
            self.context.sending_limits.record_code_not_sent(
                transaction, message.voter or 0, kept.number, message.created, now
            )
            self.budgets.release_reservation(transaction, kept.places)
