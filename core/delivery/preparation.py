"""Decides what to send. Stores the encrypted decision, so that retries send the same bytes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec

from core.delivery.mail_writer import MailWriter
from core.delivery.results import courier_event
from core.flows.dependencies import Dependencies, retry_on_conflict
from core.flows.flow_messages import MailContent, OutboxMessageProcessor, language_of_last_page
from core.flows.password.recovery_mails import LinkToSend
from core.flows.password.states import LinkRequestPending, LinkSent, SentLink
from core.journal.checkpoints import (
    checkpoint_number_of_case,
    checkpoint_statement_of,
    newly_attested_reported_events,
)
from core.ports import (
    ACCESS_CHANGED,
    ComposedMail,
    EventType,
    LinkRecord,
    MessageKind,
    MessageState,
    OutboxMessage,
    RecoveryCase,
    Sms,
    Transaction,
    Voter,
)
from core.security import key_purposes, tokens
from core.security.outbox_sealing import Content, open_message, seal_message

KINDS_WITH_ACCESS = (MessageKind.LINK, MessageKind.CONFIRMATION)
"""Kinds of emails whose link gives access to an account. These emails are not sent for frozen accounts."""


class VoterLockedError(Exception):
    """Raised when another transaction has locked the voter who requested a link."""


@dataclass(frozen=True, slots=True)
class PreparedMessage:
    message: OutboxMessage
    content: Content


@dataclass(frozen=True, slots=True)
class LinkRequest:
    message: OutboxMessage
    case: RecoveryCase
    state: LinkRequestPending | LinkSent
    now: datetime


@dataclass(frozen=True, slots=True)
class DecidedMail:
    """An email to send. If `voter` is None, the email is for the electoral board."""

    kind: str
    content: MailContent
    voter: Voter | None


@dataclass(frozen=True, slots=True)
class Dropped:
    reason: str
    voter: Voter | None = None


@dataclass(frozen=True, slots=True)
class Preparation:
    dependencies: Dependencies
    writer: MailWriter
    processors: Mapping[str, OutboxMessageProcessor]
    """Maps each kind of message to its processor. Emails are not included."""

    def prepare(self, message: OutboxMessage) -> PreparedMessage | None:
        """Return the content to send, if any.

        Raises StoreUnavailable, MessageClaimLost, PlatformNotReadyError, VoterLockedError.
        """
        stored = None if message.sealed is None else open_message(self.dependencies.vault, message.id, message.sealed)
        processor = self.processors.get(message.kind)
        if processor is not None:
            ready = processor.prepare(message, stored)
            return None if ready is None else PreparedMessage(*ready)
        if (
            isinstance(stored, ComposedMail)
            and stored.epoch is not None
            and self._drop_if_access_changed(message, stored)
        ):
            return None
        if isinstance(stored, ComposedMail | Sms):
            return PreparedMessage(message, stored)
        return retry_on_conflict(lambda: self._decide(message))

    def _drop_if_access_changed(self, message: OutboxMessage, mail: ComposedMail) -> bool:
        """Drop an email if its link is no longer valid. Returns True if the email was dropped."""
        now = self.dependencies.clock.now()
        with self.dependencies.store.read() as transaction:
            voter = transaction.voters.by_id(message.voter or 0)
        if voter is not None and voter.epoch == mail.epoch and voter.removed is None:
            return False
        with self.dependencies.store.write() as transaction:
            transaction.outbox.finish(message, MessageState.DROPPED, at=now, reason=ACCESS_CHANGED)
            transaction.journal.write(courier_event(message, EventType.MAIL_CANCELLED, now, ACCESS_CHANGED))
        return True

    def _decide(self, message: OutboxMessage) -> PreparedMessage | None:
        now = self.dependencies.clock.now()
        with self.dependencies.store.write() as transaction:
            match message.kind:
                case MessageKind.ASK:
                    decision = self._decide_ask(transaction, message, now)
                case MessageKind.CHECKPOINT:
                    decision = self._decide_checkpoint(transaction, message)
                case _:
                    decision = self._decide_notice(transaction, message)
            if isinstance(decision, Dropped):
                transaction.outbox.finish(message, MessageState.DROPPED, at=now, reason=decision.reason)
                event = courier_event(message, EventType.ASK_DROPPED, now, decision.reason, decision.voter)
                transaction.journal.write(event)
                return None
            decision.content.record(transaction)
            mail = self.writer.compose(decision.content, message, decision.voter)
            if decision.kind in KINDS_WITH_ACCESS and decision.voter is not None:
                mail = msgspec.structs.replace(mail, epoch=decision.voter.epoch)
            sealed = seal_message(self.dependencies.vault, message.id, mail)
            voter = None if decision.voter is None else decision.voter.id
            transaction.outbox.store_composed(message, kind=decision.kind, sealed=sealed, voter=voter)
        return PreparedMessage(msgspec.structs.replace(message, kind=decision.kind, voter=voter, sealed=sealed), mail)

    def _decide_ask(self, transaction: Transaction, message: OutboxMessage, now: datetime) -> DecidedMail | Dropped:
        """Decide whether to send a link. If web pages decided this, they would reveal who is on the roll."""
        case = transaction.recoveries.by_number(message.case)
        if case is None or not isinstance(case.state, LinkRequestPending | LinkSent):
            return Dropped("no-longer-wanted")
        voter = transaction.voters.by_address(case.state.address)
        if voter is None:
            transaction.recoveries.update_state(case, case.state.leave_unanswered())
            return Dropped("not-on-the-roll")
        if not transaction.voters.lock_without_waiting(voter.id):
            raise VoterLockedError
        if voter.frozen is not None:
            return self._refuse_frozen(transaction, LinkRequest(message, case, case.state, now), voter)
        token = tokens.new_token(self.dependencies.entropy)
        link = SentLink(tokens.digest(token), case.state.asking.until)
        sent = case.state.send_link(link, voter=voter.id, epoch=voter.epoch)
        transaction.recoveries.update_state(case, sent, voter=voter.id)
        transaction.links.add(
            LinkRecord(digest=link.digest, case=message.case, voter=voter.id, epoch=voter.epoch, expires=link.expires)
        )
        transaction.journal.write(courier_event(message, EventType.LINK_DECIDED, now, voter=voter))
        return self._mail(MessageKind.LINK, message, voter, LinkToSend(case.state.asking, token))

    def _refuse_frozen(self, transaction: Transaction, request: LinkRequest, voter: Voter) -> DecidedMail | Dropped:
        message, state, now = request.message, request.state, request.now
        transaction.recoveries.update_state(request.case, state.leave_unanswered(), voter=voter.id)
        bucket = self.dependencies.vault.digest(key_purposes.THROTTLE, f"frozen-mail|{voter.id}".encode())
        pause = timedelta(minutes=self.dependencies.policy.frozen_mail_pause_minutes)
        if not transaction.throttle.count_or_refuse(bucket, limit=1, window=pause, now=now).allowed:
            return Dropped("frozen-told-already", voter)
        transaction.journal.write(courier_event(message, EventType.LINK_REFUSED, now, "frozen", voter))
        return self._mail(MessageKind.REFUSAL, message, voter, state)

    def _decide_notice(self, transaction: Transaction, message: OutboxMessage) -> DecidedMail | Dropped:
        voter = None if message.voter is None else transaction.voters.by_id(message.voter)
        if voter is None:
            return Dropped("no-such-voter")
        case = transaction.recoveries.by_number(message.case)
        return self._mail(message.kind, message, voter, None if case is None else case.state)

    def _mail(self, kind: str, message: OutboxMessage, voter: Voter, state: object) -> DecidedMail | Dropped:
        content = self.writer.templates[kind](message, voter, state)
        if content is None:
            return Dropped("no-longer-true")
        return DecidedMail(kind, replace(content, language=content.language or language_of_last_page(state)), voter)

    def _decide_checkpoint(self, transaction: Transaction, message: OutboxMessage) -> DecidedMail | Dropped:
        checkpoint = transaction.chain.checkpoint(checkpoint_number_of_case(message.case) or 0)
        if checkpoint is None or self.writer.board_address is None:
            return Dropped("no-longer-wanted")
        reports = newly_attested_reported_events(transaction.chain, checkpoint_statement_of(checkpoint))
        return DecidedMail(message.kind, self.writer.checkpoint(checkpoint, reports), None)
