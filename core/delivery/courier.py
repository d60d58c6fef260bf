"""The courier claims due messages and sends them in threads.

To claim a message, a courier moves the message's `due` time two minutes into the future. If that courier dies, the
message becomes due again by itself. If a courier crashes while it sends a message, the message may be sent twice.
"""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from threading import Event as Signal

from core.delivery.journal_sealer import JournalSealer
from core.delivery.lease import LEASE
from core.delivery.preparation import Preparation, VoterLockedError
from core.delivery.results import ResultRecorder
from core.delivery.senders import Senders
from core.flows.flow_messages import PlatformNotReadyError
from core.forms import errors
from core.ports import (
    Clock,
    ComposedMail,
    MailTransport,
    MessageClaimLost,
    MessageKind,
    OutboxMessage,
    SendResult,
    SmsTransport,
    Store,
    StoreUnavailable,
)

IDLE_SECONDS = 0.2
TROUBLE_SECONDS = 2.0
SEAL_EVERY = timedelta(seconds=2)
BATCHES_AT_THE_END = 20
"""Maximum number of journal batches to seal before stopping."""

log = logging.getLogger("retrouve")


@dataclass(kw_only=True)
class Courier:
    """Sends the messages of the outbox. On PostgreSQL, several couriers may run at once."""

    store: Store
    preparation: Preparation
    results: ResultRecorder
    sealer: JournalSealer
    mails: MailTransport
    texts: SmsTransport
    senders: Sequence[Senders]
    clock: Clock
    stopping: Signal = field(default_factory=Signal)
    followed: bool = False
    """True if a new courier replaces this one. This courier then stops without sealing the journal."""
    leave_sign_of_life: Callable[[], object] = lambda: None
    unrecorded: list[tuple[OutboxMessage, SendResult]] = field(default_factory=list, init=False)
    """Results that could not be recorded because the database was unavailable."""
    _seal_from: datetime | None = field(default=None, init=False)

    def run(self) -> None:
        while not self.stopping.is_set():
            try:
                claimed = self.run_once()
                more = self._seal_journal()
                self.leave_sign_of_life()
            except StoreUnavailable as error:
                log.warning("store-unready", extra={"reason": str(error), "cause": error})
                self.stopping.wait(TROUBLE_SECONDS)
                continue
            if claimed:
                wait([future for senders in self.senders for future in senders.under_way], IDLE_SECONDS)
            elif not more:
                self.stopping.wait(IDLE_SECONDS)
        self._conclude()
        self.close()

    def close(self) -> None:
        for senders in self.senders:
            senders.threads.shutdown()
        self.mails.close()
        self.texts.close()

    def run_once(self) -> int:
        """Claim due messages and start sending. Returns the number of claimed messages. Raises StoreUnavailable."""
        if self.unrecorded:
            self._record_late_answers()
        now = self.clock.now()
        free = [(senders, number) for senders in self.senders if (number := senders.free(now, LEASE / 2))]
        if not free:
            return 0
        with self.store.write() as transaction:
            claim = partial(transaction.outbox.claim, now=now, lease=LEASE)
            claimed = [(senders, each) for senders, number in free for each in claim(senders.channel, limit=number)]
        for senders, message in claimed:
            senders.under_way[senders.threads.submit(self._handle, message, now + LEASE / 2)] = now
        return len(claimed)

    def _handle(self, message: OutboxMessage, start_before: datetime) -> None:
        try:
            try:
                self._deliver(message, start_before)
            except (StoreUnavailable, MessageClaimLost):
                raise
            except PlatformNotReadyError as error:
                log.warning("platform-away", extra={"parcel": message.id, "kind": message.kind, "reason": error.reason})
                self.results.wait_for_platform(message, error.reason)
            except VoterLockedError:
                self.results.postpone_untried(message, "voter-locked")
            except Exception:
                log.exception("parcel-failed", extra={"parcel": message.id, "kind": message.kind})
                self.results.postpone_after_failed_try(message, "defect")
        except MessageClaimLost:
            log.warning("claim-lost", extra={"parcel": message.id})
        except StoreUnavailable as error:  # the message is due again when the claim ends
            log.warning("store-unready", extra={"parcel": message.id, "reason": str(error), "cause": error})
        except Exception:  # exceptions in threads are not logged elsewhere
            log.exception("parcel-failed", extra={"parcel": message.id, "kind": message.kind})

    def _deliver(self, message: OutboxMessage, start_before: datetime) -> None:
        if self.stopping.is_set() and message.kind != MessageKind.CHECKPOINT:
            self.results.release(message)
            return
        if self.clock.now() >= message.useful_until:
            self.results.cancel(message)
            return
        if message.kind == MessageKind.ASK:
            relays = self.results.relays
            if not relays.active and not self.mails.reachable():
                relays.failed()
            if relays.active:
                # Link requests from known and unknown addresses must wait equally long. Otherwise, the delay that pages
                # display would reveal which addresses are on the roll.
                self.results.postpone_untried(message, "no-relay")
                return
        prepared = self.preparation.prepare(message)
        if prepared is None or self.clock.now() >= start_before:
            return
        content = prepared.content
        answer = self.mails.send(content) if isinstance(content, ComposedMail) else self.texts.send(content)
        try:
            self.results.record(prepared.message, answer)
        except (StoreUnavailable, errors.ServiceUnavailable) as error:
            self.unrecorded.append((prepared.message, answer))
            raise StoreUnavailable(str(error)) from error

    def _record_late_answers(self) -> None:
        """Record the results in `unrecorded`, so that no message is sent a second time."""
        while self.unrecorded:
            message, answer = self.unrecorded[0]
            try:
                self.results.record(message, answer)
            except MessageClaimLost:
                log.warning("claim-lost", extra={"parcel": message.id})
            except StoreUnavailable:
                raise
            except errors.ServiceUnavailable as error:
                raise StoreUnavailable(str(error)) from error
            except Exception:  # a failure does not affect the other answers
                log.exception("parcel-failed", extra={"parcel": message.id, "kind": message.kind})
            self.unrecorded.pop(0)

    def _seal_journal(self) -> bool:
        """Seal a batch of journal lines. Returns whether unsealed lines remain."""
        now = self.clock.now()
        if self._seal_from is not None and now < self._seal_from:
            return False
        more = self.sealer.seal()
        self._seal_from = None if more else now + SEAL_EVERY
        self.sealer.publish_checkpoint()
        return more

    def _conclude(self) -> None:
        wait([future for senders in self.senders for future in senders.under_way])
        try:
            self._record_late_answers()
            if self.followed:
                return
            for _ in range(BATCHES_AT_THE_END):
                if not self.sealer.seal():
                    break
            is_new = self.sealer.publish_checkpoint(at_once=True)
            if is_new and self.sealer.board is not None and not self.results.relays.active:
                self.run_once()
        except StoreUnavailable as error:
            log.warning("store-unready", extra={"reason": str(error), "cause": error})
