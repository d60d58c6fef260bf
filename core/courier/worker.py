"""The loop: claims what is due, sends it, settles it. Killed at any instant nothing is lost: a claim lapses by itself."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event as Signal
from typing import assert_never

import structlog

from core.courier.decisions import Decisions
from core.courier.ends import End, Ends
from core.courier.notary import Notary
from core.courier.reissuing import PlatformWaits
from core.ports import (
    Act,
    Actor,
    Carrier,
    ClaimLost,
    Clock,
    Durability,
    Envelope,
    Event,
    Gateways,
    Parcel,
    ParcelKind,
    ParcelState,
    Postponed,
    Refused,
    Sent,
    Sms,
    Store,
    Transaction,
    Unready,
)
from core.sealing import Content
from core.service.tools import until_unmoved
from core.steps import Channel

LEASE = timedelta(minutes=2)
"""How long a claim holds: longer than a relay may take over one batch, so that nobody sends it again meanwhile."""
BATCH = 20
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=10)
LONGEST_PLATFORM_PAUSE = timedelta(seconds=30)
"""A voting platform serves one site: there is nobody to be polite to but its own return."""
IDLE_SECONDS = 0.2
TROUBLE_SECONDS = 2.0
SEAL_EVERY = timedelta(seconds=2)
BATCHES_AT_THE_END = 20
"""What a courier that is told to stop still seals: a second's work."""

log = structlog.get_logger()


def back_off(attempts: int, jitter: float) -> timedelta:
    """The pause after that many tries: doubling, capped, and spread by `jitter` (0 to 1) over its upper half."""
    longest: timedelta = min(FIRST_PAUSE * 2 ** min(attempts, 20), LONGEST_PAUSE)
    return longest * (0.5 + jitter / 2)


@dataclass(frozen=True, slots=True)
class Telling:
    """How the journal says what became of a message, by what carried it."""

    accepted: Act
    postponed: Act
    refused: Act
    cancelled: Act


TELLING = {
    Channel.MAIL: Telling(Act.MAIL_ACCEPTED, Act.MAIL_POSTPONED, Act.MAIL_REFUSED, Act.MAIL_CANCELLED),
    Channel.SMS: Telling(Act.SMS_ACCEPTED, Act.SMS_POSTPONED, Act.SMS_REFUSED, Act.SMS_CANCELLED),
}


REFUSED = {Channel.MAIL: ParcelState.PARKED, Channel.SMS: ParcelState.DROPPED}
"""How a message ends that was refused for good. A mail's body is kept for the desk; a code or an identifier is not."""


def _durability(parcel: Parcel) -> Durability:
    """How the end of a parcel is kept, as it was claimed, so that one crash of the database doubles at most one mail.

    What was decided in this round is written for good by the decision after it, before that one's mail leaves; what was
    decided in a former round has no such successor.
    """
    return Durability.RELAXED if parcel.sealed is None else Durability.FULL


@dataclass(kw_only=True)
class Courier:
    """One worker; on PostgreSQL several may run at once."""

    store: Store
    decisions: Decisions
    ends: Ends
    notary: Notary
    carrier: Carrier
    gateways: Gateways
    clock: Clock
    jitter: Callable[[], float]
    stopping: Signal = field(default_factory=Signal)
    _trouble_until: dict[Channel, datetime] = field(default_factory=dict, init=False)
    """While ahead, a relay that greets is not to be believed: it has just failed to take a message, which is tried
    again before then."""
    _seal_from: datetime | None = field(default=None, init=False)
    """When the journal is looked at next."""

    def run(self) -> None:
        """Works until `stopping` is set; the message in hand is finished first."""
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
        self.carrier.close()
        self.gateways.close()

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
            for _ in range(BATCHES_AT_THE_END):
                if not self.notary.seal():
                    break
            if self.notary.attest(at_once=True) and self.notary.board is not None and not self._in_trouble():
                self.round()
        except Unready as unready:
            log.warning("store-unready", reason=str(unready))

    def round(self) -> int:
        """One batch; returns how many parcels it held. Raises Unready."""
        now = self.clock.now()
        with self.store.write(Durability.RELAXED) as transaction:
            parcels = transaction.outbox.claim(now=now, lease=LEASE, limit=BATCH)
        deciding = not self.stopping.is_set()
        reachable = deciding and any(parcel.kind is ParcelKind.ASK for parcel in parcels) and self.carrier.reachable()
        if reachable:
            self.decisions.expect(parcels)
        try:
            for parcel in parcels:
                self._handled(parcel, may_decide=reachable and not self._in_trouble())
        finally:
            self.ends.write_now()
        return len(parcels)

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
            self._let_go(parcel, self.clock.now(), "stopping")
        elif parcel.kind is ParcelKind.ASK and not may_decide:
            self._wait(parcel)
        else:
            self._carry(parcel)

    def _in_trouble(self) -> bool:
        until = self._trouble_until.get(Channel.MAIL)
        return until is not None and self.clock.now() < until

    def _wait(self, parcel: Parcel) -> None:
        if self.clock.now() >= parcel.useful_until:
            self._settle(parcel, ParcelState.CANCELLED, _telling(parcel).cancelled, "too-late", _durability(parcel))
        else:
            self._let_go(parcel, self._soon(), "no-relay")

    def _carry(self, parcel: Parcel) -> None:
        try:
            self._send(parcel)
        except (Unready, ClaimLost):
            raise
        except PlatformWaits as waits:
            log.warning("platform-away", parcel=parcel.id, kind=parcel.kind, reason=waits.reason)
            self._wait_for_platform(parcel, waits.reason)
        except Exception:
            # One parcel that cannot be handled must not stop the others; it comes back later, then is cancelled.
            log.exception("parcel-failed", parcel=parcel.id, kind=parcel.kind)
            self._retry(parcel, self._later(parcel), "defect")

    def _send(self, parcel: Parcel) -> None:
        if self.clock.now() >= parcel.useful_until:
            self._settle(parcel, ParcelState.CANCELLED, _telling(parcel).cancelled, "too-late", _durability(parcel))
            return
        if not _decides(parcel):
            self.ends.write_now()
        ready = self.decisions.ready(parcel)
        if ready is not None:
            self._hand_on(ready.parcel, ready.content, _durability(parcel))

    def _hand_on(self, parcel: Parcel, content: Content, kept: Durability) -> None:
        telling, channel = _telling(parcel), _channel(parcel)
        match self._carried(content):
            case Sent(relay=relay):
                self._trouble_until.pop(channel, None)
                self._settle(parcel, ParcelState.SENT, telling.accepted, relay, kept)
                log.info(telling.accepted.value, parcel=parcel.id, kind=parcel.kind, relay=relay)
            case Refused(reason=reason):
                log.warning(telling.refused.value, parcel=parcel.id, reason=reason)
                self._settle(parcel, REFUSED[channel], telling.refused, reason, kept)
            case Postponed(reason=reason, answered=answered):
                log.warning(telling.postponed.value, parcel=parcel.id, reason=reason, attempts=parcel.attempts)
                if answered:
                    self._retry(parcel, self._later(parcel), reason)
                else:
                    self._trouble_until[channel] = self.clock.now() + FIRST_PAUSE
                    self._let_go(parcel, self._soon(), reason)

    def _carried(self, content: Content) -> Sent | Refused | Postponed:
        match content:
            case Envelope():
                return self.carrier.send(content)
            case Sms():
                return self.gateways.send(content)
            case _:
                assert_never(content)

    def _settle(self, parcel: Parcel, state: ParcelState, act: Act, reason: str, kept: Durability) -> None:
        now = self.clock.now()

        def beyond(transaction: Transaction) -> None:
            self.decisions.settled(transaction, parcel, state, now)

        end = End(parcel=parcel, state=state, act=act, reason=reason, at=now, beyond=beyond)
        if kept is Durability.RELAXED:
            self.ends.put_off(end)
        else:
            until_unmoved(lambda: self._ended(end, kept))

    def _ended(self, end: End, kept: Durability) -> None:
        with self.store.write(kept) as transaction:
            end.write(transaction)

    def _retry(self, parcel: Parcel, due: datetime, reason: str) -> None:
        """Tried, and to be tried again; the timeline shows the first time."""
        with self.store.write(Durability.RELAXED) as transaction:
            transaction.outbox.retry(parcel, due=due, reason=reason, counted=True)
            if parcel.attempts == 0:
                transaction.journal.write(self._event(self.clock.now(), _telling(parcel).postponed, parcel, reason))

    def _wait_for_platform(self, parcel: Parcel, reason: str) -> None:
        """The case says so already."""
        due = min(self._later(parcel), self.clock.now() + LONGEST_PLATFORM_PAUSE)
        with self.store.write(Durability.RELAXED) as transaction:
            transaction.outbox.retry(parcel, due=due, reason=reason, counted=True)

    def _let_go(self, parcel: Parcel, due: datetime, reason: str) -> None:
        """Not tried at all, through no fault of its own."""
        with self.store.write(Durability.RELAXED) as transaction:
            transaction.outbox.retry(parcel, due=due, reason=reason, counted=False)

    def _soon(self) -> datetime:
        return self.clock.now() + FIRST_PAUSE * (0.5 + self.jitter() / 2)

    def _later(self, parcel: Parcel) -> datetime:
        return self.clock.now() + back_off(parcel.attempts, self.jitter())

    def _event(self, at: datetime, act: Act, parcel: Parcel, reason: str) -> Event:
        return Event(at=at, actor=Actor.COURIER, act=act, case=parcel.case, voter=parcel.voter, reason=reason)


def _decides(parcel: Parcel) -> bool:
    """Whether it is to be decided now in a transaction of `core.courier.decisions`."""
    return parcel.sealed is None and parcel.kind not in {ParcelKind.IDENTIFIER, ParcelKind.HOLD}


def _channel(parcel: Parcel) -> Channel:
    return parcel.kind.channel or Channel.MAIL


def _telling(parcel: Parcel) -> Telling:
    return TELLING[_channel(parcel)]
