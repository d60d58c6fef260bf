"""From an accepted code to the SMS that may leave: the only place where an identifier is made (rule 9).

It is drawn once and sealed before the voting platform hears of it; every later try tells the same and sends the same.
A courier killed between any two steps leaves a parcel that goes on where it stood (CASE 35).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

import msgspec

from core.identifiers import SALT_BYTES, new_identifier, verifier
from core.platform import Away, Denied, Done, Hold, Overtaken, Reissue, VotingPlatform
from core.ports import (
    Act,
    Actor,
    Durability,
    Event,
    Order,
    Parcel,
    ParcelKind,
    ParcelState,
    Recovery,
    Sms,
    Transaction,
    Voter,
)
from core.pseudonyms import OtherKey, Pseudonyms
from core.reissue import InForce, Ordered
from core.reissue_journey import TOO_LATE
from core.sealing import sealed
from core.service.identifier.outcomes import Outcomes
from core.service.identifier.texting import Texting
from core.service.tools import Tools, until_unmoved

FROZEN, FREE, OTHER_KEY = "frozen", "free", "other-key"
Carried = tuple[Parcel, Sms]
"""A parcel as it stands now, and its SMS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The case that a parcel belongs to, its voter, and the last generation that the platform has of them."""

    case: Recovery
    voter: Voter
    generation: int


class PlatformWaits(Exception):
    """The platform does not answer as it should: this parcel waits."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Reissuing:
    """The courier's part in a re-issue. `key` is shared with the platform. What carries raises PlatformWaits, ClaimLost."""

    tools: Tools
    platform: VotingPlatform
    key: bytes
    pseudonyms: Pseudonyms
    texting: Texting
    outcomes: Outcomes

    def begin(self, parcel: Parcel) -> Carried | None:
        """Makes the identifier and puts it in force."""
        standing = self._standing(parcel)
        case, voter = standing.case, standing.voter
        if not isinstance(case.state, Ordered):
            self._conclude(parcel, _nothing, "no-longer-wanted")
            return None
        if _barred(voter):
            self._give_up(parcel, FROZEN)
            return None
        try:
            ordered, order = self._plan(parcel, case.state, voter, standing.generation + 1)
        except OtherKey:
            self._wait(parcel, OTHER_KEY)
            raise PlatformWaits(OTHER_KEY) from None
        return self._put_in_force(ordered, order, standing)

    def resume(self, parcel: Parcel, order: Order) -> Carried | None:
        """The same identifier, perhaps known to the platform already."""
        standing = self._standing(parcel)
        if _barred(standing.voter):
            self._conclude(parcel, self.outcomes.failed, FROZEN)
            return None
        return self._put_in_force(parcel, order, standing)

    def send(self, parcel: Parcel, sms: Sms) -> Carried | None:
        """An identifier in force; it is kept from whoever holds the telephone of a frozen account."""
        standing = self._standing(parcel)
        if _barred(standing.voter) and isinstance(standing.case.state, InForce):
            self._conclude(parcel, self.outcomes.failed, FROZEN)
            return None
        return parcel, sms

    def settled(self, transaction: Transaction, parcel: Parcel, state: ParcelState, now: datetime) -> None:
        """What the end of an identifier's parcel means for its case, within that transaction. Raises Moved."""
        case = transaction.recoveries.by_number(parcel.case)
        if case is None:
            return
        if state is ParcelState.SENT:
            self.outcomes.left(transaction, case, now)
        elif parcel.sealed is None:
            self.outcomes.given_up(transaction, case, TOO_LATE, now)
        else:
            self.outcomes.failed(transaction, case, now)

    def hold(self, parcel: Parcel) -> None:
        """Tells the platform how the voter's account stands at this moment."""
        with self.tools.store.read() as transaction:
            voter = None if parcel.voter is None else transaction.voters.by_id(parcel.voter)
        if voter is None:
            self._conclude(parcel, _nothing, "no-such-voter")
            return
        match self.platform.hold(self._hold_of(voter)):
            case Done():
                self._held(parcel, ParcelState.SENT, FREE if voter.frozen is None else FROZEN)
            case Denied(reason=reason):
                self._held(parcel, ParcelState.DROPPED, reason)
            case Away(reason=reason):
                raise PlatformWaits(reason)

    def _hold_of(self, voter: Voter) -> Hold:
        try:
            told = self.pseudonyms.told(voter.pseudonym)
        except OtherKey:
            raise PlatformWaits(OTHER_KEY) from None
        return Hold(voter=told, frozen=voter.frozen is not None, sequence=voter.epoch)

    def _standing(self, parcel: Parcel) -> Standing:
        with self.tools.store.look() as transaction:
            holder = transaction.reissues.holder(parcel.voter or 0, self.outcomes.office.flow, ())
        case = holder.last if holder.last is not None and holder.last.number == parcel.case else self._case(parcel.case)
        if case is None:
            raise LookupError(parcel.case)  # a defect: it was there when the parcel was written
        generation = max((record.generation or 0 for record in holder.reissues), default=0)
        return Standing(case=case, voter=holder.voter, generation=generation)

    def _case(self, number: str) -> Recovery | None:
        with self.tools.store.look() as transaction:
            return transaction.recoveries.by_number(number)

    def _plan(self, parcel: Parcel, state: Ordered, voter: Voter, generation: int) -> tuple[Parcel, Order]:
        identifier, salt = new_identifier(self.tools.entropy), self.tools.entropy.token(SALT_BYTES)
        reissue = Reissue(
            voter=self.pseudonyms.told(voter.pseudonym),
            request=f"{parcel.case}.{generation}",
            generation=generation,
            salt=salt,
            verifier=verifier(self.key, salt, identifier.replace("-", "")),
        )
        order = Order(reissue=reissue, sms=self.texting.identifier_sms(parcel, state.number, voter, identifier))
        before_it_is_told = Durability.FULL if self.platform.keeps_apart else Durability.RELAXED
        with self.tools.store.write(before_it_is_told) as transaction:
            return self._sealed(transaction, parcel, order), order

    def _put_in_force(self, parcel: Parcel, order: Order, standing: Standing) -> Carried | None:
        told = self.platform.reissue(order.reissue)
        match told:
            case Done():
                return self._in_force(parcel, order, standing.case)
            case Overtaken(generation=generation):
                self._plan_again(parcel, standing.voter, generation)
                raise PlatformWaits("overtaken")
            case Denied(reason=reason):
                self._give_up(parcel, reason)
                return None
            case Away(reason=reason):
                self._wait(parcel, reason)
                raise PlatformWaits(reason)
            case _:
                assert_never(told)

    def _in_force(self, parcel: Parcel, order: Order, seen: Recovery) -> Carried:
        """From here on the SMS alone is kept, and only it is left to do."""
        cases = self._cases(seen)

        def move() -> Parcel:
            now, case = self.tools.clock.now(), next(cases)
            with self.tools.store.write(Durability.FULL) as transaction:
                if case is not None:
                    self.outcomes.in_force(transaction, case, order.reissue.generation, now)
                return self._sealed(transaction, parcel, order.sms)

        return until_unmoved(move), order.sms

    def _cases(self, seen: Recovery) -> Iterator[Recovery | None]:
        """The case as it was just read, then as it stands each time that somebody has moved it."""
        yield seen
        while True:
            yield self._case(seen.number)

    def _plan_again(self, parcel: Parcel, voter: Voter, generation: int) -> None:
        """Somebody else has moved the platform on: the identifier follows the one that is in force there."""
        case = self._case(parcel.case)
        if case is not None and isinstance(case.state, Ordered):
            self._plan(parcel, case.state, voter, generation + 1)

    def _wait(self, parcel: Parcel, reason: str) -> None:
        def move() -> None:
            with self.tools.store.write(Durability.RELAXED) as transaction:
                case = transaction.recoveries.by_number(parcel.case)
                if case is not None:
                    self.outcomes.waiting(transaction, case, reason, self.tools.clock.now())

        until_unmoved(move)

    def _give_up(self, parcel: Parcel, reason: str) -> None:
        def outcome(transaction: Transaction, case: Recovery, now: datetime) -> None:
            self.outcomes.given_up(transaction, case, reason, now)

        self._conclude(parcel, outcome, reason)

    def _conclude(
        self, parcel: Parcel, outcome: Callable[[Transaction, Recovery, datetime], None], reason: str
    ) -> None:
        """The parcel's last moment: what it means for the case, and nothing is kept of it."""

        def conclude() -> None:
            now = self.tools.clock.now()
            with self.tools.store.write(Durability.FULL) as transaction:
                case = transaction.recoveries.by_number(parcel.case)
                if case is not None:
                    outcome(transaction, case, now)
                transaction.outbox.finish(parcel, ParcelState.DROPPED, at=now, reason=reason)

        until_unmoved(conclude)

    def _held(self, parcel: Parcel, state: ParcelState, reason: str) -> None:
        now = self.tools.clock.now()
        with self.tools.store.write(Durability.FULL) as transaction:
            transaction.outbox.finish(parcel, state, at=now, reason=reason)
            transaction.journal.write(
                Event(
                    at=now,
                    actor=Actor.COURIER,
                    act=Act.PLATFORM_TOLD,
                    case=parcel.case,
                    voter=parcel.voter,
                    reason=reason,
                )
            )

    def _sealed(self, transaction: Transaction, parcel: Parcel, content: Order | Sms) -> Parcel:
        body = sealed(self.tools.vault, parcel.id, content)
        transaction.outbox.seal(parcel, kind=ParcelKind.IDENTIFIER, sealed=body, voter=parcel.voter or 0)
        return msgspec.structs.replace(parcel, sealed=body)


def _barred(voter: Voter) -> bool:
    return voter.frozen is not None or voter.removed is not None


def _nothing(_transaction: Transaction, _case: Recovery, _now: datetime) -> None:
    """The case is elsewhere already."""
