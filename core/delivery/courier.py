"""The courier's loop: claims the messages that are due, sends them, and writes the results.

Killed at any instant, it loses nothing: a claim lapses by itself.
"""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from threading import Event as Signal
from typing import assert_never

import structlog

from core.delivery.batched_message_completions import UncommittedCompletions
from core.delivery.journal_sealer import JournalSealer
from core.delivery.message_preparation import MessagePreparation
from core.delivery.prepared_messages import PreparedMessage
from core.delivery.send_result_recorder import SendResultRecorder
from core.delivery.sender_pool import WAIT_SECONDS, SenderPool
from core.flows.flow_messages import MessageWaitsForPlatform
from core.ports import (
    Clock,
    ComposedMail,
    MessageClaimLost,
    MessageKind,
    OutboxMessage,
    SendResult,
    Sms,
    Store,
    StoreUnavailable,
)

LEASE = timedelta(minutes=2)
"""Duration of a claim. A message not sent within half of it is left, so that no other courier sends it at the same time."""
BATCH = 20
IDLE_SECONDS = 0.2
GATHER_SECONDS = 0.05
"""The pause after a batch that was not full: what is asked for meanwhile is claimed and decided together."""
TROUBLE_SECONDS = 2.0
SEAL_EVERY = timedelta(seconds=2)
BATCHES_AT_THE_END = 20
"""Number of journal batches that a stopping courier still seals: a second's work."""

log = structlog.get_logger()


@dataclass(kw_only=True)
class Courier:
    """One worker; on PostgreSQL several may run at once."""

    store: Store
    preparation: MessagePreparation
    completions: UncommittedCompletions
    results: SendResultRecorder
    sealer: JournalSealer
    mails: SenderPool[ComposedMail]
    texts: SenderPool[Sms]
    clock: Clock
    stopping: Signal = field(default_factory=Signal)
    followed: bool = False
    """True if another courier begins as soon as this one ends, and goes on with the journal."""
    leave_sign_of_life: Callable[[], object] = lambda: None
    """Called after each round of work."""
    _seal_from: datetime | None = field(default=None, init=False)
    """The time from which the journal is sealed again; None for at once."""

    def run(self) -> None:
        """Work until `stopping` is set; messages under way are finished first."""
        while not self.stopping.is_set():
            try:
                handled = self.run_once()
                more = self._seal_journal() or handled == BATCH
                self.leave_sign_of_life()
            except StoreUnavailable as unready:
                log.warning("store-unready", reason=str(unready), cause=unready)
                self.stopping.wait(TROUBLE_SECONDS)
                continue
            if not more:
                self.stopping.wait(GATHER_SECONDS if handled else IDLE_SECONDS)
        self._conclude()
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self.mails.close()
        self.texts.close()

    def run_once(self) -> int:
        """Handle one batch and return its size. After the last batch nothing is under way. Raises StoreUnavailable."""
        self._write_results()
        now = self.clock.now()
        with self.store.write() as transaction:
            messages = transaction.outbox.claim(now=now, lease=LEASE, limit=BATCH)
        asks = [message for message in messages if message.kind == MessageKind.ASK]
        others = [message for message in messages if message.kind != MessageKind.ASK]
        lapses = now + LEASE / 2
        may_decide, decided = False, dict[int, PreparedMessage | None]()
        try:
            if others and not self.stopping.is_set():
                decided = self.preparation.decide_notices([each for each in others if now < each.useful_until])
            for message in messages:
                if asks and message is asks[0]:
                    # Asks wait while no relay takes messages, for known and unknown addresses alike. If those of unknown addresses
                    # were dropped meanwhile, the delay shown to everyone would tell which are known (rule 2). A silent relay is
                    # asked once a batch: each time takes long.
                    now = self.clock.now()
                    useful = [ask for ask in asks if now < min(ask.useful_until, lapses)]
                    may_decide = bool(useful) and not self.stopping.is_set() and not self.results.relays.active
                    may_decide = may_decide and self.mails.reachable()
                    if may_decide:
                        decided |= self.preparation.decide_link_requests(useful)
                prepared = decided.get(message.id)
                left = message.id not in decided and message.kind != MessageKind.ASK
                if prepared is not None or left:
                    self._guard(message, partial(self._handle, message, lapses, prepared))
            for ask in asks:  # last, because a voter whom an import holds may make the store unavailable
                if ask.id not in decided:
                    self._guard(ask, partial(self._handle, ask, lapses, may_decide=may_decide))
        finally:
            self.completions.write_now()
        if len(messages) < BATCH or self.stopping.is_set():
            self._finish()
        return len(messages)

    def _write_results(self) -> None:
        """Write the answers that have come; before a claim, so that no message is claimed that is sent or under way."""
        self.mails.report_answers()
        self.texts.report_answers()
        self.completions.write_now()
        if max(self.mails.oldest_send_seconds, self.texts.oldest_send_seconds) > LEASE.total_seconds() / 2:
            self._finish()

    def _finish(self) -> None:
        """Wait for all answers, and write each result when it comes."""
        while self.mails.busy or self.texts.busy:
            self.mails.wait_for_answer(WAIT_SECONDS)
            self.texts.wait_for_answer(WAIT_SECONDS)
            self.completions.write_now()

    def _guard(self, message: OutboxMessage, work: Callable[[], None]) -> None:
        """Keep a message that cannot be handled from stopping the others: it is tried again, and cancelled in the end."""
        try:
            work()
        except StoreUnavailable:
            raise
        except MessageClaimLost:
            log.warning("claim-lost", parcel=message.id)
        except MessageWaitsForPlatform as waits:
            log.warning("platform-away", parcel=message.id, kind=message.kind, reason=waits.reason)
            self.results.wait_for_platform(message, waits.reason)
        except Exception:
            log.exception("parcel-failed", parcel=message.id, kind=message.kind)
            self.results.postpone_after_failed_try(message, "defect")

    def _handle(
        self,
        message: OutboxMessage,
        lapses: datetime,
        decided: PreparedMessage | None = None,
        *,
        may_decide: bool = False,
    ) -> None:
        self.completions.write_now()  # a courier that is killed doubles the message in hand, and none before it
        if self.clock.now() >= lapses:
            return
        if self.stopping.is_set() and message.kind != MessageKind.CHECKPOINT:
            self.results.release(message)
            return
        if self.results.cancel_if_useless(message if decided is None else decided.message):
            return
        if message.kind == MessageKind.ASK and (self.results.relays.active or not (decided or may_decide)):
            self.results.postpone_untried_message(message, "no-relay")
            return
        prepared = decided or self.preparation.prepare(message)
        if prepared is None:
            return
        on_result = partial(self._record, prepared.message)
        match prepared.content:
            case ComposedMail() as mail:
                self.mails.submit(mail, on_result, while_waiting=self.completions.write_now)
            case Sms() as sms:
                self.texts.submit(sms, on_result, while_waiting=self.completions.write_now)
            case unknown:
                assert_never(unknown)

    def _record(self, message: OutboxMessage, result: "Future[SendResult]") -> None:
        """Record the result of a sending; it may run while another message is being processed."""
        self._guard(message, lambda: self.results.record(message, result.result()))

    def _seal_journal(self) -> bool:
        """Seal a batch of the journal when it is time, and make a checkpoint if one is due. Return whether there is more."""
        now = self.clock.now()
        if self._seal_from is not None and now < self._seal_from:
            return False
        more = self.sealer.seal()
        self._seal_from = None if more else now + SEAL_EVERY
        self.sealer.publish_checkpoint()
        return more

    def _conclude(self) -> None:
        """Seal what has happened until now, make a checkpoint, and mail it to the board if a relay takes it at once."""
        try:
            self._finish()
            if self.followed:
                return
            for _ in range(BATCHES_AT_THE_END):
                if not self.sealer.seal():
                    break
            if (
                self.sealer.publish_checkpoint(at_once=True)
                and self.sealer.board is not None
                and not self.results.relays.active
            ):
                self.run_once()
        except StoreUnavailable as unready:
            log.warning("store-unready", reason=str(unready), cause=unready)
