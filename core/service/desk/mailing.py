"""The mail an agent may start, and send again: to the address on the roll, never to one that anybody types (rule 11).

It is the ask of the site, put before the same courier; only its event says that the desk made it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core import errors
from core.policy import Deed
from core.ports import Act, Durability, Recovery, Transaction, Voter
from core.recovery import Asking, Completed, Confirming, Waiting
from core.service.asking import Askings, asked
from core.service.desk.acts import DeskAct
from core.service.desk.journaling import event_of, refusals_noted
from core.service.desk.proofs import Caller, Duty, Proofs
from core.service.tools import Tools, until_unmoved
from core.text import Text, TimeOfDay
from core.tokens import new_handle
from core.words import guiding as words


@dataclass(frozen=True, slots=True)
class Mailing:
    """The desk's asks."""

    tools: Tools
    proofs: Proofs
    askings: Askings

    @property
    def flow(self) -> str:
        """The slug of the flow whose mail this is."""
        return self.askings.flow

    def start(self, duty: Duty, caller: Caller) -> str:
        """A new case with its ask; returns its number."""
        self.proofs.require_caller(duty, caller)
        with refusals_noted(self.tools, duty, voter=caller.voter):
            now = self.tools.clock.now()
            self.tools.require(Deed.ASK_PASSWORD, now, agent=duty.name)
            with self.tools.store.write(Durability.RELAXED) as transaction:
                voter = self._admitted(transaction, caller.voter, now)
                self._require_cool(transaction.recoveries.latest(voter.id, self.flow), now)
                return self._begin(transaction, duty, voter, now)

    def send_again(self, duty: Duty, caller: Caller, number: str) -> None:
        """The same in a case that asked before."""
        self.proofs.require_caller(duty, caller)
        with refusals_noted(self.tools, duty, voter=caller.voter, case=number):
            now = self.tools.clock.now()
            self.tools.require(Deed.ASK_PASSWORD, now, agent=duty.name)
            until_unmoved(lambda: self._send_again(duty, caller.voter, number, now))

    def reasons(self, voter: Voter, case: Recovery | None) -> Mapping[DeskAct, Text | None]:
        """Why each act is not possible now, if it is not, for that voter in the case being followed."""
        now = self.tools.clock.now()
        common = self._common_reason(voter, now)
        live = None if case is None or isinstance(case.state, Completed) else case
        return {
            DeskAct.START_MAIL: common or (words.ASKED_ALREADY if live else self._cooling(case, now)),
            DeskAct.SEND_AGAIN: common or (self._cooling(live, now) if live else _nothing_to_send(case)),
        }

    def _common_reason(self, voter: Voter, now: datetime) -> Text | None:
        if voter.removed is not None:
            return words.GONE
        if voter.frozen is not None:
            return words.IS_FROZEN
        closed = self.tools.closed(Deed.ASK_PASSWORD, now)
        if closed is not None:
            return closed.title
        with self.tools.store.read() as transaction:
            enough = self._enough_links(transaction, voter, now)
        return words.ENOUGH_LINKS if enough else None

    def _cooling(self, case: Recovery | None, now: datetime) -> Text | None:
        asking = None if case is None else _asking_of(case.state)
        if asking is None or now >= asking.again_from:
            return None
        return words.again_from(TimeOfDay(self.tools.calendar.local(asking.again_from)))

    def _admitted(self, transaction: Transaction, voter: int, now: datetime) -> Voter:
        """The voter, if a link could go to them now; agents who ask at once for the same one come one after the other."""
        transaction.voters.lock(voter)
        found = transaction.voters.by_id(voter)
        if found is None or found.removed is not None:
            raise errors.VoterGone
        if found.frozen is not None:
            raise errors.FrozenForDesk
        if self._enough_links(transaction, found, now):
            raise errors.EnoughLinks
        return found

    def _enough_links(self, transaction: Transaction, voter: Voter, now: datetime) -> bool:
        alive = transaction.links.alive(voter.id, epoch=voter.epoch, now=now)
        return alive >= self.tools.policy.links_alive

    def _require_cool(self, case: Recovery | None, now: datetime) -> None:
        asking = None if case is None else _asking_of(case.state)
        if asking is not None and now < asking.again_from:
            raise errors.AskedTooSoon(until=self.tools.calendar.local(asking.again_from))

    def _begin(self, transaction: Transaction, duty: Duty, voter: Voter, now: datetime) -> str:
        state = Confirming(typed=voter.email, address=voter.email)
        # Nobody's browser holds it: the voter comes in by the link.
        case = self.askings.keep(transaction, new_handle(self.tools.entropy), state)
        self._ask(transaction, duty, case, state.ask(self.askings.asking(now)), voter.id)
        return case.number

    def _send_again(self, duty: Duty, voter: int, number: str, now: datetime) -> None:
        with self.tools.store.write(Durability.RELAXED) as transaction:
            case = transaction.recoveries.by_number(number)
            if case is None or transaction.recoveries.voter_of(number) != voter:
                raise errors.CaseUnknown
            self._admitted(transaction, voter, now)
            self._require_cool(case, now)
            state = asked(case.state, self.askings.asking(now), again=True)
            if state is None:
                raise errors.NothingToSendAgain
            self._ask(transaction, duty, case, state, voter)

    def _ask(self, transaction: Transaction, duty: Duty, case: Recovery, state: Waiting, voter: int) -> None:
        transaction.recoveries.move(case, state, voter=voter)
        event = event_of(duty, Act.ASKED, state.asking.at, voter=voter, case=case.number)
        self.askings.queue(transaction, state.asking, event)


def _asking_of(state: object) -> Asking | None:
    return state.asking if isinstance(state, Waiting) else None


def _nothing_to_send(case: Recovery | None) -> Text:
    return words.NOT_ASKED if case is None else words.CASE_OVER
