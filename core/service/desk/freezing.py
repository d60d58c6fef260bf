"""Freezing an account for a verified caller, and opening it again with a supervisor beside the agent."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core import errors
from core.ports import Act, Actor, Durability, Event, ParcelKind, Transaction, Voter
from core.recovery import Identified
from core.service.asking import Askings
from core.service.desk.acts import DeskAct, Offer, barred, offer
from core.service.desk.journaling import event_of, refusals_noted
from core.service.desk.proofs import Caller, Duty, Proofs, Signature
from core.service.identifier.holding import tell_platform
from core.service.tools import Tools, until_unmoved
from core.tokens import new_handle
from core.words import guiding as words


@dataclass(frozen=True, slots=True)
class Freezing:
    """Both ways; the voter is told by mail of each."""

    tools: Tools
    proofs: Proofs
    askings: Askings

    def offers(self, duty: Duty, voter: int, caller: Caller | None = None) -> tuple[Offer, Offer]:
        """The two acts, as their buttons show them. Raises DutyOver, VoterGone."""
        self.proofs.require_duty(duty)
        bar = barred(self.proofs, duty, voter, caller)
        with self.tools.store.read() as transaction:
            found = _present(transaction, voter)
        frozen = found.frozen is not None
        return (
            offer(DeskAct.FREEZE, bar or (words.IS_FROZEN_ALREADY if frozen else None)),
            offer(DeskAct.UNFREEZE, bar or (None if frozen else words.IS_NOT_FROZEN)),
        )

    def freeze(self, duty: Duty, caller: Caller) -> None:
        """Ends every link and session of that voter; frozen already, nothing happens.

        Raises CallerForgotten, VoterGone, DutyOver, NotAllowed.
        """
        self.proofs.require_caller(duty, caller)
        with refusals_noted(self.tools, duty, voter=caller.voter):
            until_unmoved(lambda: self._freeze(duty, caller.voter))

    def _freeze(self, duty: Duty, voter: int) -> None:
        now = self.tools.clock.now()
        with self.tools.store.write(Durability.FULL) as transaction:
            found = _present(transaction, voter)
            if found.frozen is not None:
                return
            transaction.voters.freeze(voter, epoch=found.epoch, at=now)
            case = self._tell(transaction, ParcelKind.FROZEN, found, now)
            transaction.journal.write(event_of(duty, Act.FROZEN, now, voter=voter, case=case, reason="by-desk"))

    def unfreeze(self, duty: Duty, caller: Caller, signature: Signature) -> None:
        """Opens the account again, without a password: the voter chooses a new one by the usual way.

        Raises SignatureRefused, NotFrozen, CallerForgotten, VoterGone, DutyOver, NotAllowed.
        """
        self.proofs.require_caller(duty, caller)
        with refusals_noted(self.tools, duty, voter=caller.voter):
            self.proofs.require_signature(duty, caller.voter, signature)
            until_unmoved(lambda: self._unfreeze(duty, caller.voter, signature))

    def _unfreeze(self, duty: Duty, voter: int, signature: Signature) -> None:
        now = self.tools.clock.now()
        with self.tools.store.write(Durability.FULL) as transaction:
            found = _present(transaction, voter)
            if found.frozen is None:
                raise errors.NotFrozen
            transaction.voters.unfreeze(voter, epoch=found.epoch)
            case = self._tell(transaction, ParcelKind.REOPENED, found, now)
            transaction.journal.write(event_of(duty, Act.UNFROZEN, now, voter=voter, case=case))
            transaction.journal.write(_countersigned(signature, voter, case, now))

    def _tell(self, transaction: Transaction, kind: ParcelKind, voter: Voter, now: datetime) -> str:
        """A notice to the voter in their latest case, and word to the voting platform; returns the case's number."""
        case = self._case(transaction, voter)
        useful_until = now + timedelta(minutes=self.tools.policy.notice_useful_minutes)
        transaction.outbox.post(kind=kind, case=case, at=now, useful_until=useful_until, voter=voter.id)
        tell_platform(transaction, case=case, voter=voter.id, at=now)
        return case

    def _case(self, transaction: Transaction, voter: Voter) -> str:
        """Someone who never asked for anything gets a case, so that they have a number to tell."""
        latest = transaction.recoveries.of_voter(voter.id, 1)
        if latest:
            return latest[0].number
        state = Identified(typed=voter.email, address=voter.email)
        case = self.askings.keep(transaction, new_handle(self.tools.entropy), state)
        transaction.recoveries.move(case, state, voter=voter.id)
        return case.number


def _present(transaction: Transaction, voter: int) -> Voter:
    found = transaction.voters.by_id(voter)
    if found is None or found.removed is not None:
        raise errors.VoterGone
    return found


def _countersigned(signature: Signature, voter: int, case: str, at: datetime) -> Event:
    return Event(at=at, actor=Actor.AGENT, act=Act.COUNTERSIGNED, agent=signature.supervisor, voter=voter, case=case)
