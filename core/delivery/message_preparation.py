"""Prepares what is sent for a message of the outbox.

A decision and its composed, sealed message are written together; from then on every try sends the same bytes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from core.delivery.link_request_decisions import LinkRequestDecisions
from core.delivery.link_request_lookup import look_up_link_requests
from core.delivery.mail_writer import MailWriter
from core.delivery.notice_lookup import Notice, look_up_notices
from core.delivery.prepared_messages import PreparedMessage, WriteDecision, drop_message, store_composed_mail
from core.flows.dependencies import Dependencies, retry_on_conflict
from core.flows.flow_messages import OutboxMessageProcessor
from core.journal.checkpoints import (
    checkpoint_number_of_case,
    checkpoint_statement_of,
    newly_attested_reported_events,
)
from core.ports import (
    ComposedMail,
    ConflictError,
    MessageClaimLost,
    MessageKind,
    MessageState,
    OutboxMessage,
    Sms,
    StoreUnavailable,
    Transaction,
)
from core.security.outbox_sealing import open_message

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class MessagePreparation:
    """Prepares messages for sending."""

    dependencies: Dependencies
    writer: MailWriter
    decisions: LinkRequestDecisions
    work: Mapping[str, OutboxMessageProcessor]
    """The preparation of outbox messages of a kind that is more than one mail to write."""

    def prepare(self, message: OutboxMessage) -> PreparedMessage | None:
        """Return what is sent, the same at every call, or None when nothing is sent and the message has ended.

        Raises MessageClaimLost, MessageWaitsForPlatform.
        """
        kept = None if message.sealed is None else open_message(self.dependencies.vault, message.id, message.sealed)
        work = self.work.get(message.kind)
        if work is not None:
            ready = work.prepare(message, kept)
            return None if ready is None else PreparedMessage(*ready)
        if isinstance(kept, ComposedMail | Sms):
            return PreparedMessage(message, kept)
        match message.kind:
            case MessageKind.ASK:
                return retry_on_conflict(partial(self._decide, message))
            case MessageKind.CHECKPOINT:
                return retry_on_conflict(partial(self._checkpoint, message))
            case _:
                return retry_on_conflict(partial(self._notice, message))

    def on_end(self, transaction: Transaction, message: OutboxMessage, state: MessageState, now: datetime) -> None:
        """Change the case of a message that ends, in the transaction that ends it. Raises ConflictError."""
        if (work := self.work.get(message.kind)) is not None:
            work.on_message_end(transaction, message, state, now)

    def decide_link_requests(self, asks: Sequence[OutboxMessage]) -> dict[int, PreparedMessage | None]:
        """Look up and decide asks in one transaction, so that all of them wait for the disk once; by their messages' ids.

        An ask that is not in the answer is to be prepared alone: reading or composing failed, another has locked its voter, or
        somebody moved one of them meanwhile.
        """
        return self._decide_together(partial(self._ask_decisions, asks))

    def decide_notices(self, messages: Sequence[OutboxMessage]) -> dict[int, PreparedMessage | None]:
        """Write the notices among these messages in one transaction, as `decide_link_requests` does with asks."""
        undecided = [message for message in messages if self._is_undecided_notice(message)]
        return self._decide_together(partial(self._notice_decisions, undecided)) if undecided else {}

    def _ask_decisions(self, asks: Sequence[OutboxMessage]) -> Iterator[tuple[int, int, WriteDecision]]:
        requests = look_up_link_requests(self.dependencies, asks)
        for message in asks:
            with suppress(Exception):  # it comes again, and is logged, when the message is prepared alone
                voter, write = self.decisions.decide(message, requests[message.id])
                yield voter, message.id, write

    def _notice_decisions(self, messages: Sequence[OutboxMessage]) -> Iterator[tuple[int, int, WriteDecision]]:
        for notice in look_up_notices(self.dependencies.store, messages):
            with suppress(Exception):  # as above
                yield 0, notice.message.id, self._notice_decision(notice)

    def _decide_together(
        self, make_decisions: Callable[[], Iterable[tuple[int, int, WriteDecision]]]
    ) -> dict[int, PreparedMessage | None]:
        """Write decisions, each with the voter whom it locks (0 for none) and its message's id, in one transaction."""
        try:
            decisions = list(make_decisions())
            with self.dependencies.store.write() as transaction:
                # Without waiting: an import of the roll holds many voters for long, and may wait for those held here.
                free = {0, *transaction.voters.lock_without_waiting([voter for voter, *_ in decisions if voter])}
                return {message_id: write(transaction) for voter, message_id, write in decisions if voter in free}
        except StoreUnavailable:
            raise
        except (ConflictError, MessageClaimLost):
            return {}
        except Exception as defect:  # noqa: BLE001  # of one of them: it is met again where each is prepared alone
            log.warning("batch-not-decided", cause=defect)
            return {}

    def _decide(self, message: OutboxMessage) -> PreparedMessage | None:
        voter, write = self.decisions.decide(message, look_up_link_requests(self.dependencies, [message])[message.id])
        with self.dependencies.store.write() as transaction:
            if voter:
                transaction.voters.lock(voter)
            return write(transaction)

    def _is_undecided_notice(self, message: OutboxMessage) -> bool:
        special = {MessageKind.ASK, MessageKind.CHECKPOINT, *self.work}
        return message.sealed is None and message.kind not in special

    def _notice(self, message: OutboxMessage) -> PreparedMessage | None:
        (notice,) = look_up_notices(self.dependencies.store, [message])
        write = self._notice_decision(notice)
        with self.dependencies.store.write() as transaction:
            return write(transaction)

    def _notice_decision(self, notice: Notice) -> WriteDecision:
        message, voter, now = notice.message, notice.voter, self.dependencies.clock.now()
        if voter is None:
            return partial(drop_message, message=message, now=now, reason="no-such-voter")
        mail = self.writer.templates[message.kind](message, voter, notice.state)
        if mail is None:
            return partial(drop_message, message=message, now=now, reason="no-longer-true")
        envelope = self.writer.compose(mail, message, voter)

        def write(transaction: Transaction) -> PreparedMessage:
            mail.record(transaction)
            return self._store(transaction, message, envelope, voter.id)

        return write

    def _checkpoint(self, message: OutboxMessage) -> PreparedMessage | None:
        with self.dependencies.store.read() as transaction:
            checkpoint = transaction.chain.checkpoint(checkpoint_number_of_case(message.case) or 0)
            if checkpoint is not None:
                reports = newly_attested_reported_events(transaction.chain, checkpoint_statement_of(checkpoint))
        board = self.writer.board_address
        if checkpoint is None or board is None:
            self._drop(message, "no-longer-wanted")
            return None
        envelope = self.writer.compose_checkpoint(message, checkpoint, reports, board)
        with self.dependencies.store.write() as transaction:
            return self._store(transaction, message, envelope, None)

    def _drop(self, message: OutboxMessage, reason: str) -> None:
        now = self.dependencies.clock.now()
        with self.dependencies.store.write() as transaction:
            drop_message(transaction, message, now, reason)

    def _store(
        self, transaction: Transaction, message: OutboxMessage, mail: ComposedMail, voter: int | None
    ) -> PreparedMessage:
        return store_composed_mail(transaction, self.dependencies.vault, message, mail, kind=message.kind, voter=voter)
