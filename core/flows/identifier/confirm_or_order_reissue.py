"""Orders of a re-issue after an accepted code: a mail to confirm if the policy asks, then an order to the courier (rule 8)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from core.flows.identifier.sent_security_code import ResendLimits
from core.flows.identifier.shared_reissue_rules import SharedReissueRules
from core.flows.identifier.states import ConfirmationAwaited, ReissueOrdered
from core.ports import MessageKind, RecoveryCase, Transaction


@dataclass(frozen=True, slots=True)
class ReissueOrders:
    """Orders re-issues. Each method writes within the transaction it is given, and raises Conflict."""

    context: SharedReissueRules

    def reserve(self, transaction: Transaction, case: RecoveryCase, state: ReissueOrdered, slot: int | None) -> None:
        """Reserve a re-issue; the courier makes the identifier and tells the voter of the request."""
        policy, now = self.context.dependencies.policy, state.at
        transaction.recoveries.update_state(case, state)
        transaction.reissues.reserve(case.number, state.voter, slot=slot or 0, at=now)
        useful_until = min(
            now + timedelta(minutes=policy.identifier_useful_minutes), self.context.dependencies.calendar.vote_closes
        )
        notice_until = now + timedelta(minutes=policy.notice_useful_minutes)
        for kind, until in ((MessageKind.IDENTIFIER, useful_until), (MessageKind.REISSUED, notice_until)):
            transaction.outbox.put_without_returning_id(
                kind=kind, case=case.number, at=now, useful_until=until, voter=state.voter
            )

    def queue_confirmation_mail(self, transaction: Transaction, case: RecoveryCase, state: ConfirmationAwaited) -> None:
        """Ask the courier for the mail whose link confirms the request. Nothing is reserved yet."""
        transaction.recoveries.update_state(case, state)
        margin = timedelta(minutes=self.context.dependencies.policy.link_mail_margin_minutes)
        transaction.outbox.put_without_returning_id(
            kind=MessageKind.CONFIRMATION,
            case=case.number,
            at=state.asked,
            useful_until=max(state.until - margin, state.asked),
            voter=state.voter,
        )

    def confirmation_resend_limits(self, now: datetime) -> ResendLimits:
        """Return the terms of a mail that is asked for now; no link outlives the vote."""
        terms = ResendLimits.of_confirmation(self.context.dependencies.policy)
        left = self.context.dependencies.calendar.vote_closes - now
        return msgspec.structs.replace(terms, valid=min(terms.valid, left))
