"""The loop: claims what is due, hands it on, writes how it ended. Killed at any instant nothing is lost: a claim lapses by itself."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from threading import Event as Signal
from typing import TypeVar, assert_never

import structlog

from core.courier.decisions import Decisions
from core.courier.ends import Ends
from core.courier.hand import Answer
from core.courier.hands import Hands, Told
from core.courier.notary import Notary
from core.courier.reissuing import PlatformWaits
from core.courier.settlement import Settlement, durability_of
from core.ports import ClaimLost, Clock, Durability, Envelope, Parcel, ParcelKind, Sms, Store, Unready
from core.sealing import Content

LEASE = timedelta(minutes=2)
"""How long a claim holds. What has not been handed on in half of it lapses, so that nobody else sends it meanwhile."""
BATCH = 20
IDLE_SECONDS = 0.2
TROUBLE_SECONDS = 2.0
LONG_SECONDS = 0.2
"""Ends are written while an answer takes longer."""
SEAL_EVERY = timedelta(seconds=2)
BATCHES_AT_THE_END = 20
"""What a courier that is told to stop still seals: a second's work."""

M = TypeVar("M")
log = structlog.get_logger()


@dataclass(kw_only=True)
class Courier:
    """One worker; on PostgreSQL several may run at once."""

    store: Store
    decisions: Decisions
    ends: Ends
    settlement: Settlement
    notary: Notary
    mails: Hands[Envelope]
    texts: Hands[Sms]
    clock: Clock
    stopping: Signal = field(default_factory=Signal)
    _seal_from: datetime | None = field(default=None, init=False)
    """When the journal is looked at next."""

    def run(self) -> None:
        """Works until `stopping` is set; the messages in hand are finished first."""
        while not self.stopping.is_set():
            try:
                worked = self.round() + self._keep_journal()
            except Unready as unready:
                log.warning("store-unready", reason=str(unready))
                self.stopping.wait(TROUBLE_SECONDS)
                continue
            if not worked:
                self.stopping.wait(IDLE_SECONDS)
        self._conclude()
        self.close()

    def close(self) -> None:
        """Lets the connections go."""
        self.mails.close()
        self.texts.close()

    def _keep_journal(self) -> bool:
        """Seals a batch of the journal when it is time, and makes a checkpoint if one is due. Whether more waits."""
        now = self.clock.now()
        if self._seal_from is not None and now < self._seal_from:
            return False
        more = self.notary.seal()
        self._seal_from = None if more else now + SEAL_EVERY
        self.notary.attest()
        return more

    def _conclude(self) -> None:
        """What has happened until now is sealed and attested, and the board is told, if a relay takes it at once."""
        try:
            self._finish()
            for _ in range(BATCHES_AT_THE_END):
                if not self.notary.seal():
                    break
            if self.notary.attest(at_once=True) and self.notary.board is not None and not self.settlement.no_relay:
                self.round()
        except Unready as unready:
            log.warning("store-unready", reason=str(unready))

    def round(self) -> int:
        """One batch; returns how many parcels it held. When it was the last, nothing is on its way any more. Raises Unready."""
        self._hear()
        now = self.clock.now()
        with self.store.write(Durability.RELAXED) as transaction:
            parcels = transaction.outbox.claim(now=now, lease=LEASE, limit=BATCH)
        deciding = not self.stopping.is_set()
        reachable = deciding and any(parcel.kind is ParcelKind.ASK for parcel in parcels) and self.mails.reachable()
        if reachable:
            self.decisions.expect(parcels)
        try:
            for parcel in parcels:
                if self.clock.now() - now < LEASE / 2:
                    self._handled(parcel, may_decide=reachable and not self.settlement.no_relay)
        finally:
            self.ends.write_now()
        if len(parcels) < BATCH or self.stopping.is_set():
            self._finish()
        return len(parcels)

    def _hear(self) -> None:
        """Before anything is claimed: what has been answered must not be claimed again, nor what is on its way."""
        self.mails.look()
        self.texts.look()
        self.ends.write_now()
        if max(self.mails.held_seconds, self.texts.held_seconds) > LEASE.total_seconds() / 2:
            self._finish()

    def _finish(self) -> None:
        """Waits for all answers; the end of each is written when it comes, and not when the last one does."""
        while self.mails.busy or self.texts.busy:
            self.mails.hear(LONG_SECONDS)
            self.texts.hear(LONG_SECONDS)
            self.ends.write_now()

    def _handled(self, parcel: Parcel, *, may_decide: bool) -> None:
        try:
            self._handle(parcel, may_decide=may_decide)
        except ClaimLost:
            log.warning("claim-lost", parcel=parcel.id)

    def _handle(self, parcel: Parcel, *, may_decide: bool) -> None:
        """While no relay takes messages, asks wait undecided, for known and unknown addresses alike.

        Were unknown ones dropped meanwhile, the delay shown to everyone would tell which are which (rule 2).
        """
        if self.stopping.is_set() and parcel.kind is not ParcelKind.CHECKPOINT:
            self.settlement.given_back(parcel)
        elif parcel.kind is not ParcelKind.ASK or may_decide:
            self._guarded(parcel, lambda: self._send(parcel))
        elif not self.settlement.too_late(parcel):
            self.settlement.untried(parcel, "no-relay")

    def _guarded(self, parcel: Parcel, work: Callable[[], None]) -> None:
        """One parcel that cannot be handled must not stop the others; it comes back later, then is cancelled."""
        try:
            work()
        except (Unready, ClaimLost):
            raise
        except PlatformWaits as waits:
            log.warning("platform-away", parcel=parcel.id, kind=parcel.kind, reason=waits.reason)
            self.settlement.platform_waits(parcel, waits.reason)
        except Exception:
            log.exception("parcel-failed", parcel=parcel.id, kind=parcel.kind)
            self.settlement.failed(parcel, "defect")

    def _send(self, parcel: Parcel) -> None:
        if self.settlement.too_late(parcel):
            return
        if not _decides(parcel):
            self.ends.write_now()
        ready = self.decisions.ready(parcel)
        if ready is not None:
            self._hand_on(ready.content, partial(self._answered, ready.parcel, durability_of(parcel)))

    def _hand_on(self, content: Content, told: Told) -> None:
        match content:
            case Envelope():
                self._through(self.mails, content, told)
            case Sms():
                self._through(self.texts, content, told)
            case _:
                assert_never(content)

    def _through(self, hands: Hands[M], message: M, told: Told) -> None:
        while hands.full:
            if not hands.hear(LONG_SECONDS):
                self.ends.write_now()
        hands.carry(message, told)

    def _answered(self, parcel: Parcel, kept: Durability, answer: Callable[[], Answer]) -> None:
        """Perhaps while another parcel is handled, which has no part in it."""
        try:
            self._guarded(parcel, lambda: self.settlement.answered(parcel, kept, answer()))
        except ClaimLost:
            log.warning("claim-lost", parcel=parcel.id)


def _decides(parcel: Parcel) -> bool:
    """Whether it is to be decided now in a transaction of `core.courier.decisions`."""
    return parcel.sealed is None and parcel.kind not in {ParcelKind.IDENTIFIER, ParcelKind.HOLD}
