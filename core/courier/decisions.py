"""What becomes of a parcel, and where links are made.

A decision and its composed, sealed message are written together; from then on every try sends the same bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from core import tokens
from core.courier.asks import Ask, Asks
from core.courier.drafts import Drafts
from core.courier.ends import Ends
from core.courier.reissuing import Reissuing
from core.courier.writing import Writer
from core.journal.checkpoints import number_of
from core.ports import (
    Act,
    Actor,
    Durability,
    Envelope,
    Event,
    LinkRecord,
    Order,
    Parcel,
    ParcelKind,
    ParcelState,
    Sms,
    Transaction,
    Voter,
)
from core.recovery import Link
from core.sealing import Content, Kept, opened, sealed
from core.service.tools import Tools, until_unmoved


@dataclass(frozen=True, slots=True)
class Ready:
    """A message to send, and its parcel as it stands since it was decided: whose it is, is known from then on."""

    parcel: Parcel
    content: Content


@dataclass(frozen=True, slots=True)
class Decisions:
    """Turns parcels into messages ready to go."""

    tools: Tools
    writer: Writer
    reissuing: Reissuing
    asks: Asks
    drafts: Drafts
    ends: Ends
    """Written in the same transactions."""

    def expect(self, parcels: Sequence[Parcel]) -> None:
        """These will be decided in a moment: what is known of them is looked up at once. Raises Unready."""
        self.asks.look_up([parcel for parcel in parcels if parcel.kind is ParcelKind.ASK])

    def ready(self, parcel: Parcel) -> Ready | None:
        """The message of a parcel, the same at every call; None when nothing is to be sent and the parcel has ended.

        Raises ClaimLost, PlatformWaits.
        """
        kept = None if parcel.sealed is None else opened(self.tools.vault, parcel.id, parcel.sealed)
        if parcel.kind is ParcelKind.IDENTIFIER:
            return self._identifier(parcel, kept)
        if isinstance(kept, Envelope | Sms):
            return Ready(parcel, kept)
        match parcel.kind:
            case ParcelKind.ASK:
                return until_unmoved(lambda: self._decide(parcel))
            case ParcelKind.HOLD:
                self.reissuing.hold(parcel)
                return None
            case ParcelKind.CHECKPOINT:
                return until_unmoved(lambda: self._checkpoint(parcel))
            case _:
                return until_unmoved(lambda: self._notice(parcel))

    def _identifier(self, parcel: Parcel, kept: Kept | None) -> Ready | None:
        match kept:
            case Sms():
                carried = self.reissuing.send(parcel, kept)
            case Order():
                carried = self.reissuing.resume(parcel, kept)
            case _:
                carried = self.reissuing.begin(parcel)
        return None if carried is None else Ready(*carried)

    def settled(self, transaction: Transaction, parcel: Parcel, state: ParcelState, now: datetime) -> None:
        """What the end of a parcel means beyond itself, in the transaction that ends it. Raises Moved."""
        if parcel.kind is ParcelKind.IDENTIFIER:
            self.reissuing.settled(transaction, parcel, state, now)

    def _decide(self, parcel: Parcel) -> Ready | None:
        ask = self.asks.known(parcel)
        if ask is None:
            self._drop(parcel, "no-longer-wanted")
            return None
        if ask.reader is None:
            self._leave_unanswered(ask, None, "not-on-the-roll")
            return None
        voter = ask.reader.voter
        if voter.frozen is not None:
            return self._refuse(ask, voter)
        if ask.reader.alive >= self.tools.policy.links_alive:
            self._leave_unanswered(ask, voter, "enough-links")
            return None
        return self._send_link(ask, voter)

    def _leave_unanswered(self, ask: Ask, voter: Voter | None, reason: str) -> None:
        known = None if voter is None else voter.id
        with self.ends.written(Durability.RELAXED) as transaction:
            transaction.recoveries.move(ask.case, ask.state.leave_unanswered(), voter=known)
            transaction.outbox.finish(ask.parcel, ParcelState.DROPPED, at=ask.now, reason=reason)
            transaction.journal.write(_event(ask.now, Act.ASK_DROPPED, ask.parcel, voter, reason))

    def _refuse(self, ask: Ask, voter: Voter) -> Ready:
        envelope = self.writer.refusal(ask.parcel, voter, ask.state.asking)
        with self.ends.written(Durability.FULL) as transaction:
            transaction.recoveries.move(ask.case, ask.state.leave_unanswered(), voter=voter.id)
            ready = self._seal(transaction, ask.parcel, ParcelKind.REFUSAL, envelope, voter)
            transaction.journal.write(_event(ask.now, Act.LINK_REFUSED, ask.parcel, voter, "frozen"))
        return ready

    def _send_link(self, ask: Ask, voter: Voter) -> Ready:
        draft = self.drafts.of(ask, voter)
        with self.ends.written(Durability.FULL) as transaction:
            transaction.meanwhile(self.drafts.compose_ahead)
            transaction.voters.lock(voter.id)
            self._keep_link(transaction, ask, voter, Link(tokens.digest(draft.token), ask.state.asking.until))
            return self._seal(transaction, ask.parcel, ParcelKind.LINK, draft.envelope, voter)

    def _keep_link(self, transaction: Transaction, ask: Ask, voter: Voter, link: Link) -> None:
        state = ask.state.send_link(link, voter=voter.id, epoch=voter.epoch)
        transaction.recoveries.move(ask.case, state, voter=voter.id)
        transaction.links.add(
            LinkRecord(
                digest=link.digest, case=ask.case.number, voter=voter.id, epoch=voter.epoch, expires=link.expires
            ),
            most=self.tools.policy.links_alive,
            now=ask.now,
        )
        transaction.journal.write(_event(ask.now, Act.LINK_DECIDED, ask.parcel, voter))

    def _notice(self, parcel: Parcel) -> Ready | None:
        with self.tools.store.read() as transaction:
            voter = None if parcel.voter is None else transaction.voters.by_id(parcel.voter)
            case = transaction.recoveries.by_number(parcel.case)
        if voter is None:
            self._drop(parcel, "no-such-voter")
            return None
        envelope = self.writer.notice(parcel, voter, None if case is None else case.state)
        if envelope is None:
            self._drop(parcel, "no-longer-true")
            return None
        with self.ends.written(Durability.FULL) as transaction:
            return self._seal(transaction, parcel, parcel.kind, envelope, voter)

    def _checkpoint(self, parcel: Parcel) -> Ready | None:
        with self.tools.store.read() as transaction:
            checkpoint = transaction.chain.checkpoint(number_of(parcel.case) or 0)
        board = self.writer.board_address
        if checkpoint is None or board is None:
            self._drop(parcel, "no-longer-wanted")
            return None
        envelope = self.writer.checkpoint(parcel, checkpoint, board)
        with self.ends.written(Durability.FULL) as transaction:
            return self._seal(transaction, parcel, parcel.kind, envelope, None)

    def _drop(self, parcel: Parcel, reason: str) -> None:
        now = self.tools.clock.now()
        with self.ends.written(Durability.RELAXED) as transaction:
            transaction.outbox.finish(parcel, ParcelState.DROPPED, at=now, reason=reason)
            transaction.journal.write(_event(now, Act.ASK_DROPPED, parcel, None, reason))

    def _seal(
        self, transaction: Transaction, parcel: Parcel, kind: ParcelKind, envelope: Envelope, voter: Voter | None
    ) -> Ready:
        body, whose = sealed(self.tools.vault, parcel.id, envelope), None if voter is None else voter.id
        transaction.outbox.seal(parcel, kind=kind, sealed=body, voter=whose)
        return Ready(msgspec.structs.replace(parcel, kind=kind, voter=whose, sealed=body), envelope)


def _event(at: datetime, act: Act, parcel: Parcel, voter: Voter | None, reason: str | None = None) -> Event:
    known = None if voter is None else voter.id
    return Event(at=at, actor=Actor.COURIER, act=act, case=parcel.case, voter=known, reason=reason)
