"""Decides on a request for a link: a link is made and mailed, a frozen account is told to call the desk, anything else gets nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from core.delivery.batched_message_completions import courier_event
from core.delivery.link_request_lookup import LinkRequest
from core.delivery.mail_writer import MailWriter
from core.delivery.prepared_messages import PreparedMessage, WriteDecision, drop_message, store_composed_mail
from core.flows.dependencies import Dependencies
from core.flows.password.recovery_mails import LinkToSend
from core.flows.password.states import SentLink
from core.ports import EventType, LinkRecord, MessageKind, OutboxMessage, Transaction, Voter
from core.security import key_purposes, tokens


@dataclass(frozen=True, slots=True)
class LinkRequestDecisions:
    """Decides on requests that were looked up; what it returns writes the decision in a transaction."""

    dependencies: Dependencies
    writer: MailWriter

    def decide(self, message: OutboxMessage, request: LinkRequest | None) -> tuple[int, WriteDecision]:
        """Return the id of the voter whom the decision is about, 0 for none, and what writes it."""
        now = self.dependencies.clock.now()
        if request is None:
            return 0, partial(drop_message, message=message, now=now, reason="no-longer-wanted")
        if request.recipient is None:
            return 0, partial(self._leave_unanswered, request=request, now=now, reason="not-on-the-roll")
        if request.recipient.frozen is not None:
            return request.recipient.id, self._refusal(request, request.recipient, now)
        return request.recipient.id, self._new_link(request, request.recipient, now)

    def _leave_unanswered(self, transaction: Transaction, request: LinkRequest, now: datetime, reason: str) -> None:
        transaction.recoveries.update_state(request.case, request.state.leave_unanswered())
        drop_message(transaction, request.message, now, reason)

    def _refusal(self, request: LinkRequest, voter: Voter, now: datetime) -> WriteDecision:
        """Return the mail that says to call the desk, unless this voter got one a moment ago."""
        message, vault = request.message, self.dependencies.vault
        mail = self.writer.write(MessageKind.REFUSAL, message, voter, request.state)
        bucket = vault.digest(key_purposes.THROTTLE, f"frozen-mail|{voter.id}".encode())
        pause = timedelta(minutes=self.dependencies.policy.frozen_mail_pause_minutes)

        def write(transaction: Transaction) -> PreparedMessage | None:
            transaction.recoveries.update_state(request.case, request.state.leave_unanswered(), voter=voter.id)
            if not transaction.throttle.count_or_refuse(bucket, limit=1, window=pause, now=now).allowed:
                drop_message(transaction, message, now, "frozen-told-already", voter)
                return None
            transaction.journal.write(courier_event(message, EventType.LINK_REFUSED, now, "frozen", voter))
            return store_composed_mail(transaction, vault, message, mail, kind=MessageKind.REFUSAL, voter=voter.id)

        return write

    def _new_link(self, request: LinkRequest, voter: Voter, now: datetime) -> WriteDecision:
        message, asking, vault = request.message, request.state.asking, self.dependencies.vault
        token = tokens.new_token(self.dependencies.entropy)
        mail = self.writer.write(MessageKind.LINK, message, voter, LinkToSend(asking, token))
        link = SentLink(tokens.digest(token), asking.until)
        record = LinkRecord(
            digest=link.digest, case=request.case.number, voter=voter.id, epoch=voter.epoch, expires=link.expires
        )
        state = request.state.send_link(link, voter=voter.id, epoch=voter.epoch)

        def write(transaction: Transaction) -> PreparedMessage:
            transaction.recoveries.update_state(request.case, state, voter=voter.id)
            transaction.links.add(record)
            transaction.journal.write(courier_event(message, EventType.LINK_DECIDED, now, voter=voter))
            return store_composed_mail(transaction, vault, message, mail, kind=MessageKind.LINK, voter=voter.id)

        return write
