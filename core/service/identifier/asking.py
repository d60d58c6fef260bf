"""From the voter space to the code on its way (ID-1 to ID-3)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core import errors
from core.digests import birth_date_digest, numen_digest, phone_digest
from core.flows.identifier import IdentityGiven
from core.phones import Phone
from core.ports import Act, Budgets, Durability, Exhausted, Recovery, Transaction, Voter
from core.reissue import CodeSent, Number, Opened, Terms, TooSoon
from core.service.identifier.office import Office, Standing, note
from core.service.identifier.texting import Texting, seal_number
from core.service.identifier.tries import Paused
from core.service.tools import until_unmoved
from core.steps import Problems
from core.tokens import digest, new_case_number, new_handle


@dataclass(frozen=True, slots=True)
class ReissueAskings:
    """The asking half of a re-issue; whoever asks is signed in."""

    office: Office
    texting: Texting
    budgets: Budgets

    def begin(self, voter: Voter) -> None:
        """Opens a case, or goes on with one that was just opened.

        Raises NotYetOpen, VoteClosed, NoReissueLeft, ReissueUnderWay, TooManyCodes.
        """
        now = self.office.tools.clock.now()
        self.office.require_open(now)
        refusal = until_unmoved(lambda: self._begin(voter, now))
        if refusal is not None:
            raise refusal

    def _begin(self, voter: Voter, now: datetime) -> errors.Refusal | None:
        with self.office.tools.store.write(Durability.RELAXED) as transaction:  # as an ask: it is only begun again
            transaction.voters.lock(voter.id)
            standing = self.office.standing(transaction, voter.id, self.office.codes, now)
            refusal, case = self._not_now(standing), standing.case
            if refusal is not None:
                number = "" if case is None else case.number
                note(transaction, now, Act.REISSUE_REFUSED, number, voter.id, reason=refusal.id)
            elif case is None or not isinstance(case.state, Opened):
                number = self._open(transaction, voter, standing.last, now)
                note(transaction, now, Act.REISSUE_OPENED, number, voter.id)
        return refusal

    def _not_now(self, standing: Standing) -> errors.Refusal | None:
        if standing.tried.paused_until is not None:
            return errors.TooManyCodes(until=self.office.until(standing.tried.paused_until))
        return self.office.refusal(standing)

    def _open(self, transaction: Transaction, voter: Voter, former: Recovery | None, now: datetime) -> str:
        entropy = self.office.tools.entropy
        # Later than the former one even in the same instant: it is by its beginning that the last one is known.
        began = now if former is None else max(now, former.began + timedelta(microseconds=1))
        while True:
            case = Recovery(
                handle=digest(new_handle(entropy)),  # found by its voter; no browser holds it
                number=new_case_number(entropy),
                flow=self.office.flow,
                state=Opened(voter=voter.id, epoch=voter.epoch),
                began=began,
            )
            if transaction.recoveries.add(case, voter=voter.id):
                return case.number

    def prove(self, voter: Voter, given: IdentityGiven) -> None:
        """Compares birth date and NUMEN with the roll and sends a code; on a case that is elsewhere, nothing happens.

        Raises Problems, TooManyMatchings, NotYetOpen, VoteClosed, and what the budgets refuse.
        """
        now = self.office.tools.clock.now()
        self.office.require_open(now)
        try:
            refused = until_unmoved(lambda: self._prove(voter, given, now))
        except Exhausted:
            phone = phone_digest(self.office.tools.vault, given.phone.e164)
            raise self.budgets.refusal(phone, given.phone.region, now) from None
        if refused is not None:
            raise refused

    def _prove(self, voter: Voter, given: IdentityGiven, now: datetime) -> Problems | errors.Refusal | None:
        vault = self.office.tools.vault
        born, numen = birth_date_digest(vault, given.birth_date, given.numen), numen_digest(vault, given.numen)
        with self.office.tools.store.write() as transaction:
            transaction.voters.lock(voter.id)
            standing = self.office.standing(transaction, voter.id, self.office.matchings, now)
            case = standing.case
            if case is None or not isinstance(case.state, Opened):
                return None
            try:
                left = self.office.matchings.take(transaction, voter.id, standing.tried, now)
            except Paused as paused:
                return self._paused(transaction, case, voter, paused, now)
            if not transaction.voters.matches(voter.id, birth_date=born, numen=numen):
                return self._unmatched(transaction, case, voter, left, now)
            self.office.matchings.was_right(transaction, voter.id)
            note(transaction, now, Act.MATCHED, case.number, voter.id)
            number = self._number(case.number, given.phone)
            state = case.state.send_code(number, now, Terms.of(self.office.tools.policy))
            self._send(transaction, case, state, voter, now)
        return None

    def _paused(
        self, transaction: Transaction, case: Recovery, voter: Voter, paused: Paused, now: datetime
    ) -> errors.Refusal:
        refusal = errors.TooManyMatchings(until=self.office.until(paused.until))
        note(transaction, now, Act.MATCHING_REFUSED, case.number, voter.id, reason=refusal.id)
        return refusal

    def _unmatched(self, transaction: Transaction, case: Recovery, voter: Voter, left: int, now: datetime) -> Problems:
        if left == 0:
            self.office.matchings.pause(transaction, voter.id, now)
        rejected = errors.IdentityUnmatched()
        note(transaction, now, Act.MATCHING_REFUSED, case.number, voter.id, reason=rejected.id)
        tries = errors.tries_left(left, pause_minutes=self.office.tools.policy.matching_pause_minutes)
        return Problems({"birth_date": rejected, "numen": rejected}, tries=tries)

    def _number(self, case: str, phone: Phone) -> Number:
        tools = self.office.tools
        return Number(
            sealed=seal_number(tools, case, phone.e164),
            digest=phone_digest(tools.vault, phone.e164),
            ending=phone.ending,
            region=phone.region,
        )

    def send_again(self, voter: Voter) -> None:
        """The code once more; too early, nothing happens and the page says from when. Raises as `prove`."""
        now = self.office.tools.clock.now()
        self.office.require_open(now)
        until_unmoved(lambda: self._send_again(voter, now))

    def _send_again(self, voter: Voter, now: datetime) -> None:
        number: Number | None = None
        try:
            with self.office.tools.store.write() as transaction:
                case = self.office.standing(transaction, voter.id, self.office.codes, now).case
                if case is None or not isinstance(case.state, CodeSent):
                    return
                number = case.state.number
                state = case.state.send_again(now, Terms.of(self.office.tools.policy))
                self._send(transaction, case, state, voter, now)
        except TooSoon:
            return
        except Exhausted:
            if number is None:
                raise
            raise self.budgets.refusal(number.digest, number.region, now) from None

    def _send(self, transaction: Transaction, case: Recovery, state: CodeSent, voter: Voter, now: datetime) -> None:
        transaction.recoveries.move(case, state)
        transaction.awaited_codes.expect(state.number.digest, case.number, state.code.valid_until)
        self.texting.post_code(transaction, case, state, voter)
        sending = f"{state.code.ordinal}.{state.code.sendings}"
        note(transaction, now, Act.CODE_DECIDED, case.number, voter.id, reason=sending)
        # Last: its rows are everybody's, and held until the end. Raises Exhausted, here or later.
        self.budgets.take(transaction, state.number.digest, state.number.region, now)

    def change_number(self, voter: Voter) -> None:
        """Back to where the number is given; what was sent to the former one opens nothing any more."""
        now = self.office.tools.clock.now()
        until_unmoved(lambda: self._change_number(voter, now))

    def _change_number(self, voter: Voter, now: datetime) -> None:
        with self.office.tools.store.write() as transaction:
            case = self.office.standing(transaction, voter.id, self.office.codes, now).case
            if case is not None and isinstance(case.state, CodeSent):
                transaction.recoveries.move(case, case.state.change_number())
                transaction.awaited_codes.forget(case.number)
